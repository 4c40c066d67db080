"""What a dispute needs is not let go of before it is over (S48)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, note
from app.core.clock import legal_date
from app.core.errors import NotFound, ShopError
from app.core.holders import Erasure, Own, Person
from app.core.language import Text
from app.privacy.erasures.models import ErasureRecord
from app.privacy.restricting import is_unrestricted
from app.privacy.retention.models import RetentionHold
from app.privacy.rights.models import RightsRequest
from app.privacy.rights.states import UNDER_WAY

HOLDS = Text("Записите за задържане при спор", "The records of holds for a dispute")


class HoldNotFound(NotFound):
    title = Text("Няма такова задържане", "No such hold")


class HoldWithoutEnd(ShopError):
    status = 422
    title = Text("Задържането има край", "A hold has an end")
    advice = Text(
        "Посочете последен ден, който не е минал; ако спорът продължи, задръжте отново.",
        "Give a last day that is not past; hold again should the dispute go on.",
    )


def is_held(order_id: Any, email: Any, account_id: Any, *, at: datetime) -> ColumnElement[bool]:
    """Say, for a select, that a dispute needs a row, by its order or by whose it is; or that it may only be stored.

    Whoever's processing is restricted may need the data for a claim (GDPR Art. 18(1)(b), (c)): nothing goes by itself.
    """
    held = exists().where(in_force_for(order_id, email, at=at)).correlate_except(RetentionHold)
    return held | ~is_unrestricted(email, account_id) | _is_asked_about(email)


def _is_asked_about(email: Any) -> ColumnElement[bool]:
    """Say that its person waits for an answer: what was held when the request came is what it is about."""
    theirs = or_(*(func.lower(each) == func.lower(email) for each in (RightsRequest.email, RightsRequest.person_email)))
    return exists().where(RightsRequest.state.in_(UNDER_WAY), theirs).correlate_except(RightsRequest)


def in_force_for(order_id: Any, email: Any, *, at: datetime) -> ColumnElement[bool]:
    """Say of a hold that it is in force and about this order, by its id or by its buyer's address."""
    theirs = or_(RetentionHold.order_id == order_id, func.lower(RetentionHold.email) == func.lower(email))
    return RetentionHold.lifted_at.is_(None) & (RetentionHold.until >= legal_date(at)) & theirs


async def hold(
    session: AsyncSession,
    *,
    order_id: UUID | None,
    email: str | None,
    ground: str,
    until: date,
    by: str,
    at: datetime,
) -> RetentionHold:
    """Hold an order, or all that is somebody's, to a day; refuses with HoldWithoutEnd a day that is past."""
    if until < legal_date(at):
        raise HoldWithoutEnd
    made = RetentionHold(order_id=order_id, email=email, ground=ground, until=until, set_at=at, set_by=by)
    session.add(made)
    await session.flush()  # the audit is noted last
    await note(session, Action.HOLD_SET, actor=by, subject=f"hold:{made.id}", at=at)
    return made


async def lift(session: AsyncSession, hold_id: UUID, *, by: str, at: datetime) -> RetentionHold:
    """End a hold: the next night lets go of what is due („след което данните ще бъдат изтрити“), erasures too."""
    found = await session.scalar(select(RetentionHold).where(RetentionHold.id == hold_id).with_for_update())
    if found is None:
        raise HoldNotFound
    if found.lifted_at is None:
        found.lifted_at, found.lifted_by = at, by
        waits = ErasureRecord.kept.contains([{"until": found.until.isoformat()}])
        sooner = update(ErasureRecord).where(ErasureRecord.finished_at.is_(None), waits).values(next_on=legal_date(at))
        await session.execute(sooner, execution_options={"synchronize_session": False})
        await session.flush()  # the audit is noted last
        await note(session, Action.HOLD_LIFTED, actor=by, subject=f"hold:{found.id}", at=at)
    return found


@dataclass(frozen=True, slots=True)
class HoldHolder:
    """A hold that is over goes with the person; one in force says why the rest stays."""

    tables: frozenset[str] = frozenset({"retention_holds"})

    def own(self, person: Person) -> Sequence[Own]:
        return (Own(RetentionHold, person.is_at(RetentionHold.email)),)

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:
        [own] = self.own(person)
        is_over = or_(RetentionHold.lifted_at.is_not(None), RetentionHold.until < legal_date(at))
        gone = await session.execute(delete(RetentionHold).where(own.of_person, is_over).returning(RetentionHold.id))
        return Erasure([HOLDS]) if gone.first() else Erasure()
