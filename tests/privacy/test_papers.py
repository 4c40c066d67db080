"""Letters and lists as they come out of the printer."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from app.core.language import Language, Text
from app.mail.authority import Authority
from app.privacy.papers import Table, draw_paper, draw_tables
from tests.fulfilment.story import pdf_text
from tests.mail.letters import TRADER
from tests.shop import NOON
from tests.sketches import drawn


async def test_a_list_names_the_controller_and_goes_on_over_pages() -> None:
    rows = [[f"Клиент № {number}", None] for number in range(1, 90)]
    pdf = await draw_tables(Table(["Кой", "Бележка"], rows, "Клиенти"), title="Регистър „Клиенти“", trader=TRADER)
    text = pdf_text(pdf)
    for word in ("Регистър „Клиенти“", "ЕИК 204235072", "Манол Ивчев", "Клиент № 89", "Отговорно лице"):
        assert word in text


async def test_what_somebody_wrote_is_text_and_never_markup() -> None:
    wish = '<script>alert("1")</script> {{ 7 * 7 }}'
    pdf = await draw_tables(
        Table(["Искане"], [[wish]]), title="Requests", trader=TRADER, language=Language.EN, wide=False
    )
    assert wish in pdf_text(pdf)


LETTER = {
    "template": "letter.html",
    "package": "app.privacy.rights",
    "addressee": "Ива Петрова",
    "number": "1",
    "drawn_at": NOON,
    "tables": [],
    "authority": "Имате право на жалба.",
}
NOTIFICATION = {
    "template": "notification.html",
    "package": "app.privacy.breaches",
    "authority": Authority(address=Text("София", "Sofia"), email="kzld@cpdp.bg", site="www.cpdp.bg"),
    "drill": False,
}


def of_lines(paper: dict[str, Any], lines: int) -> dict[str, Any]:
    """Give a paper so many lines before what stands last in it."""
    if paper is LETTER:
        return {**paper, "paragraphs": ["Ред."] * lines}
    return {**paper, "sections": [{"heading": "Факти", "text": "Ред.\n" * lines}]}


@pytest.mark.parametrize(
    ("paper", "lines"),
    [*((LETTER, lines) for lines in (27, 28, 29)), *((NOTIFICATION, lines) for lines in (40, 42, 43, 44))],
)
async def test_d9_a_signature_never_stands_alone_on_a_page(paper: dict[str, Any], lines: int) -> None:
    pdf = await draw_paper(title="Отговор", trader=TRADER, **of_lines(paper, lines))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(drawn(pdf))).pages]
    assert TRADER.responsible_person in pages[-1]
    assert "Ред." in pages[-1] or "Имате право" in pages[-1]
