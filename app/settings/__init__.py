"""Environment → one frozen object, read by the entry points and wiring alone."""

from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from app.accounting.models import InvoiceIssuer
from app.accounting.month.terms import AuditDiscount, AuditEvent, AuditPayment
from app.checkout.pricing import DeliveryVat
from app.core.fields import Bic, Eik, Email, Iban
from app.core.money import Money
from app.orders.models import PaymentMethod
from app.settings import production
from app.settings.contracts import Contracts
from app.settings.kinds import DEVELOPED_AT, Methods, Names, Origins, Price, Schedule, SeenTexts, Site
from app.settings.production import PLACEHOLDER
from app.settings.serving import Serving
from app.settings.speedy import Speedy
from app.settings.strangers import Strangers
from app.settings.withdrawing import Withdrawing


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class InvoiceFor(StrEnum):
    EVERY_ORDER = "every_order"
    ON_REQUEST = "on_request"


class ZeroRateGround(StrEnum):
    """The grounds that a setting can name; that a seller is not registered is a setting of its own."""

    EXPORT = "export"
    INTRA_EU = "intra_eu"
    REVERSE_CHARGE = "reverse_charge"


class MisconfiguredError(Exception):
    """The process must not start with these settings."""


class Settings(Contracts, SeenTexts, Serving, Speedy, Strangers, Withdrawing):
    """Every setting of the shop; the environment's names are these with the prefix `SHOP_`."""

    model_config = SettingsConfigDict(
        env_prefix="SHOP_",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,  # it may be a secret under a wrong name
    )

    environment: Environment = Field(Environment.DEVELOPMENT, description="`production` refuses what is not fit for it")
    folder: Path = Field(Path("var"), description="Where the embedded database and development mail are kept")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Of the JSON lines on standard output"
    )

    # Database
    database_url: SecretStr | None = Field(
        None, description="`postgresql+psycopg://…`; unset: embedded, in SHOP_FOLDER"
    )
    database_pool: int = Field(20, ge=1, le=200, description="Connections of one process, kept once they are open")
    statement_timeout_ms: int = Field(15_000, ge=100, description="Longest that a statement may take")
    lock_timeout_ms: int = Field(5_000, ge=100, description="Longest wait for a row that another holds")

    private_hosts: Names = Field(
        (), description="Hosts of the shop's own network, comma-separated: what goes there need not be encrypted"
    )

    # HTTP
    public_url: Site = Field("http://127.0.0.1:8000", description="Where the API is reached; issuer of tokens")
    storefront_url: Site | None = Field(None, description="Pages that mails lead to; unset: the shop's own")
    storefront_origins: Origins = Field(
        (),
        description="Whose pages may call (CORS), comma-separated; unset: none, in development localhost and 127.0.0.1"
        " at the ports 3000, 4173 and 5173",
    )
    api_processes: int = Field(
        1, ge=1, le=64, description="Processes of one `shop api`; they share the machine's cores"
    )
    mails_at_once: int = Field(5, ge=1, description="Mails of one cause that strangers may have sent to a mailbox")

    # Secrets and tokens
    guest_token_secret: SecretStr = Field(
        SecretStr(PLACEHOLDER),
        description="Random; guests' order tokens and links in mails are made of it; to change it: new,old",
    )
    guest_token_days: int = Field(90, ge=1, description="How long a guest's token opens an order")
    guarantee_years: int = Field(
        2, ge=2, description="Of the legal guarantee: an order's link, how its buyer is reached"
    )
    session_days: int = Field(
        30, ge=1, le=365, description="A shopper stays logged in while the shop is used this often"
    )
    authentication_kept_seconds: float = Field(
        1.0,
        ge=0,
        description="How long a process takes a token it has checked for known; a logout elsewhere shows then",
    )
    totp_secret: SecretStr = Field(
        SecretStr(PLACEHOLDER), description="Random; second factors are encrypted under it; to change it: new,old"
    )
    sealing_secret: SecretStr = Field(
        SecretStr(PLACEHOLDER), description="Random; case files are encrypted under it; to change it: new,old"
    )
    backup_secret: SecretStr = Field(
        SecretStr(PLACEHOLDER), description="Random; backups are encrypted under it; to change it: new,old"
    )
    signing_keys: SecretStr | None = Field(None, description="JSON Web Keys (ES256, private), newest first")

    # The seller, as printed on documents (promise S1)
    seller_name: str = Field("„Комплийт Дентал Солюшънс“ ЕООД", description="As registered")
    seller_eik: Eik = Field("204235072", description="ЕИК")
    seller_vat_registered: bool = Field(True, description="No: no VAT is charged, чл. 113 ал. 9 ЗДДС is printed")
    seller_city: str = Field("гр. София", description="Also the place of issue of documents")
    seller_address: str = Field("п.к. 1618, р-н Витоша, ул. „Българска легия“ № 2", description="Within the city")
    seller_email: Email = Field("office@completedental.solutions", description="Also the sender of mails")
    seller_phone: str | None = Field(None, description="Printed when set")
    seller_responsible_person: str = Field("Манол Ивчев", description="МОЛ, and responsible for personal data")
    seller_iban: Iban | None = Field(None, description="For bank transfers; unset: they are not offered")
    seller_bic: Bic | None = Field(None, description="Of the same account")
    seller_bank: str | None = Field(None, description="Name of the bank")

    # Data subjects' requests
    authority_address: str = Field(
        "1592 София, бул. „Проф. Цветан Лазаров“ № 2", description="Of КЗЛД, in every answer"
    )
    authority_address_en: str = Field(
        "2 Prof. Tsvetan Lazarov Blvd, 1592 Sofia", description="The same, in letters that are read in English"
    )
    authority_email: Email = Field("kzld@cpdp.bg", description="Of КЗЛД")
    authority_site: str = Field("www.cpdp.bg", description="Of КЗЛД")
    complaint_days: int = Field(14, ge=1, le=30, description="A complaint about personal data is answered by then")
    copy_days: int = Field(30, ge=1, le=90, description="How long a granted copy of one's data may be downloaded")

    # Selling
    delivery_price: Price = Field(Money(499), description="With VAT, whatever the place and weight")
    free_delivery_from: Price = Field(Money(6000), description="Of the goods, after discount")
    delivery_vat: DeliveryVat = Field(
        DeliveryVat.PROPORTIONAL, description="Of goods of several rates: or `highest` of these; ask the accountant"
    )
    bank_transfer_discount_percent: int = Field(0, ge=0, le=50, description="Off the goods when paid in advance")
    bank_transfer_days: int = Field(5, ge=1, description="Working days a transfer is waited for; then it lapses")
    shortfall_accepted: Price = Field(Money(5), description="A transfer that is short by no more pays its order")

    # Documents
    invoice_for: InvoiceFor = Field(InvoiceFor.EVERY_ORDER, description="`on_request`: only for a company's data")
    invoice_issuer: InvoiceIssuer = Field(
        InvoiceIssuer.SHOP, description="Or `icash`: its numbers are shown then; changed only between two months"
    )
    invoice_range_start: int = Field(1, ge=1, le=9_999_999_999, description="First number ever: ask the accountant")
    note_range_start: int | None = Field(
        None, ge=1, le=9_999_999_999, description="Of notes; unset: they share the invoices' series"
    )
    sale_document_range_start: int = Field(1, ge=1, le=9_999_999_999, description="Of sale documents (чл. 52о)")
    invoice_alarm_days: int = Field(
        3, ge=0, le=4, description="An invoice missing so many days after its event is written about; the law has 5"
    )
    zero_rate_ground: ZeroRateGround | None = Field(
        None, description="Why goods at 0 % bear no VAT: `export`, `intra_eu`, `reverse_charge`; unset: none are sold"
    )
    proforma: bool = Field(True, description="A company that pays by transfer gets a proforma")

    # The shop in the NRA's register (Наредба Н-18): without its number no sale documents and no audit file
    nra_shop_number: str | None = Field(
        None, pattern="^[A-Z0-9]{1,10}$", description="As the NRA gave it, such as RF0000123"
    )
    nra_shop_type: Literal[1, 2] = Field(1, description="1: own or rented domain; 2: on a platform")
    sale_document_for: Methods = Field(
        frozenset(PaymentMethod), description="Payment methods whose sales get a sale document, comma-separated"
    )
    audit_event: AuditEvent = Field(
        AuditEvent.DELIVERED, description="Or `paid`: which moment puts an order into a month's audit file"
    )
    audit_discount: AuditDiscount = Field(
        AuditDiscount.ORDER, description="Or `lines`: unit prices after discount, none beside them"
    )
    ledger_nobody: str = Field(
        "", max_length=15, description="What PRODAGBI.TXT has for a buyer without a number; some put 999999999999999"
    )
    audit_payments: dict[PaymentMethod, AuditPayment] = Field(
        {},
        description='How the audit file names payments, such as `{"bank_transfer": {"paym": 1}}`',
    )

    # I-Cash: ids are the account's own, read on I-Cash's screens
    icash_url: str | None = Field(None, description="https://v5.icash.bg")
    icash_api_key: str = Field(PLACEHOLDER, description="Of a user that nothing else uses: its numbers only rise")
    icash_secret_key: SecretStr = Field(SecretStr(PLACEHOLDER), description="Of the same user")
    icash_warehouse_id: int = Field(12345, description="Number of the стопанство")
    icash_user_id: int = Field(1, description="UserID of that user")
    icash_store_id: int = Field(1, description="StoreID")
    icash_cash_register_id: int = Field(1, description="CashRegisterID, of that store")
    icash_measure_unit_id: int = Field(1, description="Pieces")
    icash_tax_group_20: int = Field(1, description="Group Б, 20 %: read it off an item made in I-Cash")
    icash_tax_group_9: int | None = Field(None, description="Group Г, 9 %; unset: such sales are refused")
    icash_tax_group_0: int | None = Field(None, description="Group А; needed by a seller without VAT")
    icash_pay_type_cash_on_delivery: int = Field(6, description="PayTypeID")
    icash_pay_type_bank_transfer: int = Field(5, description="PayTypeID")
    icash_finalise: Methods = Field(
        frozenset(), description="Payment methods whose sale is finalised (receipt issued), comma-separated"
    )
    icash_electronic_receipt: bool = Field(True, description="No: printed at the till")
    icash_poll_seconds: float = Field(0.5, ge=0, description="Between two looks whether a receipt is printed")
    icash_doubt_seconds: float = Field(120, ge=0, description="After a lost answer, before a sale is opened again")

    # Mail
    smtp_host: str | None = Field(None, description="Unset in development: mails are kept in SHOP_FOLDER/mail")
    smtp_port: int = Field(587, description="Of the mail server")
    smtp_user: str | None = Field(None, description="Unset: no login")
    smtp_password: SecretStr | None = Field(None, description="Of that user")
    smtp_encryption: str = Field("starttls", pattern="^(none|starttls|tls)$", description="Or `tls`, or `none`")

    # Work in the background
    worker_concurrency: int = Field(8, ge=1, le=64, description="Jobs at one time in one worker")
    retry_first_seconds: float = Field(10, gt=0, description="Wait after a first fault; it doubles")
    retry_most_seconds: float = Field(3600, gt=0, description="Longest wait between two tries")
    circuit_seconds: float = Field(30, gt=0, description="An outside system that is down is asked this often")
    worker_silent_seconds: float = Field(30, ge=2, description="A worker silent for longer is taken for dead")
    worker_alarm_minutes: float = Field(
        5, ge=0, description="With no worker at work for so long, or one silent, the shop is written to"
    )
    queue_alarm_minutes: float = Field(15, ge=0, description="A job that waits for longer is written about")
    standstill_reminder_hours: float = Field(24, gt=0, description="Work that stands still is written about this often")
    standstill_look_seconds: float = Field(
        60, gt=0, description="How often each process looks whether work stands still"
    )
    metrics_port: int | None = Field(
        None, ge=1, le=65_535, description="Where a worker answers Prometheus; unset: nowhere"
    )
    metrics_host: str = Field("127.0.0.1", description="On which of its addresses; `0.0.0.0` only behind a firewall")
    done_jobs_days: int = Field(30, ge=1, description="How long finished jobs are kept")
    cookie_consent_months: int = Field(
        12, ge=1, le=12, description="How long a choice about cookies counts; then it is asked again"
    )
    cart_days: int = Field(30, ge=1, description="How long a guest's cart that was never ordered is kept")
    account_cart_days: int = Field(90, ge=1, description="How long an account's cart that was never ordered is kept")
    books_years: int = Field(11, ge=10, description="Tax documents, and what they rest on: to the end of that year on")
    claims_years: int = Field(5, ge=1, description="Statements of withdrawal once settled, what staff did: for claims")
    evidence_years: int = Field(5, ge=1, description="Proof of a consent, after it was taken back")
    cancelled_years: int = Field(1, ge=1, description="Orders that came to nothing; contact data of undone sales")
    third_country_transfers: str | None = Field(
        None, description="Stated in notices and the record of processing; unset: there are none"
    )

    # Upkeep, by the clock of UTC
    backup_folder: Path | None = Field(None, description="Where backups are kept; unset: SHOP_FOLDER/backups")
    backup_days: int = Field(90, ge=1, le=90, description="How long; no longer than an erasure is remembered")
    backup_cron: Schedule = Field("30 3 1 * *", description="When a backup is due: monthly (S43); better `30 3 * * *`")
    rehearsal_cron: Schedule = Field("0 5 1 * *", description="When the newest is restored aside and compared")
    integrity_cron: Schedule = Field("0 4 1 * *", description="When the database is checked whole")
    dependencies_cron: Schedule = Field("50 3 1 * *", description="When versions are put down")
    upkeep_cron: Schedule = Field("*/10 * * * *", description="When it is looked whether any of these is due")

    tracking_cron: str = Field("*/15 * * * *", description="When parcels are asked about; a sixth field is seconds")

    @model_validator(mode="after")
    def _ranges_are_apart(self) -> Self:
        """Refuse two series that would give the same number at once (ЗДДС чл. 114 ал. 1 т. 2)."""
        if self.note_range_start == self.invoice_range_start:
            raise ValueError("notes that begin where invoices begin: leave note_range_start unset, or set it far apart")
        return self

    @property
    def seller_vat_number(self) -> str | None:
        """A company's is its EIK behind the country, a branch's too (fact sheet 8.3)."""
        return f"BG{self.seller_eik[:9]}" if self.seller_vat_registered else None

    @property
    def pages_url(self) -> str:
        return self.storefront_url or self.public_url

    @property
    def page_origins(self) -> tuple[str, ...]:
        """Name whose pages may call: whoever develops one has it on this machine, where its tools serve it."""
        return self.storefront_origins or (() if self.is_production else DEVELOPED_AT)

    @cached_property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @model_validator(mode="after")
    def _production_is_meant(self) -> Self:
        if self.environment is Environment.PRODUCTION and (wrong := production.faults(self)):
            raise MisconfiguredError("not fit for production: " + "; ".join(wrong))
        return self
