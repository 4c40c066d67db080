"""Fills the wording in with what the settings decide."""

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from app.core.language import Language, Text
from app.core.legal_terms import REFUND_DAYS
from app.core.money import Money
from app.mail.writing import Trader, euro, one_line
from app.orders.models import PaymentMethod
from app.returns.period import WITHDRAWAL_DAYS
from app.returns.texts import wording
from app.returns.texts.labels import LABELS, LabelKey
from app.returns.texts.wording import TextKey

GAP = "……"
RETURN_DAYS = 14
DELIVERY_DAYS = 30
PRESUMED_MONTHS = 12
REPAIR_MONTHS = 12


class ReturnCost(StrEnum):
    """Who pays for sending goods back after a withdrawal (чл. 55 ЗЗП)."""

    CUSTOMER = "customer"
    SHOP = "shop"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A way to pay, and the largest order that it takes."""

    method: PaymentMethod
    total: Money
    kilograms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTerms:
    """What the shop's settings say of its contracts."""

    trader: Trader
    withdrawal_url: str
    order_url: str
    problems_url: str
    return_cost: ReturnCost
    guarantee_years: int
    repair_extends_from: date
    """From this day on whoever chooses repair gets more months (Directive (EU) 2024/1799)."""
    delivery_price: Money
    free_delivery_from: Money
    transfer_days: int
    accepted: tuple[Accepted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormAnswers:
    """What is known of the contract that the model form withdraws from."""

    goods: str = GAP
    number: str = GAP
    ordered: str = GAP
    consumer: str = GAP


UNKNOWN = FormAnswers()
RETURN_COSTS = {ReturnCost.CUSTOMER: wording.RETURN_COST_CUSTOMER, ReturnCost.SHOP: wording.RETURN_COST_SHOP}
PAYMENTS = {
    PaymentMethod.CASH_ON_DELIVERY: wording.CASH_ON_DELIVERY,
    PaymentMethod.BANK_TRANSFER: wording.BANK_TRANSFER,
}


def write_labels(terms: ContractTerms, language: Language) -> dict[LabelKey, str]:
    values = _values(terms, language)
    return {key: label.in_(language).format_map(values) for key, label in LABELS.items()}


def write_texts(
    terms: ContractTerms, language: Language, *, on: date, form: FormAnswers = UNKNOWN
) -> dict[TextKey, str]:
    """Write everything that is said of a contract made on this day; the model form with what is known of it."""
    values = _values(terms, language) | {name: one_line(answer) for name, answer in asdict(form).items()}
    return {
        key: " ".join(sentence.in_(language).format_map(values) for sentence in sentences)
        for key, sentences in _chosen(terms, on).items()
    } | {
        TextKey.PAYMENT: "\n\n".join(_payment(terms, each, language) for each in terms.accepted),
        TextKey.SELLER: "\n".join(terms.trader.particulars(language)),
    }


def _chosen(terms: ContractTerms, on: date) -> dict[TextKey, tuple[Text, ...]]:
    """Choose the sentences of each text."""
    repair = (wording.REPAIR_EXTENDS,) if on >= terms.repair_extends_from else ()
    free = terms.delivery_price == Money.ZERO
    return {
        TextKey.WITHDRAWAL_SHORT: (wording.WITHDRAWAL_SHORT,),
        TextKey.WITHDRAWAL_RIGHT: (wording.WITHDRAWAL_RIGHT,),
        TextKey.WITHDRAWAL_PROCEDURE: (wording.WITHDRAWAL_PROCEDURE,),
        TextKey.REFUND: (wording.REFUND,),
        TextKey.RETURN_OF_GOODS: (wording.RETURN_OF_GOODS,),
        TextKey.RETURN_COST: (RETURN_COSTS[terms.return_cost],),
        TextKey.LOSS_OF_VALUE: (wording.LOSS_OF_VALUE,),
        TextKey.HYGIENE_SEAL: (wording.HYGIENE_SEAL,),
        TextKey.MODEL_FORM_NOTE: (wording.MODEL_FORM_NOTE,),
        TextKey.MODEL_FORM: (wording.MODEL_FORM,),
        TextKey.GUARANTEE: (wording.GUARANTEE, *repair),
        TextKey.COMPLAINTS: (wording.COMPLAINTS,),
        TextKey.DELIVERY: (wording.DELIVERY_AREA, wording.DELIVERY_FREE if free else wording.DELIVERY_PRICE),
        TextKey.DELIVERY_TERM: (wording.DELIVERY_TERM,),
        TextKey.SUPERVISION: (wording.SUPERVISION,),
    }


def _values(terms: ContractTerms, language: Language) -> dict[str, object]:
    return {
        "withdraw": LABELS[LabelKey.WITHDRAW].in_(language),
        "confirm_withdrawal": LABELS[LabelKey.CONFIRM_WITHDRAWAL].in_(language),
        "withdrawal_url": terms.withdrawal_url,
        "withdrawal_days": WITHDRAWAL_DAYS.days,
        "refund_days": REFUND_DAYS,
        "return_days": RETURN_DAYS,
        "delivery_days": DELIVERY_DAYS,
        "presumed_months": PRESUMED_MONTHS,
        "repair_months": REPAIR_MONTHS,
        "guarantee_years": terms.guarantee_years,
        "delivery_price": euro(terms.delivery_price, language),
        "free_delivery_from": euro(terms.free_delivery_from, language),
        "name": terms.trader.name,
        "address": terms.trader.address,
        "email": terms.trader.email,
        "gap": GAP,
    }


def _payment(terms: ContractTerms, accepted: Accepted, language: Language) -> str:
    most = {"total": euro(accepted.total, language), "kilograms": accepted.kilograms, "days": terms.transfer_days}
    return PAYMENTS[accepted.method].in_(language).format_map(most)
