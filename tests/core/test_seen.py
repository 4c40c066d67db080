"""What is seen of a text: the rest is left out, and what reads otherwise than it is written is found."""

import contextlib
import sys
import time
import unicodedata
from typing import Annotated

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.core.fields import ANY_LINE, SEVERAL_LINES, upto
from app.core.seen import MOST_MARKS, SELECTORS, TURNING, UNSEEN, has_noncharacter, is_blank, is_piled, visible

LINE = TypeAdapter(Annotated[str, upto(50), ANY_LINE])
CONCATENATION_MARKS = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Unicode's Prepended_Concatenation_Mark: of the kind of invisible signs, and yet drawn."""
ODD = st.text(
    st.sampled_from(
        "aИ1 ٣حשک☎❤🙂🔥♀↔葛ക്ര्य्ᠮ#\u0301\u0316\u0338\u094d\u0951\u093c\u0958\u0344\u2329\u3164\u2800\u00ad"
        "\u180b\u180e\u200b\u200c\u200d\u200e\u200f\u061c\ufb2c\u20e3\ufe00\ufe0e\ufe0f\U000e0041\U000e0100"
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    "unseen",
    [
        "\u200b",
        "\u3164",
        "\u2800",
        "\u00ad",
        "\U000e0041\U000e0042",
        "\u180e",
        "\u034f",
        "\ufe0f",
        "\u200d\u200c",
        "\U000e0100",
    ],
)
def test_typed_c3_what_nobody_sees_is_nothing(unseen: str) -> None:
    assert visible(unseen) == visible(f" {unseen} {unseen}\t") == ""
    assert visible(f"{unseen}Ива{unseen}") == "Ива"


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d👩\u200d👧 🙂\u200d↔\ufe0f ❤\ufe0f\u200d🔥 👍🏽",
        "1\ufe0f\u20e3 ☎\ufe0e",
        "葛\U000e0100城",  # a Japanese name's own form of its letter
        "کتاب\u200cها",
        "क्\u200dष क्\u200cष",
        "ക്\u200d",  # a letter of its own at a word's end
        "র\u200d্য",
        "ᠮᠣᠩᠭᠣᠯ\u180b",
        "\u200fשרה\u200f! \u061cعلي",
    ],
)
def test_typed_c3_what_joins_or_varies_letters_stays_where_it_is_seen(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ив\u200dан", "Иван"),
        ("Ив\ufe0fан", "Иван"),
        ("0888\ufe0d123456", "0888123456"),
        ("и\u200b\u0306ва", "йва"),  # composed once nothing stands between
        ("☎\ufe0f\ufe0f\ufe0f", "☎\ufe0f"),
        ("葛\U000e0100\U000e0101", "葛\U000e0100"),
        ("ക്\u200d\u200d", "ക്\u200d"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴"),
        ("⠊\u2800⠧", "⠊ ⠧"),
        ("\u200eИва\u200f", "Ива"),
        ("שרה\u200f\u200e\u200f", "שרה\u200f"),
    ],
)
def test_typed_c3_and_goes_where_it_is_not(written: str, kept: str) -> None:
    assert visible(written) == kept


def test_typed_c3_every_invisible_sign_of_unicode_has_its_place() -> None:
    signs = {chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"}
    placed = {sign for sign in signs if UNSEEN.match(sign) or TURNING.match(sign) or SELECTORS.match(sign)}
    assert signs - placed == CONCATENATION_MARKS
    selectors = {
        chr(code) for code in range(sys.maxunicode + 1) if "VARIATION SELECTOR" in unicodedata.name(chr(code), "")
    }
    assert {sign for sign in selectors if not SELECTORS.match(sign)} == set()
    assert sum(has_noncharacter(chr(code)) for code in range(sys.maxunicode + 1)) == 66


@given(st.one_of(st.text(max_size=40), ODD))
@example("a\u0301\u200d\u094d\u200d\u094d\u200d")
@example("\u2329\ufe0f")
@example("ا\u200d\u0951\u200d\u0316ا")
def test_typed_c3_what_is_kept_is_kept_again_and_what_is_visible_is_kept(text: str) -> None:
    kept = visible(text)
    assert visible(kept) == kept
    assert is_blank(kept) is is_blank(text)
    bare = [UNSEEN.sub("", SELECTORS.sub("", each)).replace("\u2800", " ").strip() for each in (text, kept)]
    assert unicodedata.normalize("NFC", bare[0]) == unicodedata.normalize("NFC", bare[1])


@given(st.one_of(st.text(max_size=60), ODD))
def test_typed_c3_a_line_that_is_taken_is_seen_and_within_its_limit(text: str) -> None:
    try:
        kept = LINE.validate_python(text)
    except ValidationError:
        return
    assert 1 <= len(kept) <= 50
    assert LINE.validate_python(kept) == kept
    assert not (TURNING.search(kept))
    assert not (UNSEEN.search(kept))
    assert not (has_noncharacter(kept))
    assert not (is_piled(kept))
    assert SELECTORS.sub("", kept).strip() != ""


def test_typed_c3_what_composing_makes_longer_than_its_limit_is_refused() -> None:
    with pytest.raises(ValidationError) as refusal:
        LINE.validate_python("\u0958" * 50)
    assert [error["type"] for error in refusal.value.errors()] == ["string_too_long"]


def test_typed_c3_a_letter_bears_as_many_marks_as_a_language_writes() -> None:
    assert LINE.validate_python("Ива" + "\u0316" * MOST_MARKS) == "Ива" + "\u0316" * MOST_MARKS
    for parting in ("", "\u200b", "\u200d"):
        with pytest.raises(ValidationError) as refusal:
            LINE.validate_python("Ива" + f"\u0316{parting}" * (MOST_MARKS + 1))
        assert [error["type"] for error in refusal.value.errors()] == ["piled"]


@pytest.mark.parametrize(
    "part",
    [
        "\u0301\u0316",
        "и",
        "\u200d",
        "☎\ufe0f",
        "क्\u200d",
        "\u094d\u200d",
        "\u094d\u200d\u0301",
        "\u200b\u0301\u0316",
        "\u0958",
    ],
)
def test_typed_c3_no_text_takes_long(part: str) -> None:
    """64 KB of what is worst; composed at once, the first would take ten seconds."""
    text = TypeAdapter(Annotated[str, upto(80_000), SEVERAL_LINES])
    begun = time.process_time()
    with contextlib.suppress(ValidationError):
        text.validate_python("a" + part * (65_536 // len(part)))
    assert time.process_time() - begun < 1
