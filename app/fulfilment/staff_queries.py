"""What staff look up: orders by status, number or person, and accounts by address."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Profile
from app.auth.models import Account
from app.fulfilment.finding import is_meant
from app.fulfilment.queries import REFUND_OWED
from app.orders.models import Order, OrderStatus
from app.orders.states import OVER
from app.payments.models import Payment
from app.privacy.restricting import is_unrestricted
from app.shipping.models import Shipment

_FOUND = (
    select(
        Order.number,
        Order.status,
        Order.placed_at,
        Order.first_name,
        Order.last_name,
        Order.total,
        Payment.method,
        Payment.status.label("payment_status"),
        Shipment.status.label("shipment_status"),
        Shipment.waybill,
        Shipment.phase,
        Shipment.pickup_on,
        Shipment.concern,
    )
    .join(Payment, Payment.order_id == Order.id)
    .outerjoin(Shipment, Shipment.order_id == Order.id)
)


async def list_orders(
    session: AsyncSession,
    *,
    status: OrderStatus | None = None,
    email: str | None = None,
    phone: str | None = None,
    words: str | None = None,
    with_restricted: bool = False,
    after: int | None,
    limit: int,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """List orders, newest first; those that all of what is given fits.

    Finished orders of whom a restriction covers are left out, unless the caller decides on such (S64).
    """
    # Which they are is settled before what is shown of them is read; by no index of numbers: to walk it is quick only
    # as long as many orders fit.
    wanted = select(Order.id).order_by((Order.number + 0).desc() if words else Order.number.desc()).limit(limit)
    if not with_restricted:
        is_under_way = Order.status.not_in(OVER)
        wanted = wanted.where(or_(is_under_way, is_unrestricted(Order.email, Order.account_id)))
    if status is not None:
        wanted = wanted.where(Order.status == status)
    if email is not None:
        wanted = wanted.where(func.lower(Order.email) == func.lower(email))
    if phone is not None:
        wanted = wanted.where(Order.phone == phone)
    if words is not None:
        wanted = wanted.where(is_meant(words))
    if after is not None:
        wanted = wanted.where(Order.number < after)
    picked = select(wanted.cte("picked").prefix_with("MATERIALIZED", dialect="postgresql"))
    return (await session.execute(_FOUND.where(Order.id.in_(picked)).order_by(Order.number.desc()))).all()


async def list_owed_refunds(
    session: AsyncSession,
    *,
    after: tuple[date, UUID] | None = None,
    until: date | None = None,
    limit: int | None = None,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """List what is to go back to buyers, the most urgent first; due until a day, where one is given."""
    wanted = (
        select(
            Payment.order_id,
            Order.number,
            Payment.method,
            REFUND_OWED.label("amount"),
            Payment.refund_due_on.label("due_on"),
        )
        .join(Order, Order.id == Payment.order_id)
        .where(Payment.refund_due_on.is_not(None))
        .order_by(Payment.refund_due_on, Payment.order_id)
        .limit(limit)
    )
    if after is not None:
        wanted = wanted.where(tuple_(Payment.refund_due_on, Payment.order_id) > tuple_(*after))
    if until is not None:
        wanted = wanted.where(Payment.refund_due_on <= until)
    return (await session.execute(wanted)).all()


async def find_customer(session: AsyncSession, email: str) -> Row[*tuple[Any, ...]] | None:
    """Find the account of an address, with whose it is and how many orders it has."""
    orders = select(func.count()).where(Order.account_id == Account.id).scalar_subquery()
    shown = (
        Account.id.label("account_id"),
        Profile.first_name,
        Profile.last_name,
        Account.created_at,
        orders.label("orders"),
    )
    wanted = select(*shown).join(Profile, Profile.account_id == Account.id)
    return (await session.execute(wanted.where(func.lower(Account.email) == func.lower(email)))).first()
