"""Every select of the month's files; what may be long is streamed."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    and_,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import LateDocument
from app.accounting.month.booking import is_counted_in
from app.accounting.month.period import Month
from app.accounting.month.rows import (
    NAMELESS,
    Entry,
    Partner,
)
from app.core.db import streamed
from app.core.money import Money
from app.core.vat import VatSum
from app.invoices.models import Annulment, Document
from app.invoices.view import OFFERS, TAXED, DocumentKind, Seller
from app.orders.models import Order
from app.privacy.restricting import is_unrestricted

AT_ONCE = 500
IN_ORDER = ("on", "number", "id")


async def stream_entries(session: AsyncSession, month: Month) -> AsyncGenerator[Entry]:
    """Give what the ledger of a month lists: its documents, and what undoes those of months before, by day and number.

    A document annulled in its own month is listed with nothing; one annulled later counts in its month, and is undone
    in the month of its annulment. Which month is its own says `is_counted_in`.
    """
    wanted = entries_of(month).order_by(*IN_ORDER)
    async with aclosing(streamed(session, wanted, at_once=AT_ONCE)) as rows:
        async for row in rows:
            yield entry_of(row, month)


def entries_of(month: Month) -> CompoundSelect[Any]:
    counted = _entries(Document.issued_on, false()).where(is_counted_in(month))
    undone = _entries(Annulment.annulled_on, true()).where(
        Annulment.annulled_on >= month.first, Annulment.annulled_on <= month.last, _counted_before(month)
    )
    return union_all(counted, undone)


def _counted_before(month: Month) -> ColumnElement[bool]:
    """Say that a document counted in a month before: in that of its date, or in the one noted in its place."""
    booked = select(LateDocument.month).where(LateDocument.document_id == Document.id).scalar_subquery()
    counted: ColumnElement[str] = func.coalesce(booked, func.to_char(Document.issued_on, "YYYY-MM"))
    return counted < str(month)


def _entries(on: Any, is_reversal: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            on.label("on"),
            Document.number.label("number"),
            Document.id.label("id"),
            Document.kind.label("kind"),
            Document.issued_on.label("issued_on"),
            Document.snapshot["vat_sums"].label("sums"),
            Document.snapshot["buyer"].label("buyer"),
            Document.snapshot["no_vat_ground"].astext.label("ground"),
            Order.number.label("order_number"),
            Order.payment_method.label("payment"),
            Annulment.annulled_on.label("annulled_on"),
            or_(Order.company_eik.is_not(None), is_unrestricted(Order.email, Order.account_id)).label("is_named"),
            is_reversal.label("is_reversal"),
            Document.base.label("base"),
            Document.vat.label("vat"),
        )
        .join(Order, Order.id == Document.order_id)
        .outerjoin(Annulment, Annulment.document_id == Document.id)
        .where(Document.kind.in_(TAXED))
    )


def entry_of(row: Row[Any], month: Month) -> Entry:
    is_annulled = row.annulled_on is not None and row.annulled_on <= month.last and not row.is_reversal
    sign = -1 if (row.kind is DocumentKind.CREDIT_NOTE) is not row.is_reversal else 1
    times = 0 if is_annulled else sign
    sums = [VatSum(each["rate"], Money.of(each["base"]) * times, Money.of(each["vat"]) * times) for each in row.sums]
    buyer = row.buyer if row.is_named else {**row.buyer, "name": NAMELESS, "address": ""}
    return Entry(
        row.id,
        row.kind,
        row.number,
        row.issued_on,
        Partner(**buyer),
        sums,
        row.ground,
        str(row.order_number),
        row.payment,
        is_annulled,
        row.is_reversal,
        row.base * times,
        row.vat * times,
    )


async def find_vat_number(session: AsyncSession, month: Month, seller: Seller) -> str | None:
    """Find the number of a month's ledger; who is registered no more has it on what was issued then."""
    if seller.vat_number:
        return seller.vat_number
    number = Document.snapshot["seller", "vat_number"].astext
    is_undone = and_(Annulment.annulled_on >= month.first, Annulment.annulled_on <= month.last)
    wanted = (
        select(number)
        .outerjoin(Annulment, Annulment.document_id == Document.id)
        .where(or_(is_counted_in(month), is_undone), Document.kind.not_in(OFFERS), number.is_not(None))
        .order_by(Document.issued_on.desc())
        .limit(1)
    )
    return await session.scalar(wanted)


def named_in_ledger(month: Month) -> Select[UUID, UUID | None]:
    """Choose whose data the ledger of a month names: each order with its document; a company's always is."""
    is_named = or_(Order.company_eik.is_not(None), is_unrestricted(Order.email, Order.account_id))
    is_undone = and_(Annulment.annulled_on >= month.first, Annulment.annulled_on <= month.last)
    return (
        select(Order.id, Document.id)
        .join(Document, Document.order_id == Order.id)
        .outerjoin(Annulment, Annulment.document_id == Document.id)
        .where(Document.kind.in_(TAXED), or_(is_counted_in(month), is_undone), is_named)
    )
