"""What belongs to an order across the domains below, and the orders of an account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, bindparam, case, cast, exists, func, literal_column, select, true
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import ClosedMonth, Posting
from app.auth.models import Account
from app.core.db import Sessions
from app.core.errors import NotFound
from app.core.language import Language
from app.core.money import Money, MoneyType, summed
from app.core.rows import Read, Shown
from app.fulfilment.posting import SOLD
from app.invoices.models import Document, DocumentFile
from app.invoices.view import DocumentKind
from app.orders.models import LineKind, Order, OrderEvent, OrderLine, OrderStatus
from app.orders.queries import NUMBER
from app.payments.models import (
    Payment,
    PaymentStatus,
    ReceiptCase,
    ReceiptOutcome,
    ReceiptSettlement,
    Refund,
    RefundedLine,
)
from app.shipping.models import TAKEN, Shipment, TrackingRecord
from app.shipping.ports import Phase

NAMES_SHOWN = 3
"""How many of an order's articles its line in the history names."""

# Made once: an order is read far more often than it changes.
_STORY = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_object("status", OrderEvent.status, "at", OrderEvent.at), OrderEvent.id
            ),
            type_=JSONB,
        )
    )
    .where(OrderEvent.order_id == Order.id)
    .scalar_subquery()
)
_refunded = select(summed(Refund.amount)).where(Refund.order_id == Payment.order_id).scalar_subquery()
_NOTHING: ColumnElement[Any] = literal_column("0")
_paid = Payment.amount - Payment.let_off
_was_paid = Payment.status == PaymentStatus.RECEIVED
LEFT = select(summed(ReceiptCase.left)).where(ReceiptCase.order_id == Payment.order_id).scalar_subquery()
"""What came for an order and is not settled: for less came than is awaited, or more, or it is called off."""
_returned = (
    select(summed(ReceiptSettlement.amount))
    .join(ReceiptCase, ReceiptCase.receipt_id == ReceiptSettlement.receipt_id)
    .where(ReceiptCase.order_id == Payment.order_id, ReceiptSettlement.outcome == ReceiptOutcome.RETURNED)
    .scalar_subquery()
)
REFUND_OWED: ColumnElement[Money] = cast(
    case((Payment.refund_due_on.is_(None), _NOTHING), (_was_paid, _paid - _refunded), else_=LEFT), MoneyType()
)
"""What is to go back to the buyer of a cancelled order and did not yet."""
_back: ColumnElement[Money] = cast(_refunded + _returned, MoneyType())
KEPT: ColumnElement[Money] = cast(case((_was_paid, _paid - _refunded), else_=_NOTHING), MoneyType())
"""What came in and did not go back."""
_scanned_at = select(func.max(TrackingRecord.at)).where(
    TrackingRecord.shipment_id == Shipment.id, TrackingRecord.phase == Phase.DELIVERED
)
_moved_at = select(func.max(OrderEvent.at)).where(
    OrderEvent.order_id == Order.id, OrderEvent.status == OrderStatus.DELIVERED
)
DELIVERED_AT: ColumnElement[datetime | None] = func.coalesce(_scanned_at.scalar_subquery(), _moved_at.scalar_subquery())
"""When the parcel of an order arrived: as the courier says, or as the order does; selected beside its shipment."""
_ORDER, _PAYMENT, _SHIPMENT, _LINE = Shown(Order), Shown(Payment), Shown(Shipment), Shown(OrderLine)
_line = func.json_build_array(*_LINE.columns)
_LINES = (
    select(func.json_agg(aggregate_order_by(_line, OrderLine.position), type_=JSON))
    .where(OrderLine.order_id == Order.id)
    .scalar_subquery()
)
_WHOLE = (
    select(
        *(*_ORDER.columns, *_PAYMENT.columns, *_SHIPMENT.columns),
        *(_LINES, _STORY, REFUND_OWED, _back, KEPT, LEFT, DELIVERED_AT),
    )
    .select_from(Order)
    .join(Payment, Payment.order_id == Order.id)
    .outerjoin(Shipment, Shipment.order_id == Order.id)
    .where(Order.number == bindparam("number", type_=Order.number.type))
)
BY_NUMBER = Read(_WHOLE, iter)
BY_BOTH = Read(_WHOLE.where(Order.id == bindparam("order_id", type_=Order.id.type)), iter)


@dataclass(frozen=True, slots=True)
class Whole:
    """An order with what hangs on it."""

    order: Order
    payment: Payment
    shipment: Shipment | None
    lines: Sequence[OrderLine]
    story: Sequence[Mapping[str, Any]]
    """Each status and its moment, oldest first."""
    refund_owed: Money
    refunded: Money
    kept: Money
    left: Money
    """What came and is not settled."""
    delivered_at: datetime | None


async def find_whole(lookups: Sessions, number: str, *, order_id: UUID | None = None) -> Whole | None:
    """Find by the number as people write it, in one select; text that is no number finds nothing.

    Where it is known which order it must be, another's number is not found as one that does not exist is not.
    """
    if not NUMBER.fullmatch(number):
        return None
    if order_id is None:
        rows = await BY_NUMBER.rows(lookups, number=int(number))
    else:
        rows = await BY_BOTH.rows(lookups, number=int(number), order_id=order_id)
    if not rows:
        return None
    (values,) = rows
    order, payment, shipment = _ORDER.of(values), _PAYMENT.of(values), _SHIPMENT.find(values)
    lines, story, *sums = values
    return Whole(order, payment, shipment, [*map(_LINE.of_json, lines)], story, *sums)


@dataclass(frozen=True, slots=True)
class OwnedFile:
    """A rendered document, and whose order it is of."""

    order: Order
    kind: DocumentKind
    number: str
    pdf: bytes
    sha256: str


async def get_file(session: AsyncSession, document_id: UUID) -> OwnedFile:
    """Get a document's bytes; one that is not rendered yet is not found yet."""
    wanted = (
        select(
            Order,
            Document.kind,
            Document.number,
            DocumentFile.pdf,
            DocumentFile.sha256,
        )
        .join(DocumentFile, DocumentFile.document_id == Document.id)
        .join(Order, Order.id == Document.order_id)
        .where(Document.id == document_id)
    )
    found = (await session.execute(wanted)).first()
    if found is None:
        raise NotFound
    return OwnedFile(*found)


@lru_cache(maxsize=16)  # by length: mostly one
def _history(language: Language, limit: int, *, goes_on: bool) -> Read:
    """Make the select of a page: cut before anything is joined to it, so that a long history costs no more.

    Its length stands in it: PostgreSQL plans once what it knows the length of, each time what it does not.
    """
    page = (
        select(Order.id, Order.number, Order.placed_at, Order.status, Order.total)
        .where(Order.account_id == bindparam("account_id"))
        .where(Order.number < bindparam("after") if goes_on else true())
        .order_by(Order.number.desc())
        .limit(literal_column(str(limit), BigInteger))
        .subquery("page")
    )
    name = OrderLine.name_en if language is Language.EN else OrderLine.name
    names = func.array_agg(aggregate_order_by(name, OrderLine.position), type_=ARRAY(TextType))
    goods = (
        select(func.sum(OrderLine.quantity).label("pieces"), names[1:NAMES_SHOWN].label("names"))
        .where(OrderLine.order_id == page.c.id, OrderLine.kind == LineKind.GOODS)
        .lateral("goods")
    )
    shown = (
        *page.c,
        goods.c.pieces,
        goods.c.names,
        Payment.method,
        Payment.status.label("payment_status"),
        Shipment.status.label("shipment_status"),
        Shipment.waybill,
        Shipment.phase,
        Shipment.pickup_on,
        Shipment.concern,
    )
    return Read(
        select(*shown)
        .select_from(page)
        .join(goods, true())
        .join(Payment, Payment.order_id == page.c.id)
        .outerjoin(Shipment, Shipment.order_id == page.c.id)
        .order_by(page.c.number.desc())
    )


async def list_own_orders(
    lookups: Sessions, account_id: UUID, language: Language, *, after: int | None, limit: int
) -> Sequence[Any]:
    """List an account's orders, newest first, with what a line of the history shows; one select."""
    key = {} if after is None else {"after": after}
    return await _history(language, limit, goes_on=bool(key)).rows(lookups, account_id=account_id, **key)


async def lock_proved_email(session: AsyncSession, account_id: UUID) -> str | None:
    """Lock an account, so that its address stays while orders are claimed by it; None: the account is closed."""
    wanted = select(Account.email).where(Account.id == account_id).with_for_update(key_share=True)
    return await session.scalar(wanted)


async def list_unsold(session: AsyncSession, *, since: datetime) -> Sequence[UUID]:
    """List the orders whose parcel the courier took on since then, and whose sale nobody promised to enter."""
    unsold = (
        select(Order.id)
        .join(Shipment, Shipment.order_id == Order.id)
        .outerjoin(Posting, Posting.order_id == Order.id)
        .where(Shipment.booked_at >= since, Shipment.status.in_(TAKEN), Order.status.in_(SOLD), Posting.id.is_(None))
    )
    return (await session.scalars(unsold.order_by(Shipment.booked_at))).all()


async def list_unallotted(session: AsyncSession) -> Sequence[tuple[UUID, UUID]]:
    """List the refunds of open months of which nothing says what they were for, each after its order."""
    is_open = Refund.month.not_in(select(ClosedMonth.month))
    unallotted = select(Refund.order_id, Refund.id).where(is_open, ~exists().where(RefundedLine.refund_id == Refund.id))
    return [(order_id, refund_id) for order_id, refund_id in await session.execute(unallotted.order_by(Refund.id))]
