"""A link's token is of one purpose and one row, and nobody else can make it."""

from uuid import UUID

import pytest

from app.auth.link_tokens import LENGTH, link_token, read_link
from app.core.secrets import Secret

SECRET = Secret.of("a secret of the tests, 32 bytes.")
ROW = UUID("5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10")


def test_a_token_names_its_row_for_its_purpose_alone() -> None:
    token = link_token(SECRET, "registration", ROW)

    assert len(token) == LENGTH
    assert read_link(SECRET, "registration", token) == ROW
    assert read_link(SECRET, "reset_password", token) is None
    assert read_link(Secret.of("another secret of the tests, 32."), "registration", token) is None


def test_the_same_link_is_written_again() -> None:
    assert link_token(SECRET, "registration", ROW) == link_token(SECRET, "registration", ROW)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "A", lambda t: "B" + t[1:], lambda t: t[:40] + "*" * 24]
)
def test_what_was_not_made_here_is_not_read(change: object) -> None:
    assert callable(change)
    assert read_link(SECRET, "registration", change(link_token(SECRET, "registration", ROW))) is None


@pytest.mark.parametrize("text", ["", "я" * LENGTH, "\x00" * LENGTH, "=" * LENGTH, "+/" * 32])
def test_odd_text_is_not_read(text: str) -> None:
    assert read_link(SECRET, "registration", text) is None
