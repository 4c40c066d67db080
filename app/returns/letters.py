"""Writes the receipt of a statement: its content, the moment it was made, and what happens next (чл. 52а ЗЗП).

Pure, from the statement alone: a stranger may have chosen the address, so that nothing of any order stands in it.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.core.language import Text
from app.mail.messages import Writing
from app.mail.writing import Letter, write
from app.returns.models import Via

SUBJECT = Text("Получихме отказа Ви от договора: № {number}", "We have received your withdrawal: no. {number}")
CAME = {
    Via.ONLINE: Text("на", "on"),
    Via.POST: Text("по пощата на", "by post on"),
    Via.PHONE: Text("по телефона на", "by phone on"),
    Via.EMAIL: Text("по имейл на", "by e-mail on"),
}
WHOLE = Text("всичко по поръчката", "everything ordered")
LISTED = Text("изброените артикули", "the articles listed")
LINE = Text("{sku}: {quantity} бр.", "{sku}: {quantity} pcs")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Receipt(Letter):
    """What a receipt states."""

    number: int
    stated_at: datetime
    via: Via
    name: str
    order_number: str
    email: str | None
    articles: tuple[tuple[str, int], ...]
    goods: str | None
    refund_due_on: date
    refund: str
    return_of_goods: str
    return_cost: str

    @property
    def came(self) -> str:
        return CAME[self.via].in_(self.language)

    @property
    def part(self) -> str:
        listed = LISTED.in_(self.language) if self.articles else None
        return "; ".join(filter(None, (listed, self.goods))) or WHOLE.in_(self.language)

    @property
    def lines(self) -> list[str]:
        return [LINE.in_(self.language).format(sku=sku, quantity=quantity) for sku, quantity in self.articles]


def receipt(letter: Receipt) -> Writing:
    return write("app.returns", "receipt", letter, SUBJECT.in_(letter.language).format(number=letter.number))


def fingerprint(writing: Writing) -> str:
    """Return the SHA-256 of a receipt as it is kept: subject, text and HTML, a line break between them."""
    return hashlib.sha256(f"{writing.subject}\n{writing.text}\n{writing.html}".encode()).hexdigest()


class Trouble(StrEnum):
    """What the shop is written to about."""

    RECEIPT = "receipt"
    NEAR = "near"
    OVERDUE = "overdue"


ALARM_SUBJECT = Text("Внимание: заявление за отказ № {number}", "Attention: statement of withdrawal no. {number}")
TROUBLES = {
    Trouble.RECEIPT: Text(
        "Разписката за заявлението не беше доставена. Законът я изисква най-късно до края на работния ден.",
        "The receipt of the statement was not delivered. The law wants it by the end of the working day.",
    ),
    Trouble.NEAR: Text(
        "Срокът за връщане на парите наближава, а заявлението не е уредено.",
        "The term for the refund nears, and the statement is not settled.",
    ),
    Trouble.OVERDUE: Text(
        "Срокът за връщане на парите изтече, а заявлението не е уредено.",
        "The term for the refund is over, and the statement is not settled.",
    ),
}
ADVICE = {
    Trouble.RECEIPT: Text(
        "Намерете верния адрес и изпратете разписката отново; ако няма такъв, изпратете я по пощата.",
        "Find the right address and send the receipt again; where there is none, send it by post.",
    ),
    Trouble.NEAR: Text(
        "Намерете поръчката, проверете чия е, върнете парите и отбележете как е уредено.",
        "Find the order, check whose it is, refund the money, and record how it was settled.",
    ),
}
ADVICE[Trouble.OVERDUE] = ADVICE[Trouble.NEAR]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Alarm(Letter):
    trouble: Trouble
    number: int
    stated_at: datetime
    order_number: str
    refund_due_on: date

    @property
    def what(self) -> str:
        return TROUBLES[self.trouble].in_(self.language)

    @property
    def advice(self) -> str:
        return ADVICE[self.trouble].in_(self.language)


def alarm(letter: Alarm) -> Writing:
    return write("app.returns", "alarm", letter, ALARM_SUBJECT.in_(letter.language).format(number=letter.number))
