"""CSV that a spreadsheet opens as it is written."""

from datetime import date

from app.core.sheets import as_csv


def test_cells_are_written_plainly_and_none_is_a_formula() -> None:
    rows: list[list[object]] = [["Ива, Петрова", None, True, date(2026, 11, 26)], ["=1+1", "@a", 'с "кавички"', -1]]
    assert as_csv(["кой", "б", "в", "г"], rows) == (
        'кой,б,в,г\r\n"Ива, Петрова",,yes,2026-11-26\r\n\'=1+1,\'@a,"с ""кавички""",-1\r\n'
    )
