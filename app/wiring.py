"""The one place that picks adapters and handlers, and turns settings into the values that domains take."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import httpx
from sqlalchemy import make_url

from app.accounting.ports import SalesBook
from app.accounting.stream import PostgresStream
from app.accounts.jobs import ClaimGuestOrders
from app.accounts.mailing import AccountMails
from app.accounts.personal_data import AccountHolder
from app.accounts.registering import forget_expired_registrations
from app.auth.auditing.recording import log_head
from app.auth.entering import Door
from app.auth.keys import KeyRing
from app.auth.logging_in import Entrance
from app.auth.mailing import LoginMails
from app.auth.personal_data import LoginHolder
from app.auth.tokens import Tokens
from app.auth.totp import Totp
from app.cart.personal_data import CartHolder
from app.cart.service import forget_carts
from app.checkout.pricing import PriceRules
from app.checkout.service import Terms
from app.core.clock import Clock
from app.core.db import Pool, Sessions
from app.core.embedded import EmbeddedServer
from app.core.holders import Holder
from app.core.jobs import Backoff, Periodic, Work, forget_done_jobs
from app.core.processes import Computers
from app.core.throttle import Throttle, forget_full_allowances
from app.fulfilment.booking import Booking
from app.fulfilment.cancelling import cancel_unpaid
from app.fulfilment.claiming import Claiming
from app.fulfilment.invoicing import Invoicing, Render
from app.fulfilment.jobs import BookShipment, CancelShipment, IssueInvoice, PostSale
from app.fulfilment.mailing import BankAccount, OrderMails
from app.fulfilment.personal_data import OrderHolder
from app.fulfilment.posting import Bookkeeping, PostingRules
from app.fulfilment.tracking import Tracking
from app.integrations.circuit import Circuit
from app.integrations.icash import ICashAccount, ICashBooks
from app.integrations.icash.account import Assumptions
from app.integrations.smtp.client import Encryption, SmtpAccount, SmtpPostman
from app.integrations.smtp.folder import FolderPostman
from app.integrations.speedy.account import CashProcessing, SpeedyAccount
from app.integrations.speedy.client import SpeedyCourier
from app.invoices.rendering import render
from app.invoices.service import Issuer
from app.invoices.view import InvoiceView, Seller
from app.mail.jobs import SendMail
from app.mail.models import MailKind
from app.mail.personal_data import MailHolder, forget_letters
from app.mail.ports import Postman
from app.mail.sending import Composer, Correspondence
from app.mail.writing import Letterhead, Trader
from app.privacy.personal_data import ConsentHolder
from app.privacy.storage_terms import StorageTerms
from app.settings import InvoiceFor, Settings
from app.shipping.ports import Courier


@dataclass(frozen=True)
class Adapters:
    """The outside world, as one process reaches it."""

    courier: Courier
    books: SalesBook
    postman: Postman
    render: Render


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
    return Database(server.url(), server)


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


def totp(settings: Settings) -> Totp:
    return Totp(settings.totp_secret.get_secret_value())


def throttle(settings: Settings, sessions: Sessions) -> Throttle:
    return Throttle(sessions, settings.guest_token_secret.get_secret_value().encode())


def entrance(settings: Settings, sessions: Sessions) -> Entrance:
    secret = settings.guest_token_secret.get_secret_value().encode()
    return Entrance(
        door=Door(sessions, throttle(settings, sessions), secret),
        totp=totp(settings),
        idle=timedelta(days=settings.session_days),
    )


def own_origins(settings: Settings) -> frozenset[str]:
    """Name the pages from which the cookie is taken: the storefront's, and the API's own."""
    own = urlsplit(settings.public_url)
    return frozenset({*settings.storefront_origins, f"{own.scheme}://{own.netloc}"})


def terms(settings: Settings) -> Terms:
    return Terms(
        rules=PriceRules(
            delivery_price=settings.delivery_price,
            free_delivery_from=settings.free_delivery_from,
            bank_transfer_discount_percent=settings.bank_transfer_discount_percent,
            vat_registered=settings.seller_vat_registered,
        ),
        bank_transfer_days=settings.bank_transfer_days,
        beneficiary=settings.seller_name,
        iban=settings.seller_iban,
        bic=settings.seller_bic,
        guest_token_secret=settings.guest_token_secret.get_secret_value().encode(),
        guest_token_days=settings.guest_token_days,
    )


def holders(settings: Settings) -> tuple[Holder, ...]:
    """Say who answers for which personal data, in the order they are asked: with the login goes the account's row."""
    terms = StorageTerms(
        books_years=settings.books_years,
        claims_years=settings.claims_years,
        evidence_years=settings.evidence_years,
        cancelled_years=settings.cancelled_years,
    )
    return (
        CartHolder(),
        AccountHolder(terms),
        OrderHolder(terms),
        ConsentHolder(terms),
        MailHolder(),
        LoginHolder(),
    )


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
    return Issuer(seller, settings.seller_city)


def trader(settings: Settings) -> Trader:
    return Trader(
        name=settings.seller_name,
        eik=settings.seller_eik,
        vat_number=settings.seller_vat_number,
        address=f"{settings.seller_city}, {settings.seller_address}",
        email=settings.seller_email,
        phone=settings.seller_phone,
        responsible_person=settings.seller_responsible_person,
    )


def speedy_account(settings: Settings) -> SpeedyAccount:
    assert settings.speedy_url is not None
    return SpeedyAccount(
        user_name=settings.speedy_user,
        password=settings.speedy_password,
        url=settings.speedy_url,
        service_id=settings.speedy_service_id,
        cash_processing=CashProcessing(settings.speedy_cash_processing),
        client_id=settings.speedy_client_id,
        dropoff_office_id=settings.speedy_dropoff_office_id,
        quiet_period=settings.speedy_quiet_seconds,
    )


def icash_account(settings: Settings) -> ICashAccount:
    groups = {20: settings.icash_tax_group_20, 9: settings.icash_tax_group_9, 0: settings.icash_tax_group_0}
    return ICashAccount(
        api_key=settings.icash_api_key,
        secret_key=settings.icash_secret_key.get_secret_value(),
        warehouse_id=settings.icash_warehouse_id,
        user_id=settings.icash_user_id,
        store_id=settings.icash_store_id,
        cash_register_id=settings.icash_cash_register_id,
        measure_unit_id=settings.icash_measure_unit_id,
        pay_types={
            "cash_on_delivery": settings.icash_pay_type_cash_on_delivery,
            "bank_transfer": settings.icash_pay_type_bank_transfer,
        },
        tax_groups={rate: group for rate, group in groups.items() if group is not None},
        assumptions=Assumptions(doubt=timedelta(seconds=settings.icash_doubt_seconds)),
    )


def circuit(settings: Settings) -> Circuit:
    return Circuit(cool_down=settings.circuit_seconds)


def postman(settings: Settings) -> Postman:
    if settings.smtp_host is None:
        return FolderPostman(settings.folder / "mail")
    account = SmtpAccount(
        host=settings.smtp_host,
        port=settings.smtp_port,
        encryption=Encryption(settings.smtp_encryption),
        user=settings.smtp_user,
        password=settings.smtp_password if settings.smtp_user else None,
        greeting=httpx.URL(settings.public_url).host or "localhost",
    )
    return SmtpPostman(account)


def renderer(computers: Computers) -> Render:
    """Draw in another process: WeasyPrint computes for a tenth of a second, and the loop must not wait for it."""

    async def draw(view: InvoiceView) -> bytes:
        return await computers.run(render, view)

    return draw


@asynccontextmanager
async def adapters(settings: Settings, database_url: str, clock: Clock, render: Render) -> AsyncIterator[Adapters]:
    """Open the ways to the outside; production settings have refused to leave one out."""
    assert settings.speedy_url is not None
    assert settings.icash_url is not None
    dsn = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    account = icash_account(settings)
    stream = PostgresStream(dsn, account.api_key, clock)
    async with (
        httpx.AsyncClient() as to_speedy,
        httpx.AsyncClient(base_url=settings.icash_url) as to_icash,
    ):
        yield Adapters(
            courier=SpeedyCourier(to_speedy, speedy_account(settings), circuit=circuit(settings)),
            books=ICashBooks(to_icash, account, stream, circuit(settings)),
            postman=postman(settings),
            render=render,
        )


def work(settings: Settings, sessions: Sessions, outside: Adapters, clock: Clock) -> Work:
    """Say which handler does which job."""
    booking = Booking(sessions, outside.courier, clock)
    bookkeeping = Bookkeeping(
        sessions, outside.books, clock, PostingRules(settings.icash_finalise, settings.icash_electronic_receipt)
    )
    invoicing = Invoicing(
        sessions,
        clock,
        issuer(settings),
        outside.render,
        every_order=settings.invoice_for is InvoiceFor.EVERY_ORDER,
        first_number=settings.invoice_range_start,
    )
    correspondence = Correspondence(sessions, outside.postman, clock, composers(settings, clock))
    return Work(
        handlers={
            BookShipment: booking.book,
            CancelShipment: booking.cancel,
            PostSale: bookkeeping.post,
            IssueInvoice: invoicing.issue,
            SendMail: correspondence.send,
            ClaimGuestOrders: Claiming(sessions, clock).claim,
        },
        periodic=_periodic(settings, Tracking(sessions, outside.courier, clock), sessions, clock),
        backoff=Backoff(first=settings.retry_first_seconds, most=settings.retry_most_seconds),
    )


def composers(settings: Settings, clock: Clock) -> Mapping[MailKind, Composer]:
    """Say who writes which mail."""
    letterhead = Letterhead(trader(settings), settings.public_url, settings.storefront_url, clock)
    secret = settings.guest_token_secret.get_secret_value().encode()
    of_orders = OrderMails(letterhead, _account_of(settings))
    of_accounts, of_logins = AccountMails(letterhead, secret), LoginMails(letterhead, secret)
    return {
        MailKind.ORDER_CONFIRMATION: of_orders.confirmation,
        MailKind.INVOICE_ISSUED: of_orders.invoice,
        MailKind.REGISTRATION: of_accounts.registration,
        MailKind.ACCOUNT_CLOSED: of_accounts.account_closed,
        MailKind.EMAIL_CHANGE: of_accounts.email_change,
        MailKind.EMAIL_CHANGED: of_accounts.email_changed,
        MailKind.PASSWORD_RESET: of_logins.password_reset,
        MailKind.PASSWORD_CHANGED: of_logins.password_changed,
        MailKind.TOKEN_REUSED: of_logins.token_reused,
        MailKind.INVITATION: of_logins.invitation,
    }


def _account_of(settings: Settings) -> BankAccount | None:
    if settings.seller_iban is None:
        return None
    return BankAccount(settings.seller_iban, settings.seller_bic, settings.seller_bank)


def _periodic(settings: Settings, tracking: Tracking, sessions: Sessions, clock: Clock) -> list[Periodic]:
    async def clean() -> None:
        at = clock.now()
        async with sessions.begin() as session:
            await forget_full_allowances(session, at=at)
            await forget_done_jobs(session, days=settings.done_jobs_days)
            await forget_letters(session, at=at)
            await forget_expired_registrations(session, at=at)
            await forget_carts(
                session,
                at - timedelta(days=settings.cart_days),
                of_accounts_before=at - timedelta(days=settings.account_cart_days),
            )

    async def release_unpaid() -> None:
        await cancel_unpaid(sessions, at=clock.now())

    return [
        Periodic("track_shipments", settings.tracking_cron, tracking.run),
        Periodic("clean", "17 * * * *", clean),
        Periodic("release_unpaid", "47 * * * *", release_unpaid),
        Periodic("log_audit_head", "7 3 * * *", partial(log_head, sessions)),
    ]
