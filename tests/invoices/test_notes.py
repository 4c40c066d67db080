"""What is taken back of an invoice, for any basket and any parts (complaint 10); documents by settings."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from app.auth.models import StaffRole
from app.core.money import Money, total
from app.core.parts import Left
from app.integrations.speedy.simulator.shipments import State
from app.invoices.errors import CreditExceedsInvoice
from app.invoices.notes import Credit, _parts
from app.invoices.rendering import render
from app.invoices.sale_view import SaleItem, SaleView, TaxGroup
from app.invoices.view import InvoiceView, Line, NoVatGround, Payment
from tests.factories.catalog import make_variant
from tests.fulfilment import story
from tests.invoices.samples import SELLER, invoice
from tests.shop import Shop, open_shop

lines = st.builds(
    lambda rate, quantity, cents, off: Line.of(
        description="Глава", quantity=quantity, rate=rate, gross=Money(cents), discount=Money(off)
    ),
    st.sampled_from([20, 9]),
    st.integers(1, 12),
    st.integers(1, 50_000),
    st.integers(0, 5_000),
)


def whole(view: InvoiceView) -> dict[int, Left]:
    return {n: Left(line.rate, line.quantity, line.gross, line.vat) for n, line in enumerate(view.lines, start=1)}


def taken(left: dict[int, Left], parts: list[tuple[int, int, Line]], times: int = 1) -> dict[int, Left]:
    rest = dict(left)
    for position, quantity, line in parts:
        each = rest[position]
        gross, vat = line.gross * times, line.vat * times
        rest[position] = Left(each.rate, each.quantity - quantity * times, each.gross - gross, each.vat - vat)
    return rest


@given(st.lists(lines, min_size=1, max_size=5), st.data())
def test_complaint_10_any_parts_some_of_them_annulled_end_at_the_invoice_to_the_cent_of_each_rate(
    basket: list[Line], data: st.DataObject
) -> None:
    view = invoice(basket)
    left, notes = whole(view), list[tuple[int, int, Line]]()
    for _ in range(data.draw(st.integers(0, 12))):
        if notes and data.draw(st.integers(0, 2)) == 0:
            annulled = notes.pop(data.draw(st.integers(0, len(notes) - 1)))
            left = taken(left, [annulled], times=-1)
            continue
        position = data.draw(st.sampled_from(sorted(left)))
        rest = left[position]
        if data.draw(st.booleans()) and rest.quantity:
            wish = Credit(position, quantity=data.draw(st.integers(1, rest.quantity)))
        elif rest.gross:
            wish = Credit(position, amount=Money(data.draw(st.integers(1, rest.gross.cents))))
        else:
            continue
        try:
            parts = _parts(view, left, [wish], is_whole=False)
        except CreditExceedsInvoice:
            continue  # a piece whose price is below a cent by now
        left = taken(left, parts)
        notes += parts
        assert all(Money.ZERO <= each.vat <= each.gross for each in left.values())
    wishes = [Credit(position, amount=each.gross) for position, each in left.items() if each.gross]
    if wishes:
        notes += _parts(view, left, wishes, is_whole=True)
    for each in view.vat_sums:
        of_rate = [line for *_, line in notes if line.rate == each.rate]
        assert (total(line.base for line in of_rate), total(line.vat for line in of_rate)) == (each.base, each.vat)


@given(st.lists(lines, min_size=1, max_size=3))
def test_more_than_is_left_is_refused(basket: list[Line]) -> None:
    view = invoice(basket)
    for wish in (
        Credit(1, quantity=view.lines[0].quantity + 1),
        Credit(1, amount=view.lines[0].gross + Money(1)),
        Credit(len(basket) + 1, quantity=1),
        Credit(0, quantity=1),
    ):
        with pytest.raises(CreditExceedsInvoice):
            _parts(view, whole(view), [wish], is_whole=False)


SALE = SaleView(
    number="0000000007",
    issued_on=date(2026, 11, 22),
    sold_at=datetime(2026, 11, 22, 12, 5, 9, tzinfo=UTC),
    seller=SELLER,
    shop_number="RF0000123",
    order_number="100045",
    transaction="pi_3Qx",
    payment=Payment.CARD,
    items=(SaleItem(name="Йонна четка", tax_group=TaxGroup.B, quantity=1, unit_price=Money(6840), value=Money(6840)),),
    base=Money(5700),
    vat=Money(1140),
    total=Money(6840),
)
MILLIMETRES_IN_AN_INCH = 25.4


def test_the_qr_code_is_the_annexes_and_large_enough() -> None:
    assert SALE.qr_payload == "RF0000123*100045*pi_3Qx*2026-11-22*14:05:09*68.40"  # the sheet's example (3.3)
    pages = pypdfium2.PdfDocument(render(SALE))
    page = pages[0]
    [code] = zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())
    assert (code.format, code.text) == (zxingcpp.BarcodeFormat.QRCode, SALE.qr_payload)
    corners = code.position
    side = (corners.top_right.x - corners.top_left.x) / 300 * MILLIMETRES_IN_AN_INCH
    assert side >= 18
    page.close()
    pages.close()


@pytest.mark.parametrize("wrong", ["100*45", "поръчка", "a b", ""])
def test_what_would_break_the_qr_code_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="QR code"):
        replace(SALE, order_number=wrong)
    with pytest.raises(ValueError, match="QR code"):
        replace(SALE, transaction=wrong)


async def test_a_registered_shop_issues_a_sale_document_from_its_own_series(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number="RF0000123", sale_document_range_start=500) as shop:
        transfer = await shop.ordered(payment_method=story.TRANSFER)
        await story.pay(shop, transfer)
        cash = await shop.ordered()
        await shop.run_jobs()
        await story.scan(shop, cash, State.IN_TRANSIT)
        rows = await shop.rows(
            "SELECT number, total, snapshot ->> 'transaction', snapshot ->> 'order_number',"
            " snapshot ->> 'invoice_number' FROM documents WHERE kind = 'sale_document' ORDER BY number"
        )
        [(waybill,)] = await shop.rows(
            "SELECT waybill FROM shipments JOIN orders ON orders.id = order_id WHERE number = :n", n=int(cash["number"])
        )
        assert rows == [
            ("0000000500", 3079, "FT26327", transfer["number"], "0000000001"),
            ("0000000501", 3079, waybill, cash["number"], "0000000002"),
        ]
        [letter] = story.letters(shop, "Документ за регистриране на продажба № 0000000500")
        [(name, pdf)] = story.attached(letter)
        assert name == "prodazhba-0000000500.pdf"
        said = story.pdf_text(pdf)
        for words in (
            "Дата на издаване Issued on",
            "RF0000123",
            "FT26327",
            "23.11.2026 г. 12:00:00",
            "Обща сума Total 30,79 €",
            "№ 0000000001",
        ):
            assert words in said


async def test_notes_have_their_own_series_where_the_accountant_wants_it(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, note_range_start=9_000) as shop:
        order = await shop.ordered(payment_method=story.TRANSFER)
        await story.pay(shop, order)
        await shop.run_jobs()
        headers = {**await shop.staff(StaffRole.SUPPORT), "Idempotency-Key": "one"}
        path = f"/v1/staff/orders/{order['number']}/credit-notes"
        await shop.http.post(path, json={"ground": "Върната стока"}, headers=headers)
        assert await shop.rows("SELECT series, number FROM documents ORDER BY series") == [
            ("invoices", "0000000001"),
            ("notes", "0000009000"),
        ]


async def test_complaint_7_ranges_that_meet_never_give_a_number_twice(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, note_range_start=2) as shop:
        for wish in ({"ground": "Върната стока"}, None):
            order = await shop.ordered(payment_method=story.TRANSFER)
            await story.pay(shop, order)
            await shop.run_jobs()
            if wish:
                headers = {**await shop.staff(StaffRole.SUPPORT), "Idempotency-Key": "one"}
                path = f"/v1/staff/orders/{order['number']}/credit-notes"
                assert (await shop.http.post(path, json=wish, headers=headers)).status_code == 201
        assert await shop.rows("SELECT series, number FROM documents ORDER BY number") == [
            ("invoices", "0000000001"),
            ("notes", "0000000002"),
        ]
        assert await shop.rows("SELECT last FROM document_series WHERE key = 'invoices'") == [(1,)]
        assert (await shop.jobs())["issue_invoice", "todo"] == 1  # it is tried again, then waits for a person


async def test_a_zero_rate_stands_with_the_ground_of_the_setting_or_waits_for_a_person(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, zero_rate_ground="export", icash_tax_group_0=3) as shop:
        async with shop.sessions.begin() as session:
            await make_variant(session, sku="ZERO", price=Money(990), vat_rate=0, stock=10)
        order = await shop.ordered({"ZERO": 1}, payment_method=story.TRANSFER)
        await story.pay(shop, order)
        await shop.run_jobs()
        [(snapshot,)] = await shop.rows("SELECT snapshot FROM documents")
        assert InvoiceView.restored(snapshot).no_vat_ground is NoVatGround.EXPORT
        assert [(each.rate, str(each.base)) for each in InvoiceView.restored(snapshot).vat_sums] == [(0, "14.89")]
    async with open_shop(stocked, tmp_path / "without", icash_tax_group_0=3) as shop:
        order = await shop.ordered({"ZERO": 1}, payment_method=story.TRANSFER)
        await story.pay(shop, order)
        await shop.run_jobs()
        assert await shop.count("documents") == 1
        assert await story.parked(shop) == ["issue_invoice"]


async def test_complaint_7_numbers_of_many_orders_at_once_are_each_given_once(shop: Shop) -> None:
    orders = [await shop.ordered(payment_method=story.TRANSFER) for _ in range(12)]
    for order in orders:
        await story.pay(shop, order)
    await shop.run_jobs(concurrency=8)
    rows = await shop.rows("SELECT number, order_id FROM documents ORDER BY number")
    assert [number for number, _ in rows] == [f"{n:010d}" for n in range(1, 13)]
    assert len({order_id for _, order_id in rows}) == 12
