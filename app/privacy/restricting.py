"""The one gate of restriction (S64, GDPR Art. 18(2)): whoever uses somebody's data says what for, or is refused."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.auditing.recording import Action, note
from app.core.db import Sessions
from app.core.errors import NotFound, ShopError
from app.core.holders import Person
from app.core.jobs import Parked
from app.core.language import Language, Text
from app.mail import service as mail
from app.mail.models import Mail, MailKind, MailState
from app.privacy.restrictions.models import Restriction, RestrictionGround

__all__ = ["Restriction", "RestrictionGround", "Use", "Whose", "lift", "restrict"]


class Use(StrEnum):
    """What somebody's data are used for."""

    OWN_ACT = "own_act"
    """The person does it, or asked for it: own pages, a password's reset, the answer to a request."""
    CONTRACT = "contract"
    """An order that is under way is performed (S64)."""
    CLAIM = "claim"
    """A legal claim, or the answer to the person's rights: for who decides on these."""
    BOOKS = "books"
    """A document is issued and kept, as the law of taxes has it: storing, for the shop (S64)."""
    OTHER = "other"
    """Everything else: refused."""


ALLOWED = frozenset({Use.OWN_ACT, Use.CONTRACT, Use.CLAIM, Use.BOOKS})


class Whose(NamedTuple):
    """Whose data, and whether the order that they are of is under way; what is not said is not allowed."""

    email: str
    account_id: UUID | None = None
    is_under_way: bool = False

    @property
    def use(self) -> Use:
        return Use.CONTRACT if self.is_under_way else Use.OTHER


Release = Callable[[AsyncSession, Whose], Awaitable[None]]
"""Runs the jobs again that waited for a person's restriction to end."""


class PersonRestricted(ShopError, Parked):
    """To a client a refusal, to a job a reason to wait until it is lifted."""

    title = Text("Обработването на тези данни е ограничено", "The processing of these data is restricted")
    advice = Text(
        "Лицето упражни правото си на ограничаване: данните само се съхраняват. Обърнете се към отговорното лице по"
        " защита на личните данни.",
        "The person exercised the right to restriction: the data are only stored. Turn to the person responsible for"
        " personal data.",
    )


class RestrictionNotFound(NotFound):
    title = Text("Няма такова ограничение", "No such restriction")


def _in_force(emails: Any, accounts: Any) -> ColumnElement[bool]:
    return and_(Restriction.lifted_at.is_(None), or_(emails, accounts))


def is_unrestricted(
    email: SQLColumnExpression[str], account_id: InstrumentedAttribute[UUID | None] | None = None
) -> ColumnElement[bool]:
    """Say, for a select, that nobody's restriction covers a row: a list leaves out what it may not show."""
    by_email = func.lower(Restriction.email) == func.lower(email)
    by_account = Restriction.account_id == account_id if account_id is not None else None
    conditions = [by_email] if by_account is None else [by_email, by_account]
    return ~exists().where(Restriction.lifted_at.is_(None), or_(*conditions)).correlate_except(Restriction)


async def require_unrestricted(session: AsyncSession, whose: Collection[Whose]) -> None:
    """Refuse with PersonRestricted unless each use is allowed, or nobody's restriction covers it."""
    asked = [each for each in whose if each.use not in ALLOWED]
    if not asked:
        return
    emails = func.lower(Restriction.email).in_([func.lower(email) for email in {each.email for each in asked}])
    accounts = Restriction.account_id.in_({each.account_id for each in asked if each.account_id})
    if await session.scalar(select(Restriction.id).where(_in_force(emails, accounts)).limit(1)):
        raise PersonRestricted


async def restrict(
    session: AsyncSession,
    person: Person,
    *,
    ground: RestrictionGround,
    request_id: UUID | None,
    at: datetime,
    actor: str = "system",
) -> UUID:
    """Put a restriction in force from now on."""
    made = Restriction(email=person.email, account_id=person.account_id, ground=ground, request_id=request_id, since=at)
    session.add(made)
    await session.flush()  # what follows in this transaction is to find it
    await note(session, Action.PERSON_RESTRICTED, actor=actor, subject=f"restriction:{made.id}", at=at)
    return made.id


async def lift(
    session: AsyncSession, restriction_id: UUID, *, by: str, language: Language = Language.BG, at: datetime
) -> Restriction:
    """Decide that it ends: the person is told first (GDPR Art. 18(3)), and it ends when the letter is sent."""
    found = await session.scalar(select(Restriction).where(Restriction.id == restriction_id).with_for_update())
    if found is None:
        raise RestrictionNotFound
    if found.lifting_at is None:
        found.lifting_at, found.lifting_by = at, by
        found.mail_id = await mail.promise(
            session,
            kind=MailKind.RESTRICTION_ENDS,
            address=found.email,
            language=language,
            about_id=found.id,
            at=at,
        )
    return found


async def end_told(sessions: Sessions, release: Release, *, at: datetime) -> int:
    """End the restrictions whose end the person was told of; what waited for it runs again. Returns how many.

    Run now and then by the worker.
    """
    async with sessions.begin() as session:
        was_sent = exists().where(Mail.id == Restriction.mail_id, Mail.state == MailState.SENT)
        told = select(Restriction).where(Restriction.lifted_at.is_(None), Restriction.lifting_at.is_not(None), was_sent)
        found = (await session.scalars(told.order_by(Restriction.id).with_for_update(skip_locked=True))).all()
        for each in found:
            each.lifted_at = at
        await session.flush()  # the audit is noted last
        for each in found:
            await release(session, Whose(each.email, each.account_id))
        for each in found:
            subject = f"restriction:{each.id}"
            await note(session, Action.RESTRICTION_LIFTED, actor=each.lifting_by or "system", subject=subject, at=at)
    return len(found)
