"""What stands on which page, and what a paper does not ask for."""

from dataclasses import replace
from datetime import date

import pytest

from app.invoices.goods_view import GoodsView, Piece
from app.invoices.protocol_view import Named, ProtocolView
from app.invoices.rendering import render
from app.invoices.view import DocumentKind, InvoiceView, Payment
from tests.invoices.samples import BRUSH, COMPANY, SELLER, invoice
from tests.invoices.taxed import CREDIT, PAID_ON, note
from tests.invoices.test_rendering import pages, text

# WeasyPrint 70 leaves its own colour profile to be closed by the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014.icc:ResourceWarning")

LONG = "„Университетска многопрофилна болница за активно лечение с клиники по дентална медицина „Свети Георги“ " * 3
LONG_NAME = LONG[:250].strip()


def goods_note(pieces: int) -> GoodsView:
    return GoodsView(
        number="0000000007",
        issued_on=date(2026, 11, 22),
        place="гр. София",
        seller=SELLER,
        buyer=COMPANY,
        delivered_to="офис на Спиди № 12",
        order_number="100000042",
        ordered_on=date(2026, 11, 18),
        waybill=None,
        pieces=tuple(Piece(sku=f"ION-{n:02d}", description="Резервни глави", quantity=1) for n in range(pieces)),
    )


def protocol(ground: str) -> ProtocolView:
    return ProtocolView(
        number="0000000003",
        issued_on=date(2026, 11, 22),
        place="гр. София",
        seller=SELLER,
        buyer=COMPANY,
        ground=ground,
        annulled=Named(kind=DocumentKind.INVOICE, number="0000000041", issued_on=date(2026, 11, 1)),
        replacement=None,
    )


@pytest.mark.parametrize(
    "view",
    [
        invoice(paid_on=PAID_ON),
        invoice(payment=Payment.CARD, paid_on=PAID_ON),
        invoice(payment=Payment.CASH_ON_DELIVERY, paid_on=PAID_ON),
        replace(invoice(paid_on=PAID_ON), is_advance=True),
    ],
    ids=["transfer", "card", "cash on delivery", "advance"],
)
def test_d9_a_paid_invoice_does_not_ask_for_payment(view: InvoiceView) -> None:
    page = text(view)
    assert "20.11.2026 г." in page.partition("Плащане Payment")[2]
    assert "Обща сума, платена Total, paid 1 296,03 €" in page
    for words in ("IBAN", "Основание Reference", "Дължи се", "Сума за плащане"):
        assert words not in page


def test_d9_an_invoice_that_is_owed_asks_for_payment() -> None:
    page = text(invoice())
    assert "IBAN BG80 BNBG" in page
    assert "Сума за плащане Total 1 296,03 €" in page


def test_d9_a_note_that_was_settled_states_its_own_sum() -> None:
    page = text(note(CREDIT, invoice(paid_on=PAID_ON)))
    assert "Сума на известието Total 1 296,03 €" in page
    assert "IBAN" not in page


@pytest.mark.parametrize("pieces", [1, 10, 11, 12, 13, 33, 35, 40])
def test_d9_signatures_never_stand_on_a_page_without_goods(pieces: int) -> None:
    written = pages(render(goods_note(pieces)))
    assert ["Предал" in page for page in written] == [False] * (len(written) - 1) + [True]
    assert f"ION-{pieces - 1:02d}" in written[-1]


@pytest.mark.parametrize("words", [1, 300, 340, 700])
def test_d9_signatures_never_stand_on_a_page_without_a_ground(words: int) -> None:
    written = pages(render(protocol("основание " * words)))
    assert ["За доставчика" in page for page in written] == [False] * (len(written) - 1) + [True]
    assert "основание" in written[-1]
    assert "чл. 116" in written[-1]


@pytest.mark.parametrize("lines", [1, 12, 40])
def test_d9_a_name_of_250_letters_stands_whole_on_every_paper(lines: int) -> None:
    buyer = replace(COMPANY, name=LONG_NAME)
    assert len(buyer.name) == 250
    for view in (invoice([BRUSH] * lines, buyer=buyer), replace(goods_note(lines), buyer=buyer)):
        assert LONG_NAME in pages(render(view))[0]
