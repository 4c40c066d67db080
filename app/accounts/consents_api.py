"""Endpoints of one's own consents: how they stand, giving, taking back."""

from app.accounts import profile_queries as profiles
from app.accounts.closing import lock_account
from app.accounts.closing_api import ClosingDep
from app.accounts.consents_schemas import ConsentsView, ConsentView, GiveConsent, WithdrawConsent, WithdrawnView
from app.accounts.errors import PhoneMissing
from app.auth.errors import Unauthenticated
from app.auth.guards import ACCOUNT_REFUSALS, AccountCaller
from app.auth.models import Account
from app.core.db import SessionDep
from app.core.errors import Invalid
from app.core.language import Speaks
from app.core.problems import problems
from app.core.routing import Router
from app.core.throttle import HOUR, TooManyRequests, limited
from app.privacy import consenting, queries
from app.privacy.errors import DeclarationNotAccepted, DeclarationNotFound, DeclarationOutdated
from app.privacy.evidence import EvidenceDep
from app.privacy.models import ConsentPurpose
from app.privacy.purposes import BY_PHONE_NUMBER, ConsentNotOffered, Point
from app.privacy.queries import LastAct
from app.privacy.service import ConsentWish

router = Router(prefix="/me/consents", tags=["account"])
ACTS = limited("consent", 60, HOUR)
"""Keeps the ledger from being filled: each act is kept for years. Taking back needs no limit, it ends by itself."""


@router.get("", responses=problems(*ACCOUNT_REFUSALS))
async def list_own_consents(caller: AccountCaller, session: SessionDep, language: Speaks) -> ConsentsView:
    """Show every consent under one's address, those given as a guest too, and what rests on which ground (C17)."""
    account = await session.get(Account, caller.id)
    if account is None:
        raise Unauthenticated  # closed since the guard let it pass
    return ConsentsView.of(await queries.list_last_acts(session, account.email), language)


@router.post(
    "",
    dependencies=[ACTS],
    responses=problems(
        *ACCOUNT_REFUSALS,
        TooManyRequests,
        ConsentNotOffered,
        PhoneMissing,
        DeclarationNotFound,
        DeclarationNotAccepted,
        DeclarationOutdated,
        Invalid,
    ),
)
async def give_own_consent(
    caller: AccountCaller, wish: GiveConsent, session: SessionDep, evidence: EvidenceDep, language: Speaks
) -> ConsentsView:
    """Agree to one purpose by one channel, under its own wording; the same again changes nothing.

    `GET /declarations/{purpose}` shows it: `newsletter` for e-mail, `sms`, `viber`, `survey`, `third_party_marketing`.
    A purpose whose wording is not published cannot be agreed to: so it is with third parties until they are named.
    """
    email = (await lock_account(session, caller.id)).email
    if wish.channel in BY_PHONE_NUMBER and not await profiles.has_phone(session, caller.id):
        raise PhoneMissing
    asked = ConsentWish(wish.purpose, wish.channel)
    await consenting.give(session, email, asked, wish.privacy_declaration, evidence, point=Point.ACCOUNT)
    return ConsentsView.of(await queries.list_last_acts(session, email), language)


@router.post("/withdrawals", responses=problems(*ACCOUNT_REFUSALS, Invalid))
async def withdraw_own_consent(
    caller: AccountCaller, wish: WithdrawConsent, session: SessionDep, closing: ClosingDep, evidence: EvidenceDep
) -> WithdrawnView:
    """Take a consent back, in one's own words or none, with effect from this answer on; repeated, it changes nothing.

    A profile rests on the consent to registration and on nothing else (S13). Taken back, the account is closed as by
    `DELETE /me`, with the same answer in `closed`: orders under way go on, and what a law holds is named.
    """
    email = (await lock_account(session, caller.id)).email
    if wish.purpose is ConsentPurpose.REGISTRATION:
        taken = await consenting.withdraw(session, email, None, evidence, words=wish.words)
        return WithdrawnView(withdrawn=_views(taken), closed=await closing.close(caller.id))
    taken = await consenting.withdraw(session, email, wish.purpose, evidence, channel=wish.channel, words=wish.words)
    return WithdrawnView(withdrawn=_views(taken), closed=None)


def _views(acts: list[LastAct]) -> list[ConsentView]:
    return [ConsentView.of(act) for act in acts]
