"""Sums a month's documents in the database; those that are to be looked at one by one are found there, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Numeric,
    Subquery,
    and_,
    cast,
    func,
    or_,
    select,
    true,
)
from sqlalchemy import case as case_of
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import LateralFromClause

from app.accounting.month.letters import FOREIGN
from app.accounting.month.period import Month
from app.accounting.month.queries import IN_ORDER, entries_of, entry_of
from app.accounting.month.rows import Entry
from app.accounting.month.sales_ledger import COLUMNS
from app.core.money import Money, MoneyType
from app.core.vat import VatSum
from app.invoices.view import DocumentKind, NoVatGround
from app.orders.models import PaymentMethod


class Group(NamedTuple):
    """What the documents of one kind, payment method and day come to, as the ledger counts them."""

    kind: DocumentKind
    payment: PaymentMethod
    issued_on: date
    is_annulled: bool
    is_reversal: bool
    is_plain: bool
    """In the ledger, and nothing of them is to be looked at: what they state is what the list of documents has."""
    documents: int
    base: Money
    vat: Money


@dataclass(frozen=True)
class Summed:
    groups: Sequence[Group]
    rates: Sequence[VatSum]
    striking: Sequence[Entry]
    """Whose amounts differ from those of the list, whose rate has no column, or whose letters are not the ledger's."""


async def sum_entries(session: AsyncSession, month: Month) -> Summed:
    """Read what `queries.stream_entries` gives, summed."""
    entries = entries_of(month).subquery("entries")
    stated, times = _stated(entries), _times(entries, month)
    is_striking = _is_striking(entries, stated)
    parts = (
        entries.c.kind,
        entries.c.payment,
        entries.c.issued_on,
        _is_annulled(entries, month),
        entries.c.is_reversal,
        and_(_is_in_ledger(entries), ~is_striking),
    )
    grouped = select(*parts, func.count(), _sum(times * stated.c.base), _sum(times * stated.c.vat))
    groups = await session.execute(grouped.join(stated, true()).group_by(*parts))
    striking = select(entries).join(stated, true()).where(is_striking).order_by(*(entries.c[key] for key in IN_ORDER))
    return Summed(
        [Group._make(row) for row in groups],
        await _sum_rates(session, entries, times),
        [entry_of(row, month) for row in await session.execute(striking)],
    )


async def _sum_rates(session: AsyncSession, entries: Subquery, times: ColumnElement[int]) -> list[VatSum]:
    each = func.jsonb_array_elements(entries.c.sums).column_valued("each", joins_implicitly=True)
    rate = _rate(each)
    wanted = select(rate, _sum(times * _cents(each, "base")), _sum(times * _cents(each, "vat"))).select_from(entries)
    return [VatSum(*row) for row in await session.execute(wanted.group_by(rate).order_by(rate.desc()))]


def _stated(entries: Subquery) -> LateralFromClause:
    """Sum what a document states of its rates; `is_odd`: the ledger has no column for one, or one stands twice."""
    each = func.jsonb_array_elements(entries.c.sums).column_valued("each")
    rate = _rate(each)
    return select(
        _sum(_cents(each, "base")).label("base"),
        _sum(_cents(each, "vat")).label("vat"),
        or_(func.bool_or(rate.not_in(COLUMNS)), func.count() > func.count(rate.distinct())).label("is_odd"),
    ).lateral("stated")


def _is_striking(entries: Subquery, stated: LateralFromClause) -> ColumnElement[bool]:
    buyer = entries.c.buyer
    texts = func.concat_ws(" ", *(buyer[key].astext for key in ("name", "address", "responsible_person")))
    differs = or_(stated.c.base != entries.c.base, stated.c.vat != entries.c.vat)
    return or_(differs, func.coalesce(stated.c.is_odd, False), texts.regexp_match(FOREIGN))


def _is_in_ledger(entries: Subquery) -> ColumnElement[bool]:
    return entries.c.ground.is_distinct_from(NoVatGround.NOT_REGISTERED.value)


def _is_annulled(entries: Subquery, month: Month) -> ColumnElement[bool]:
    by_then = and_(entries.c.annulled_on <= month.last, ~entries.c.is_reversal)
    return func.coalesce(by_then, False, type_=Boolean())


def _times(entries: Subquery, month: Month) -> ColumnElement[int]:
    is_less = (entries.c.kind == DocumentKind.CREDIT_NOTE) != entries.c.is_reversal
    return case_of((_is_annulled(entries, month), 0), (is_less, -1), else_=1)


def _rate(each: Any) -> ColumnElement[int]:
    return cast(cast(each, JSONB)["rate"].astext, Integer)


def _cents(each: Any, key: str) -> ColumnElement[int]:
    return cast(cast(cast(each, JSONB)[key].astext, Numeric) * 100, BigInteger)


def _sum(cents: ColumnElement[int]) -> ColumnElement[Money]:
    return cast(func.coalesce(func.sum(cents), 0), MoneyType())
