"""Cart, order, invoice, parcel and books say the same to the cent, for any basket (complaint 11)."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.checkout import views
from app.checkout.pricing import Item, PriceRules
from app.checkout.schemas import QuoteView
from app.checkout.service import Placed
from app.core.language import Language
from app.core.money import Money
from app.core.vat import RATES, VatSum
from app.fulfilment.booking import parcel
from app.fulfilment.posting import PostingRules, sale_of
from app.invoices.service import _line, buyer_of
from app.invoices.view import InvoiceView, NoVatGround, Payment
from app.orders.models import LineKind, PaymentMethod
from app.shipping.models import Shipment
from tests.checkout import baskets
from tests.checkout.baskets import Bought
from tests.invoices.samples import SELLER

# A registered seller has no ground in the law to sell these goods without VAT, so the invoice knows none.
SOLD_RATES = RATES - {0}


@st.composite
def purchases(draw: st.DrawFn) -> tuple[Bought, PriceRules]:
    rules = draw(baskets.rules())
    items: list[Item] = draw(baskets.items(SOLD_RATES if rules.vat_registered else RATES))
    return baskets.bought(items, draw(baskets.METHODS), rules), rules


def quote_of(bought: Bought) -> QuoteView:
    return views.quote(bought.priced, available=True, language=Language.BG)


def invoice_of(bought: Bought, rules: PriceRules) -> InvoiceView:
    seller = SELLER if rules.vat_registered else replace(SELLER, vat_number=None)
    return InvoiceView.of(
        number="0000000001",
        issued_on=date(2026, 11, 23),
        tax_event_on=date(2026, 11, 23),
        place="гр. София",
        seller=seller,
        buyer=buyer_of(bought.order),
        order_number=bought.order.reference,
        ordered_on=date(2026, 11, 23),
        payment=Payment(bought.order.payment_method),
        lines=[_line(line) for line in bought.lines if line.kind is LineKind.GOODS or line.total],
        no_vat_ground=None if rules.vat_registered else NoVatGround.NOT_REGISTERED,
    )


def charged(sums: tuple[VatSum, ...]) -> list[VatSum]:
    """Leave out a rate that stands only for free delivery: an invoice does not mention it."""
    return [each for each in sums if each.base or each.vat]


@given(purchases())
def test_quote_answer_and_order_are_the_same(purchase: tuple[Bought, PriceRules]) -> None:
    bought, rules = purchase
    quoted = quote_of(bought)
    placed = Placed(bought.order, bought.lines, replayed=False)
    answered = views.placed(placed, baskets.terms_of(rules), for_guest=True)
    assert quoted.lines == answered.lines
    assert quoted.totals == answered.totals
    assert answered.payment.amount == bought.order.total == quoted.totals.total
    if bought.order.payment_method is PaymentMethod.BANK_TRANSFER:
        assert answered.payment.bank_transfer is not None
        assert answered.payment.bank_transfer.amount == bought.order.total


@given(purchases())
def test_the_invoice_adds_up_to_the_order(purchase: tuple[Bought, PriceRules]) -> None:
    bought, rules = purchase
    invoice, order = invoice_of(bought, rules), bought.order
    assert (invoice.total, invoice.vat, invoice.base) == (order.total, order.vat, order.total - order.vat)
    assert charged(invoice.vat_sums) == charged(bought.priced.vat_sums)
    stated = [(line.gross, line.vat, line.rate, line.quantity) for line in invoice.lines]
    listed = [line for line in bought.lines if line.kind is LineKind.GOODS or line.total]
    assert stated == [(line.total, line.vat, line.vat_rate, line.quantity) for line in listed]


@given(purchases())
def test_the_courier_collects_the_order_s_total(purchase: tuple[Bought, PriceRules]) -> None:
    bought, _ = purchase
    if bought.order.payment_method is PaymentMethod.CASH_ON_DELIVERY:
        shipment = Shipment(**bought.shipment)
        assert parcel(bought.order, shipment).cash_on_delivery == bought.order.total
        assert parcel(bought.order, shipment).weight_grams == bought.priced.weight_grams
    else:
        assert bought.shipment == {}  # no parcel is promised before the money is there


@given(purchases())
def test_the_books_receive_the_order_s_total(purchase: tuple[Bought, PriceRules]) -> None:
    bought, _ = purchase
    sale = sale_of(bought.order, bought.lines, PostingRules(frozenset(), electronic_receipt=True))
    assert sale.total == bought.order.total
    for line in bought.lines:
        parts = [part for part in sale.lines if part.sku == line.sku]
        assert sum((part.total for part in parts), Money.ZERO) == line.total
        assert {part.vat_rate for part in parts} <= {line.vat_rate}
        assert sum(part.quantity for part in parts) == (
            0 if line.kind is LineKind.DELIVERY and not line.total else line.quantity
        )
