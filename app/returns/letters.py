"""Writes the receipt of a statement: its content, the moment it was made, and what happens next (чл. 52а ЗЗП).

Pure, from the statement alone: a stranger may have chosen the address, so that nothing of any order stands in it.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from app.core.language import Language, Text
from app.mail.messages import Writing
from app.mail.writing import Letter, day, write
from app.returns.models import WithdrawalVia
from app.returns.texts.wording import ORDER_ON_PARCEL, REFUND_CONDITION

SUBJECT = Text("Получихме отказа Ви от договора: № {number}", "We have received your withdrawal: no. {number}")
CAME = {
    WithdrawalVia.ONLINE: Text("на", "on"),
    WithdrawalVia.POST: Text("по пощата на", "by post on"),
    WithdrawalVia.PHONE: Text("по телефона на", "by phone on"),
    WithdrawalVia.EMAIL: Text("по имейл на", "by e-mail on"),
}
WHOLE = Text("всичко по поръчката", "everything ordered")
LISTED = Text("изброените артикули", "the articles listed")
LINE = Text("{article}: {quantity} бр.", "{article}: {quantity} pcs")


@dataclass(frozen=True, slots=True)
class Article:
    """What is given back, as it was stated, under the catalogue's name for it."""

    sku: str
    quantity: int
    name: str | None
    """None: nothing of this number was ever sold."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Receipt(Letter):
    """What a receipt states."""

    number: int
    stated_at: datetime
    via: WithdrawalVia
    name: str
    order_number: str
    email: str | None
    articles: tuple[Article, ...]
    goods: str | None
    refund_due_on: date
    refund: str
    return_of_goods: str
    return_cost: str

    @property
    def refund_condition(self) -> str:
        return refund_condition(self.refund_due_on, self.language)

    @property
    def order_on_parcel(self) -> str:
        return ORDER_ON_PARCEL.in_(self.language)

    @property
    def came(self) -> str:
        return CAME[self.via].in_(self.language)

    @property
    def part(self) -> str:
        listed = LISTED.in_(self.language) if self.articles else None
        return "; ".join(filter(None, (listed, self.goods))) or WHOLE.in_(self.language)

    @property
    def lines(self) -> list[str]:
        return [
            LINE.in_(self.language).format(
                article=", ".join(filter(None, (each.name, each.sku))), quantity=each.quantity
            )
            for each in self.articles
        ]


def refund_condition(due_on: date, language: Language) -> str:
    """Say on what the refund depends, and by when it is made: nobody knows yet whose statement it is."""
    return REFUND_CONDITION.in_(language).format(day=day(due_on, language))


def receipt(letter: Receipt) -> Writing:
    return write("app.returns", "receipt", letter, SUBJECT.in_(letter.language).format(number=letter.number))


def fingerprint(writing: Writing) -> str:
    """Return the SHA-256 of a receipt as it is kept: subject, text and HTML, a line break between them."""
    return hashlib.sha256(f"{writing.subject}\n{writing.text}\n{writing.html}".encode()).hexdigest()


ALARM_SUBJECT = Text("Внимание: заявления за отказ от договор", "Attention: statements of withdrawal")
MOST_NAMED = 20
"""Statements named in a row of an alarm; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Alarm(Letter):
    """What the shop is told of statements, by their numbers."""

    refused: tuple[int, ...]
    """Those whose receipt came back."""
    late: tuple[int, ...]
    """Those whose receipt still waits, though the working day is over."""
    refunds: tuple[int, ...]
    """Those whose refund nears its day or is past it, the first due first."""
    first_due_on: date | None

    def named(self, numbers: tuple[int, ...]) -> str:
        named = ", ".join(f"№ {number}" for number in numbers[:MOST_NAMED])
        return f"{named}…" if len(numbers) > MOST_NAMED else named


def alarm(letter: Alarm) -> Writing:
    return write("app.returns", "alarm", letter, ALARM_SUBJECT.in_(letter.language))
