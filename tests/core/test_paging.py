"""A cursor is what the page before gave, or it is refused."""

import base64
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.paging import CursorUnknown, read_cursor, write_cursor

AT = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
ID = UUID("01a203a6-378f-79c5-8c2b-ab798a1c9df6")


def raw(key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def test_a_key_comes_back_as_it_was() -> None:
    assert read_cursor(write_cursor(AT, ID), datetime.fromisoformat, UUID) == (AT, ID)
    key = (date(2026, 11, 22), "0000000042", ID)
    assert read_cursor(write_cursor(*key), date.fromisoformat, str, UUID) == key
    assert read_cursor(None, str) is None


@given(st.lists(st.text(st.characters(categories=["L", "N", "P"])), min_size=1, max_size=3))
def test_any_printable_key_comes_back(key: list[str]) -> None:
    assert read_cursor(write_cursor(*key), *[str] * len(key)) == tuple(key)


@given(st.text(max_size=500))
def test_any_other_text_is_refused(cursor: str) -> None:
    with pytest.raises(CursorUnknown) as refusal:
        read_cursor(cursor, datetime.fromisoformat, UUID)
    assert refusal.value.status == 422


@pytest.mark.parametrize(
    "key",
    [
        [],
        ["2026-11-22"],
        ["2026-11-22", "a", str(ID), "more"],
        ["2026-02-30", "a", str(ID)],
        ["2026-11-22", "a", "no id"],
        ["2026-11-22", "\x00", str(ID)],
        ["2026-11-22", "\ud800", str(ID)],
        [20261122, "a", str(ID)],
        ["2026-11-22", "a", 1],
        ["2026-11-22", "a", None],
        {"a": 1, "b": 2, "c": 3},
        "abc",
        42,
        None,
    ],
)
def test_a_key_that_was_changed_is_refused(key: Any) -> None:
    with pytest.raises(CursorUnknown):
        read_cursor(raw(key), date.fromisoformat, str, UUID)


@pytest.mark.parametrize("cursor", ["", "=", "é", "a", "{}", "%00", "\x00", "null", "W1tbW1tb" * 60])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(CursorUnknown):
        read_cursor(cursor, str)
