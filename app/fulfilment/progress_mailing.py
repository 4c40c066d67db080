"""Composes the mails that tell how an order gets on; none is written of what is over by then."""

from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.secrets import Secret
from app.fulfilment import progress_letters as letters
from app.fulfilment.mailing import order_link
from app.fulfilment.progress_letters import PaidLetter, ParcelLetter
from app.fulfilment.viewing import tracking_link
from app.mail.models import Mail
from app.mail.writing import Letterhead
from app.orders.models import Order, OrderStatus
from app.orders.whose import is_of_owner
from app.payments import service as payments
from app.payments.models import PaymentStatus
from app.shipping import queries as shipping_queries
from app.shipping.models import WITH_COURIER, Shipment
from app.shipping.ports import Phase

TO_THE_BUYER = {Phase.PICKED_UP, Phase.IN_TRANSIT, Phase.DELAYED, Phase.OUT_FOR_DELIVERY, Phase.ATTEMPTED}
"""Where a parcel is that is on its way: one that waits or goes back by then is told of no more as sent."""


@dataclass(frozen=True)
class ProgressMails:
    letterhead: Letterhead
    secret: Secret

    async def paid(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        order = await session.get_one(Order, mail.order_id)
        payment = await payments.get_payment(session, order.id)
        if payment.status is not PaymentStatus.RECEIVED or order.status is not OrderStatus.CONFIRMED:
            return None  # it left meanwhile, or what was paid goes back: letters of their own say so
        assert payment.paid_on is not None  # as it was received
        letter = PaidLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            person=order.person if await is_of_owner(session, order) else None,
            number=order.reference,
            amount=payment.paid,
            paid_on=payment.paid_on,
            order_url=order_link(self.letterhead, self.secret, order),
        )
        return self.letterhead.message(mail, letters.payment_received(letter))

    async def shipped(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        order, shipment = await self._read(session, mail)
        is_with_courier = shipment.status in WITH_COURIER
        if order.status is not OrderStatus.SHIPPED or (is_with_courier and shipment.phase not in TO_THE_BUYER):
            return None
        return self.letterhead.message(mail, letters.order_shipped(await self._parcel(session, mail, order, shipment)))

    async def ready(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        order, shipment = await self._read(session, mail)
        if order.status is not OrderStatus.SHIPPED or shipment.phase is not Phase.READY_FOR_PICKUP:
            return None
        letter = await self._parcel(session, mail, order, shipment)
        return self.letterhead.message(mail, letters.ready_for_pickup(letter))

    async def _read(self, session: AsyncSession, mail: Mail) -> tuple[Order, Shipment]:
        order = await session.get_one(Order, mail.order_id)
        shipment = await shipping_queries.find_shipment(session, order.id)
        assert shipment is not None  # what is told of was its parcel's
        return order, shipment

    async def _parcel(self, session: AsyncSession, mail: Mail, order: Order, shipment: Shipment) -> ParcelLetter:
        # One that was called off goes another way.
        waybill = shipment.waybill if shipment.status in WITH_COURIER else None
        return ParcelLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            person=order.person if await is_of_owner(session, order) else None,
            number=order.reference,
            waybill=waybill,
            tracking_url=tracking_link(waybill, mail.language) if waybill else None,
            collected=shipment.cash_on_delivery if waybill else None,
            order_url=order_link(self.letterhead, self.secret, order),
        )
