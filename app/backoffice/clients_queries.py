"""Every select of the clients register: a page of orders, a page of accounts without one, and what hangs on them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Address, InvoiceProfile, Profile
from app.auth.models import Account
from app.backoffice.finding import accounts_fit, orders_fit
from app.core.arrays import among
from app.core.personal import Category, Personal, Recipient
from app.orders.models import Order
from app.privacy.ad_hoc.models import AdHocDisclosure
from app.privacy.models import Acceptance, Declaration, Disclosure


def _holds(category: Category) -> ColumnElement[bool]:
    """Say that an order still tells something of this kind that its buyer gave."""
    told = [
        func.nullif(column, "").is_not(None)
        for column in Order.__table__.columns
        if isinstance(said := column.info.get("personal"), Personal) and said.given and said.category is category
    ]
    return or_(false(), *told)


HELD = (Category.NAME, Category.EMAIL, Category.ADDRESS, Category.PHONE, Category.INVOICE, Category.FREE_TEXT)

_ORDERS = (
    select(
        Order.id,
        Order.number,
        Order.account_id,
        Order.placed_at,
        Order.first_name,
        Order.last_name,
        Order.email,
        Acceptance.accepted_at,
        Declaration.version,
        *(_holds(category).label(category.value) for category in HELD),
    )
    .join(Acceptance, Acceptance.id == Order.acceptance_id)
    .join(Declaration, Declaration.id == Acceptance.declaration_id)
    .order_by(Order.number.desc())
)
_ACCOUNTS = (
    select(
        Account.id,
        Account.email,
        Account.created_at,
        Profile.first_name,
        Profile.last_name,
        Acceptance.accepted_at,
        Declaration.version,
        Profile.phone.is_not(None).label("phone"),
        exists().where(Address.account_id == Account.id).label("address"),
        exists().where(InvoiceProfile.account_id == Account.id).label("invoice"),
    )
    .join(Profile, Profile.account_id == Account.id)
    .join(Acceptance, Acceptance.id == Profile.acceptance_id)
    .join(Declaration, Declaration.id == Acceptance.declaration_id)
    .where(~exists().where(Order.account_id == Account.id))
    .order_by(Account.id.desc())
)


async def list_orders(
    session: AsyncSession, words: str | None, below: int | None, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """List orders, newest first: those below a number."""
    if not words:
        newest = _ORDERS.limit(limit)
        return (await session.execute(newest if below is None else newest.where(Order.number < below))).all()
    # By no index of numbers: to walk it is quick only as long as many orders fit.
    wanted = select(Order.id).where(orders_fit(words)).order_by((Order.number + 0).desc()).limit(limit)
    if below is not None:
        wanted = wanted.where(Order.number < below)
    picked = select(wanted.cte("picked").prefix_with("MATERIALIZED", dialect="postgresql"))
    return (await session.execute(_ORDERS.where(Order.id.in_(picked)))).all()


async def list_accounts_without_order(
    session: AsyncSession, words: str | None, below: UUID | None, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """List accounts that never ordered, newest first: their ids are in the order of time."""
    wanted = _ACCOUNTS.limit(limit)
    if words:
        wanted = wanted.where(accounts_fit(words))
    if below is not None:
        wanted = wanted.where(Account.id < below)
    return (await session.execute(wanted)).all()


class Given(NamedTuple):
    """To whom data went, and when last."""

    recipient: Recipient
    last_at: datetime


async def given_by_order(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[Given]]:
    """Tell for each order to which standing recipients its data went, from the disclosure log (S55)."""
    last_at = func.max(Disclosure.disclosed_at)
    wanted = select(Disclosure.order_id, Disclosure.recipient, last_at).where(among(Disclosure.order_id, ids))
    found = await session.execute(
        wanted.group_by(Disclosure.order_id, Disclosure.recipient).order_by(last_at, Disclosure.recipient)
    )
    given = defaultdict[UUID, list[Given]](list)
    for order_id, recipient, at in found:
        given[order_id].append(Given(recipient, at))
    return given


class GivenOnce(NamedTuple):
    order_id: UUID | None
    email: str | None
    recipient: str
    at: datetime


async def given_once(session: AsyncSession, ids: Collection[UUID], emails: Collection[str]) -> list[GivenOnce]:
    """Tell what went outside the standing ways, of these orders or of the persons at these addresses."""
    log = AdHocDisclosure
    wanted = select(log.order_id, func.lower(log.email), log.recipient, log.disclosed_at)
    of_these = or_(among(log.order_id, ids), among(func.lower(log.email), [email.lower() for email in emails]))
    return [GivenOnce._make(row) for row in await session.execute(wanted.where(of_these).order_by(log.disclosed_at))]
