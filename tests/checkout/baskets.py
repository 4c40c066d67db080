"""Any basket, at any terms, for property tests; and the order that the checkout makes of it."""

from dataclasses import dataclass
from uuid import UUID

from hypothesis import strategies as st

from app.checkout import service
from app.checkout.limits import Proof
from app.checkout.pricing import DeliveryVat, Item, Priced, PriceRules, price
from app.checkout.schemas import PlaceOrder
from app.checkout.service import Attempt, Terms
from app.core.language import Text
from app.core.money import Money
from app.core.secrets import Secret
from app.core.vat import RATES
from app.orders.models import Order, OrderLine, PaymentMethod
from app.payments.transfers import Payee
from app.settings import Settings
from app.wiring.selling import limits
from tests.factories.privacy import make_evidence
from tests.shop import a_wish

NUMBER = 100_000_001
CART = "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"
METHODS = st.sampled_from(PaymentMethod)


def money(least: str, most: str) -> st.SearchStrategy[Money]:
    return st.integers(Money.of(least).cents, Money.of(most).cents).map(Money)


def items(rates: frozenset[int] = RATES) -> st.SearchStrategy[list[Item]]:
    wanted = st.tuples(money("0.01", "9999.99"), st.sampled_from(sorted(rates)), st.integers(1, 99))
    return st.lists(wanted, min_size=1, max_size=50).map(
        lambda found: [
            Item(f"SKU-{number}", Text("Йонна четка", "Ionic toothbrush"), unit_price, rate, quantity, 180)
            for number, (unit_price, rate, quantity) in enumerate(found)
        ]
    )


def rules(*, registered: bool | None = None) -> st.SearchStrategy[PriceRules]:
    return st.builds(
        PriceRules,
        delivery_price=money("0.00", "20.00"),
        free_delivery_from=money("0.00", "500.00"),
        bank_transfer_discount_percent=st.integers(0, 50),
        vat_registered=st.booleans() if registered is None else st.just(registered),
        delivery_vat=st.sampled_from(DeliveryVat),
    )


@dataclass(frozen=True)
class Bought:
    """A priced basket, and the order and lines that are stored of it."""

    priced: Priced
    order: Order
    lines: list[OrderLine]
    shipment: dict[str, object]
    """What is written of its shipment; empty before it is paid."""


def terms_of(rules: PriceRules) -> Terms:
    payee = Payee("Продавач", "BG80BNBG96611020345678", "BNBGBGSD")
    return Terms(rules, 5, payee, Secret.of("secret"), 90, limits(Settings()))


def bought(wanted: list[Item], method: PaymentMethod, rules: PriceRules) -> Bought:
    priced = price(wanted, method, rules)
    wish = PlaceOrder.model_validate(a_wish(CART, payment_method=method.value))
    attempt = Attempt("key", None, make_evidence(), "127.0.0.1", None)
    order = service._order(wish, attempt, priced, Proof(), UUID(int=1), terms_of(rules))
    order.number = NUMBER
    begun = service._begin(order, priced, attempt.evidence.at)
    shipment = dict(begun.writes[0].rows[0]) if begun.writes else {}
    return Bought(priced, order, service._lines(order, priced), shipment)
