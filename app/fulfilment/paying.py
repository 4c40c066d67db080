"""What money that came sets off: an order that is paid whole by it is confirmed, its invoice issued."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.jobs import Promise, defer
from app.core.money import Money
from app.core.request_keys import lock_key
from app.fulfilment.dates import DateBeforeReceipt, happened_on, until_today
from app.fulfilment.jobs import IssueInvoice, invoice_lock
from app.fulfilment.promising import promise_mail
from app.fulfilment.starting import confirm
from app.fulfilment.withdrawals_handling import settle_refunded
from app.invoices.errors import RequestKeyReused
from app.mail.models import MailKind
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus, PaymentMethod
from app.orders.states import Actor
from app.payments import receipts
from app.payments import service as payments
from app.payments.errors import ReceiptChanged
from app.payments.models import Payment, PaymentStatus, Receipt, ReceiptOutcome, ReceiptSettlement
from app.payments.receipts import Came, Settling

OPERATOR = "operator"


async def receive_payment(
    session: AsyncSession,
    order_id: UUID | None,
    amount: Money,
    *,
    reference: str | None,
    received_on: date | None = None,
    let_off: Money = Money.ZERO,
    at: datetime,
) -> UUID:
    """Record what an operator says came for an order, today or on another day."""
    came = Came(amount, received_on or legal_date(at), reference)
    return await record_receipt(session, came, order_id, let_off=let_off, at=at, by=OPERATOR)


async def record_receipt(
    session: AsyncSession, came: Came, order_id: UUID | None, *, let_off: Money, at: datetime, by: str
) -> UUID:
    """Record money that came, for an order or for none that is known; the same request again is the same receipt.

    Whole now, or short by no more than is let off, it pays the order.
    """
    if order_id is None:
        until_today(came.received_on, at, pointer="/received_on")
        case = await receipts.record(session, came, order_id=None, at=at, by=by)
    else:
        order = await order_queries.lock_order(session, order_id)
        happened_on(order, came.received_on, at, pointer="/received_on")
        payment = await payments.lock_payment(session, order_id)
        case = await receipts.record(session, came, order_id=order_id, at=at, by=by)
        if case is not None:
            await _count_in(session, order, payment, let_off=let_off, at=at)
    return case.receipt_id if case is not None else await _recorded(session, came)


async def match_receipt(
    session: AsyncSession,
    receipt_id: UUID,
    order_id: UUID,
    *,
    instead_of: UUID | None,
    let_off: Money,
    at: datetime,
    by: str,
) -> None:
    """Say which order money is for; done again it changes nothing.

    Refuses with ReceiptChanged where it is of another order by now than the caller saw, with ReceiptUsed where it pays
    one already. It may have come before the order was placed: then it pays it on that day.
    """
    ids = sorted({order_id, instead_of or order_id})
    orders = {each: await order_queries.lock_order(session, each) for each in ids}
    owed = {each: await payments.lock_payment(session, each) for each in ids}
    case = await receipts.lock_case(session, receipt_id)
    if case.order_id == order_id:
        return
    if case.order_id != instead_of:
        raise ReceiptChanged
    await receipts.require_unused(session, case)
    receipts.match(case, order_id, at=at, by=by)
    await session.flush()  # what is counted in next counts it
    if instead_of is not None:
        await receipts.note_owed(session, owed[instead_of], since=at)
    await _count_in(session, orders[order_id], owed[order_id], let_off=let_off, at=at)


async def accept_shortfall(session: AsyncSession, order_id: UUID, *, at: datetime) -> None:
    """Take what came for an order for the whole, however much is missing."""
    order = await order_queries.lock_order(session, order_id)
    payment = await payments.lock_payment(session, order_id)
    await receipts.require_something(session, payment)
    await _count_in(session, order, payment, let_off=payment.amount, at=at)


async def settle_receipt(
    session: AsyncSession, receipt_id: UUID, settling: Settling, *, at: datetime, by: str
) -> ReceiptSettlement:
    """Note that what of a receipt pays no order went back, or never came; the same request again is the same one.

    It is no refund: no sale, invoice or report knows of it. With the last of what is owed for an order called off
    the buyer's statements of withdrawal are settled.
    """
    case = await receipts.get_case(session, receipt_id)
    order_id = case.order_id
    if order_id is not None:
        await order_queries.lock_order(session, order_id)
    payment = await payments.lock_payment(session, order_id) if order_id is not None else None
    case = await receipts.lock_case(session, receipt_id)
    if earlier := await _settled(session, settling):
        return earlier
    if case.order_id != order_id:  # matched since we looked
        raise ReceiptChanged
    received_on = (await session.get_one(Receipt, receipt_id)).received_on
    if settling.outcome is ReceiptOutcome.RETURNED and settling.settled_on < received_on:
        raise DateBeforeReceipt("/settled_on", received_on=received_on.isoformat())
    made = receipts.settle(session, case, settling, at=at, by=by)
    await session.flush()  # what is summed next sums it
    if payment is not None:
        was_owed = payment.refund_due_on is not None
        await receipts.note_owed(session, payment, since=at)
        if was_owed and payment.refund_due_on is None and settling.outcome is ReceiptOutcome.RETURNED:
            await settle_refunded(session, payment.order_id, by=by, at=at)
    return made


async def _count_in(session: AsyncSession, order: Order, payment: Payment, *, let_off: Money, at: datetime) -> None:
    """Let what came pay a locked order; paid, one that waited for it is confirmed, and its invoice promised.

    Nothing is awaited any more of one whose goods came back unpaid: what comes is owed back.
    """
    if order.status is OrderStatus.REFUSED and payment.status is PaymentStatus.AWAITED:
        payments.void(payment)
    ordered_on = legal_date(order.placed_at)
    if not await receipts.count_in(session, payment, let_off=let_off, not_before=ordered_on, at=at):
        return
    if order.status is OrderStatus.PLACED:
        await confirm(session, order, at=at, by=Actor.STAFF)
    if payment.method is PaymentMethod.BANK_TRANSFER:  # who pays the courier has seen to it
        await promise_mail(session, MailKind.PAYMENT_RECEIVED, order, at=at)
    await session.flush()  # the job below must find the payment as it is now
    await defer(session, Promise(IssueInvoice(order.id), invoice_lock(order.id)))


async def _recorded(session: AsyncSession, came: Came) -> UUID:
    found = await receipts.find_receipt(session, came.request_key) if came.request_key else None
    if found is None or found.request_digest != came.request_digest:
        raise RequestKeyReused
    return found.id


async def _settled(session: AsyncSession, settling: Settling) -> ReceiptSettlement | None:
    if settling.request_key is None:
        return None
    await lock_key(session, settling.request_key)
    found = await receipts.find_settlement(session, settling.request_key)
    if found is not None and found.request_digest != settling.request_digest:
        raise RequestKeyReused
    return found
