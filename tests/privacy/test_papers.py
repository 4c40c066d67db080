"""Letters and lists as they come out of the printer."""

from app.core.language import Language
from app.privacy.papers import Table, draw_tables
from tests.fulfilment.story import pdf_text
from tests.mail.letters import TRADER


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
