"""Who is logged in, as routes see it, and for how long that is taken as known."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.auth.models import Realm, StaffRole

MOST = 10_000
"""How many are kept; beyond that all are forgotten and asked for anew."""


@dataclass(frozen=True, slots=True)
class Person:
    """A shopper, or a member of staff, who is logged in."""

    id: UUID
    realm: Realm
    session_id: UUID
    role: StaffRole | None = None
    is_trained: bool = False
    """Whether a training in force is on record (S44)."""

    @property
    def actor(self) -> str:
        return f"{self.realm}:{self.id}"


@dataclass
class Recent:
    """Who was found behind a token a moment ago: a page of the storefront asks several things at once.

    So much later at most does another process see that a session has ended.
    """

    kept: timedelta
    _known: dict[str, tuple[datetime, Person]] = field(default_factory=dict, repr=False)

    def find(self, token: str, *, at: datetime) -> Person | None:
        asked_at, person = self._known.get(token, (None, None))
        return person if asked_at and timedelta(0) <= at - asked_at < self.kept else None

    def keep(self, token: str, person: Person, *, at: datetime) -> None:
        if not self.kept:
            return
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[token] = (at, person)

    def forget(self, ended: UUID) -> None:
        """Forget a session, or all of a person's, that this process is ending."""
        for token in [token for token, (_, person) in self._known.items() if ended in {person.session_id, person.id}]:
            del self._known[token]


async def get_recent(request: Request) -> Recent:
    recent: Recent = request.app.state.recent
    return recent


RecentDep = Annotated[Recent, Depends(get_recent)]
