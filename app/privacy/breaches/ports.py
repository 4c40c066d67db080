"""What the breach desk asks of whoever knows orders and accounts: whose data were seen, taken or exposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.personal import Category


class SearchKind(StrEnum):
    ACTOR = "actor"
    """All that somebody, or a machine client, saw or changed or was given: `staff:…`, `account:…`, `cl_…`."""
    SESSION = "session"
    """The same of one login, from its beginning to its end."""
    RECIPIENT = "recipient"
    """All that was handed to a recipient, by the log of disclosures."""
    ROUTE = "route"
    """Whom a route of the staff showed, or changed, whoever called it."""
    TABLE = "table"
    """Everybody with a row in a table that was exposed as a whole."""


class ExposedTable(StrEnum):
    """Tables of customers' data that may be copied away as a whole."""

    ORDERS = "orders"
    DOCUMENTS = "documents"
    LABELS = "labels"
    ACCOUNTS = "accounts"
    PROFILES = "profiles"
    ADDRESSES = "addresses"
    INVOICE_PROFILES = "invoice_profiles"
    CONSENTS = "consents"
    MAILS = "mails"
    REGISTRATIONS = "registrations"
    WITHDRAWALS = "withdrawals"


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look: ids and codes alone, nothing personal."""

    kind: SearchKind
    what: str
    since: datetime | None
    """None: from the beginning."""
    until: datetime

    @property
    def code(self) -> str:
        """As it stands beside whom it found."""
        return f"{self.kind}:{self.what}"

    def written(self) -> dict[str, str]:
        period = {"until": self.until.isoformat(), **({"since": self.since.isoformat()} if self.since else {})}
        return {"kind": self.kind, "what": self.what, **period}


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Entries of the audit that name nobody whom this search knows: the officer has to look, or to search a table."""

    operation: str
    entries: int


@dataclass(frozen=True, slots=True)
class Found:
    """What searches found together."""

    people: Select[Any]
    """Rows of `key`, `email`, `account_id`, `language`, `found_by`, `records`; one for each person."""
    categories: Sequence[Category]
    unresolved: Sequence[Unresolved]


class FindPeople(Protocol):
    async def __call__(self, session: AsyncSession, searches: Sequence[Search]) -> Found:
        """Find whose data the searches touch."""
