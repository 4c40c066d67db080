"""Whom the simulator serves, and how it reads what the vendor's pages leave open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class User:
    """One API user; these values stand in the fact sheet's test vector and open nothing."""

    api_key: str = "testapikey0000000000000000000001"
    secret_key: str = "testsecret0000000000000000000001"  # noqa: S105 - the published test vector
    warehouse_id: str = "12345"
    user_id: str = "1"


DEVELOPMENT = User(api_key="development-only", secret_key="development-only")  # noqa: S106 - what the settings come with


@dataclass(frozen=True)
class Register:
    id: int
    name: str
    kind: str
    store_id: int


@dataclass(frozen=True)
class Rules:
    """Every guess in one place, to be changed when the vendor answers."""

    users: tuple[User, ...] = (User(), DEVELOPMENT)
    registers: tuple[Register, ...] = (Register(1, "Онлайн", "VIRTUAL", 1), Register(2, "Каса 1", "HARDWARE", 1))
    pay_types: Mapping[int, str] = field(
        default_factory=lambda: {1: "В брой", 2: "Карта", 5: "Банков път", 6: "Наложен платеж"}
    )
    measure_units: Mapping[int, str] = field(default_factory=lambda: {1: "бр.", 2: "кг"})
    tax_rates: Mapping[int, Decimal] = field(default_factory=lambda: {1: Decimal(20), 2: Decimal(9), 3: Decimal(0)})
    strict: bool = True
    """Refuse lower-case signatures, unknown parameters and JSON bodies."""
    session_seconds: int = 1200
    stale_nonce: str = "Authentication Error"
    unique_import_reference: bool = False
    """Off, so that tests prove the adapter's own guard."""
    tells_import_reference: bool = True
    tells_listed_documents_whole: bool = True
    """Off, a list of documents shows their ids alone: what more it shows is not documented."""
    substring_filters: bool = True
    date_filters: bool = True
    """Off, a list is not narrowed to the dates asked for."""
    ids_as_strings: bool = False
    currency: str = "EUR"
