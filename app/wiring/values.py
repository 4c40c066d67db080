"""Turns settings into the values that domains take."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from app.accounting.models import InvoiceIssuer
from app.accounting.month.terms import AuditPayment
from app.accounting.month.terms import Terms as MonthTerms
from app.accounting.proving import Sign, signer
from app.accounts.emailing import Follow
from app.accounts.personal_data import AccountHolder
from app.auth.entering import Door
from app.auth.keys import KeyRing
from app.auth.logging_in import Entrance
from app.auth.personal_data import LoginHolder
from app.auth.tokens import Tokens
from app.auth.totp import Totp
from app.cart.personal_data import CartHolder
from app.core.db import Pool, Sessions
from app.core.embedded import LESSER, EmbeddedServer
from app.core.holders import Holder
from app.core.language import Text
from app.core.sealing import Sealer
from app.core.secrets import Secret
from app.core.throttle import Throttle
from app.fulfilment.affected import find_people
from app.fulfilment.claiming import follow_address
from app.fulfilment.due_documents import IssueRules
from app.fulfilment.mail_gate import is_own
from app.fulfilment.personal_data import OrderHolder
from app.integrations.speedy.account import CashProcessing
from app.invoices.numbering import Ranges, SeriesKey
from app.invoices.service import Issuer
from app.invoices.view import NoVatGround, Seller
from app.mail.authority import Authority
from app.mail.holding import BeforeTheDayEnds, Cause, Holding
from app.mail.personal_data import MailHolder
from app.mail.writing import Trader
from app.orders.models import PaymentMethod
from app.privacy.ad_hoc.personal_data import AdHocHolder
from app.privacy.breaches.desk import BreachDesk
from app.privacy.breaches.personal_data import BreachHolder
from app.privacy.cookies.personal_data import CookieHolder
from app.privacy.erasures.personal_data import ErasureHolder
from app.privacy.notice import Stated
from app.privacy.personal_data import ConsentHolder
from app.privacy.restrictions.personal_data import RestrictionHolder
from app.privacy.retention.holds import HoldHolder
from app.privacy.rights.clock import Terms as RightsTerms
from app.privacy.rights.personal_data import RightsHolder
from app.privacy.storage_terms import StorageTerms
from app.privacy.withdrawals.personal_data import WithdrawalHolder
from app.returns.personal_data import StatementHolder
from app.settings import InvoiceFor, Settings


@dataclass(frozen=True)
class Database:
    """Where the database is; `server` is set when it is embedded and this process shares it."""

    url: str
    server: EmbeddedServer | None = None

    def close(self) -> None:
        if self.server:
            self.server.stop()


def database(settings: Settings) -> Database:
    if settings.database_url:
        return Database(settings.database_url.get_secret_value())
    server = EmbeddedServer.start(settings.folder / "postgres")
    return Database(server.url(role=LESSER), server)


def pool(settings: Settings) -> Pool:
    return Pool(
        size=settings.database_pool,
        statement_timeout_ms=settings.statement_timeout_ms,
        lock_timeout_ms=settings.lock_timeout_ms,
    )


def key_ring(settings: Settings) -> KeyRing:
    """Read the signing keys; in development they are made once and kept beside the data."""
    if settings.signing_keys:
        return KeyRing.from_json(settings.signing_keys.get_secret_value())
    return KeyRing.kept_in(settings.folder / "signing-keys.json")


def tokens(settings: Settings) -> Tokens:
    return Tokens(keys=key_ring(settings), issuer=settings.public_url, audience=settings.public_url)


def sign_proof(settings: Settings) -> Sign:
    return signer(key_ring(settings))


def totp(settings: Settings) -> Totp:
    return Totp(settings.totp_secret.get_secret_value())


def sealer(settings: Settings) -> Sealer:
    return Sealer(settings.sealing_secret.get_secret_value())


def secret(settings: Settings) -> Secret:
    """Give what tokens of guests and links in mails are made of, and what else only this shop can make."""
    return Secret.of(settings.guest_token_secret.get_secret_value())


def throttle(settings: Settings, sessions: Sessions) -> Throttle:
    return Throttle(sessions, secret(settings))


def holding(settings: Settings, sessions: Sessions) -> Holding:
    paces = {Cause.STATEMENT: BeforeTheDayEnds(settings.working_day_ends)}
    return Holding(throttle(settings, sessions), settings.mails_at_once, is_own, paces)


def entrance(settings: Settings, sessions: Sessions) -> Entrance:
    return Entrance(
        door=Door(sessions, throttle(settings, sessions), secret(settings)),
        totp=totp(settings),
        idle=timedelta(days=settings.session_days),
    )


def own_origins(settings: Settings) -> frozenset[str]:
    """Name the pages from which the cookie is taken: the storefront's, and the API's own."""
    own = urlsplit(settings.public_url)
    return frozenset({*settings.page_origins, f"{own.scheme}://{own.netloc}"})


def address_followers() -> tuple[Follow, ...]:
    """Say who follows an account to its new e-mail address."""
    return (follow_address,)


def storage_terms(settings: Settings) -> StorageTerms:
    return StorageTerms(
        books_years=settings.books_years,
        claims_years=settings.claims_years,
        evidence_years=settings.evidence_years,
        cancelled_years=settings.cancelled_years,
        guarantee_years=settings.guarantee_years,
    )


def holders(settings: Settings) -> tuple[Holder, ...]:
    """Say who answers for which personal data, in the order they are asked: with the login goes the account's row."""
    terms = storage_terms(settings)
    return (
        CartHolder(),
        AccountHolder(terms),
        StatementHolder(terms),
        OrderHolder(terms),
        ConsentHolder(terms),
        WithdrawalHolder(terms),
        CookieHolder(),
        RightsHolder(terms),
        BreachHolder(terms),
        ErasureHolder(),
        RestrictionHolder(),
        HoldHolder(),
        AdHocHolder(terms),
        MailHolder(),
        LoginHolder(),
    )


def stated(settings: Settings) -> Stated:
    """Give what the shop states of itself in notices and registers."""
    return Stated(
        trader=trader(settings),
        terms=storage_terms(settings),
        transfers=settings.third_country_transfers,
        authority=authority(settings),
    )


def authority(settings: Settings) -> Authority:
    address = Text(settings.authority_address, settings.authority_address_en)
    return Authority(address=address, email=settings.authority_email, site=settings.authority_site)


def rights_terms(settings: Settings) -> RightsTerms:
    return RightsTerms(complaint_days=settings.complaint_days, copy_days=settings.copy_days)


def issuer(settings: Settings) -> Issuer:
    seller = Seller(
        name=settings.seller_name,
        address=f"{settings.seller_city}, {settings.seller_address}",
        eik=settings.seller_eik,
        vat_number=settings.seller_vat_number,
        responsible_person=settings.seller_responsible_person,
        iban=settings.seller_iban or "",
        bic=settings.seller_bic or "",
        bank=settings.seller_bank or "",
        phone=settings.seller_phone or "",
        email=settings.seller_email,
    )
    ground = settings.zero_rate_ground
    return Issuer(
        seller,
        settings.seller_city,
        ranges(settings),
        NoVatGround[ground.name] if ground else None,
    )


def month_terms(settings: Settings) -> MonthTerms:
    """Say what the month's files need to know; the codes of payments follow from how the courier collects."""
    collected = 3 if settings.speedy_cash_processing == CashProcessing.POSTAL_MONEY_TRANSFER else 6
    payments = {
        PaymentMethod.BANK_TRANSFER: AuditPayment(paym=1),
        PaymentMethod.CASH_ON_DELIVERY: AuditPayment(paym=collected),
    }
    issuing = issuer(settings)
    return MonthTerms(
        seller=issuing.seller,
        domain=urlsplit(settings.pages_url).hostname or "",
        shop_number=settings.nra_shop_number,
        shop_type=settings.nra_shop_type,
        audit_event=settings.audit_event,
        audit_discount=settings.audit_discount,
        payments={**payments, **settings.audit_payments},
        every_order=invoices_every_order(settings),
        zero_rate_ground=issuing.zero_rate_ground,
        nobody=settings.ledger_nobody,
    )


def invoices_every_order(settings: Settings) -> bool:
    """I-Cash invoices those alone whose company is in its register of customers."""
    return settings.invoice_for is InvoiceFor.EVERY_ORDER and settings.invoice_issuer is InvoiceIssuer.SHOP


def ranges(settings: Settings) -> Ranges:
    first = {SeriesKey.INVOICES: settings.invoice_range_start, SeriesKey.SALES: settings.sale_document_range_start}
    if settings.note_range_start is not None:
        first[SeriesKey.NOTES] = settings.note_range_start
    return Ranges(first)


def issue_rules(settings: Settings) -> IssueRules:
    return IssueRules(
        every_order=invoices_every_order(settings),
        issuer=settings.invoice_issuer,
        proforma=settings.proforma,
        shop_number=settings.nra_shop_number,
        registered=settings.sale_document_for,
    )


def trader(settings: Settings) -> Trader:
    return Trader(
        name=settings.seller_name,
        eik=settings.seller_eik,
        vat_number=settings.seller_vat_number,
        address=f"{settings.seller_city}, {settings.seller_address}",
        email=settings.seller_email,
        phone=settings.seller_phone,
        responsible_person=settings.seller_responsible_person,
        authority=authority(settings),
    )


def breach_desk(settings: Settings) -> BreachDesk:
    return BreachDesk(find_people, trader(settings), authority(settings))
