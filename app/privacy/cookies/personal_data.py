"""Choices about cookies are nobody's that anybody could name: a random id, a network that many share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.holders import Erasure, Own, Person
from app.privacy.cookies.models import CookieConsent


@dataclass(frozen=True, slots=True)
class CookieHolder:
    """Whoever has the id in the browser sees and changes the choice; the log goes by itself when its time is over."""

    tables: frozenset[str] = frozenset({"cookie_consents"})

    def own(self, person: Person) -> Sequence[Own]:  # noqa: ARG002 - as every holder
        return (Own(CookieConsent, false()),)

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        return Erasure()
