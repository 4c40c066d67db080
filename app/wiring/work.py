"""Says which handler does which job, which mail is composed by whom, and what is done periodically."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from app.accounts.jobs import ClaimGuestOrders
from app.accounts.mailing import AccountMails
from app.accounts.registering import forget_expired_registrations
from app.auth.auditing.recording import log_head
from app.auth.mailing import LoginMails
from app.auth.personal_data import forget_logins
from app.cart.service import forget_carts
from app.core.clock import Clock
from app.core.db import Sessions
from app.core.jobs import Backoff, Periodic, Work, forget_done_jobs
from app.core.throttle import forget_full_allowances
from app.fulfilment.booking import Booking
from app.fulfilment.cancelling import cancel_unpaid
from app.fulfilment.claiming import Claiming
from app.fulfilment.invoicing import Invoicing
from app.fulfilment.jobs import BookShipment, CancelShipment, IssueInvoice, PostSale
from app.fulfilment.mailing import BankAccount, OrderMails
from app.fulfilment.posting import Bookkeeping, PostingRules
from app.fulfilment.tracking import Tracking
from app.mail.jobs import SendMail
from app.mail.models import MailKind
from app.mail.personal_data import forget_letters
from app.mail.sending import Composer, Correspondence
from app.mail.writing import Letterhead
from app.settings import InvoiceFor, Settings
from app.wiring.outside import Adapters
from app.wiring.values import issuer, trader


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
            await forget_logins(session, at=at)
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
