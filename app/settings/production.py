"""What is not fit for production: placeholders, weak secrets, what is missing, what is not outside or not encrypted."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.auth.keys import KeyRing, KeysUnusable
from app.core.secrets import parts
from app.settings import hosts
from app.settings.speedy import BOOKING_SECONDS

if TYPE_CHECKING:
    from app.settings import Settings

PLACEHOLDER = "development-only"
PLACEHOLDERS = frozenset({PLACEHOLDER, "demo"})
# Lists, newest first: every part is looked at, as each still opens something.
CHOSEN = ("guest_token_secret", "totp_secret", "sealing_secret", "backup_secret")
GIVEN = ("speedy_password", "icash_secret_key")
SECRETS = (*CHOSEN, *GIVEN)
SHORTEST_SECRET = 32
FEWEST_LETTERS = 8
"""So many different ones has every secret drawn at random."""
# The account's own ids: a default that fits the simulator would enter sales in the wrong place.
OWN_IDS = (
    "icash_warehouse_id",
    "icash_user_id",
    "icash_store_id",
    "icash_cash_register_id",
    "icash_measure_unit_id",
    "icash_tax_group_20",
    "icash_pay_type_cash_on_delivery",
    "icash_pay_type_bank_transfer",
)
FOR_EVERYBODY = ("public_url", "storefront_url")
FOR_THE_SHOP = ("speedy_url", "icash_url")
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})


def faults(settings: "Settings") -> list[str]:
    """Name every setting that production must not start with."""
    return [
        *_placeholders(settings),
        *_weak(settings),
        *_alike(settings),
        *_missing(settings),
        *_unusable_keys(settings),
        *_simulators(settings),
        *_unprotected(settings),
        *_impatient(settings),
    ]


def _impatient(settings: "Settings") -> Iterator[str]:
    """Name the quiet time when a booking may still be on its way after it: another would be sent beside it."""
    least = 2 * (settings.speedy_send_seconds + BOOKING_SECONDS)
    if settings.speedy_quiet_seconds < least:
        yield f"{_name('speedy_quiet_seconds')} is less than {least:.0f}: a booking may be on its way for half of that"


def _placeholders(settings: "Settings") -> list[str]:
    left = [name for name in SECRETS if PLACEHOLDERS.intersection(_secrets(settings, name))]
    left += [name for name in ("speedy_user", "icash_api_key") if getattr(settings, name) in PLACEHOLDERS]
    return [f"{_name(name)} is a placeholder" for name in left]


def _weak(settings: "Settings") -> Iterator[str]:
    for name in CHOSEN:
        chosen = [part for part in _secrets(settings, name) if part not in PLACEHOLDERS]
        if any(len(part) < SHORTEST_SECRET for part in chosen):
            yield f"{_name(name)} is shorter than {SHORTEST_SECRET} characters"
        elif any(is_easy(part) for part in chosen):
            yield f"{_name(name)} is easy to guess"
    yield from easy_password("database_url", settings.database_url)


def easy_password(name: str, address: SecretStr | None) -> Iterator[str]:
    password = _password(address)
    if password and is_easy(password):
        yield f"{_name(name)} has a password that is easy to guess"


def is_easy(secret: str) -> bool:
    """Tell what nobody draws at random: few letters, one piece again and again, letters or digits in a row."""
    in_a_row = sum(abs(ord(one) - ord(next_)) <= 1 for one, next_ in pairwise(secret))
    return (
        len(set(secret)) < FEWEST_LETTERS
        or secret in (secret + secret)[1:-1]  # only what repeats itself lies within its double once more
        or in_a_row > len(secret) * 3 / 4
    )


def _alike(settings: "Settings") -> list[str]:
    """Name secrets that are the same: who learns one of them has the others."""
    users: dict[str, list[str]] = defaultdict(list)
    for name in (*SECRETS, "smtp_password"):
        for part in _secrets(settings, name):
            users[part].append(_name(name))
    if password := _password(settings.database_url):
        users[password].append(_name("database_url"))
    return [
        f"{' and '.join(dict.fromkeys(names))} {'hold the same secret' if len(set(names)) > 1 else 'repeats itself'}"
        for part, names in users.items()
        if len(names) > 1 and part and part not in PLACEHOLDERS
    ]


def same_password(settings: "Settings", owner: SecretStr) -> Iterator[str]:
    """Name the owner's password when it is that of the role that the shop is at work as."""
    password = _password(owner)
    if password and password == _password(settings.database_url):
        yield f"{_name('owner_database_url')} and {_name('database_url')} hold the same secret"


def _missing(settings: "Settings") -> list[str]:
    needed = ("database_url", "signing_keys", "speedy_url", "icash_url", "smtp_host", "seller_iban")
    unset = [name for name in needed if getattr(settings, name) is None]
    if settings.smtp_user and settings.smtp_password is None:
        unset.append("smtp_password")
    guessed = [name for name in OWN_IDS if name not in settings.model_fields_set]
    return [f"{_name(name)} is not set" for name in (*unset, *guessed)]


def _unusable_keys(settings: "Settings") -> Iterator[str]:
    if settings.signing_keys:
        try:
            KeyRing.from_json(settings.signing_keys.get_secret_value())
        except KeysUnusable as problem:
            yield f"{_name('signing_keys')}: {problem}"


def _simulators(settings: "Settings") -> list[str]:
    urls = [(name, url) for name in FOR_EVERYBODY if (url := getattr(settings, name))]
    urls += [("storefront_origins", origin) for origin in settings.storefront_origins]
    wrong = [name for name, url in urls if not hosts.is_far(url)]
    wrong += [
        name
        for name in FOR_THE_SHOP
        if (url := getattr(settings, name)) and not hosts.is_far(url, private=settings.private_hosts)
    ]
    return [f"{_name(name)} must be https and not on this machine" for name in dict.fromkeys(wrong)]


def _unprotected(settings: "Settings") -> Iterator[str]:
    """Name what would go over a network for everybody to read."""
    if settings.database_url:
        yield from unprotected_database("database_url", settings.database_url, settings.private_hosts)
    if settings.smtp_host and settings.smtp_encryption == "none" and not _is_near(settings, settings.smtp_host):
        yield f"{_name('smtp_encryption')} must not be none: the mail server is another machine"


def unprotected_database(name: str, address: SecretStr, private: tuple[str, ...]) -> Iterator[str]:
    try:
        url = make_url(address.get_secret_value())
    except ArgumentError:
        yield f"{_name(name)} must be postgresql+psycopg://…"
        return
    if url.drivername != "postgresql+psycopg":
        yield f"{_name(name)} must be postgresql+psycopg://…"
    if url.query.get("sslmode") not in ENCRYPTED and not all(
        hosts.is_near(host, private) for host in hosts.of_database(url)
    ):
        yield f"{_name(name)} must have sslmode=verify-full: the database is another machine"


def _is_near(settings: "Settings", host: str) -> bool:
    return hosts.is_near(host, settings.private_hosts)


def _name(name: str) -> str:
    return f"SHOP_{name.upper()}"


def _secrets(settings: "Settings", name: str) -> list[str]:
    secret: SecretStr | None = getattr(settings, name)
    if secret is None:
        return []
    return parts(secret.get_secret_value()) if name in CHOSEN else [secret.get_secret_value()]


def _password(address: SecretStr | None) -> str | None:
    try:
        return make_url(address.get_secret_value()).password if address else None
    except ArgumentError:
        return None
