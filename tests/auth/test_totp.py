"""Second factors: what authenticator apps compute, each code once, keys encrypted; recovery codes."""

import json
import re
from base64 import b32encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from passlib.totp import TOTP  # type: ignore[import-untyped] # libpass says nothing of its types

from app.auth.models import Staff
from app.auth.second_factor import seconds_locked
from app.auth.totp import NewFactor, Totp, digest_of, new_recovery_codes

SECRET = "a secret of the tests"
AT = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)
NUMBER = int(AT.timestamp()) // 30
RFC_6238_KEY = b32encode(b"12345678901234567890").decode()


@pytest.fixture
def totp() -> Totp:
    return Totp(SECRET)


@pytest.fixture
def made(totp: Totp) -> NewFactor:
    return totp.new("iva@example.bg")


def code_at(made: NewFactor, at: datetime) -> str:
    """Compute what the app shows that scanned the address."""
    code: str = TOTP.from_uri(made.uri).generate(time=at).token
    return code


@pytest.mark.parametrize(
    ("seconds", "code"),
    # RFC 6238, appendix B, SHA-1: the last six of its eight digits.
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(totp: Totp, seconds: int, code: str) -> None:
    kept = json.dumps({"v": 1, "type": "totp", "key": RFC_6238_KEY})
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.verify(kept, code, after=None, at=at) == seconds // 30
    assert totp.verify(kept, f"{(int(code) + 1) % 1_000_000:06}", after=None, at=at) is None


def test_an_app_is_told_what_it_needs(made: NewFactor) -> None:
    address = urlsplit(made.uri)
    key = made.key.replace("-", "")
    assert (address.scheme, address.netloc, address.path) == ("otpauth", "totp", "/Ionickiss:iva@example.bg")
    assert parse_qs(address.query) == {"secret": [key], "issuer": ["Ionickiss"]}
    assert len(key) * 5 >= 160  # RFC 4226 §4, R6


@pytest.mark.parametrize(("ahead", "number"), [(-2, None), (-1, NUMBER - 1), (0, NUMBER), (1, NUMBER + 1), (2, None)])
def test_a_clock_may_be_half_a_minute_off(totp: Totp, made: NewFactor, ahead: int, number: int | None) -> None:
    assert totp.verify(made.encrypted, code_at(made, AT + ahead * STEP), after=None, at=AT) == number


def test_a_code_is_taken_once_and_none_before_it_afterwards(totp: Totp, made: NewFactor) -> None:
    code = code_at(made, AT)
    used = totp.verify(made.encrypted, code, after=None, at=AT)
    assert used == NUMBER
    assert totp.verify(made.encrypted, code, after=used, at=AT) is None
    assert totp.verify(made.encrypted, code_at(made, AT - STEP), after=used, at=AT) is None
    assert totp.verify(made.encrypted, code_at(made, AT + STEP), after=used, at=AT + STEP) == NUMBER + 1
    # A clock that was put back: nothing is taken until it has caught up, for those codes may have been used.
    for ahead in (1, 2, 100):
        assert totp.verify(made.encrypted, code, after=NUMBER + ahead, at=AT) is None


def test_f4_a_code_is_not_good_again_for_a_clock_that_was_put_back(totp: Totp, made: NewFactor) -> None:
    first = totp.verify(made.encrypted, code_at(made, AT), after=None, at=AT)
    second = totp.verify(made.encrypted, code_at(made, AT + 3 * STEP), after=first, at=AT + 3 * STEP)
    assert (first, second) == (NUMBER, NUMBER + 3)
    assert totp.verify(made.encrypted, code_at(made, AT), after=second, at=AT) is None


def test_f4_no_lock_of_a_second_factor_is_longer_than_a_day() -> None:
    member = Staff(locked_until=AT + timedelta(days=90))
    assert seconds_locked(member, at=AT) == 24 * 60 * 60
    assert seconds_locked(member, at=AT + timedelta(hours=23)) == 60 * 60
    assert seconds_locked(member, at=AT + timedelta(hours=24)) is None


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}-{1}\n", "{0}{1}"])
def test_a_code_may_be_typed_in_groups(totp: Totp, made: NewFactor, typed: str) -> None:
    code = code_at(made, AT)
    assert totp.verify(made.encrypted, typed.format(code[:3], code[3:]), after=None, at=AT) == NUMBER


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "٠١٢٣٤٥", "0x1234", "-" * 60_000, "\ud800\0"])
def test_what_is_no_code_is_refused(totp: Totp, made: NewFactor, typed: str) -> None:
    assert totp.verify(made.encrypted, typed, after=None, at=AT) is None


def test_the_key_is_kept_encrypted_and_shown_nowhere(made: NewFactor) -> None:
    key = made.key.replace("-", "")
    kept = json.loads(made.encrypted)
    assert set(kept) == {"v", "type", "enckey"}
    assert key not in made.encrypted
    assert key not in repr(made)
    assert made.encrypted not in repr(made)


def test_under_another_secret_a_key_cannot_be_read(made: NewFactor) -> None:
    with pytest.raises(KeyError, match="unknown secret tag") as refused:
        Totp("another secret of the tests").verify(made.encrypted, code_at(made, AT), after=None, at=AT)
    assert SECRET not in str(refused.value)


def test_a_new_secret_goes_before_the_old_one(made: NewFactor) -> None:
    both = Totp(f"a newer secret of the tests , {SECRET}")
    assert both.verify(made.encrypted, code_at(made, AT), after=None, at=AT) == NUMBER
    later = both.new("petar@example.bg")
    assert Totp("a newer secret of the tests").verify(later.encrypted, code_at(later, AT), after=None, at=AT) == NUMBER


def test_recovery_codes_are_ten_of_eighty_random_bits() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", code) for code in codes)
    assert not set(codes) & set(new_recovery_codes())


def test_a_recovery_code_is_known_however_it_is_typed() -> None:
    code = "ABCD-EFGH-2345-WXYZ"
    for typed in ("abcdefgh2345wxyz", " abcd efgh 2345 wxyz ", "AbCd-eFgH2345-wXyZ"):
        assert digest_of(typed) == digest_of(code)
    assert len(digest_of(code)) == 32
    assert digest_of("ABCD-EFGH-2345-WXYA") != digest_of(code)
    assert digest_of("\ud800") != digest_of("")
