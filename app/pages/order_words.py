"""How an order stands, in the words of its pages."""

from types import SimpleNamespace
from typing import Any

from app.core.language import Text
from app.fulfilment.schemas import PaymentStateView
from app.invoices.papers import TITLES
from app.orders.models import OrderStatus, PaymentMethod
from app.orders.states import STATUSES as STATUS
from app.orders.words import PAYMENTS
from app.payments.errors import STATUSES as PAID
from app.payments.models import PaymentStatus
from app.shipping.ports import Phase
from app.shipping.states import STATUSES as PARCEL

NEXT = {
    OrderStatus.PLACED: Text("Изпращаме я, след като получим плащането.", "We send it once we have the payment."),
    OrderStatus.CONFIRMED: Text("Подготвяме я за изпращане.", "We are preparing it for sending."),
    OrderStatus.SHIPPED: Text("Пътува към Вас.", "It is on its way to you."),
}
"""What comes next, while something does."""
ON_DELIVERY = Text("плащате при доставката", "you pay on delivery")
TO_COURIER = Text("платихте на куриера", "you paid the courier")


def paid(payment: PaymentStateView, status: OrderStatus) -> Text:
    """Say how the payment stands for the buyer: what the courier was paid is theirs no more, though not yet ours."""
    if payment.status is not PaymentStatus.AWAITED:
        return PAID[payment.status]
    if status in {OrderStatus.CANCELLED, OrderStatus.REFUSED}:
        return PAID[PaymentStatus.VOID]
    if payment.method is PaymentMethod.CASH_ON_DELIVERY:
        return TO_COURIER if status in {OrderStatus.DELIVERED, OrderStatus.RETURNED} else ON_DELIVERY
    return PAID[PaymentStatus.AWAITED]


WHERE = {
    Phase.REGISTERED: Text("Куриерът я очаква", "The courier expects it"),
    Phase.PICKED_UP: Text("Взета от куриера", "Picked up by the courier"),
    Phase.IN_TRANSIT: Text("На път", "In transit"),
    Phase.DELAYED: Text("Забавя се", "Delayed"),
    Phase.OUT_FOR_DELIVERY: Text("Днес я носят", "Out for delivery"),
    Phase.ATTEMPTED: Text("Не Ви откриха; ще опитат пак", "You were not found; they will try again"),
    Phase.READY_FOR_PICKUP: Text("Чака Ви в офиса или автомата", "Waits for you at the office or locker"),
    Phase.REFUSED: Text("Не е приета", "Not accepted"),
    Phase.RETURNING: Text("Пътува обратно към нас", "On its way back to us"),
    Phase.DELIVERED: Text("Доставена", "Delivered"),
    Phase.RETURNED: Text("Върната при нас", "Back with us"),
    Phase.CANCELLED: Text("Отказана", "Called off"),
    Phase.ATTENTION: Text("Изясняваме с куриера", "We are clarifying it with the courier"),
}
LINK_DEAD = Text(
    "Връзката не отваря тази поръчка: прекратена е, срокът ѝ е изтекъл или не е копирана цялата.",
    "The link does not open this order: it was ended, it has expired, or it was not copied whole.",
)
LINK_USED = Text(
    "Връзката е използвана или срокът ѝ е изтекъл. Поискайте нова.",
    "The link was used, or it has expired. Ask for a new one.",
)
WORDS: dict[str, Any] = {
    "words": SimpleNamespace(
        STATUS=STATUS, NEXT=NEXT, METHOD=PAYMENTS, paid=paid, PARCEL=PARCEL, WHERE=WHERE, TITLES=TITLES
    ),
}
"""What the templates of orders say of every order."""
