"""What is said in a place of the shop, in both languages at once."""

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field

from app.core.fields import View, Wish
from app.core.language import Language
from app.returns.texts.labels import LabelKey
from app.returns.texts.terms import ContractTerms, write_labels, write_texts
from app.returns.texts.wording import TextKey


class Place(StrEnum):
    CHECKOUT = "checkout"
    PRODUCT = "product"
    ORDER = "order"


BEFORE_THE_CONTRACT = (
    TextKey.WITHDRAWAL_RIGHT,
    TextKey.WITHDRAWAL_PROCEDURE,
    TextKey.REFUND,
    TextKey.RETURN_OF_GOODS,
    TextKey.RETURN_COST,
    TextKey.LOSS_OF_VALUE,
    TextKey.HYGIENE_SEAL,
    TextKey.MODEL_FORM_NOTE,
    TextKey.MODEL_FORM,
    TextKey.GUARANTEE,
    TextKey.COMPLAINTS,
    TextKey.DELIVERY,
    TextKey.DELIVERY_TERM,
    TextKey.PAYMENT,
    TextKey.SELLER,
    TextKey.SUPERVISION,
)
TEXTS_OF = {
    Place.CHECKOUT: BEFORE_THE_CONTRACT,
    Place.PRODUCT: (
        TextKey.WITHDRAWAL_SHORT,
        TextKey.RETURN_COST,
        TextKey.HYGIENE_SEAL,
        TextKey.GUARANTEE,
        TextKey.DELIVERY,
        TextKey.DELIVERY_TERM,
        TextKey.SELLER,
    ),
    Place.ORDER: tuple(key for key in BEFORE_THE_CONTRACT if key not in {TextKey.DELIVERY, TextKey.PAYMENT}),
}
"""In the order in which they are shown."""
LABELS_OF = {
    Place.CHECKOUT: (
        LabelKey.ORDER_BUTTON,
        LabelKey.WITHDRAWAL,
        LabelKey.MODEL_FORM,
        LabelKey.GUARANTEE,
        LabelKey.DELIVERY,
        LabelKey.PAYMENT,
        LabelKey.SELLER,
    ),
    Place.PRODUCT: (LabelKey.WITHDRAWAL, LabelKey.GUARANTEE, LabelKey.DELIVERY, LabelKey.SELLER),
    Place.ORDER: (
        LabelKey.WITHDRAW,
        LabelKey.CONFIRM_WITHDRAWAL,
        LabelKey.WITHDRAWAL,
        LabelKey.MODEL_FORM,
        LabelKey.GUARANTEE,
        LabelKey.DELIVERY,
        LabelKey.SELLER,
    ),
}


class ReadTexts(Wish):
    """Where the texts are shown."""

    place: Place


class TextView(View):
    """The same in both languages; a blank line parts paragraphs, a line break the lines of a form."""

    bg: str
    en: str


class PageAddressesView(View):
    """Pages of the shop; English ones with `language=en`."""

    withdrawal: str = Field(description="The withdrawal function; `order=NUMBER` fills in the order")
    order: str = Field(description="One order; `{number}` stands for its number")
    problems: str = Field(description="What refusals mean; each at its `type` of problem+json")


class TextsView(View):
    """Labels and texts of a place, in the order in which they are shown."""

    place: Place
    labels: dict[LabelKey, TextView]
    texts: dict[TextKey, TextView]
    addresses: PageAddressesView

    @classmethod
    def of(cls, place: Place, terms: ContractTerms, *, on: date) -> Self:
        bulgarian, english = (write_labels(terms, language) for language in Language)
        labels = {key: TextView(bg=bulgarian[key], en=english[key]) for key in LABELS_OF[place]}
        said, said_in_english = (write_texts(terms, language, on=on) for language in Language)
        texts = {key: TextView(bg=said[key], en=said_in_english[key]) for key in TEXTS_OF[place]}
        addresses = PageAddressesView(
            withdrawal=terms.withdrawal_url, order=terms.order_url, problems=terms.problems_url
        )
        return cls(place=place, labels=labels, texts=texts, addresses=addresses)
