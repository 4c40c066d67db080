"""Lets go of what orders left behind, part by part, as each part's storage term ends: for an erasure and for all alike.

Whoever calls has locked the orders. What is let go twice is gone.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, cast, delete, func, insert, or_, select, update
from sqlalchemy import Text as TextType
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import Finding, LateDocument, MonthEntry, Posting
from app.cart.models import Cart
from app.core.arrays import among
from app.core.db import Base
from app.core.holders import named_erasure
from app.invoices.models import Annulment, CreditedLine, Document, DocumentFile, RetiredDocument
from app.mail.models import Mail, MailState
from app.orders.models import Order, OrderEvent, OrderLine
from app.orders.statistics import add_to_statistics
from app.payments.models import Payment, Receipt, ReceiptCase, ReceiptSettlement, Refund, RefundedLine
from app.privacy.models import Acceptance, Disclosure
from app.shipping.models import Label, Shipment, StrayWaybill, TrackingRecord

UNSEEN = {"synchronize_session": False}
NOTHING = ""


async def forget_words(session: AsyncSession, orders: Sequence[UUID]) -> None:
    """Let go of what was written for the way, and of what recognises a request that is sent again."""
    if not orders:
        return
    # A note may be all that says where somebody lives: then it is the address, which the sale needs.
    has_place = or_(Order.street.is_not(None), Order.block.is_not(None))
    await session.execute(
        update(Order)
        .where(among(Order.id, orders))
        .values(
            comment=None,
            note=case((has_place, None), else_=Order.note),
            idempotency_key=cast(Order.id, TextType),
            wish_digest=NOTHING,
        ),
        execution_options=UNSEEN,
    )
    async with named_erasure(session):
        await session.execute(delete(Label).where(Label.shipment_id.in_(_parcels(orders))), execution_options=UNSEEN)


async def shut_out(session: AsyncSession, orders: Sequence[UUID]) -> None:
    """Let no link that was mailed open these orders any more, and mail no other."""
    shut = update(Order).where(among(Order.id, orders)).values(view_counter=None)
    await session.execute(shut, execution_options=UNSEEN)


async def forget_addresses(session: AsyncSession, orders: Sequence[UUID], *, but: str) -> None:
    """Let go of other addresses that letters about the orders went to, such as an earlier one of the same buyer."""
    others = func.lower(Mail.address) != func.lower(but)
    sent = among(Mail.order_id, orders) & (Mail.state == MailState.SENT) & others
    await session.execute(update(Mail).where(sent).values(address=NOTHING), execution_options=UNSEEN)


async def forget_contact(session: AsyncSession, orders: Sequence[UUID]) -> None:
    """Let go of how the buyer is reached, and from where the declaration was accepted.

    What proves the acceptance stays with the sale: whose order it is, the version and the hash of its text, the moment.
    So does to whom data were given: what is still held of the name and address went there (GDPR Art. 15(1)(c), 19).
    """
    if not orders:
        return
    without = update(Order).where(among(Order.id, orders)).values(email=NOTHING, phone=NOTHING, view_counter=None)
    await session.execute(without, execution_options=UNSEEN)
    mails = update(Mail).where(among(Mail.order_id, orders)).values(address=NOTHING)
    await session.execute(mails, execution_options=UNSEEN)
    accepted = select(Order.acceptance_id).where(among(Order.id, orders))
    async with named_erasure(session):
        alone = update(Acceptance).where(Acceptance.id.in_(accepted)).values(ip=None, origin=None, user_agent=None)
        await session.execute(alone, execution_options=UNSEEN)


OF_RECORD = frozenset(
    table.__tablename__
    for table in (
        CreditedLine,
        LateDocument,
        Annulment,
        RefundedLine,
        Refund,
        ReceiptSettlement,
        MonthEntry,
        Finding,
        TrackingRecord,
        OrderEvent,
        OrderLine,
        Disclosure,
    )
)
"""Tables of record whose rows go with their sale, by no rule of their own."""


async def forget_sales(session: AsyncSession, orders: Sequence[UUID]) -> None:
    """Delete orders with all that hangs on them; counts of them stay (C5), and what is known of stock.

    Of documents their places in the series stay, so that the numbers can still be told to be dense, and in whose order
    they were sealed.
    """
    if not orders:
        return
    await add_to_statistics(session, orders)
    await _retire(session, orders)
    documents = select(Document.id).where(among(Document.order_id, orders))
    found = await session.execute(select(Order.acceptance_id, Order.cart_id).where(among(Order.id, orders)))
    acceptances, carts = [list(each) for each in zip(*found, strict=True)] or ([], [])
    async with named_erasure(session):
        for table, which in (
            (DocumentFile, DocumentFile.document_id.in_(documents)),
            (CreditedLine, CreditedLine.document_id.in_(documents)),
            (LateDocument, LateDocument.document_id.in_(documents)),
            (Annulment, Annulment.document_id.in_(documents)),
            (RefundedLine, among(RefundedLine.order_id, orders)),
            (Refund, among(Refund.order_id, orders)),
            (MonthEntry, among(MonthEntry.order_id, orders)),
            (Finding, among(Finding.order_id, orders)),
            (Document, among(Document.order_id, orders)),
            (Label, Label.shipment_id.in_(_parcels(orders))),
            (TrackingRecord, TrackingRecord.shipment_id.in_(_parcels(orders))),
            (StrayWaybill, among(StrayWaybill.order_id, orders)),
            (Shipment, among(Shipment.order_id, orders)),
            (Posting, among(Posting.order_id, orders)),
            (Receipt, Receipt.id.in_(select(ReceiptCase.receipt_id).where(among(ReceiptCase.order_id, orders)))),
            (Payment, among(Payment.order_id, orders)),
            (OrderEvent, among(OrderEvent.order_id, orders)),
            (OrderLine, among(OrderLine.order_id, orders)),
            (Mail, among(Mail.order_id, orders)),
            (Disclosure, among(Disclosure.order_id, orders)),
            (Order, among(Order.id, orders)),
            (Acceptance, among(Acceptance.id, acceptances)),
            (Cart, among(Cart.id, carts)),
        ):
            await _delete(session, table, which)


async def forget_receipts(session: AsyncSession, receipts: Sequence[UUID]) -> None:
    """Delete money that came, with what became of it."""
    async with named_erasure(session):
        await _delete(session, Receipt, Receipt.id.in_(receipts))


async def _retire(session: AsyncSession, orders: Sequence[UUID]) -> None:
    kept = ("series", "number", "kind", "issued_on", "previous_hash", "hash")
    places = select(*(getattr(Document, column) for column in kept), func.now()).where(among(Document.order_id, orders))
    await session.execute(insert(RetiredDocument).from_select([*kept, "retired_at"], places))


async def _delete(session: AsyncSession, table: type[Base], which: ColumnElement[bool]) -> None:
    await session.execute(delete(table).where(which), execution_options=UNSEEN)


def _parcels(orders: Sequence[UUID]) -> Select[UUID]:
    return select(Shipment.id).where(among(Shipment.order_id, orders))
