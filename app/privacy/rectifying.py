"""Puts right what somebody says is wrong (S62), wherever it may be; who received it is told (GDPR Art. 19)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ShopError
from app.core.fields import (
    Block,
    City,
    CompanyAddress,
    CompanyName,
    Eik,
    Email,
    HousePart,
    Name,
    Phone,
    PlaceNote,
    Postcode,
    Street,
    VatNumber,
)
from app.core.holders import Holder, Person, Rectifiable, Rectifier
from app.core.language import Text
from app.privacy.erasures.models import Told
from app.privacy.owned import owned
from app.privacy.recipient_tasks import tell_recipients

KINDS: dict[str, Any] = {
    **dict.fromkeys(("first_name", "last_name"), Name),
    "city": City,
    "postcode": Postcode,
    "street": Street,
    "block": Block,
    **dict.fromkeys(("street_no", "entrance", "floor", "apartment"), HousePart),
    "note": PlaceNote,
    "company_name": CompanyName,
    **dict.fromkeys(("company_address", "address"), CompanyAddress),
    "eik": Eik,
    "vat_number": VatNumber,
    "email": Email,
    "phone": Phone,
}
FIELDS: dict[str, TypeAdapter[str]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}
"""What may be put right, and what the right value must be like: as the forms of orders and accounts take it."""


GoOn = Callable[[AsyncSession, Sequence[UUID]], Awaitable[None]]
"""Lets go on what waited for the data of these locked orders to be right."""


class CorrectionUnfit(ShopError):
    status = 422
    title = Text("Корекцията не може да бъде нанесена", "The correction cannot be made")
    advice = Text(
        "Проверете посоченото поле: познат ли е този вид данни и валидна ли е новата стойност.",
        "Check the field named: is it a field that may be put right, and is the right value valid?",
    )
    example = {"field": "phone"}  # noqa: RUF012 - read only


@dataclass(frozen=True, slots=True, repr=False)
class Correction:
    """A field, what stands in it, and what is right; without `wrong`, whatever stands there."""

    field: str
    right: str
    wrong: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Changed:
    """One field of one row, before and after: for the case file."""

    table: str
    field: str
    before: str | None
    after: str


async def rectify(
    session: AsyncSession,
    holders: Sequence[Holder],
    person: Person,
    corrections: Sequence[Correction],
    *,
    request_id: UUID,
    at: datetime,
    go_on: GoOn,
) -> list[list[Changed]]:
    """Put right every row of the person that has the wrong value; returns of each correction what it changed.

    Refuses with CorrectionUnfit a field that is not known or a value that is none. What was issued stays as it is.
    """
    made = [list[Changed]() for _ in corrections]
    order_ids = await _lock_orders(session, holders, person)
    rows = [each for holder in holders for each in _rectifiable(holder, person)]
    # An address last: by it a guest's rows are found.
    for number, correction in sorted(enumerate(corrections), key=lambda each: each[1].field == "email"):
        right = _checked(correction)
        for each in rows:
            if correction.field in each.fields:
                made[number] += await _put_right(session, each, correction, right)
    if any(made):
        await tell_recipients(session, order_ids, Told.RECTIFICATION, cause_id=request_id, at=at)
        await go_on(session, order_ids)
    return made


def _rectifiable(holder: Holder | Rectifier, person: Person) -> Sequence[Rectifiable]:
    found = getattr(holder, "rectifiable", None)
    return found(person) if found else ()


def _checked(correction: Correction) -> str:
    kind = FIELDS.get(correction.field)
    if kind is None:
        raise CorrectionUnfit(field=correction.field)
    try:
        return kind.validate_python(correction.right)
    except ValidationError:
        raise CorrectionUnfit(field=correction.field) from None


async def _put_right(session: AsyncSession, rows: Rectifiable, correction: Correction, right: str) -> list[Changed]:
    table = rows.own.table
    column = table.__table__.columns[correction.field]
    key = next(iter(table.__table__.primary_key))
    wanted = select(key, column).where(rows.own.of_person, column.is_distinct_from(right))
    if correction.wrong is not None:
        wanted = wanted.where(column == correction.wrong)
    found = (await session.execute(wanted.order_by(key).with_for_update())).all()
    if not found:
        return []
    void = rows.voids.get(correction.field)
    put = {column.key: right} | ({void: None} if void else {})
    change = update(table).where(key.in_([row[0] for row in found])).values(put)
    await session.execute(change, execution_options={"synchronize_session": False})
    return [Changed(table.__tablename__, correction.field, before, right) for _, before in found]


async def _lock_orders(session: AsyncSession, holders: Sequence[Holder], person: Person) -> list[UUID]:
    """Lock the person's orders first: whether one was sent is asked by a statement that begins after that."""
    [(table, own)] = [(table, own) for table, own in owned(holders, person).items() if table.name == "orders"]
    return [*(await session.scalars(select(table.c.id).where(own).order_by(table.c.id).with_for_update()))]
