"""Writes to recipients what became of the data that they received, and to the responsible person when none answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.core.language import Text
from app.mail.messages import Writing
from app.mail.writing import Letter, write
from app.privacy.erasures.models import Told

SUBJECT = {
    Told.ERASURE: Text("Изтрийте лични данни, получени от нас", "Erase personal data received from us"),
    Told.RECTIFICATION: Text("Коригирайте лични данни, получени от нас", "Rectify personal data received from us"),
    Told.RESTRICTION: Text("Ограничете обработването на лични данни", "Restrict the processing of personal data"),
    Told.RESTRICTION_LIFTED: Text("Ограничението е отменено", "The restriction is lifted"),
}
LATE = Text("Получател на данни не е потвърдил в срок", "A recipient of data did not answer in time")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RecipientLetter(Letter):
    """It names orders by their numbers alone, which the recipient knows."""

    told: Told
    title: str
    references: Sequence[str]
    due_on: date


def recipient_told(letter: RecipientLetter) -> Writing:
    return write("app.privacy", "recipient_told", letter, SUBJECT[letter.told].in_(letter.language))


def recipient_late(letter: RecipientLetter) -> Writing:
    return write("app.privacy", "recipient_late", letter, LATE.in_(letter.language))
