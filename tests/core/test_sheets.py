"""CSV that a spreadsheet opens as it is written, wherever it takes a cell to end."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import Money
from app.core.sheets import as_csv, as_given, as_rows, without_formulas

SIGNS = "=+-@\u2212＝＋－＠"
# What a person does not see, and what a reader takes off before it looks for a sign.
UNSEEN = ' \u00a0\u200b\u3164\ufeff\u00ad\u2800\ufe0f"'
TYPED = st.text(
    st.one_of(st.sampled_from([*SIGNS, *UNSEEN, *";,\t\r\n|'a"]), st.characters(codec="utf-8")), max_size=30
)


def test_d1_every_text_is_quoted_and_what_is_ours_is_plain() -> None:
    moment = datetime(2026, 11, 26, 10, tzinfo=UTC)
    rows: list[list[object]] = [
        ["Ива; Петрова", 'с "кавички"', None, "", True],
        [date(2026, 11, 26), moment, -1, Money(-5), Decimal("1234.50")],
    ]
    assert as_csv(["кой", "+", "в", "г", "д"], rows).decode() == (
        '\ufeff"кой";"\'+";"в";"г";"д"\r\n'
        '"Ива; Петрова";"с ""кавички""";;"";"yes"\r\n'
        "2026-11-26;2026-11-26T10:00:00+00:00;-1;-0.05;1234.50\r\n"
    )
    assert as_rows([["а", 1]]).decode() == '"а";1\r\n'


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=1+1", "'=1+1"),
        ("Ива;=cmd|' /C calc'!A0", "Ива;'=cmd|' /C calc'!A0"),
        ("Ива,+1", "Ива,'+1"),
        ("Ива\t-1", "Ива\t'-1"),
        ("Ива\r@a\n=b", "Ива\r'@a\n'=b"),
        ("＝1;＋1,－1\t＠a", "'＝1;'＋1,'－1\t'＠a"),
        ("  =1", "  '=1"),
        ('";"=1', '";"\'=1'),
        ("\u200b\u3164=1", "\u200b\u3164'=1"),
        ("'=1", "'=1"),
        ("Ива-Мария = 1; 2", "Ива-Мария = 1; 2"),
        ("+359888123456", "'+359888123456"),
    ],
)
def test_d1_a_sign_is_neutralised_wherever_a_cell_may_begin(typed: str, written: str) -> None:
    assert without_formulas(typed) == written


@given(st.lists(st.lists(TYPED, min_size=1, max_size=3), min_size=1, max_size=3))
def test_d1_no_cell_of_any_reader_begins_a_formula(rows: list[list[str]]) -> None:
    written = as_csv(rows[0], rows[1:]).decode("utf-8-sig")
    for separator in ";,\t|":
        read = csv.reader(io.StringIO(written, newline=None), delimiter=separator)
        respecting = [cell for row in read for cell in row]
        ignoring = re.split(f"[{separator}\r\n]", written)
        for cell in (*respecting, *ignoring):
            assert not cell.lstrip(UNSEEN).startswith(tuple(SIGNS)), (separator, cell)
            assert not cell.startswith(("\t=", "\r=", "\n=")), (separator, cell)


@given(TYPED)
def test_d1_what_is_neutralised_is_so_once_and_nothing_else_changes(typed: str) -> None:
    once = without_formulas(typed)
    assert without_formulas(once) == once
    assert once.replace("'", "") == typed.replace("'", "")


@given(st.lists(st.lists(TYPED, min_size=2, max_size=2), min_size=1, max_size=4))
def test_d1_a_portable_copy_is_read_back_letter_for_letter(rows: list[list[str]]) -> None:
    written = as_given(["a", "b"], rows)
    assert written.startswith(b"\xef\xbb\xbf")
    read = csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";")
    assert [*read] == [["a", "b"], *rows]


@given(st.lists(st.lists(TYPED, min_size=2, max_size=2), max_size=4))
def test_d1_a_table_is_read_back_but_for_the_apostrophes(rows: list[list[str]]) -> None:
    read = csv.reader(io.StringIO(as_csv(["a", "b"], rows).decode("utf-8-sig"), newline=""), delimiter=";")
    assert [*read] == [["a", "b"], *([without_formulas(cell) for cell in row] for row in rows)]
