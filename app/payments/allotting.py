"""Says of each refund which lines of its order it is for, so that the books take it off at the rates of these."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.money import Money, summed, total
from app.core.parts import Left, split
from app.orders.models import OrderLine
from app.payments.errors import LineNotInOrder, RefundExceedsLines
from app.payments.models import Refund, RefundedLine


@dataclass(frozen=True, slots=True)
class Open:
    """A line of an order, and what of it did not go back yet."""

    position: int
    sku: str
    left: Left


async def list_open(session: AsyncSession, refund: Refund) -> list[Open]:
    """List the lines of the order as they were before the refund."""
    taken = and_(RefundedLine.order_id == OrderLine.order_id, RefundedLine.position == OrderLine.position)
    wanted = (
        select(
            OrderLine.position,
            OrderLine.sku,
            OrderLine.vat_rate,
            OrderLine.quantity,
            OrderLine.total,
            OrderLine.vat,
            func.coalesce(func.sum(RefundedLine.quantity), 0),
            summed(RefundedLine.gross),
            summed(RefundedLine.vat),
        )
        .outerjoin(RefundedLine, and_(taken, RefundedLine.refund_id != refund.id))
        .where(OrderLine.order_id == refund.order_id)
        .group_by(OrderLine.order_id, OrderLine.position)
        .order_by(OrderLine.position)
    )
    return [
        Open(position, sku, Left(rate, pieces - int(gone), gross - gross_gone, vat - vat_gone))
        for position, sku, rate, pieces, gross, vat, gone, gross_gone, vat_gone in await session.execute(wanted)
    ]


async def allot(session: AsyncSession, refund: Refund, named: Mapping[str, int] | None, *, let_off: Money) -> None:
    """Keep with a refund what it is for: the pieces that are named, else each line in proportion.

    With the last of what was paid goes what was let off of the price: nothing of the sale is left. Refuses with
    LineNotInOrder what is not in the order or went back already, and with RefundExceedsLines more than the named pieces
    come to. The order is locked.
    """
    lines = await list_open(session, refund)
    pieces = _pieces(lines, named) if named else None
    if pieces:
        worth = total(line.left.worth(of) for line, of in zip(lines, pieces, strict=True) if of)
        if refund.amount > worth:
            raise RefundExceedsLines(left=str(worth))
    parts = split(refund.amount + let_off, [line.left for line in lines], pieces)
    session.add_all(
        RefundedLine(
            refund_id=refund.id,
            position=line.position,
            order_id=refund.order_id,
            quantity=part.quantity,
            gross=part.gross,
            vat=part.vat,
        )
        for line, part in zip(lines, parts, strict=True)
        if part.gross != Money.ZERO or part.quantity
    )


def _pieces(lines: list[Open], named: Mapping[str, int]) -> list[int]:
    for sku, wanted in named.items():
        left = min((line.left.quantity for line in lines if line.sku == sku), default=0)
        if wanted > left:
            raise LineNotInOrder(sku=sku, pieces=left)
    return [named.get(line.sku, 0) for line in lines]
