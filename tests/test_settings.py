"""Settings: what the environment may say, and what production refuses to start with."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from app.core.money import Money
from app.orders.models import PaymentMethod
from app.settings import MisconfiguredError, Settings
from app.settings.production import OWN_IDS, SECRETS

ROOT = Path(__file__).parent.parent
GIVEN = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql+psycopg://shop:correct-horse@db.internal/shop",
    "PUBLIC_URL": "https://api.ionickiss.bg",
    "STOREFRONT_URL": "https://ionickiss.bg",
    "STOREFRONT_ORIGINS": "https://ionickiss.bg, https://www.ionickiss.bg",
    "GUEST_TOKEN_SECRET": "0123456789abcdef0123456789abcdef",
    "TOTP_SECRET": "abcdefghijklmnopqrstuvwxyz012345",
    "SEALING_SECRET": "9876543210abcdefghijklmnopqrstuv",
    "BACKUP_SECRET": "zyxwvutsrqponmlkjihgfedcba987654",
    "SIGNING_KEYS": '{"keys": [{"d": "battery-staple"}]}',
    "SPEEDY_URL": "https://api.speedy.bg/v1",
    "SPEEDY_USER": "998877",
    "SPEEDY_PASSWORD": "speedy-password",
    "ICASH_URL": "https://v5.icash.bg",
    "ICASH_API_KEY": "icash-key",
    "ICASH_SECRET_KEY": "icash-secret",
    "SMTP_HOST": "mail.internal",
    "SMTP_USER": "shop",
    "SMTP_PASSWORD": "mail-password",
    "SELLER_IBAN": "BG80BNBG96611020345678",
    **{name.upper(): "7" for name in OWN_IDS},
}
HIDDEN = (
    "correct-horse",
    "0123456789abcdef0123456789abcdef",
    "abcdefghijklmnopqrstuvwxyz012345",
    "zyxwvutsrqponmlkjihgfedcba987654",
    "battery-staple",
    "speedy-password",
    "icash-secret",
    "mail-password",
)


@pytest.fixture(autouse=True)
def _only_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SHOP_{name.upper()}", raising=False)


def give(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"SHOP_{name}", value)
    return Settings()


def refusal(monkeypatch: pytest.MonkeyPatch, **changes: str) -> str:
    """Tell what production says against the full set with these changes."""
    with pytest.raises(MisconfiguredError) as refused:
        give(monkeypatch, **{**GIVEN, **changes})
    return str(refused.value).removeprefix("not fit for production: ")


def test_production_starts_with_a_full_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = give(monkeypatch, **GIVEN)
    assert settings.is_production
    assert settings.storefront_origins == ("https://ionickiss.bg", "https://www.ionickiss.bg")
    assert settings.icash_warehouse_id == 7


def test_development_starts_with_nothing() -> None:
    settings = Settings()
    assert not settings.is_production
    assert settings.database_url is None


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "SIGNING_KEYS", "SPEEDY_URL", "ICASH_URL", "SMTP_HOST", "SMTP_PASSWORD", "SELLER_IBAN"]
)
def test_production_refuses_to_start_without(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert refusal(monkeypatch, **{name: ""}) == f"SHOP_{name} is not set"


@pytest.mark.parametrize("name", [name.upper() for name in OWN_IDS])
def test_production_guesses_no_id_of_an_account(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert refusal(monkeypatch, **{name: ""}) == f"SHOP_{name} is not set"


@pytest.mark.parametrize("name", [*(name.upper() for name in SECRETS), "SPEEDY_USER", "ICASH_API_KEY"])
@pytest.mark.parametrize("placeholder", ["", "demo", "development-only"])
def test_production_refuses_a_placeholder(monkeypatch: pytest.MonkeyPatch, name: str, placeholder: str) -> None:
    assert refusal(monkeypatch, **{name: placeholder}) == f"SHOP_{name} is a placeholder"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GUEST_TOKEN_SECRET", "a" * 31),
        ("TOTP_SECRET", "a" * 31),
        ("SEALING_SECRET", "a" * 31),
        ("BACKUP_SECRET", "a" * 31),
        ("TOTP_SECRET", "a" * 32 + ",development-only"),
        ("TOTP_SECRET", "a" * 32 + ","),
    ],
)
def test_production_refuses_a_secret_that_can_be_guessed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    assert refusal(monkeypatch, **{name: value}) == f"SHOP_{name} is shorter than 32 characters"


def test_the_secret_of_second_factors_may_be_a_new_one_and_the_old(monkeypatch: pytest.MonkeyPatch) -> None:
    assert give(monkeypatch, **{**GIVEN, "TOTP_SECRET": f"{'b' * 32}, {'a' * 32}"}).is_production


@pytest.mark.parametrize("name", ["SPEEDY_URL", "ICASH_URL", "PUBLIC_URL", "STOREFRONT_URL", "STOREFRONT_ORIGINS"])
@pytest.mark.parametrize(
    "url",
    [
        "http://api.speedy.bg",
        "https://127.0.0.1:8101",
        "https://localhost",
        "https://127.8.8.8",
        "https://shop.localhost",
    ],
)
def test_production_refuses_simulators_and_plain_http(monkeypatch: pytest.MonkeyPatch, name: str, url: str) -> None:
    assert refusal(monkeypatch, **{name: url}) == f"SHOP_{name} must be https and not on this machine"


@pytest.mark.parametrize("url", ["https://[::1]:8101", "https://0.0.0.0", "https://[::]/x", "ftp://x", "api.speedy.bg"])
def test_production_refuses_an_address_of_no_use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert refusal(monkeypatch, SPEEDY_URL=url) == "SHOP_SPEEDY_URL must be https and not on this machine"


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal(monkeypatch, SMTP_HOST="", SPEEDY_USER="demo", ICASH_URL="http://127.0.0.1:1")
    assert said.split("; ") == [
        "SHOP_SPEEDY_USER is a placeholder",
        "SHOP_SMTP_HOST is not set",
        "SHOP_ICASH_URL must be https and not on this machine",
    ]


def test_no_secret_is_ever_written(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = give(monkeypatch, **GIVEN)
    written = repr(settings) + str(settings) + settings.model_dump_json() + json.dumps(settings.model_dump(mode="json"))
    for secret in HIDDEN:
        assert secret not in written
    named = {name for name, field in Settings.model_fields.items() if SecretStr in _types(field.annotation)}
    assert named == {*SECRETS, "database_url", "signing_keys", "smtp_password"}


def test_a_refused_value_is_not_written_either(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as refused:
        give(monkeypatch, SMTP_PORT="a password under the wrong name")
    assert "password under" not in str(refused.value)


def _types(annotation: Any) -> tuple[Any, ...]:
    return (annotation, *getattr(annotation, "__args__", ()))


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().body_limit = 1  # type: ignore[misc] # that is what is refused


@pytest.mark.parametrize(("written", "cents"), [("4.99", 499), ("0.00", 0), ("60.00", 6000)])
def test_an_amount_is_euro_with_two_decimals(monkeypatch: pytest.MonkeyPatch, written: str, cents: int) -> None:
    assert give(monkeypatch, DELIVERY_PRICE=written).delivery_price == Money(cents)


@pytest.mark.parametrize("written", ["4,99", "4.9", "4", "-1.00", "4.999", "1e2", "NaN", '"4.99"'])
def test_anything_else_is_no_amount(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    with pytest.raises(ValidationError):
        give(monkeypatch, DELIVERY_PRICE=written)


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = give(
        monkeypatch,
        STOREFRONT_ORIGINS=" https://a.bg ,, http://127.0.0.1:3000,",
        ICASH_FINALISE="bank_transfer,cash_on_delivery",
    )
    assert settings.storefront_origins == ("https://a.bg", "http://127.0.0.1:3000")
    assert settings.icash_finalise == {PaymentMethod.BANK_TRANSFER, PaymentMethod.CASH_ON_DELIVERY}


@pytest.mark.parametrize("origin", ["*", "https://*.bg", "https://a.bg/", "a.bg", "null", "https://a.bg:port"])
def test_an_origin_is_named_whole(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    with pytest.raises(ValidationError, match="an origin is"):
        give(monkeypatch, STOREFRONT_ORIGINS=origin)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ICASH_FINALISE", "barter"),
        ("LOG_LEVEL", "loud"),
        ("BODY_LIMIT", "12"),
        ("ENVIRONMENT", "staging"),
        ("SMTP_ENCRYPTION", "rot13"),
        ("INVOICE_RANGE_START", "10000000000"),
    ],
)
def test_a_value_of_no_meaning_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        give(monkeypatch, **{name: value})


def test_each_setting_is_explained() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_readme_names_each_setting_and_no_other() -> None:
    table = {
        name
        for line in (ROOT / "README.md").read_text().splitlines()
        if line.startswith("| `SHOP_")
        for name in re.findall(r"`SHOP_([A-Z0-9_]+)`", line.split("|")[1])
    }
    fields = {name.upper() for name in Settings.model_fields}
    assert fields - table == set(), "README.md does not explain these"
    # One is an option of `shop api`, one is read by compose.yaml alone.
    assert table - fields <= {"TRUSTED_PROXIES", "DATABASE_PASSWORD"}


def test_notes_share_the_numbers_of_invoices_or_have_others() -> None:
    assert Settings(note_range_start=None).note_range_start is None
    with pytest.raises(ValidationError, match="leave note_range_start unset, or set it far apart"):
        Settings(invoice_range_start=100, note_range_start=100)
