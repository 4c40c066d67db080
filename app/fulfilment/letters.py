"""Writes the e-mails of an order: pure, from what is given, in the order's language.

The order's confirmation is the durable medium of чл. 48–49 ЗЗП and tells who receives the data (S39). The link in a
letter opens a view of the order; the whole of it is opened by a link that is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.core.clock import legal_date
from app.core.language import Text
from app.core.money import Money
from app.core.vat import VatSum
from app.invoices.papers import TITLES, filename
from app.invoices.view import DocumentKind
from app.mail.messages import Writing
from app.mail.writing import Letter, moment, write
from app.orders.models import DeliveryMethod
from app.returns.texts.labels import LabelKey
from app.returns.texts.terms import GAP, ContractTerms, FormAnswers, write_labels, write_texts
from app.returns.texts.wording import TextKey

ORDER_SUBJECT = Text("Поръчка № {number} е приета", "We have received your order no. {number}")
INVOICE_SUBJECT = Text("{title} № {number} по поръчка № {order}", "{title} no. {number} for order no. {order}")
ACCESS_SUBJECT = Text("Достъп до поръчка № {number}", "Access to order no. {number}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    name: str
    quantity: int
    unit_price: Money
    total: Money

    @property
    def discount(self) -> Money:
        return self.unit_price * self.quantity - self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """How to pay in advance; the beneficiary is the trader, the reference the order's number."""

    iban: str
    bic: str | None
    bank: str | None
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OrderLetter(Letter):
    """What the confirmation of an order states."""

    person: str | None
    """None: nobody has proved the address, and whoever ordered may have chosen the name to be read by a stranger."""
    number: str
    placed_at: datetime
    lines: tuple[Line, ...]
    delivery_price: Money
    vat: tuple[VatSum, ...]
    """Empty: the trader is not registered and charges none (чл. 113 ал. 9 ЗДДС)."""
    total: Money
    transfer: Transfer | None
    """`None`: the courier collects the money."""
    delivery_method: DeliveryMethod
    delivery_lines: tuple[str, ...]
    order_url: str | None
    """None: the person's data are erased, and no link opens the order any more."""
    terms: ContractTerms
    withdrawal_url: str
    """The withdrawal function, with this order filled in."""
    declaration_version: str
    confirm_url: str | None = None
    """Set: the order waits until this link is followed, and lapses at `confirm_until`."""
    confirm_until: datetime | None = None

    @property
    def labels(self) -> Mapping[LabelKey, str]:
        return write_labels(self.terms, self.language)

    @property
    def texts(self) -> Mapping[TextKey, str]:
        """Write the terms of the contract, which is of the day of the order."""
        form = FormAnswers(
            goods="; ".join(f"{line.quantity} × {line.name}" for line in self.lines),
            number=self.number,
            ordered=moment(self.placed_at, self.language),
            consumer=self.person or GAP,
        )
        return write_texts(self.terms, self.language, on=legal_date(self.placed_at), form=form)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InvoiceLetter(Letter):
    """What goes with an invoice."""

    person: str | None
    """As in the confirmation."""
    kind: DocumentKind
    number: str
    issued_on: date
    total: Money
    order_number: str
    order_url: str | None
    """As in the confirmation."""
    terms: ContractTerms
    withdrawal_url: str | None
    """None: the contract can be withdrawn from no more."""

    @property
    def labels(self) -> Mapping[LabelKey, str]:
        return write_labels(self.terms, self.language)

    @property
    def texts(self) -> Mapping[TextKey, str]:
        return write_texts(self.terms, self.language, on=self.issued_on)

    @property
    def title(self) -> str:
        return TITLES[self.kind].in_(self.language)

    @property
    def filename(self) -> str:
        return filename(self.kind, self.number)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AccessLetter(Letter):
    """With the link that opens the whole order, once."""

    number: str
    url: str
    expires_at: datetime


def order_confirmation(letter: OrderLetter) -> Writing:
    return write("app.fulfilment", "order", letter, ORDER_SUBJECT.in_(letter.language).format(number=letter.number))


def invoice_issued(letter: InvoiceLetter) -> Writing:
    subject = INVOICE_SUBJECT.in_(letter.language).format(
        title=letter.title, number=letter.number, order=letter.order_number
    )
    return write("app.fulfilment", "invoice", letter, subject)


def order_access(letter: AccessLetter) -> Writing:
    return write("app.fulfilment", "access", letter, ACCESS_SUBJECT.in_(letter.language).format(number=letter.number))
