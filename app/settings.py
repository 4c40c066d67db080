"""Environment → one frozen object, read by the entry points and wiring alone."""

from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.money import Money

PLACEHOLDER = "development-only"
PLACEHOLDERS = frozenset({PLACEHOLDER, "demo"})
SECRETS = ("guest_token_secret", "speedy_password", "icash_secret_key", "smtp_password")


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class InvoiceFor(StrEnum):
    EVERY_ORDER = "every_order"
    ON_REQUEST = "on_request"


class MisconfiguredError(Exception):
    """The process must not start with these settings."""


class Settings(BaseSettings):
    """Every setting of the shop; the environment's names are these with the prefix `SHOP_`."""

    model_config = SettingsConfigDict(env_prefix="SHOP_", frozen=True, extra="ignore", env_ignore_empty=True)

    environment: Environment = Environment.DEVELOPMENT
    folder: Path = Field(Path("var"), description="Where the embedded database and development mail are kept")
    log_level: str = "INFO"

    # Database
    database_url: SecretStr | None = Field(None, description="Unset: embedded PostgreSQL under SHOP_FOLDER")
    database_pool: int = Field(10, ge=1, le=200, description="Connections kept by one process")
    statement_timeout_ms: int = Field(15_000, ge=100)
    lock_timeout_ms: int = Field(5_000, ge=100)

    # HTTP
    public_url: str = Field("http://127.0.0.1:8000", description="Where customers reach the API; issuer of tokens")
    storefront_url: str = Field("http://127.0.0.1:3000", description="Pages of the shop; an order's is /orders/NUMBER")
    storefront_origins: Annotated[tuple[str, ...], NoDecode] = Field((), description="CORS allow-list, comma-separated")
    body_limit: int = Field(65_536, ge=1024, description="Bytes of a request body")
    orders_per_hour: int = Field(60, ge=1, description="From one address")
    catalog_kept_seconds: float = Field(1.0, ge=0, description="How long a catalogue answer is kept ready")

    # Secrets and tokens
    guest_token_secret: SecretStr = SecretStr(PLACEHOLDER)
    guest_token_days: int = Field(90, ge=1)
    signing_keys: SecretStr | None = Field(None, description="JSON Web Keys (ES256, private), newest first")

    # The seller, as printed on documents (promise S1)
    seller_name: str = "„Комплийт Дентал Солюшънс“ ЕООД"
    seller_eik: str = "204235072"
    seller_vat_registered: bool = Field(True, description="No: no VAT is charged, чл. 113 ал. 9 ЗДДС is printed")
    seller_city: str = "гр. София"
    seller_address: str = "п.к. 1618, р-н Витоша, ул. „Българска легия“ № 2"
    seller_email: str = "office@completedental.solutions"
    seller_phone: str | None = None
    seller_responsible_person: str = "Манол Ивчев"
    seller_iban: str | None = None
    seller_bic: str | None = None
    seller_bank: str | None = None

    # Selling
    delivery_price: Money = Money(499)
    free_delivery_from: Money = Money(6000)
    bank_transfer_discount_percent: int = Field(0, ge=0, le=50, description="Off the goods when paid in advance")
    bank_transfer_days: int = Field(5, ge=1, description="Days a bank transfer is waited for")

    # Documents
    invoice_for: InvoiceFor = InvoiceFor.EVERY_ORDER
    invoice_range_start: int = Field(
        1, ge=1, le=9_999_999_999, description="First number of the series: ask the accountant"
    )

    # Speedy
    speedy_url: str | None = None
    speedy_user: str = "demo"
    speedy_password: SecretStr = SecretStr("demo")
    speedy_service_id: int = 505
    speedy_client_id: int | None = None
    speedy_dropoff_office_id: int | None = None
    speedy_quiet_seconds: float = Field(120, ge=0, description="After a lost answer, before a parcel is sent again")
    speedy_cash_processing: str = Field("POSTAL_MONEY_TRANSFER", pattern="^(POSTAL_MONEY_TRANSFER|CASH)$")

    # I-Cash
    icash_url: str | None = None
    icash_api_key: str = PLACEHOLDER
    icash_secret_key: SecretStr = SecretStr(PLACEHOLDER)
    icash_warehouse_id: int = 12345
    icash_user_id: int = 1
    icash_store_id: int = 1
    icash_cash_register_id: int = 1
    icash_measure_unit_id: int = 1
    icash_tax_group_20: int = Field(1, description="I-Cash id of group Б (20 %); read it off an item made in I-Cash")
    icash_tax_group_9: int | None = None
    icash_tax_group_0: int | None = None
    icash_pay_type_cash_on_delivery: int = Field(6, description="PayTypeID, read on I-Cash's screens; so the next")
    icash_pay_type_bank_transfer: int = 5
    icash_finalise: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="Payment methods whose sale is finalised (receipt issued), comma-separated"
    )
    icash_electronic_receipt: bool = True
    icash_doubt_seconds: float = Field(120, ge=0, description="After a lost answer, before a sale is opened again")

    # Mail
    smtp_host: str | None = Field(None, description="Unset in development: mails are kept in SHOP_FOLDER/mail")
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr = SecretStr(PLACEHOLDER)
    smtp_encryption: str = Field("starttls", pattern="^(none|starttls|tls)$")

    # Work in the background
    worker_concurrency: int = Field(8, ge=1, le=64)
    retry_first_seconds: float = Field(10, gt=0)
    retry_most_seconds: float = Field(3600, gt=0)
    circuit_seconds: float = Field(30, gt=0, description="An outside system that is down is asked this often")
    worker_silent_seconds: float = Field(30, ge=2, description="A worker silent for longer is taken for dead")
    tracking_cron: str = Field("*/15 * * * *", description="When parcels are asked about; a sixth field is seconds")

    @field_validator("storefront_origins", "icash_finalise", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def seller_vat_number(self) -> str | None:
        """A company's is its EIK behind the country (fact sheet 8.3)."""
        return f"BG{self.seller_eik}" if self.seller_vat_registered else None

    @cached_property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @model_validator(mode="after")
    def _production_is_meant(self) -> Self:
        if self.environment is Environment.PRODUCTION:
            wrong = [*self._placeholders(), *self._missing(), *self._simulators()]
            if wrong:
                raise MisconfiguredError("not fit for production: " + "; ".join(wrong))
        return self

    def _placeholders(self) -> list[str]:
        left = [name for name in SECRETS if getattr(self, name).get_secret_value() in PLACEHOLDERS]
        return [f"SHOP_{name.upper()} is a placeholder" for name in (*left, *self._plain_placeholders())]

    def _plain_placeholders(self) -> list[str]:
        return ["icash_api_key"] if self.icash_api_key in PLACEHOLDERS else []

    def _missing(self) -> list[str]:
        needed = ("database_url", "signing_keys", "speedy_url", "icash_url", "smtp_host", "seller_iban")
        return [f"SHOP_{name.upper()} is not set" for name in needed if getattr(self, name) is None]

    def _simulators(self) -> list[str]:
        names = ("speedy_url", "icash_url", "public_url", "storefront_url")
        urls = {name: getattr(self, name) for name in names}
        return [
            f"SHOP_{name.upper()} must be https and not on this machine"
            for name, url in urls.items()
            if url and (not url.startswith("https://") or "127.0.0.1" in url or "localhost" in url)
        ]
