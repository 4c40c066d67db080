"""The PDF says what the law asks for, on every page what belongs there, and is fit to be kept."""

import hashlib
import io
import logging
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pikepdf
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from weasyprint.urls import FatalURLFetchingError

from app.core import drawing
from app.core.money import Money
from app.invoices import rendering
from app.invoices.papers import TEMPLATE_VERSION
from app.invoices.rendering import render
from app.invoices.view import Buyer, InvoiceView, Line, NoVatGround, Payment
from tests.examples import examples
from tests.invoices.samples import BRUSH, COMPANY, PERSON, SELLER, invoice, untaxed

# WeasyPrint 70 leaves its own colour profile to be closed by the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014.icc:ResourceWarning")


def pages(pdf: bytes) -> list[str]:
    """Return each page's text with every run of spaces and line breaks made one space."""
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def text(view: InvoiceView) -> str:
    return " ".join(pages(render(view)))


def faces(pdf: bytes) -> list[tuple[str, bool]]:
    """Return the name of each face used, and whether it is embedded."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [
            (str(font.BaseFont), any(key.startswith("/FontFile") for key in face.FontDescriptor.keys()))  # noqa: SIM118 - not a dict
            for page in document.pages
            for font in page.Resources.Font.values()
            for face in font.DescendantFonts
        ]


LEGAL_CONTENTS = {
    "1 name": "Фактура Invoice",
    "2 number": "№ 0000000042",
    "3 date of issue": "22.11.2026 г. 20.11.2026 г. гр. София",
    "4 seller": "„Комплийт Дентал Солюшънс“ ЕООД гр. София 1618, р-н Витоша, ул. „Българска легия“ № 2",
    "5 seller's VAT number": "ДДС № VAT No. BG204235072",
    "6 seller's EIK": "ЕИК Company ID 204235072",
    "7 buyer": "„Дентална практика Усмивка“ ООД гр. Варна 9000, бул. „Владислав Варненчик“ № 48, вх. Б, ет. 2",
    "8 buyer's EIK and VAT number": "ЕИК Company ID 175074752 ДДС № VAT No. BG175074752",
    "9 goods and quantity": "Йонна четка за зъби Ionickiss ION-CL-BL 1 бр.",
    "10 tax event": "Дата на данъчно събитие Tax event",
    "11 unit price, discount, base": "3 бр. 12,4167 −3,73 33,52",
    "12 rate and 13 VAT": "6,71 20 % 40,23",
    "12 rate and 13 VAT in sum": "Данъчна основа 20 % Tax base 1 080,02 € ДДС 20 % VAT 216,01 €",
    "14 amount payable": "Сума за плащане Total 1 296,03 €",
    "in words": "хиляда двеста деветдесет и шест евро и 3 цента",
    "delivery": "3 Доставка със Speedy 1 бр. 4,92 4,92 0,98 20 % 5,90",
    "order": "№ 100000042 от 18.11.2026 г.",
    "account": "IBAN BG80 BNBG 9661 1020 3456 78 BIC BNBGBGSD Банка Bank Примерна банка АД",
    "original": "ОРИГИНАЛ",
    "responsible person": "МОЛ Represented by Манол Ивчев",
}


@pytest.fixture(scope="module")
def page() -> str:
    return text(invoice())


@pytest.mark.parametrize("words", LEGAL_CONTENTS.values(), ids=LEGAL_CONTENTS.keys())
def test_the_page_has_what_the_law_asks_for(page: str, words: str) -> None:
    assert words in page


def test_a_document_is_in_euro_alone(page: str) -> None:
    assert "лв" not in page
    assert "BGN" not in page


def test_an_invoice_to_a_person_asks_for_no_number() -> None:
    page = text(invoice(buyer=PERSON, payment=Payment.CASH_ON_DELIVERY))
    assert f"Получател Buyer {PERSON.name} {PERSON.address} Доставчик" in page
    assert "Наложен платеж Cash on delivery Дължи се на куриера" in page
    assert "IBAN" not in page
    assert page.count("ЕИК Company ID") == 1


def test_a_paid_invoice_says_when() -> None:
    page = text(invoice(payment=Payment.CARD, paid_on=date(2026, 11, 20)))
    assert "Банкова карта Card Платено на 20.11.2026 г." in page


def test_without_discounts_there_is_no_such_column() -> None:
    assert "Отстъпка" not in text(invoice([BRUSH]))


@pytest.mark.parametrize("ground", [NoVatGround.EXPORT, NoVatGround.INTRA_EU])
def test_a_zero_rate_stands_with_its_ground(ground: NoVatGround) -> None:
    page = text(invoice([untaxed()], no_vat_ground=ground))
    assert "9,90 0,00 0 % 9,90" in page
    assert f"Основание за неначисляване на ДДС Ground for no VAT {ground.value}" in page


@pytest.mark.parametrize("ground", [NoVatGround.REVERSE_CHARGE, NoVatGround.NOT_REGISTERED])
def test_some_grounds_leave_neither_rate_nor_vat_on_the_page(ground: NoVatGround) -> None:
    seller = replace(SELLER, vat_number=None) if ground is NoVatGround.NOT_REGISTERED else SELLER
    page = text(invoice([untaxed()], seller=seller, no_vat_ground=ground))
    assert ground.value in page
    assert "%" not in page
    assert "Сума с ДДС" not in page
    assert "Данъчна основа Tax base 9,90 € Сума за плащане Total 9,90 €" in page


def test_several_rates_are_summed_apart_and_together() -> None:
    book = Line.of(description="Книга", quantity=1, rate=9, gross=Money.of("10.90"))
    page = text(invoice([BRUSH, book]))
    assert "Данъчна основа 20 % Tax base 1 041,58 € ДДС 20 % VAT 208,32 €" in page
    assert "Данъчна основа 9 % Tax base 10,00 € ДДС 9 % VAT 0,90 €" in page
    assert "Общо данъчна основа Total base 1 051,58 € Общо ДДС Total VAT 209,22 €" in page


def test_forty_lines_run_over_pages_with_head_and_foot() -> None:
    goods = [replace(BRUSH, description=f"Четка номер {n:02d}") for n in range(40)]
    written = pages(render(invoice(goods)))
    assert len(written) == 3
    for n, page in enumerate(written, start=1):
        assert "Ед. цена без ДДС Unit price" in page
        assert "Фактура № 0000000042" in page
        assert f"страница {n} от 3" in page
        assert "„Комплийт Дентал Солюшънс“ ЕООД · ЕИК 204235072 · ДДС № BG204235072" in page
    assert " ".join(written).count("Четка номер") == 40
    assert all("Сума за плащане" not in page for page in written[:-1])


@pytest.mark.parametrize("count", [7, 11, 24])
def test_the_total_never_stands_on_a_page_without_a_line(count: int) -> None:
    last = pages(render(invoice([BRUSH] * count, payment=Payment.BANK_TRANSFER)))[-1]
    assert "Сума за плащане" in last
    assert "ION-CL-BL" in last


def test_names_are_text_and_never_markup() -> None:
    name = '<b>Иван</b> & "Co" <img src="file:///etc/passwd"> {{ 7 * 7 }}'
    page = text(invoice(buyer=replace(COMPANY, name=name)))
    assert name.replace(" ", "") in page.replace(" ", "")  # a long word is broken between two lines


def test_a_page_that_asks_for_a_file_fails() -> None:
    with pytest.raises(FatalURLFetchingError, match="fetches nothing"):
        drawing.draw('<img src="file:///etc/hostname">', "", variant="pdf/a-3b")


def test_endless_words_and_other_scripts_stay_on_the_page() -> None:
    pdf = render(invoice(buyer=Buyer(name="Ωμέγα Գարեգին محمد", address="ж" * 300)))
    assert "Ωμέγα Գարեգին" in pages(pdf)[0]
    assert pages(pdf)[0].replace(" ", "").count("ж" * 300) == 1
    assert any("DejaVu" in name for name, _ in faces(pdf))


def test_letters_without_a_glyph_are_replaced(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pdf = render(invoice(buyer=replace(COMPANY, name="Иво \U000f1234\x07 Петров")))
    assert "Иво �� Петров" in pages(pdf)[0]
    assert no_empty_glyphs(pdf)
    assert caplog.records == []


def no_empty_glyphs(pdf: bytes) -> bool:
    """Say whether every face maps its glyphs as they are; WeasyPrint maps to .notdef by a character map of its own."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts = [font for page in document.pages for font in page.Resources.Font.values()]
        return all(font.Encoding == pikepdf.Name("/Identity-H") for font in fonts)


@given(name=st.text(min_size=1, max_size=40))
@settings(max_examples=examples(3))
def test_any_name_gives_a_sound_document(name: str) -> None:
    pdf = render(invoice(buyer=replace(COMPANY, name=name)))
    assert no_empty_glyphs(pdf)
    assert "Сума за плащане" in pages(pdf)[-1]


def test_the_document_is_pdf_a_3b() -> None:
    with pikepdf.open(io.BytesIO(render(invoice()))) as document:
        assert document.pdf_version == "1.7"
        assert document.open_metadata().pdfa_status == "3B"
        assert not document.is_encrypted
        assert len(document.trailer.ID) == 2
        assert document.Root.Lang == "bg"
        assert document.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert len(document.Root.OutputIntents[0].DestOutputProfile.read_bytes()) > 2000
        assert not {"/OpenAction", "/AA", "/AcroForm"} & set(document.Root.keys())
        assert set(document.Root.Names.keys()) == {"/EmbeddedFiles"}
        assert not any("/Annots" in page for page in document.pages)
        intent = document.Root.Metadata
        assert "/Filter" in intent or intent.read_bytes().startswith(b"<?xpacket")


def test_the_document_names_itself_and_nobody_who_buys() -> None:
    with pikepdf.open(io.BytesIO(render(invoice()))) as document:
        assert {key: str(value) for key, value in document.docinfo.items() if key != "/Producer"} == {
            "/Title": "Фактура № 0000000042",
            "/Author": SELLER.name,
            "/Keywords": f"snapshot-sha256:{invoice().fingerprint()}",
            "/Creator": TEMPLATE_VERSION,
            "/CreationDate": "D:20261122000000Z",
            "/ModDate": "D:20261122000000Z",
        }


def test_both_faces_are_embedded() -> None:
    used = faces(render(invoice()))
    assert sorted(name.partition("+")[2] for name, _ in used) == ["Inter", "Inter-Semi-Bold"]
    assert all(embedded for _, embedded in used)


def test_the_same_view_gives_the_same_bytes_in_any_process() -> None:
    script = (
        "import hashlib; from app.invoices.rendering import render; from tests.invoices.samples import invoice;"
        "print(hashlib.sha256(render(invoice())).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == hashlib.sha256(render(invoice())).hexdigest()


def test_another_view_gives_other_bytes_and_another_identifier() -> None:
    one, other = (render(replace(invoice(), number=number)) for number in ("0000000042", "0000000043"))
    with pikepdf.open(io.BytesIO(one)) as first, pikepdf.open(io.BytesIO(other)) as second:
        assert bytes(first.trailer.ID[0]) != bytes(second.trailer.ID[0])


def test_the_style_sheet_is_understood_to_the_last_rule(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        drawing._stylesheet.__wrapped__(rendering._stylesheet())
        drawing.draw(rendering._html(invoice()), rendering._stylesheet(), variant="pdf/a-3b")
    assert caplog.records == []
