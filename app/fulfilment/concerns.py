"""What waits for a person: parcels, postings and mails with a concern, differences with I-Cash, parked jobs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, literal, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.accounting.models import Posting
from app.accounting.reconciling_queries import list_findings
from app.fulfilment.posting import promise_sale
from app.mail.models import Mail
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus
from app.shipping.models import Shipment


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to look at; nothing personal."""

    about: str
    order_number: str
    code: str


async def list_concerns(session: AsyncSession) -> list[Concern]:
    """List by order, oldest first."""
    parts = [
        _part("shipment", Shipment.order_id, Shipment.concern),
        _part("posting", Posting.order_id, Posting.concern),
        _part("mail", Mail.order_id, Mail.refusal),
    ]
    found = await session.execute(union_all(*parts).order_by("number"))
    concerns = [Concern(about, str(number), code or "") for about, number, code in found]
    return concerns + [Concern("books", each.reference, each.kind) for each in await list_findings(session)]


def _part(
    about: str,
    order_id: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None],
    code: InstrumentedAttribute[str | None],
) -> Select[str, int, str | None]:
    named = select(literal(about).label("about"), Order.number.label("number"), code.label("code"))
    return named.join(Order, Order.id == order_id).where(code.is_not(None))


class Settled(StrEnum):
    """What a person can be done with; a mail's refusal ends when it is sent."""

    SHIPMENT = "shipment"
    POSTING = "posting"


async def settle(session: AsyncSession, order: Order, about: Settled, *, at: datetime) -> bool:
    """Drop a concern that was looked at; False when there is none.

    An order whose parcel the courier would not book goes another way then: its sale is entered.
    """
    table = Shipment if about is Settled.SHIPMENT else Posting
    order = await order_queries.lock_order(session, order.id)
    wanted = update(table).where(table.order_id == order.id, table.concern.is_not(None)).values(concern=None)
    if await session.scalar(wanted.returning(table.id)) is None:
        return False
    if about is Settled.SHIPMENT and order.status is OrderStatus.CONFIRMED:
        await promise_sale(session, order.id, at=at)
    return True
