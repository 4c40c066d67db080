"""What an invoice states adds up, or is refused; a snapshot of it gives it back."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import Money, total
from app.core.vat import VatSum
from app.invoices.view import Corrected, DocumentKind, InvoiceView, Line, NoVatGround, Payment, unit_price
from tests.invoices.samples import BRUSH, COMPANY, DELIVERY, HEADS, PERSON, SELLER, invoice, untaxed

UNREGISTERED = replace(SELLER, vat_number=None)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    gross = draw(st.integers(0, 10_000_000))
    return Line.of(
        sku=draw(st.none() | st.just("ION-CL-BL")),
        description="Стока",
        quantity=draw(st.integers(1, 1000)),
        rate=draw(st.sampled_from([0, 9, 20])),
        gross=Money(gross),
        discount=Money(draw(st.integers(0, 1_000_000))),
    )


baskets = st.lists(lines(), min_size=1, max_size=12)


def stated(basket: list[Line]) -> InvoiceView:
    ground = NoVatGround.EXPORT if any(line.rate == 0 for line in basket) else None
    return invoice(basket, no_vat_ground=ground)


def test_an_invoice_states_the_sums_of_its_lines() -> None:
    view = invoice()
    assert view.kind is DocumentKind.INVOICE
    assert view.vat_sums == (VatSum(20, Money.of("1080.02"), Money.of("216.01")),)
    assert (view.base, view.vat, view.total) == (Money.of("1080.02"), Money.of("216.01"), Money.of("1296.03"))
    assert view.total_in_words == "хиляда двеста деветдесет и шест евро и 3 цента"


def test_a_line_states_price_and_discount_without_vat() -> None:
    assert HEADS.unit_price == Decimal("12.4167")
    assert (HEADS.discount, HEADS.base, HEADS.vat) == (Money.of("3.73"), Money.of("33.52"), Money.of("6.71"))


@pytest.mark.parametrize(
    ("amount", "quantity", "price"),
    [("10.00", 4, "2.50"), ("10.00", 3, "3.3333"), ("20.00", 3, "6.6667"), ("0.01", 8, "0.0013"), ("0.00", 7, "0.00")],
)
def test_a_unit_price_has_two_places_where_exact_and_four_where_not(amount: str, quantity: int, price: str) -> None:
    assert str(unit_price(Money.of(amount), quantity)) == price


@given(baskets)
def test_any_basket_adds_up_to_the_cent(basket: list[Line]) -> None:
    view = stated(basket)
    assert view.total == total(line.gross for line in basket) == view.base + view.vat
    assert view.base == total(rate.base for rate in view.vat_sums)
    assert view.vat == total(rate.vat for rate in view.vat_sums)
    for line in basket:
        drift = line.unit_price * line.quantity - (line.base + line.discount).decimal
        assert abs(drift) <= Decimal("0.00005") * line.quantity


@given(baskets)
def test_a_snapshot_gives_the_same_view_back(basket: list[Line]) -> None:
    view = stated(basket)
    kept = json.dumps(view.snapshot(), ensure_ascii=False)
    assert InvoiceView.restored(json.loads(kept)) == view
    assert json.dumps(InvoiceView.restored(json.loads(kept)).snapshot(), ensure_ascii=False) == kept


def test_a_snapshot_is_plain_json() -> None:
    view = invoice([DELIVERY], buyer=PERSON, payment=Payment.CARD, paid_on=date(2026, 11, 20))
    kept = view.snapshot()
    assert kept["total"] == "5.90"
    assert kept["tax_event_on"] == "2026-11-20"
    assert kept["payment"] == "card"
    assert kept["vat_sums"] == [{"rate": 20, "base": "4.92", "vat": "0.98"}]
    assert kept["lines"] == [
        {
            "sku": None, "description": "Доставка със Speedy", "quantity": 1, "unit": "бр.", "unit_price": "4.92",
            "discount": "0.00", "rate": 20, "base": "4.92", "vat": "0.98", "gross": "5.90",
        }
    ]  # fmt: skip


def test_a_snapshot_that_does_not_fit_is_refused_without_naming_anybody() -> None:
    for wrong, rule in [({"total": "1.00"}, "base and VAT make up the total"), ({"egn": "7523169263"}, "egn")]:
        with pytest.raises(ValueError, match=rule) as refusal:
            InvoiceView.restored(invoice().snapshot() | wrong)
        assert COMPANY.name not in str(refusal.value)
        assert "7523169263" not in str(refusal.value)
        assert refusal.value.__cause__ is None


CENT = Money(1)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"number": "42"}, "ten digits"),
        ({"number": "0000000000"}, "ten digits"),
        ({"number": "٠٠٠٠٠٠٠٠٤٢"}, "ten digits"),
        ({"number": "0000000042\n"}, "ten digits"),
        ({"lines": ()}, "has a line"),
        ({"lines": (BRUSH,)}, "VAT by rate"),
        ({"vat_sums": ()}, "VAT by rate"),
        ({"base": Money.of("1080.03")}, "the base is"),
        ({"vat": Money.of("216.02")}, "the VAT is"),
        ({"total": Money.of("1296.04")}, "make up the total"),
    ],
)
def test_an_invoice_that_does_not_add_up_is_refused(wrong: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        replace(invoice(), **wrong)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"description": " "}, "what is sold"),
        ({"quantity": 0}, "quantity"),
        ({"rate": 19}, "rate"),
        ({"gross": HEADS.gross + CENT}, "base and VAT"),
        ({"vat": -CENT, "base": HEADS.gross + CENT}, "not negative"),
        ({"base": -HEADS.base}, "not negative"),
        ({"discount": HEADS.discount + CENT}, "unit price"),
        ({"unit_price": Decimal("12.42")}, "unit price"),
    ],
)
def test_a_line_that_does_not_add_up_is_refused(wrong: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        replace(HEADS, **wrong)


def test_only_a_credit_note_takes_back_the_rest_of_a_lines_vat() -> None:
    rest = Line.rest(
        sku=None, description="Резервна глава", quantity=1, rate=20, gross=Money(1341), vat=Money(223)
    )  # a third of 40.23 would bear 2.24 alone
    with pytest.raises(ValueError, match=r"core/vat\.py"):
        invoice([rest])
    why = Corrected(number="0000000041", issued_on=date(2026, 11, 20), ground="Върната стока")
    note = replace(invoice(), kind=DocumentKind.CREDIT_NOTE, corrects=why)
    assert replace(note, lines=(rest,), vat_sums=(VatSum(20, Money(1118), Money(223)),), base=Money(1118),
                   vat=Money(223), total=Money(1341)).vat == Money(223)  # fmt: skip


def test_a_note_names_what_it_corrects_and_nothing_else_does() -> None:
    why = Corrected(number="0000000041", issued_on=date(2026, 11, 20), ground="Върната стока")
    for kind in (DocumentKind.CREDIT_NOTE, DocumentKind.DEBIT_NOTE):
        assert replace(invoice(), kind=kind, corrects=why).corrects == why
        with pytest.raises(ValueError, match="corrects an invoice"):
            replace(invoice(), kind=kind)
    for kind in (DocumentKind.INVOICE, DocumentKind.PROFORMA):
        with pytest.raises(ValueError, match="corrects an invoice"):
            replace(invoice(), kind=kind, corrects=why)
    for kind in (DocumentKind.SALE, DocumentKind.GOODS_NOTE, DocumentKind.PROTOCOL):
        with pytest.raises(ValueError, match="views of their own"):
            replace(invoice(), kind=kind)


def test_an_advance_is_invoiced_as_of_its_payment() -> None:
    day = date(2026, 11, 20)
    assert replace(invoice(paid_on=day), is_advance=True).is_advance
    with pytest.raises(ValueError, match="as of its payment"):
        replace(invoice(), is_advance=True)


def test_where_no_vat_is_charged_stands_a_ground_and_only_there() -> None:
    with pytest.raises(ValueError, match="a ground stands"):
        invoice([untaxed()])
    with pytest.raises(ValueError, match="a ground stands"):
        invoice(no_vat_ground=NoVatGround.EXPORT)
    assert invoice([untaxed()], no_vat_ground=NoVatGround.EXPORT).shows_vat


def test_reverse_charge_shows_no_vat_and_needs_the_buyers_number() -> None:
    assert not invoice([untaxed()], no_vat_ground=NoVatGround.REVERSE_CHARGE).shows_vat
    with pytest.raises(ValueError, match="no room for VAT"):
        invoice([untaxed(), BRUSH], no_vat_ground=NoVatGround.REVERSE_CHARGE)
    for ground in (NoVatGround.REVERSE_CHARGE, NoVatGround.INTRA_EU):
        with pytest.raises(ValueError, match="the buyer's VAT number"):
            invoice([untaxed()], buyer=PERSON, no_vat_ground=ground)


def test_a_seller_without_vat_number_charges_none() -> None:
    view = invoice([untaxed()], seller=UNREGISTERED, buyer=PERSON, no_vat_ground=NoVatGround.NOT_REGISTERED)
    assert not view.shows_vat
    for seller, ground in [(UNREGISTERED, NoVatGround.EXPORT), (SELLER, NoVatGround.NOT_REGISTERED)]:
        with pytest.raises(ValueError, match="only the registered"):
            invoice([untaxed()], seller=seller, no_vat_ground=ground)
    with pytest.raises(ValueError, match="only the registered"):
        invoice(seller=UNREGISTERED)
