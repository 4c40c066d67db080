"""What waits for a person: parcels, postings, mails with a concern, refunds, differences with I-Cash, parked jobs."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, func, literal, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.accounting.models import Posting
from app.accounting.reconciling_queries import list_findings
from app.core.clock import legal_date
from app.core.jobs import Promise, defer, give_up, list_parked
from app.fulfilment.booking import COURIER_UNSURE, NOT_CALLED_OFF, REFUSED
from app.fulfilment.jobs import BookShipment, IssueInvoice, PostSale, invoice_lock
from app.fulfilment.posting import RECEIPT_OUTSTANDING, RESTRICTED, promise_sale
from app.fulfilment.promising import promise_mail
from app.fulfilment.staff_queries import list_owed_refunds
from app.fulfilment.strays import settle_strays
from app.fulfilment.tracking import UNTOLD
from app.invoices.numbering import list_ahead
from app.mail.jobs import SendMail
from app.mail.models import Mail, MailKind, MailState
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus
from app.orders.states import Actor
from app.orders.states import move as move_order
from app.privacy.restricting import is_unrestricted
from app.shipping import queries as shipping_queries
from app.shipping.models import Shipment, ShipmentStatus, StrayWaybill
from app.shipping.states import move

PASSING = frozenset({RECEIPT_OUTSTANDING, COURIER_UNSURE, NOT_CALLED_OFF, UNTOLD})
"""What mostly ends by itself, when it is tried or asked about again; a job that will not be is parked."""

REFUND_DUE = "refund_due"
SERIES, DATED_AHEAD = "series", "dated_ahead"
"""A clock ran ahead: nothing is issued in a series until the day of its last document."""
NEARLY_DUE = timedelta(days=3)
"""So long before its last day a refund asks for a person."""


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to look at; nothing personal."""

    about: str
    order_number: str
    """Or the key of a series."""
    code: str


async def list_concerns(session: AsyncSession, *, at: datetime) -> list[Concern]:
    """List by order, oldest first; then refunds that are due within days, the most urgent first, and the books."""
    parts = [
        _part("shipment", Shipment.order_id, Shipment.concern),
        _part("shipment", StrayWaybill.order_id, StrayWaybill.concern),
        _part("posting", Posting.order_id, Posting.concern),
        _part("mail", Mail.order_id, Mail.refusal),
    ]
    found = await session.execute(union_all(*parts).order_by("number"))
    concerns = [Concern(about, str(number), code or "") for about, number, code in found]
    urgent = await list_owed_refunds(session, until=legal_date(at) + NEARLY_DUE)
    concerns += [Concern("refund", str(row.number), REFUND_DUE) for row in urgent]
    concerns += [Concern(SERIES, key, DATED_AHEAD) for key in await list_ahead(session, today=legal_date(at))]
    return concerns + [Concern("books", each.reference, each.kind) for each in await list_findings(session)]


def _part(
    about: str,
    order_id: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None],
    code: InstrumentedAttribute[str | None],
) -> Select[str, int, str | None]:
    named = select(literal(about).label("about"), Order.number.label("number"), code.label("code"))
    return named.join(Order, Order.id == order_id).where(code.is_not(None))


async def count_restricted(session: AsyncSession) -> Counter[str]:
    """Count the parked jobs, by name, that wait for a restriction's end (S64) and not for a person here."""
    parked = await list_parked(session)
    mails = [job.arguments["mail_id"] for job in parked if job.name == SendMail.name]
    sales = [job.arguments["order_id"] for job in parked if job.name == PostSale.name]
    held: Counter[str] = Counter()
    if mails:
        waiting = select(Mail.id).where(Mail.id.in_(mails), Mail.state == MailState.WAITING)
        held[SendMail.name] = await _count(session, waiting.where(~is_unrestricted(Mail.address)))
    if sales:
        posting = select(Posting.id).where(Posting.order_id.in_(sales), Posting.concern == RESTRICTED)
        held[PostSale.name] = await _count(session, posting)
    return held


async def _count(session: AsyncSession, wanted: Select[UUID]) -> int:
    return await session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


class Settled(StrEnum):
    """What a person can be done with; a mail's refusal ends when it is sent."""

    SHIPMENT = "shipment"
    POSTING = "posting"


async def settle(session: AsyncSession, order: Order, about: Settled, *, at: datetime) -> bool:
    """Drop a concern that was looked at; False when there is none.

    An order whose parcel the courier would not book goes another way then: it is handed over by now, its sale is
    entered, and the booking is given up, so that the courier does not come for it too. While it is open whether the
    courier has it, it is not.
    """
    order = await order_queries.lock_order(session, order.id)
    if about is Settled.POSTING:
        posting = update(Posting).where(Posting.order_id == order.id, Posting.concern.is_not(None))
        return await session.scalar(posting.values(concern=None).returning(Posting.id)) is not None
    shipment = await shipping_queries.lock_shipment(session, order.id)
    had_strays = await settle_strays(session, order.id, at=at)
    if shipment is None or shipment.concern is None:
        return had_strays
    is_open = shipment.sent_at is not None
    was_refused = shipment.status is ShipmentStatus.WAITING and shipment.concern.startswith(REFUSED) and not is_open
    shipment.concern = None
    if was_refused and await give_up(session, BookShipment.name, "order_id", order.id):
        await _hand_over(session, order, shipment, at=at)
    return True


async def _hand_over(session: AsyncSession, order: Order, shipment: Shipment, *, at: datetime) -> None:
    """Let a locked order go another way than with its parcel: from here on nobody cancels it, and it is invoiced."""
    move(shipment, ShipmentStatus.CANCELLED)
    shipment.handed_over_at = at
    move_order(session, order, OrderStatus.SHIPPED, at=at, by=Actor.STAFF)
    await promise_mail(session, MailKind.ORDER_SHIPPED, order, at=at)
    await promise_sale(session, order.id, at=at)
    await session.flush()  # the job must find it handed over
    await defer(session, Promise(IssueInvoice(order.id), invoice_lock(order.id)))
