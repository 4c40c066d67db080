"""Writes the e-mails of an order that is cancelled, and of money that goes back; pure, as `fulfilment.letters`."""

from dataclasses import dataclass
from datetime import date, datetime

from app.core.language import Text
from app.core.money import Money
from app.mail.messages import Writing
from app.mail.writing import Letter, euro, moment, write
from app.orders.models import PaymentMethod
from app.orders.states import Actor
from app.payments.models import RefundMeans

CANCELLED_SUBJECT = Text("Поръчка № {number} е отменена", "Your order no. {number} is cancelled")
REFUNDED_SUBJECT = Text("Върнахме Ви {amount} по поръчка № {number}", "{amount} refunded for your order no. {number}")

BY = {
    Actor.CUSTOMER: Text(
        "На {at} отменихме поръчка № {number}, както поискахте.",
        "on {at} (Sofia time) we cancelled order no. {number} as you asked.",
    ),
    Actor.STAFF: Text(
        "На {at} екипът ни отмени поръчка № {number}.",
        "on {at} (Sofia time) our team cancelled order no. {number}.",
    ),
    Actor.SHOP: Text(
        "На {at} отменихме поръчка № {number}, защото плащането по нея не постъпи в срок.",
        "on {at} (Sofia time) we cancelled order no. {number}, because its payment did not arrive in time.",
    ),
}
MEANS = {
    RefundMeans.ACCOUNT: Text("по банкова сметка", "to a bank account"),
    RefundMeans.CARD: Text("по карта", "to a card"),
    RefundMeans.CASH: Text("в брой", "in cash"),
    RefundMeans.OTHER: Text("по друг начин", "in another way"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What is to go back, and by when."""

    amount: Money
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CancelledLetter(Letter):
    person: str | None
    """None: nobody has proved the address."""
    number: str
    cancelled_at: datetime
    by: Actor
    method: PaymentMethod
    was_paid: bool
    owed: Owed | None
    """Of what came for it; None: nothing came, or all of it went back already."""
    order_url: str | None

    @property
    def lapsed(self) -> bool:
        """Whether it was cancelled because its payment did not come in time."""
        return self.by is Actor.SHOP

    @property
    def act(self) -> str:
        """Say when and by whose act it was cancelled."""
        return BY[self.by].in_(self.language).format(at=moment(self.cancelled_at, self.language), number=self.number)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RefundedLetter(Letter):
    person: str | None
    number: str
    amount: Money
    means: RefundMeans
    refunded_on: date
    owed: Owed | None
    """What is still to go back."""
    order_url: str | None

    @property
    def way(self) -> str:
        return MEANS[self.means].in_(self.language)


def order_cancelled(letter: CancelledLetter) -> Writing:
    subject = CANCELLED_SUBJECT.in_(letter.language).format(number=letter.number)
    return write("app.fulfilment", "cancelled", letter, subject)


def order_refunded(letter: RefundedLetter) -> Writing:
    amount = euro(letter.amount, letter.language)
    subject = REFUNDED_SUBJECT.in_(letter.language).format(amount=amount, number=letter.number)
    return write("app.fulfilment", "refunded", letter, subject)
