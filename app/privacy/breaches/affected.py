"""Computes who is affected, and keeps the list; made anew with the same searches it stays the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, cast, delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import MEMBER
from app.core.ids import uuid7
from app.core.personal import Category
from app.privacy.breaches import queries
from app.privacy.breaches.deciding import require_open
from app.privacy.breaches.models import Breach, BreachPerson, BreachSearch, EntryKind, Exemption, LetterState
from app.privacy.breaches.ports import FindPeople, Found, Search, Unresolved
from app.privacy.breaches.recording import entry_of
from app.privacy.breaches.states import settle


@dataclass(frozen=True, slots=True)
class Affected:
    """How many are affected, of which kinds of data (Art. 33(3)(a))."""

    people: int
    records: int
    unreachable: int
    categories: Sequence[Category]
    unresolved: Sequence[Unresolved]


async def preview(session: AsyncSession, find: FindPeople, searches: Sequence[Search]) -> Affected:
    """Count whom the searches find, and keep nothing."""
    found = await find(session, searches)
    people = found.people.subquery("people")
    counted = select(
        func.count(), func.coalesce(func.sum(people.c.records), 0), func.count().filter(people.c.email.is_(None))
    )
    how_many, records, unreachable = (await session.execute(counted.select_from(people))).one()
    return Affected(how_many, int(records), unreachable, found.categories, found.unresolved)


async def compute(
    session: AsyncSession, find: FindPeople, breach_id: UUID, searches: Sequence[Search], *, at: datetime, by: str
) -> tuple[Breach, Affected]:
    """Make the list of affected people by these searches, all of them together.

    Who is found no more goes from the list, unless they were written to. Who is found anew is to be told, too.
    """
    breach = await queries.lock_breach(session, breach_id)
    require_open(breach)
    found = await find(session, searches)
    await _keep(session, breach, found, at=at)
    affected = await _counted(session, breach, found)
    breach.people_computed_at, breach.people, breach.records = at, affected.people, affected.records
    breach.categories = [*found.categories]
    made = [{"id": uuid7(), "search": search.written()} for search in searches]
    together = {"breach_id": breach.id, "run_id": uuid7(), "run_at": at, "author": by}
    await session.execute(insert(BreachSearch), [{**each, **together} for each in made])
    session.add(entry_of(breach.id, EntryKind.PEOPLE_COMPUTED, _summary(affected, searches), at=at, by=by))
    if affected.people and breach.exemption is Exemption.NOBODY_AFFECTED:
        breach.exemption = None
    if breach.letters_started_at and (await queries.count_letters(session, breach.id))[LetterState.NONE]:
        breach.letters_done_at = None
    await settle(session, breach, at=at, by=by)
    return breach, affected


async def _keep(session: AsyncSession, breach: Breach, found: Found, *, at: datetime) -> None:
    keys = select(found.people.subquery("still").c.key)
    gone = delete(BreachPerson).where(
        BreachPerson.breach_id == breach.id, BreachPerson.promised_at.is_(None), BreachPerson.key.not_in(keys)
    )
    await session.execute(gone, execution_options={"synchronize_session": False})
    columns = (
        "id", "breach_id", "key", "email", "account_id", "language", "found_by", "records", "found_at", "letter",
    )  # fmt: skip
    put = upsert(BreachPerson).from_select(columns, _rows(breach, found, at=at))
    told = BreachPerson.promised_at.is_not(None)
    renewed: dict[str, ColumnElement[Any]] = {"found_by": put.excluded.found_by, "records": put.excluded.records}
    for name in ("email", "account_id", "language", "letter"):
        renewed[name] = case((told, getattr(BreachPerson, name)), else_=getattr(put.excluded, name))
    await session.execute(put.on_conflict_do_update(index_elements=["breach_id", "key"], set_=renewed))


def _rows(breach: Breach, found: Found, *, at: datetime) -> Select[Any]:
    people = found.people.subquery("people")
    state = case((people.c.email.is_(None), LetterState.UNREACHABLE.value), else_=LetterState.NONE.value)
    return select(
        func.gen_random_uuid(),
        literal(breach.id),
        people.c.key,
        people.c.email,
        people.c.account_id,
        cast(people.c.language, MEMBER),
        people.c.found_by,
        people.c.records,
        literal(at),
        cast(state, MEMBER),
    )


async def _counted(session: AsyncSession, breach: Breach, found: Found) -> Affected:
    unreachable = func.count().filter(BreachPerson.email.is_(None))
    counted = select(func.count(), func.coalesce(func.sum(BreachPerson.records), 0), unreachable)
    people, records, unreached = (await session.execute(counted.where(BreachPerson.breach_id == breach.id))).one()
    return Affected(people, int(records), unreached, found.categories, found.unresolved)


def _summary(affected: Affected, searches: Sequence[Search]) -> str:
    codes = ", ".join(sorted({search.code for search in searches}))
    return f"Засегнати лица: {affected.people}; записи: {affected.records}; търсено: {codes}"
