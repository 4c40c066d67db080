"""A guest's token opens one order, for a time, and cannot be made up (complaint 14)."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from app.auth.guest_tokens import guest_token, verify
from app.core.secrets import Secret

SECRET = Secret.of("a secret of the tests, 32 bytes.")
ORDER = UUID("01938f4c-0000-7000-8000-000000000001")
OTHER = UUID("01938f4c-0000-7000-8000-000000000002")
EXPIRES = datetime(2027, 2, 20, 12, 0, tzinfo=UTC)
BEFORE = EXPIRES - timedelta(seconds=1)
TOKEN = guest_token(SECRET, ORDER, EXPIRES)


def test_it_opens_its_order_until_it_expires() -> None:
    assert verify(SECRET, TOKEN, ORDER, BEFORE)
    assert verify(SECRET, TOKEN, ORDER, EXPIRES - timedelta(microseconds=1))
    assert not verify(SECRET, TOKEN, ORDER, EXPIRES)
    assert not verify(SECRET, TOKEN, ORDER, EXPIRES + timedelta(days=1))


def test_it_is_derived_so_a_replay_gets_the_same() -> None:
    assert guest_token(SECRET, ORDER, EXPIRES) == TOKEN
    assert guest_token(SECRET, ORDER, EXPIRES.astimezone(timezone(timedelta(hours=2)))) == TOKEN
    assert len(TOKEN.split(".")[1]) * 6 >= 256


def test_it_opens_no_other_order_and_no_other_shop() -> None:
    assert not verify(SECRET, TOKEN, OTHER, BEFORE)
    assert not verify(Secret.of("another secret"), TOKEN, ORDER, BEFORE)


def test_every_letter_counts() -> None:
    for place, letter in enumerate(TOKEN):
        for other in "A0Zz_" if letter.isalpha() or letter in "-_" else "123.":
            if other != letter:
                assert not verify(SECRET, TOKEN[:place] + other + TOKEN[place + 1 :], ORDER, BEFORE)


def test_its_expiry_cannot_be_moved() -> None:
    expires, mac = TOKEN.split(".")
    assert not verify(SECRET, f"{int(expires) + 1}.{mac}", ORDER, BEFORE)
    later = guest_token(SECRET, ORDER, EXPIRES + timedelta(days=1))
    assert not verify(SECRET, f"{later.split('.')[0]}.{mac}", ORDER, BEFORE)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "0",
        f"0{TOKEN}",
        f"+{TOKEN}",
        f" {TOKEN}",
        f"{TOKEN} ",
        f"{TOKEN}\n",
        f"{TOKEN}=",
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN.split(".")[0],
        TOKEN.split(".")[1],
        "9" * 12 + TOKEN[10:],
        "１" + TOKEN[1:],
        "ж" * 54,
        "\x00" * 54,
        "9" * 100_000,
        "None." + "A" * 43,
    ],
)
def test_what_is_no_token_opens_nothing(token: str) -> None:
    assert not verify(SECRET, token, ORDER, BEFORE)
