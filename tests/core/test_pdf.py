"""Pages are drawn in a process apart, the same as in one's own; what cannot be drawn is said without its words."""

import pytest

from app.core import pdf
from app.core.drawing import draw
from app.core.pdf import DrawingFailed, draw_now

PAGE, STYLE = "<title>Писмо</title><p>Мария Иванова, ул. „Шипка“ № 2</p>", "p { font: 10pt Inter }"


async def test_a_page_drawn_apart_is_the_one_drawn_here() -> None:
    apart = await draw_now(PAGE, STYLE)
    assert apart.startswith(b"%PDF-1.7")
    assert apart == draw(PAGE, STYLE, variant="pdf/a-3b")


async def test_a_page_that_cannot_be_drawn_is_told_without_its_words() -> None:
    fetches = PAGE + '<img src="http://127.0.0.1/pixel">'
    with pytest.raises(DrawingFailed) as refusal:
        await draw_now(fetches, STYLE)
    assert str(refusal.value) == ""


async def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 0.05)
    with pytest.raises(TimeoutError):
        await draw_now(PAGE, STYLE)
