"""CSV that a spreadsheet opens as it is written."""

from datetime import date

from app.core.money import Money
from app.core.sheets import as_csv, as_quoted_rows


def test_cells_are_written_plainly_and_none_is_a_formula() -> None:
    rows: list[list[object]] = [["Ива, Петрова", None, True, date(2026, 11, 26)], ["=1+1", "@a", 'с "кавички"', -1]]
    assert as_csv(["кой", "б", "в", "г"], rows) == (
        'кой,б,в,г\r\n"Ива, Петрова",,yes,2026-11-26\r\n\'=1+1,\'@a,"с ""кавички""",-1\r\n'
    )


def test_text_is_quoted_and_numbers_are_not() -> None:
    rows: list[list[object]] = [["Иван,=1+2", 'с "кавички"', "=1", date(2026, 11, 26), -1, Money(-5), Money(123456)]]
    assert as_quoted_rows(rows) == ('"Иван,=1+2";"с ""кавички""";"\'=1";"2026-11-26";-1;-0.05;1234.56\r\n')
