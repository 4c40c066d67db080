"""Writes the e-mail of an order whose delivery data were put right; pure, as `fulfilment.letters`.

It names what was changed and repeats none of it: nobody may have proved the address.
"""

from dataclasses import dataclass

from app.core.language import Language, Text
from app.fulfilment.mending import Part
from app.mail.messages import Writing
from app.mail.writing import Letter, write

SUBJECT = Text("Поправихме данните по поръчка № {number}", "We corrected your order no. {number}")
PARTS = {
    Part.NAME: Text("името на получателя", "the recipient’s name"),
    Part.PHONE: Text("телефона за доставката", "the phone number for the delivery"),
    Part.PLACE: Text("мястото на доставка", "the place of delivery"),
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CorrectedLetter(Letter):
    person: str | None
    """None: nobody has proved the address."""
    number: str
    parts: tuple[Part, ...]
    order_url: str | None

    @property
    def corrected(self) -> str:
        """Name what was put right, as a sentence does."""
        *others, last = (PARTS[part].in_(self.language) for part in self.parts)
        joined = " и " if self.language is Language.BG else " and "
        return joined.join(filter(None, (", ".join(others), last)))


def order_corrected(letter: CorrectedLetter) -> Writing:
    return write("app.fulfilment", "corrected", letter, SUBJECT.in_(letter.language).format(number=letter.number))
