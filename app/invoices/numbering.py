"""Series of numbers: each dense, rising, and its dates never backwards (ППЗДДС чл. 78, fact sheet 1.7–1.9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.invoices import queries
from app.invoices.errors import SeriesAhead
from app.invoices.models import Series
from app.invoices.view import DocumentKind

K = DocumentKind


class SeriesKey(StrEnum):
    INVOICES = "invoices"
    NOTES = "notes"
    SALES = "sale_documents"
    PROFORMAS = "proformas"
    GOODS_NOTES = "goods_notes"
    PROTOCOLS = "protocols"
    ICASH = queries.ICASH
    """Numbers that I-Cash gave; they are its own to keep dense."""


SERIES = {
    SeriesKey.INVOICES: "Фактури и известия",
    SeriesKey.NOTES: "Известия",
    SeriesKey.SALES: "Документи за регистриране на продажби",
    SeriesKey.PROFORMAS: "Проформа фактури",
    SeriesKey.GOODS_NOTES: "Стокови разписки",
    SeriesKey.PROTOCOLS: "Протоколи за анулиране",
    SeriesKey.ICASH: "Документи, издадени в I-Cash",
}
"""What a paper calls each series."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Where each series begins: the accountant's decision (fact sheet 1.8).

    Without a range of their own, notes are in the invoices' series.
    """

    first: Mapping[SeriesKey, int] = field(default_factory=dict)

    def series_of(self, kind: DocumentKind) -> SeriesKey:
        if kind in {K.CREDIT_NOTE, K.DEBIT_NOTE}:
            return SeriesKey.NOTES if SeriesKey.NOTES in self.first else SeriesKey.INVOICES
        return _OWN[kind]


_OWN = {
    K.INVOICE: SeriesKey.INVOICES,
    K.PROFORMA: SeriesKey.PROFORMAS,
    K.SALE: SeriesKey.SALES,
    K.GOODS_NOTE: SeriesKey.GOODS_NOTES,
    K.PROTOCOL: SeriesKey.PROTOCOLS,
}


@dataclass(frozen=True, slots=True)
class Numbered:
    series: SeriesKey
    number: str
    issued_on: date


async def take_number(session: AsyncSession, kind: DocumentKind, ranges: Ranges, *, today: date) -> Numbered:
    """Take the next number of the kind's series; the counter stays locked until this transaction ends.

    So numbers are dense, and a transaction that fails leaves none behind (ЗДДС чл. 114 ал. 1 т. 2). Refuses with
    SeriesAhead while the last date lies in the future: no document is dated before the one before it, nor after the day
    on which it is issued.
    """
    key = ranges.series_of(kind)
    if (number := await _next(session, key, today)) is None:
        first = ranges.first.get(key, 1)
        # A series that exists keeps its place, whatever the range says now.
        await session.execute(insert(Series).values(key=key, first=first, last=first - 1).on_conflict_do_nothing())
        number = await _next(session, key, today)
    if number is None:
        dated = await session.scalar(select(Series.last_on).where(Series.key == key))
        raise SeriesAhead(dated=str(dated))
    return Numbered(key, f"{number:010d}", today)


async def _next(session: AsyncSession, key: SeriesKey, today: date) -> int | None:
    moved = (
        update(Series)
        .where(Series.key == key, or_(Series.last_on.is_(None), Series.last_on <= today))
        .values(last=Series.last + 1, last_on=today)
        .returning(Series.last)
    )
    return await session.scalar(moved, execution_options={"synchronize_session": False})


async def list_ahead(session: AsyncSession, *, today: date) -> Sequence[str]:
    """Name the series of the shop's own in which nothing is issued until a day that is still to come."""
    ahead = select(Series.key).where(Series.last_on > today, Series.key != SeriesKey.ICASH).order_by(Series.key)
    return (await session.scalars(ahead)).all()
