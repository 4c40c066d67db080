"""Cart, order, invoice, parcel and books say the same to the cent, for any basket (complaint 11)."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.accounting.month.audit_file import told_of
from app.accounting.month.rows import AuditOrder, SoldLine
from app.accounting.month.terms import AuditDiscount
from app.checkout import views
from app.checkout.pricing import Item, PriceRules
from app.checkout.schemas import QuoteView
from app.checkout.service import Placed
from app.core.language import Language
from app.core.money import Money, total
from app.core.vat import RATES, VatSum
from app.fulfilment.parcels import parcel
from app.fulfilment.posting import PostingRules, sale_of
from app.invoices.einvoice import _terms
from app.invoices.registering import _items
from app.invoices.service import _line, buyer_of
from app.invoices.view import InvoiceView, NoVatGround, Payment
from app.orders.models import LineKind, PaymentMethod
from app.orders.schemas import LineView
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
    return QuoteView.of(bought.priced, Language.BG)


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
    assert [LineView(**line.model_dump(include={*LineView.model_fields})) for line in quoted.lines] == answered.lines
    assert quoted.totals == answered.totals
    assert answered.payment.amount == bought.order.total == quoted.totals.total
    if bought.order.payment_method is PaymentMethod.BANK_TRANSFER:
        assert answered.payment.bank_transfer is not None
        assert answered.payment.bank_transfer.amount == bought.order.total


@given(purchases())
def test_complaint_11_the_invoice_adds_up_to_the_order(purchase: tuple[Bought, PriceRules]) -> None:
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


@given(purchases())
def test_complaint_11_the_sale_document_has_the_order_s_total(purchase: tuple[Bought, PriceRules]) -> None:
    bought, _ = purchase
    listed = [line for line in bought.lines if line.kind is LineKind.GOODS or line.total]
    items = [item for line in listed for item in _items(line)]
    assert total(item.value for item in items) == bought.order.total
    assert sum(item.quantity for item in items) == sum(line.quantity for line in listed)
    for item in items:
        assert item.unit_price * item.quantity == item.value


@given(purchases(), st.sampled_from(AuditDiscount))
def test_complaint_11_the_audit_file_tells_the_order_s_total_and_vat(
    purchase: tuple[Bought, PriceRules], how: AuditDiscount
) -> None:
    bought, _ = purchase
    sold = [
        SoldLine(line.name, line.quantity, line.vat_rate, line.total, line.discount, line.vat)
        for line in bought.lines
        if line.kind is LineKind.GOODS or line.total
    ]
    day = date(2026, 11, 23)
    order = AuditOrder(
        bought.order.id,
        "100000001",
        day,
        "0000000001",
        day,
        bought.order.payment_method,
        None,
        bought.order.total,
        bought.order.vat,
        None,
        True,
        sold,
    )
    told = told_of(order, how)
    assert (told.total, told.vat) == (bought.order.total, bought.order.vat)
    assert told.goods - told.discount + told.vat == told.total
    assert told.goods == total(article.price * article.quantity for article in told.articles)
    assert told.vat == total(article.vat for article in told.articles)
    assert told.total == total(article.sum for article in told.articles)
    assert sum(article.quantity for article in told.articles) == sum(line.quantity for line in sold)


@given(purchases())
def test_complaint_11_the_e_invoice_says_what_the_invoice_says(purchase: tuple[Bought, PriceRules]) -> None:
    bought, rules = purchase
    invoice = invoice_of(bought, rules)
    said = _terms(invoice)
    assert (said["BT-109"], said["BT-110"], said["BT-112"]) == (str(invoice.base), str(invoice.vat), str(invoice.total))
    assert [line["BT-131"] for line in said["BG-25"]] == [str(line.base) for line in invoice.lines]
