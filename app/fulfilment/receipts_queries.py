"""Selects of money that came, as staff see it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.errors import NotFound
from app.core.money import Money
from app.orders.models import Order
from app.payments.models import Payment, Receipt, ReceiptCase

ALIKE_SHOWN = 3
_other = aliased(Receipt)
_alike = (
    select(_other.id)
    .where(_other.received_on == Receipt.received_on, _other.amount == Receipt.amount, _other.id != Receipt.id)
    .order_by(_other.id.desc())
    .limit(ALIKE_SHOWN)
    .correlate(Receipt)
    .subquery()
)
_lines_alike = select(func.array_agg(_alike.c.id, type_=ARRAY(Uuid)).label("alike")).lateral("lines_alike")
_SHOWN = (
    select(
        Receipt.id,
        Receipt.amount,
        Receipt.received_on,
        Receipt.bank_reference,
        Receipt.recorded_at,
        Receipt.recorded_by,
        ReceiptCase.left,
        Order.number,
        Payment.status.label("payment_status"),
        _lines_alike.c.alike,
    )
    .join(ReceiptCase, ReceiptCase.receipt_id == Receipt.id)
    .outerjoin(Order, Order.id == ReceiptCase.order_id)
    .outerjoin(Payment, Payment.order_id == ReceiptCase.order_id)
    .join(_lines_alike, true())
)
Shown = Row[*tuple[Any, ...]]


async def list_unsettled(session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[Shown]:
    """List the receipts of which something is to be settled, in the order in which they were recorded."""
    wanted = _SHOWN.where(ReceiptCase.left > Money.ZERO).order_by(ReceiptCase.receipt_id).limit(limit)
    if after is not None:
        wanted = wanted.where(ReceiptCase.receipt_id > after)
    return (await session.execute(wanted)).all()


async def list_of_order(session: AsyncSession, order_id: UUID) -> Sequence[Shown]:
    wanted = _SHOWN.where(ReceiptCase.order_id == order_id).order_by(Receipt.id)
    return (await session.execute(wanted)).all()


async def get_shown(session: AsyncSession, receipt_id: UUID) -> Shown:
    found = (await session.execute(_SHOWN.where(Receipt.id == receipt_id))).first()
    if found is None:
        raise NotFound
    return found
