"""Says which handler does which job, which mail is composed by whom, and what is done periodically."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from app.accounting.mirroring import Mirror
from app.accounting.reconciling import Reconciling
from app.accounts.jobs import ClaimGuestOrders
from app.accounts.mailing import AccountMails
from app.auth.auditing.recording import log_head
from app.auth.mailing import LoginMails
from app.catalog.service import recount_unpaid
from app.core.backlog import forget_silent_workers
from app.core.clock import Clock
from app.core.db import Sessions
from app.core.jobs import Backoff, Periodic, Work, forget_done_jobs
from app.core.throttle import forget_full_allowances
from app.fulfilment.access_mailing import AccessMails
from app.fulfilment.booking import Booking, promise_missing_sales
from app.fulfilment.cancellation_mailing import CancellationMails
from app.fulfilment.cancelling import cancel_lapsed
from app.fulfilment.claiming import Claiming
from app.fulfilment.correcting import allot_refunds
from app.fulfilment.invoicing import Invoicing, promise_missing_notes
from app.fulfilment.jobs import BookShipment, CallOffStray, CancelShipment, IssueInvoice, PostSale
from app.fulfilment.mail_gate import may_be_sent, release_waiting
from app.fulfilment.mailing import BankAccount, OrderMails
from app.fulfilment.mending_mailing import MendingMails
from app.fulfilment.posting import Bookkeeping, PostingRules
from app.fulfilment.progress_mailing import ProgressMails
from app.fulfilment.recipient_mailing import RecipientMails
from app.fulfilment.strays import Strays
from app.fulfilment.tracking import Tracking
from app.fulfilment.withdrawing import Withdrawing
from app.invoices.pdf_reading import shows
from app.mail.holding import BeforeTheDayEnds
from app.mail.jobs import SendMail
from app.mail.models import MailKind
from app.mail.sending import Composer, Correspondence
from app.orders.whose import addresses_under_way
from app.privacy.breaches.jobs import TellPeople
from app.privacy.breaches.mailing import BreachMails
from app.privacy.breaches.telling import Telling
from app.privacy.breaches.watching import BreachWatch
from app.privacy.consent_mailing import ConsentMails
from app.privacy.erasing import BATCH, finish_erasures
from app.privacy.policies.announcing import Announcing, PolicyMails
from app.privacy.policies.jobs import AnnounceChange
from app.privacy.recipient_tasks import alarm_overdue
from app.privacy.restricting import end_told
from app.privacy.restrictions.mailing import RestrictionMails
from app.privacy.retention.jobs import RunRetention
from app.privacy.rights.alarms import mind_requests
from app.privacy.rights.drawing import Drawing
from app.privacy.rights.jobs import DrawLetter
from app.privacy.rights.mailing import RightsMails
from app.returns.alarms import mind_withdrawals
from app.returns.jobs import MatchWithdrawal
from app.returns.mailing import WithdrawalMails
from app.settings import Settings
from app.upkeep.mailing import UpkeepMails
from app.upkeep.standstills import StandstillMails
from app.wiring import upkeep
from app.wiring.documents import document_watch, tell_of_documents
from app.wiring.keeping import Keeping, tell_of_retention
from app.wiring.lookout import letterhead as letterhead_of
from app.wiring.outside import Adapters
from app.wiring.selling import contract_terms
from app.wiring.values import authority, holders, holding, issue_rules, issuer, secret, trader

LONGEST_SILENCE = timedelta(days=1)
"""A worker silent for longer, beside others that are not, was taken away for good, and has been written about."""


def work(settings: Settings, sessions: Sessions, outside: Adapters, clock: Clock) -> Work:
    """Say which handler does which job."""
    booking = Booking(sessions, outside.courier, clock)
    strays = Strays(sessions, outside.courier, clock)
    bookkeeping = Bookkeeping(
        sessions, outside.books, clock, PostingRules(settings.icash_finalise, settings.icash_electronic_receipt)
    )
    invoicing = Invoicing(
        sessions,
        clock,
        issuer(settings),
        outside.render,
        issue_rules(settings),
    )
    correspondence = Correspondence(
        sessions, outside.postman, clock, composers(settings, clock), may_be_sent, holding(settings, sessions)
    )
    keeping = Keeping(settings, sessions, clock)
    return Work(
        handlers={
            BookShipment: booking.book,
            CancelShipment: booking.cancel,
            CallOffStray: strays.call_off,
            PostSale: bookkeeping.post,
            IssueInvoice: invoicing.issue,
            SendMail: correspondence.send,
            ClaimGuestOrders: Claiming(sessions, clock).claim,
            TellPeople: Telling(sessions, clock).tell,
            AnnounceChange: Announcing(sessions, clock, [addresses_under_way]).announce,
            RunRetention: keeping.run,
            MatchWithdrawal: Withdrawing(sessions, clock).match,
            DrawLetter: Drawing(sessions, clock, trader(settings), authority(settings)).draw,
            **upkeep.handlers(settings, sessions, clock),
        },
        periodic=[
            *_periodic(settings, Tracking(sessions, outside.courier, clock), keeping, sessions, clock),
            Periodic("reconcile_icash", "17 4 * * *", reconciling(settings, sessions, outside, clock).run),
            Periodic("find_stray_waybills", "47 4 * * *", strays.run),
        ],
        backoff=Backoff(first=settings.retry_first_seconds, most=settings.retry_most_seconds),
    )


def reconciling(settings: Settings, sessions: Sessions, outside: Adapters, clock: Clock) -> Reconciling:
    mirror = Mirror(sessions, clock, issuer(settings))
    return Reconciling(sessions, outside.reader, clock, settings.invoice_issuer, mirror)


def composers(settings: Settings, clock: Clock) -> Mapping[MailKind, Composer]:
    """Say who writes which mail."""
    letterhead = letterhead_of(settings, clock)
    made_of = secret(settings)
    of_orders = OrderMails(
        letterhead,
        _account_of(settings),
        made_of,
        contract_terms(settings, letterhead),
        settings.withdrawal_zone,
    )
    of_access, of_cancellations = AccessMails(letterhead, made_of), CancellationMails(letterhead, made_of)
    of_recipients, of_progress = RecipientMails(letterhead), ProgressMails(letterhead, made_of)
    of_accounts, of_logins = AccountMails(letterhead, made_of), LoginMails(letterhead, made_of)
    of_rights = RightsMails(letterhead, authority(settings), made_of)
    of_breaches = BreachMails(letterhead)
    of_consents, of_withdrawals = ConsentMails(letterhead, made_of), WithdrawalMails(letterhead)
    return {
        MailKind.ORDER_CONFIRMATION: of_orders.confirmation,
        MailKind.ORDER_CANCELLED: of_cancellations.cancelled,
        MailKind.ORDER_REFUNDED: of_cancellations.refunded,
        MailKind.ORDER_CORRECTED: MendingMails(letterhead, made_of).corrected,
        MailKind.PAYMENT_RECEIVED: of_progress.paid,
        MailKind.ORDER_SHIPPED: of_progress.shipped,
        MailKind.READY_FOR_PICKUP: of_progress.ready,
        MailKind.INVOICE_ISSUED: of_orders.invoice,
        MailKind.ORDER_ACCESS: of_access.access,
        MailKind.REGISTRATION: of_accounts.registration,
        MailKind.ACCOUNT_CLOSED: of_accounts.account_closed,
        MailKind.EMAIL_CHANGE: of_accounts.email_change,
        MailKind.EMAIL_CHANGED: of_accounts.email_changed,
        MailKind.PASSWORD_RESET: of_logins.password_reset,
        MailKind.PASSWORD_CHANGED: of_logins.password_changed,
        MailKind.TOKEN_REUSED: of_logins.token_reused,
        MailKind.SECOND_FACTOR_LOCKED: of_logins.second_factor_locked,
        MailKind.INVITATION: of_logins.invitation,
        MailKind.REQUEST_PROOF: of_rights.proof,
        MailKind.REQUEST_RECEIVED: of_rights.received,
        MailKind.REQUEST_INCOMPLETE: of_rights.letter,
        MailKind.REQUEST_EXTENDED: of_rights.letter,
        MailKind.REQUEST_LATE: of_rights.letter,
        MailKind.REQUEST_ANSWERED: of_rights.letter,
        MailKind.RIGHTS_ALARM: of_rights.alarm,
        MailKind.MARKETING_PROOF: of_consents.confirmation,
        MailKind.OFFERS_STOPPED: of_consents.offers_stopped,
        MailKind.WITHDRAWAL_PROOF: of_consents.withdrawal_proof,
        MailKind.WITHDRAWAL_RECEIPT: of_withdrawals.receipt,
        MailKind.WITHDRAWAL_ALARM: of_withdrawals.alarm,
        MailKind.POLICY_CHANGED: PolicyMails(letterhead).changed,
        MailKind.BREACH_ALARM: of_breaches.alarm,
        MailKind.BREACH_NOTICE: of_breaches.notice,
        MailKind.RECIPIENT_TOLD: of_recipients.told,
        MailKind.RECIPIENT_LATE: of_recipients.late,
        MailKind.UPKEEP_ALARM: UpkeepMails(letterhead, [tell_of_retention, tell_of_documents]).alarm,
        MailKind.STANDSTILL: StandstillMails(letterhead).compose,
        MailKind.RESTRICTION_ENDS: RestrictionMails(letterhead).ends,
    }


def _account_of(settings: Settings) -> BankAccount | None:
    if settings.seller_iban is None:
        return None
    return BankAccount(settings.seller_iban, settings.seller_bic, settings.seller_bank)


def _periodic(
    settings: Settings, tracking: Tracking, keeping: Keeping, sessions: Sessions, clock: Clock
) -> list[Periodic]:
    async def clean() -> None:
        at = clock.now()
        async with sessions.begin() as session:
            await forget_full_allowances(session, at=at)
            await forget_done_jobs(session, days=settings.done_jobs_days)
            await forget_silent_workers(session, silent_for=LONGEST_SILENCE)
        await keeping.keeper.tidy()

    async def finish() -> None:
        while await finish_erasures(sessions, holders(settings), clock) == BATCH:
            pass
        await alarm_overdue(sessions, settings.seller_email, at=clock.now())

    async def end_restrictions() -> None:
        await end_told(sessions, release_waiting, at=clock.now())

    async def release_lapsed() -> None:
        await cancel_lapsed(sessions, at=clock.now())
        async with sessions.begin() as session:
            await recount_unpaid(session)

    async def sell() -> None:
        await promise_missing_sales(sessions, at=clock.now())
        await promise_missing_notes(sessions, at=clock.now())
        await allot_refunds(sessions)

    async def mind_statements() -> None:
        await mind_withdrawals(sessions, clock, settings.seller_email, BeforeTheDayEnds(settings.working_day_ends))

    return [
        Periodic("track_shipments", settings.tracking_cron, tracking.run),
        Periodic("clean", "17 * * * *", clean),
        Periodic("end_restrictions", "*/10 * * * *", end_restrictions),
        Periodic("retention", "17 2 * * *", keeping.daily),
        Periodic("finish_erasures", "37 2 * * *", finish),
        Periodic("release_unpaid", "47 * * * *", release_lapsed),
        Periodic("promise_missing_sales", "57 * * * *", sell),
        Periodic("mind_requests", "27 * * * *", partial(mind_requests, sessions, clock, settings.seller_email)),
        Periodic("mind_withdrawals", "*/10 * * * *", mind_statements),
        Periodic("watch_breaches", "*/5 * * * *", BreachWatch(sessions, clock, settings.seller_email).run),
        Periodic("verify_documents", "27 3 * * *", document_watch(settings, sessions, clock, shows).run),
        Periodic("log_audit_head", "7 3 * * *", partial(log_head, sessions)),
        *upkeep.periodic(settings, sessions, clock),
    ]
