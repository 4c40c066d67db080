"""Settings: what the environment may say, and what production refuses to start with."""

import json
import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from app.core.fields import VatNumber
from app.core.money import Money
from app.integrations.speedy.account import SpeedyAccount
from app.orders.models import PaymentMethod
from app.settings import MisconfiguredError, Settings
from app.settings.production import CHOSEN, OWN_IDS, SECRETS, is_easy
from app.settings.speedy import BOOKING_SECONDS
from tests.production import ANOTHER_SECRET, GIVEN, KEY

ROOT = Path(__file__).parent.parent
HIDDEN = (
    "correct-horse",
    *(GIVEN[name] for name in ("GUEST_TOKEN_SECRET", "TOTP_SECRET", "SEALING_SECRET", "BACKUP_SECRET")),
    KEY["d"],
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


def test_f3_production_sends_no_parcel_again_that_may_be_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    account = SpeedyAccount(user_name="shop", password=SecretStr("a password"))
    assert account.connect_seconds + account.command_seconds <= BOOKING_SECONDS
    told = "SHOP_SPEEDY_QUIET_SECONDS is less than 70: a booking may be on its way for half of that"
    assert refusal(monkeypatch, SPEEDY_QUIET_SECONDS="69") == told
    assert refusal(monkeypatch, SPEEDY_SEND_SECONDS="60") == told.replace("70", "170")
    assert give(monkeypatch, **{**GIVEN, "SPEEDY_QUIET_SECONDS": "70", "SPEEDY_SEND_SECONDS": "10"}).is_production


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


@pytest.mark.parametrize("name", [name.upper() for name in CHOSEN])
@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ("development-only", "is a placeholder"),
        ("demo", "is a placeholder"),
        (ANOTHER_SECRET[:31], "is shorter than 32 characters"),
        ("", "is shorter than 32 characters"),
        ("a" * 32, "is easy to guess"),
        ("abcabcab" * 4, "is easy to guess"),
        ("0123456789abcdef" * 2, "is easy to guess"),
        ("abcdefghijklmnopqrstuvwxyz0123456789", "is easy to guess"),
        ("zyxwvutsrqponmlkjihgfedcba9876543210", "is easy to guess"),
        (GIVEN["BACKUP_SECRET"] * 2, "is easy to guess"),
    ],
)
def test_every_part_of_every_list_of_secrets_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, name: str, part: str, fault: str
) -> None:
    for value in (part, f"{part},{ANOTHER_SECRET}", f"{ANOTHER_SECRET}, {part}"):
        # What is not set at all is the default, which is a placeholder.
        assert refusal(monkeypatch, **{name: value}) == f"SHOP_{name} {fault if value else 'is a placeholder'}"


@pytest.mark.parametrize("name", [name.upper() for name in CHOSEN])
def test_a_secret_may_be_a_new_one_and_the_old(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert give(monkeypatch, **{**GIVEN, name: f"{ANOTHER_SECRET}, {GIVEN[name]}"}).is_production


def test_what_is_drawn_at_random_is_not_easy() -> None:
    drawn = [secrets.token_hex(16) for _ in range(2000)] + [secrets.token_urlsafe(24) for _ in range(2000)]
    assert [secret for secret in drawn if is_easy(secret)] == []


def test_no_two_secrets_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    same = {name.upper(): ANOTHER_SECRET for name in CHOSEN}
    named = " and ".join(f"SHOP_{name}" for name in same)
    assert refusal(monkeypatch, **same) == f"{named} hold the same secret"
    old = f"{ANOTHER_SECRET},{GIVEN['SEALING_SECRET']}"
    assert refusal(monkeypatch, **{**GIVEN, "TOTP_SECRET": old}) == (
        "SHOP_TOTP_SECRET and SHOP_SEALING_SECRET hold the same secret"
    )
    assert refusal(monkeypatch, **{**GIVEN, "TOTP_SECRET": f"{ANOTHER_SECRET},{ANOTHER_SECRET}"}) == (
        "SHOP_TOTP_SECRET repeats itself"
    )
    assert refusal(monkeypatch, **{**GIVEN, "ICASH_SECRET_KEY": "correct-horse"}) == (
        "SHOP_ICASH_SECRET_KEY and SHOP_DATABASE_URL hold the same secret"
    )
    assert refusal(monkeypatch, **{**GIVEN, "SMTP_PASSWORD": "speedy-password"}) == (
        "SHOP_SPEEDY_PASSWORD and SHOP_SMTP_PASSWORD hold the same secret"
    )


def test_the_password_of_the_database_is_not_easy(monkeypatch: pytest.MonkeyPatch) -> None:
    easy = "postgresql+psycopg://shop:shop@db.internal/shop?sslmode=require"
    assert refusal(monkeypatch, DATABASE_URL=easy) == "SHOP_DATABASE_URL has a password that is easy to guess"


def test_signing_keys_that_cannot_sign_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    halves = json.dumps({"keys": [{**KEY, "d": "battery-staple"}]})
    said = "SHOP_SIGNING_KEYS: the signing keys are not a JSON list of private ES256 JSON Web Keys"
    assert refusal(monkeypatch, SIGNING_KEYS=halves) == said
    twice = json.dumps({"keys": [KEY, KEY]})
    assert refusal(monkeypatch, SIGNING_KEYS=twice) == "SHOP_SIGNING_KEYS: no signing key, or two of one name"


@pytest.mark.parametrize("name", ["SPEEDY_URL", "ICASH_URL", "PUBLIC_URL", "STOREFRONT_URL", "STOREFRONT_ORIGINS"])
@pytest.mark.parametrize(
    "url",
    [
        "http://api.speedy.bg",
        "https://127.0.0.1:8101",
        "https://localhost",
        "https://127.8.8.8",
        "https://shop.localhost",
        "https://2130706433",
        "https://0x7f000001",
        "https://0177.0.0.1",
        "https://127.1",
        "https://0",
    ],
)
def test_production_refuses_simulators_and_plain_http(monkeypatch: pytest.MonkeyPatch, name: str, url: str) -> None:
    assert refusal(monkeypatch, **{name: url}) == f"SHOP_{name} must be https and not on this machine"


@pytest.mark.parametrize(
    "url",
    [
        "https://[::1]:8101",
        "https://[::ffff:127.0.0.1]",
        "https://[::1",
        "https://LOCALHOST.",
        "https://１２７.0.0.1",
        "https://0.0.0.0",
        "https://[::]/x",
        "https://",
        "ftp://x",
        "api.speedy.bg",
    ],
)
def test_production_refuses_an_address_of_no_use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert refusal(monkeypatch, SPEEDY_URL=url) == "SHOP_SPEEDY_URL must be https and not on this machine"


@pytest.mark.parametrize("name", ["SPEEDY_URL", "ICASH_URL"])
def test_a_private_host_need_not_be_encrypted_but_for_the_public(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    private = {**GIVEN, "PRIVATE_HOSTS": "outward, db.internal"}
    assert give(monkeypatch, **{**private, name: "http://outward:8080/v1"}).is_production
    monkeypatch.undo()
    for public in ("PUBLIC_URL", "STOREFRONT_URL"):
        said = f"SHOP_{public} must be https and not on this machine"
        assert refusal(monkeypatch, **{**private, public: "http://outward"}) == said


DATABASE = "postgresql+psycopg://shop:correct-horse@"


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("db.internal/shop", ""),
        ("db.internal/shop?sslmode=disable", ""),
        ("db.internal/shop?sslmode=allow", ""),
        ("db.internal/shop?sslmode=prefer", "db"),
        ("192.0.2.7/shop", "192.0.2.8"),
        ("/shop?host=db.internal", ""),
        ("localhost/shop?hostaddr=192.0.2.7", ""),
        ("postgres,db.internal/shop", "postgres"),
        ("/shop?host=127.0.0.1&host=db.internal", ""),
    ],
)
def test_a_database_beyond_this_machine_is_asked_under_tls(
    monkeypatch: pytest.MonkeyPatch, address: str, private: str
) -> None:
    assert refusal(monkeypatch, DATABASE_URL=DATABASE + address, PRIVATE_HOSTS=private) == (
        "SHOP_DATABASE_URL must have sslmode=verify-full: the database is another machine"
    )


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("db.internal/shop?sslmode=require", ""),
        ("db.internal/shop?sslmode=verify-ca", ""),
        ("db.internal/shop", "db.internal"),
        ("postgres:5432/shop", "postgres"),
        ("127.0.0.1/shop?sslmode=disable", ""),
        ("[::1]/shop", ""),
        ("/shop?host=/run/postgresql", ""),
    ],
)
def test_a_database_nearby_need_not_be(monkeypatch: pytest.MonkeyPatch, address: str, private: str) -> None:
    assert give(monkeypatch, **{**GIVEN, "DATABASE_URL": DATABASE + address, "PRIVATE_HOSTS": private}).is_production


@pytest.mark.parametrize("address", ["shop", "postgres://shop@localhost/shop", "postgresql+asyncpg://localhost/shop"])
def test_an_address_of_no_database_of_ours_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert refusal(monkeypatch, DATABASE_URL=address) == "SHOP_DATABASE_URL must be postgresql+psycopg://…"


NO_LOGIN = {"SMTP_USER": "", "SMTP_PASSWORD": ""}


@pytest.mark.parametrize(("host", "private"), [("mail.ionickiss.bg", ""), ("192.0.2.7", "mail")])
@pytest.mark.parametrize("login", [{}, NO_LOGIN])
def test_no_mail_goes_out_unencrypted(
    monkeypatch: pytest.MonkeyPatch, host: str, private: str, login: dict[str, str]
) -> None:
    plain = {"SMTP_HOST": host, "SMTP_ENCRYPTION": "none", "PRIVATE_HOSTS": private, **login}
    said = "SHOP_SMTP_ENCRYPTION must not be none: the mail server is another machine"
    assert refusal(monkeypatch, **plain) == said


@pytest.mark.parametrize(("host", "private"), [("mail", "postgres, mail"), ("localhost", ""), ("127.0.0.1", "")])
def test_a_mail_server_nearby_may_be_told_plainly(monkeypatch: pytest.MonkeyPatch, host: str, private: str) -> None:
    plain = {"SMTP_HOST": host, "SMTP_ENCRYPTION": "none", "PRIVATE_HOSTS": private}
    assert give(monkeypatch, **{**GIVEN, **plain}).is_production


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SELLER_IBAN", "BG00XXXX", "Not an IBAN: its length or check digits differ"),
        ("SELLER_IBAN", "BG81BNBG96611020345678", "Not an IBAN: its length or check digits differ"),
        ("SELLER_BIC", "BNB", "Not a BIC: eight or eleven letters and digits (ISO 9362)"),
        ("SELLER_EIK", "204235073", "Not a valid EIK: its check digit differs"),
        ("SELLER_EIK", "0000000000", "Not a valid EIK: its check digit differs"),
        ("SELLER_EMAIL", "office@", "Not an e-mail address"),
        ("AUTHORITY_EMAIL", "kzld", "Not an e-mail address"),
    ],
)
def test_what_is_printed_of_the_seller_is_checked_wherever_it_runs(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    for environment in ({}, GIVEN):
        with pytest.raises(ValidationError) as refused:
            give(monkeypatch, **{**environment, name: value})
        assert [(error["loc"], error["msg"]) for error in refused.value.errors()] == [((name.lower(),), said)]


def test_an_account_is_kept_without_the_spaces_it_is_printed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    assert give(monkeypatch, SELLER_IBAN="bg80 BNBG 9661 1020 3456 78").seller_iban == "BG80BNBG96611020345678"


@pytest.mark.parametrize(("eik", "number"), [("204235072", "BG204235072"), ("2042350720019", "BG204235072")])
def test_the_vat_number_is_that_of_the_company_and_passes_its_check(
    monkeypatch: pytest.MonkeyPatch, eik: str, number: str
) -> None:
    settings = give(monkeypatch, SELLER_EIK=eik)
    assert settings.seller_vat_number == number
    assert TypeAdapter(VatNumber).validate_python(number) == number


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


def test_e2_a_storefront_in_development_is_let_in_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Settings().page_origins
    assert {"http://localhost:5173", "http://127.0.0.1:5173", "http://localhost:3000"} <= set(found)
    assert give(monkeypatch, STOREFRONT_ORIGINS="https://a.bg").page_origins == ("https://a.bg",)
    production = {name: value for name, value in GIVEN.items() if name != "STOREFRONT_ORIGINS"}
    monkeypatch.delenv("SHOP_STOREFRONT_ORIGINS")
    assert give(monkeypatch, **production).page_origins == ()


def test_e4_an_address_that_paths_are_put_behind_ends_without_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = give(monkeypatch, PUBLIC_URL="https://api.a.bg/", STOREFRONT_URL="https://a.bg/shop/")
    assert (settings.public_url, settings.storefront_url) == ("https://api.a.bg", "https://a.bg/shop")


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


def test_without_a_storefront_mails_lead_to_the_shops_own_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert give(monkeypatch, **{**GIVEN, "STOREFRONT_URL": ""}).pages_url == "https://api.ionickiss.bg"
    monkeypatch.undo()
    assert give(monkeypatch, **GIVEN).pages_url == "https://ionickiss.bg"


def test_typed_c3_a_text_for_papers_is_one_that_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert give(monkeypatch, SELLER_CITY="гр.\u200b София\ufeff").seller_city == "гр. София"
    for unfit in ("\u3164", "гр. Со\u202eфия", "гр. София\ufffe"):
        with pytest.raises(ValidationError) as refused:
            give(monkeypatch, SELLER_CITY=unfit)
        assert [error["loc"] for error in refused.value.errors()] == [("seller_city",)]
