"""Writes the e-mails of an order: pure, from what is given, in the order's language.

Each letter has one template per language; it is rendered twice, as HTML and as plain text, so that both say the same.
The order's confirmation is the durable medium of чл. 48–49 ЗЗП and tells who receives the data (S39). A letter holds no
key to the order, loads nothing from anywhere and counts nobody.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from functools import cache
from urllib.parse import quote

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.core.clock import SOFIA
from app.core.language import Language, Text
from app.core.money import CURRENCY, Money
from app.core.vat import VatSum
from app.mail.messages import Envelope, Pdf, Writing, compose
from app.orders.models import DeliveryMethod

NO_BREAK = "\N{NO-BREAK SPACE}"
LOCALES = {Language.BG: "bg_BG", Language.EN: "en_GB"}
ORDER_SUBJECT = Text("Поръчка № {number} е приета", "We have received your order no. {number}")
INVOICE_SUBJECT = Text("Фактура № {number} по поръчка № {order}", "Invoice no. {number} for order no. {order}")
WITHDRAWAL_SUBJECT = Text("Отказ от договора по поръчка № {number}", "Withdrawal from the contract, order no. {number}")
WITHDRAWAL = Text(
    "Отказвам се от договора по поръчка № {number}.", "I withdraw from the contract for order no. {number}."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trader:
    """Who sells, and answers for the personal data."""

    name: str
    eik: str
    vat_number: str | None
    address: str
    email: str
    phone: str | None
    responsible_person: str


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
class OrderLetter:
    """What the confirmation of an order states."""

    language: Language
    trader: Trader
    person: str
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
    order_url: str
    declaration_version: str

    @property
    def withdrawal(self) -> str:
        return WITHDRAWAL.in_(self.language).format(number=self.number)

    @property
    def withdrawal_url(self) -> str:
        """Return a link that opens the statement, ready to be sent."""
        subject = WITHDRAWAL_SUBJECT.in_(self.language).format(number=self.number)
        return f"mailto:{quote(self.trader.email, safe='@')}?subject={quote(subject)}&body={quote(self.withdrawal)}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InvoiceLetter:
    """What goes with an invoice."""

    language: Language
    trader: Trader
    person: str
    number: str
    issued_on: date
    total: Money
    order_number: str
    order_url: str
    pdf: bytes

    @property
    def filename(self) -> str:
        return f"faktura-{self.number}.pdf"


def order_confirmation(letter: OrderLetter, *, message_id: str, to: str, at: datetime) -> EmailMessage:
    subject = ORDER_SUBJECT.in_(letter.language).format(number=letter.number)
    envelope = Envelope(message_id=message_id, sender_name=letter.trader.name, sender=letter.trader.email, to=to, at=at)
    return compose(envelope, _write("order", letter, subject))


def invoice_issued(letter: InvoiceLetter, *, message_id: str, to: str, at: datetime) -> EmailMessage:
    subject = INVOICE_SUBJECT.in_(letter.language).format(number=letter.number, order=letter.order_number)
    envelope = Envelope(message_id=message_id, sender_name=letter.trader.name, sender=letter.trader.email, to=to, at=at)
    return compose(envelope, _write("invoice", letter, subject), Pdf(letter.filename, letter.pdf))


def _write(template: str, letter: OrderLetter | InvoiceLetter, subject: str) -> Writing:
    text, html = (
        _templates(html=html)
        .get_template(f"{template}.{letter.language}.txt")
        .render(letter=letter, trader=letter.trader, subject=subject, form="form.html" if html else "form.txt")
        .replace("№ ", f"№{NO_BREAK}")
        for html in (False, True)
    )
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    return Writing(language=letter.language, subject=subject, text=text, html=html)


def euro(amount: Money, language: Language) -> str:
    return format_currency(amount.decimal, CURRENCY, locale=LOCALES[language])


def day(value: date, language: Language) -> str:
    return format_date(value, "long", locale=LOCALES[language])


def moment(at: datetime, language: Language) -> str:
    """Return a moment as it was in Bulgaria."""
    written = Text("d MMMM y 'г'., HH:mm 'ч'.", "d MMMM y, HH:mm").in_(language)
    return format_datetime(at, written, tzinfo=SOFIA, locale=LOCALES[language])


def iban(account: str) -> str:
    """Return the account in groups of four, as banks print it."""
    return " ".join(account[start : start + 4] for start in range(0, len(account), 4))


def one_line(text: str) -> str:
    """Close up line breaks and indents; no-break spaces stay."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")


@cache
def _templates(*, html: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("app.fulfilment"),
        autoescape=html,  # noqa: S701 - plain text is not HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(euro=euro, day=day, moment=moment, iban=iban, one_line=one_line)
    return environment
