"""Composes the mails of cancelled orders and of refunds, each as things stand at the moment of sending."""

from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.secrets import Secret
from app.fulfilment import cancellation_letters as letters
from app.fulfilment.cancellation_letters import CancelledLetter, Owed, RefundedLetter
from app.fulfilment.mailing import order_link
from app.mail.models import Mail
from app.mail.writing import Letterhead
from app.orders.models import Order, OrderEvent, OrderStatus
from app.orders.states import Actor
from app.orders.whose import is_of_owner
from app.payments import receipts
from app.payments import service as payments
from app.payments.models import Payment, PaymentStatus, Refund


@dataclass(frozen=True)
class CancellationMails:
    letterhead: Letterhead
    secret: Secret

    async def cancelled(self, session: AsyncSession, mail: Mail) -> EmailMessage:
        order = await session.get_one(Order, mail.order_id)
        payment = await payments.get_payment(session, order.id)
        its = (OrderEvent.order_id == order.id, OrderEvent.status == OrderStatus.CANCELLED)
        event = (await session.scalars(select(OrderEvent).where(*its))).one()
        letter = CancelledLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            person=order.person if await is_of_owner(session, order) else None,
            number=order.reference,
            cancelled_at=event.at,
            by=Actor(event.by),
            method=order.payment_method,
            was_paid=payment.status is PaymentStatus.RECEIVED,
            owed=await _owed(session, payment),
            order_url=order_link(self.letterhead, self.secret, order),
        )
        return self.letterhead.message(mail, letters.order_cancelled(letter))

    async def refunded(self, session: AsyncSession, mail: Mail) -> EmailMessage:
        order = await session.get_one(Order, mail.order_id)
        refund = await session.get_one(Refund, mail.document_id)
        letter = RefundedLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            person=order.person if await is_of_owner(session, order) else None,
            number=order.reference,
            amount=refund.amount,
            means=refund.means,
            refunded_on=refund.refunded_on,
            owed=await _owed(session, await payments.get_payment(session, order.id)),
            order_url=order_link(self.letterhead, self.secret, order),
        )
        return self.letterhead.message(mail, letters.order_refunded(letter))


async def _owed(session: AsyncSession, payment: Payment) -> Owed | None:
    if payment.refund_due_on is None:
        return None
    if payment.status is PaymentStatus.VOID:
        return Owed(amount=await receipts.total_left(session, payment.order_id), due_on=payment.refund_due_on)
    refunded = await payments.total_refunded(session, payment.order_id)
    return Owed(amount=payment.paid - refunded, due_on=payment.refund_due_on)
