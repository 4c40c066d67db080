"""Bulgarian unless English is preferred."""

import pytest

from app.core.language import Language, Text, preferred


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        (None, "bg"),
        ("", "bg"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("bg", "bg"),
        ("bg-BG,bg;q=0.9,en-US;q=0.8,en;q=0.7", "bg"),
        ("en-US,en;q=0.9,bg;q=0.8", "en"),
        ("en;q=0.5, bg;q=0.6", "bg"),
        ("bg;q=0.1,en;q=0.11", "en"),
        ("en;q=0.5,bg;q=0.5", "en"),  # the first of equals
        ("de,fr;q=0.9,en;q=0.1", "en"),
        ("de, fr", "bg"),
        ("*", "bg"),
        ("en;q=0", "bg"),
        ("en;q=0.000,bg;q=0.001", "bg"),
        ("en;Q=1.000", "en"),
        ("en ; q=0.8 , bg;q=0.3", "en"),
        # What is no weight is not asked for.
        ("en;q=2", "bg"),
        ("en;q=-1", "bg"),
        ("en;q=inf", "bg"),
        ("en;q=nan", "bg"),
        ("en;q=", "bg"),
        ("en;level=1", "bg"),
        ("en;q=1_0", "bg"),
        ("en;q=0.1234", "bg"),
        (",,;;==,q=,\x00", "bg"),
        ("english", "bg"),
        ("x" * 100_000, "bg"),
        ("en," * 20_000, "en"),
    ],
)
def test_the_preferred_language(asked: str | None, language: str) -> None:
    assert preferred(asked) == language


def test_a_sentence_is_told_in_the_language_asked_for() -> None:
    text = Text("да", "yes")
    assert (text.in_(Language.BG), text.in_(Language.EN)) == ("да", "yes")
