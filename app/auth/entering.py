"""At the door: proves that somebody knows a password, and slows down who guesses.

A known and an unknown address cost the same: the same look-up, the same allowances, the same argon2. Guessing is
limited by address of origin and by the networks around it, by login and origin together, and by login for all origins
that this login was never used from: whoever locks that one out by guessing does not lock out the owner, who comes from
a familiar place.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import STRANGER, Action, note
from app.auth.errors import PasswordWrong
from app.auth.login_queries import LOGINS, KnownLogin
from app.auth.models import Realm
from app.auth.passwords import verify_password
from app.auth.persons import Person
from app.core.db import Sessions, let_go
from app.core.secrets import Secret
from app.core.throttle import HOUR, QUARTER, Rank, Throttle, TooManyRequests, Use, wider_networks

EVERYWHERE = 50
"""Tries an hour of one login, from all places that it was never used from."""
# NUL is no text to PostgreSQL; of the Turkish capital i it and Python make different small letters (fields.Email).
UNLIKE = frozenset("\0\u0130")

NOBODY, NOTES_OF_NOBODY = "nobody", 20
"""How many wrong passwords an hour, from all places, are audited of logins that are nobody's."""
# A record in PostgreSQL's own log, which no table keeps: its commit waits for the disk as any other.
WRITE_NOTHING = text("SELECT pg_logical_emit_message(true, 'shop', 'refused')")

IN_WIDER_NETWORKS = ((Rank.SITE, 180), (Rank.NETWORK, 600))
"""How many logins may be tried in a quarter from a /56, and from a /48: mobile customers share one."""


def place_of(realm: Realm, email: str) -> str:
    """Name the allowance of a login for all places that it was never used from."""
    return f"login:{realm}:{email.lower()}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody says who they are; `origin` is where from (`throttle.origin`)."""

    realm: Realm
    email: str = field(repr=False)
    password: str = field(repr=False)
    origin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Door:
    """Checks passwords in connections of its own, so that none is held while argon2 computes."""

    sessions: Sessions
    throttle: Throttle
    secret: Secret = field(repr=False)

    async def enter(self, attempt: Attempt, *, at: datetime) -> KnownLogin | None:
        """Return whose password this is; None for a wrong one, TooManyRequests for too many tries."""
        known = await self._find(attempt, at=at)
        if await verify_password(attempt.password, known.password_hash if known else None):
            return known
        if attempt.realm is Realm.STAFF:
            await self._note_refused(known, at=at)
        return None

    def origin_digest(self, realm: Realm, email: str, origin: str) -> bytes:
        """Make what is kept of a place where somebody has logged in."""
        return self.secret.code(_place(realm, email, origin))

    async def _find(self, attempt: Attempt, *, at: datetime) -> KnownLogin | None:
        values = {
            "email": attempt.email if UNLIKE.isdisjoint(attempt.email) else None,
            "origins": self.secret.codes(_place(attempt.realm, attempt.email, attempt.origin)),
        }
        found = await self.throttle.take_knowing(LOGINS[attempt.realm], values, *_uses(attempt), at=at)
        return KnownLogin(found.id, found.password_hash, found.seen_here_at) if found else None

    async def _note_refused(self, known: KnownLogin | None, *, at: datetime) -> None:
        """Audit the wrong password of a member, and some of nobody's: strangers do not fill what is kept for good.

        Whoever it is of, an allowance is taken and something committed to the disk, which has to take as long.
        """
        subject = f"staff:{known.id}" if known else None
        is_noted = await self._takes_note(subject or NOBODY, at=at) or known is not None
        async with self.sessions.begin() as session:
            if is_noted:
                await note(session, Action.ENTRY_REFUSED, actor=STRANGER, subject=subject, detail="password", at=at)
            else:
                await session.execute(WRITE_NOTHING)

    async def _takes_note(self, whose: str, *, at: datetime) -> bool:
        try:
            await self.throttle.take(f"refusal-noted:{whose}", limit=NOTES_OF_NOBODY, per_seconds=HOUR, at=at)
        except TooManyRequests:
            return False
        return True


def _uses(attempt: Attempt) -> list[Use]:
    # What somebody typed stands last: nothing they type makes the key of another allowance.
    login = attempt.email.lower()
    of_login = f"{attempt.realm}:{attempt.origin}:{login}"
    # A familiar place has an allowance of its own, and costs what any other does: who shares it learns nothing by
    # the clock. Ranks: who is refused by what is theirs is not to use up what they share with others.
    uses = [
        Use(f"login-from:{attempt.origin}", 60, QUARTER),
        Use(f"login-here:{of_login}", 10, QUARTER),
        Use(f"login-familiar:{of_login}", EVERYWHERE, HOUR, rank=Rank.EVERYWHERE, familiar=True),
        Use(place_of(attempt.realm, login), EVERYWHERE, HOUR, rank=Rank.EVERYWHERE, familiar=False),
    ]
    # One customer may be given a /56 or a /48: a new /64 for each try would be no limit.
    for network, (rank, tries) in zip(wider_networks(attempt.origin), IN_WIDER_NETWORKS, strict=False):
        near = f"login-near:{network}"
        uses.append(Use(f"{near}:{of_login}", tries, QUARTER, rank=rank, familiar=True))
        uses.append(Use(near, tries, QUARTER, rank=rank, familiar=False))
    return uses


def _place(realm: Realm, email: str, origin: str) -> str:
    return f"origin:{realm}:{email.lower()}:{origin}"


async def refuse_password(session: AsyncSession, person: Person, *, at: datetime) -> NoReturn:
    """Refuse a wrong password behind an open session; a member's is audited as at the door."""
    if person.realm is Realm.STAFF:
        await note(session, Action.ENTRY_REFUSED, actor=person.actor, subject=person.actor, detail="password", at=at)
        await let_go(session)  # kept, though the request is refused
    raise PasswordWrong
