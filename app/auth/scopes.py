"""What a machine may be allowed, in this one place."""

from collections.abc import Iterable
from enum import StrEnum

from app.core.personal import Recipient


class Scope(StrEnum):
    SHIPMENTS = "shipments"
    ACCOUNTING = "accounting"


PERMITS: dict[Scope, str] = {
    Scope.SHIPMENTS: "List the shipments that are ready, take their labels, acknowledge them and report their events.",
    Scope.ACCOUNTING: "List and download invoices and credit notes, the month's files and the proof of the series.",
}

ACTS_FOR: dict[Scope, Recipient] = {
    Scope.SHIPMENTS: Recipient.COURIER,
    Scope.ACCOUNTING: Recipient.ACCOUNTANT,
}
"""Who in the register of recipients stands behind a machine of this scope: what it fetches is recorded as theirs."""


def written(scopes: Iterable[str]) -> str:
    """Write scopes as OAuth does (RFC 6749 §3.3): in one order, separated by spaces."""
    return " ".join(sorted(scopes))
