"""Sums the report of sales without invoice a second way, so that its rows and the ledger's can be held against it."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Subquery, and_, case, cast, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounting.month.figures import Difference, Reported
from app.accounting.month.period import Month
from app.accounting.month.report_queries import find_told, of_sale
from app.core.money import Money, MoneyType, summed, total
from app.core.vat import sums_of
from app.orders.models import Order, OrderLine
from app.payments.models import Payment, Refund, RefundedLine

REFUNDED_LINE = and_(OrderLine.order_id == RefundedLine.order_id, OrderLine.position == RefundedLine.position)


async def sum_report(session: AsyncSession, month: Month, *, at: datetime) -> Reported:
    """Sum what a month's report tells of: each sale once, totals as orders and refunds have them, rates as lines do."""
    told = await find_told(session, month, at=at)
    sales = _heads(Order.id, Order.total, (told.sold, 1), (told.undone, -1))
    refunds = _heads(Refund.id, _gone_with(), (told.refunded, -1), (told.regained, 1))
    sold = await session.execute(select(_times(sales, literal(1), Integer()), _times(sales, sales.c.amount)))
    [(count, amount)] = sold
    went_back = await session.scalar(select(_times(refunds, refunds.c.amount))) or Money.ZERO
    lines = select(OrderLine.vat_rate, _times(sales, OrderLine.total), _times(sales, OrderLine.vat))
    back = select(OrderLine.vat_rate, _times(refunds, RefundedLine.gross), _times(refunds, RefundedLine.vat))
    rows = [
        *await session.execute(lines.join(sales, sales.c.id == OrderLine.order_id).group_by(OrderLine.vat_rate)),
        *await session.execute(
            back.join(RefundedLine, REFUNDED_LINE)
            .join(refunds, refunds.c.id == RefundedLine.refund_id)
            .group_by(OrderLine.vat_rate)
        ),
    ]
    return Reported(count, amount + went_back, sums_of((rate, gross - vat, vat) for rate, gross, vat in rows))


def _gone_with() -> ColumnElement[Money]:
    """Sum what of a sale goes with a refund: with the last of what was paid, what was let off of its price too."""
    until = aliased(Refund)
    gone = select(summed(until.amount)).where(until.order_id == Refund.order_id, until.id <= Refund.id)
    is_last = gone.scalar_subquery() == Payment.amount - Payment.let_off
    return cast(Refund.amount + case((is_last, Payment.let_off), else_=0), MoneyType())


def _heads(key: Any, amount: Any, *chosen: tuple[ColumnElement[bool], int]) -> Subquery:
    found = []
    for which, times in chosen:
        head = of_sale(
            select(key.label("id"), amount.label("amount"), literal(times).label("times")).select_from(Order)
        )
        found.append((head if key is Order.id else head.join(Refund, Refund.order_id == Order.id)).where(which))
    return union_all(*found).subquery()


def _times(heads: Subquery, amount: Any, type_: Any = None) -> ColumnElement[Any]:
    return cast(func.coalesce(func.sum(heads.c.times * amount), 0), type_ or MoneyType())


async def list_misallotted(session: AsyncSession, month: Month, *, at: datetime) -> list[Difference]:
    """Name the orders whose refunds are not told of line by line as they went back, by the end of this month.

    All of it back is nothing left at any rate, and no more goes back of a rate than was sold at it.
    """
    told = await find_told(session, month, at=at)
    chosen = select(Refund.order_id).join(Order, Order.id == Refund.order_id).where(told.refunded).correlate(None)
    until = and_(Refund.month <= str(month), Refund.order_id.in_(chosen))
    sums = (Order.number, Order.total, summed(Refund.amount), Payment.let_off)
    gone = select(*sums).join(Refund, Refund.order_id == Order.id).join(Payment, Payment.order_id == Order.id)
    refunds = await session.execute(gone.where(until).group_by(Order.id, Payment.id).order_by(Order.number))
    parts = (Order.number, OrderLine.vat_rate)
    lines = select(*parts, summed(OrderLine.total), summed(OrderLine.vat)).join(Order, Order.id == OrderLine.order_id)
    back = (
        select(*parts, summed(RefundedLine.gross), summed(RefundedLine.vat))
        .join(Order, Order.id == OrderLine.order_id)
        .join(RefundedLine, REFUNDED_LINE)
        .join(Refund, Refund.id == RefundedLine.refund_id)
    )
    sold, taken = defaultdict[int, _Rates](dict), defaultdict[int, _Rates](dict)
    for into, wanted in ((sold, lines.where(Order.id.in_(chosen))), (taken, back.where(until))):
        for number, rate, gross, vat in await session.execute(wanted.group_by(*parts)):
            into[number][rate] = (gross, vat)
    return [
        difference
        for number, of_order, amount, let_off in refunds
        for gone_with in [of_order if amount == of_order - let_off else amount]
        for difference in _of_order(number, of_order, gone_with, sold[number], taken[number])
    ]


_Rates = dict[int, tuple[Money, Money]]


def _of_order(number: int, of_order: Money, amount: Money, sold: _Rates, taken: _Rates) -> list[Difference]:
    allotted = total(gross for gross, _ in taken.values())
    if allotted != amount:
        return [Difference("ledger", str(number), str(amount), str(allotted))]
    nothing = (Money.ZERO, Money.ZERO)
    return [
        Difference("ledger", f"{number}, {rate} %", f"{gross}, {vat}", f"{gross_taken}, {vat_taken}")
        for rate, (gross, vat) in sorted(sold.items(), reverse=True)
        for gross_taken, vat_taken in [taken.get(rate, nothing)]
        if ((gross, vat) != (gross_taken, vat_taken) if amount == of_order else gross_taken > gross or vat_taken > vat)
    ]
