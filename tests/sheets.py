"""Reads the shop's tables as a spreadsheet does."""

import csv
import io


def read_sheet(written: bytes) -> list[list[str]]:
    """Read rows of cells between semicolons; the mark must be there, and lines end by CRLF."""
    assert written.startswith(b"\xef\xbb\xbf"), "a spreadsheet would not take it for UTF-8"
    assert written.endswith(b"\r\n")
    return [*csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";", strict=True)]


def read_records(written: bytes) -> list[dict[str, str]]:
    """Read rows by the names of their columns."""
    columns, *rows = read_sheet(written)
    return [dict(zip(columns, row, strict=True)) for row in rows]
