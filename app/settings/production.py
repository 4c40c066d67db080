"""What is not fit for production: placeholders, weak secrets, what is missing, what is not outside."""

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

if TYPE_CHECKING:
    from app.settings import Settings

PLACEHOLDER = "development-only"
PLACEHOLDERS = frozenset({PLACEHOLDER, "demo"})
SECRETS = (
    "guest_token_secret",
    "totp_secret",
    "sealing_secret",
    "backup_secret",
    "speedy_password",
    "icash_secret_key",
)
SHORTEST_SECRET = 32
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


def faults(settings: "Settings") -> list[str]:
    """Name every setting that production must not start with."""
    return [*_placeholders(settings), *_weak(settings), *_missing(settings), *_simulators(settings)]


def _placeholders(settings: "Settings") -> list[str]:
    left = [name for name in SECRETS if getattr(settings, name).get_secret_value() in PLACEHOLDERS]
    return [f"SHOP_{name.upper()} is a placeholder" for name in (*left, *_plain_placeholders(settings))]


def _plain_placeholders(settings: "Settings") -> list[str]:
    return [name for name in ("speedy_user", "icash_api_key") if getattr(settings, name) in PLACEHOLDERS]


def _weak(settings: "Settings") -> list[str]:
    chosen = {
        "guest_token_secret": [settings.guest_token_secret.get_secret_value()],
        "totp_secret": _parts(settings.totp_secret),
        "sealing_secret": _parts(settings.sealing_secret),
        "backup_secret": _parts(settings.backup_secret),
    }
    return [
        f"SHOP_{name.upper()} is shorter than {SHORTEST_SECRET} characters"
        for name, parts in chosen.items()
        if any(len(part) < SHORTEST_SECRET for part in parts) and parts[0] not in PLACEHOLDERS
    ]


def _missing(settings: "Settings") -> list[str]:
    needed = ("database_url", "signing_keys", "speedy_url", "icash_url", "smtp_host", "seller_iban")
    unset = [name for name in needed if getattr(settings, name) is None]
    if settings.smtp_user and settings.smtp_password is None:
        unset.append("smtp_password")
    guessed = [name for name in OWN_IDS if name not in settings.model_fields_set]
    return [f"SHOP_{name.upper()} is not set" for name in (*unset, *guessed)]


def _simulators(settings: "Settings") -> list[str]:
    names = ("speedy_url", "icash_url", "public_url", "storefront_url")
    urls = [(name, getattr(settings, name)) for name in names]
    urls += [("storefront_origins", origin) for origin in settings.storefront_origins]
    return [
        f"SHOP_{name.upper()} must be https and not on this machine" for name, url in urls if url and not _is_far(url)
    ]


def _parts(secret: SecretStr) -> list[str]:
    return [part.strip() for part in secret.get_secret_value().split(",")]


def _is_far(url: str) -> bool:
    """Tell whether an address is encrypted and on another machine, as far as it can be seen."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return parts.scheme == "https" and host != "localhost" and not host.endswith(".localhost")
    return parts.scheme == "https" and not (address.is_loopback or address.is_unspecified)
