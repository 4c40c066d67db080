"""Writes the e-mails that tell how an order gets on: paid, sent, waiting; pure, as `fulfilment.letters`.

They name neither place nor phone: nobody may have proved the address.
"""

from dataclasses import dataclass
from datetime import date

from app.core.language import Text
from app.core.money import Money
from app.mail.messages import Writing
from app.mail.writing import Letter, write

PAID_SUBJECT = Text("Получихме плащането по поръчка № {number}", "We have your payment for order no. {number}")
SHIPPED_SUBJECT = Text("Изпратихме поръчка № {number}", "Your order no. {number} is on its way")
READY_SUBJECT = Text("Поръчка № {number} Ви чака", "Your order no. {number} is ready for pickup")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PaidLetter(Letter):
    person: str | None
    """None: nobody has proved the address."""
    number: str
    amount: Money
    paid_on: date
    order_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ParcelLetter(Letter):
    """What is said of a parcel, on its way or waiting."""

    person: str | None
    """As above."""
    number: str
    waybill: str | None
    """None: it goes another way than with the courier."""
    tracking_url: str | None
    collected: Money | None
    """What the courier collects for it; None: it is paid."""
    order_url: str | None


def payment_received(letter: PaidLetter) -> Writing:
    return write("app.fulfilment", "paid", letter, PAID_SUBJECT.in_(letter.language).format(number=letter.number))


def order_shipped(letter: ParcelLetter) -> Writing:
    return write("app.fulfilment", "shipped", letter, SHIPPED_SUBJECT.in_(letter.language).format(number=letter.number))


def ready_for_pickup(letter: ParcelLetter) -> Writing:
    return write("app.fulfilment", "ready", letter, READY_SUBJECT.in_(letter.language).format(number=letter.number))
