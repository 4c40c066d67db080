"""Selects of the disclosure log: the standing ways and the ad-hoc ones, each newest first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.backoffice.finding import orders_fit
from app.core.fields import as_kept
from app.core.holders import Person
from app.orders.models import Order
from app.privacy.ad_hoc.models import AdHocDisclosure
from app.privacy.models import Disclosure, RegisteredRecipient

Found = Row[*tuple[Any, ...]]

_STANDING = (
    select(Disclosure, Order.number, Order.email, RegisteredRecipient)
    .outerjoin(Order, Order.id == Disclosure.order_id)
    .join(RegisteredRecipient, RegisteredRecipient.key == Disclosure.recipient)
    .order_by(Disclosure.id.desc())
)
_AD_HOC = (
    select(AdHocDisclosure, Order.number, Order.email)
    .outerjoin(Order, Order.id == AdHocDisclosure.order_id)
    .order_by(AdHocDisclosure.id.desc())
)


def orders_of(person: Person) -> ColumnElement[bool]:
    """Say that an order is this person's: of the account, or placed as a guest with the address."""
    is_guests = Order.account_id.is_(None) & Order.account_closed_at.is_(None)
    return or_(person.owns(Order.account_id), is_guests & person.is_at(Order.email))


async def list_standing(
    session: AsyncSession, which: ColumnElement[bool] | None, below: UUID | None, limit: int
) -> Sequence[Found]:
    wanted = _STANDING.limit(limit)
    if which is not None:
        wanted = wanted.where(which)
    if below is not None:
        wanted = wanted.where(Disclosure.id < below)
    return (await session.execute(wanted)).all()


async def list_ad_hoc(
    session: AsyncSession, which: ColumnElement[bool] | None, below: UUID | None, limit: int
) -> Sequence[Found]:
    wanted = _AD_HOC.limit(limit)
    if which is not None:
        wanted = wanted.where(which)
    if below is not None:
        wanted = wanted.where(AdHocDisclosure.id < below)
    return (await session.execute(wanted)).all()


def own_order_ids(person: Person) -> Select[UUID]:
    return select(Order.id).where(orders_of(person))


def ad_hoc_of(person: Person) -> ColumnElement[bool]:
    at_address = func.lower(AdHocDisclosure.email) == func.lower(person.email)
    return or_(at_address, AdHocDisclosure.order_id.in_(own_order_ids(person)))


def ad_hoc_fit(words: str) -> ColumnElement[bool]:
    """Say that it is about an order that the words fit, or about the person at this address."""
    at_address = func.lower(AdHocDisclosure.email) == func.lower(as_kept(words))
    return or_(at_address, orders_fit(words))
