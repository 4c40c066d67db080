"""Endpoints of registration and of a change of the e-mail address."""

from datetime import datetime
from uuid import UUID

from fastapi import Depends, Request, Response

from app.accounts import emailing, registering
from app.accounts.errors import ConsentMissing
from app.accounts.schemas import ChangeEmail, ConfirmEmailChange, LinkMailed, Register, VerifyEmail
from app.auth.errors import LinkInvalid, PasswordWrong
from app.auth.guards import ACCOUNT_REFUSALS, AccountCaller, read_claims
from app.auth.link_tokens import read_link
from app.auth.models import LinkPurpose
from app.auth.passwords import PasswordTooCommon
from app.auth.tokens import TokensDep
from app.core.clock import At
from app.core.db import SessionDep, SessionsDep
from app.core.errors import Invalid
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router, door
from app.core.throttle import HOUR, Throttle, ThrottleDep, TooManyRequests, Use, limited, origin
from app.privacy.errors import DeclarationNotAccepted, DeclarationNotFound, DeclarationOutdated
from app.privacy.evidence import EvidenceDep

router = Router(tags=["account"])


@router.post(
    "/auth/register",
    status_code=202,
    dependencies=[limited("register", 20, HOUR)],
    responses=problems(
        TooManyRequests,
        ConsentMissing,
        PasswordTooCommon,
        DeclarationNotAccepted,
        DeclarationOutdated,
        DeclarationNotFound,
        BodyUnreadable,
        Invalid,
    ),
)
async def register(
    wish: Register, request: Request, throttle: ThrottleDep, session: SessionDep, evidence: EvidenceDep
) -> LinkMailed:
    """Ask for an account; a mail goes to the address, and the answer is the same whoever has it.

    The account is made by `POST /auth/verify-email`, with the token of the link in that mail.
    """
    here, mailbox = origin(request), wish.email.lower()
    await throttle.take(f"register:{here} {mailbox}", limit=5, per_seconds=HOUR, at=evidence.at)
    expires_at = await registering.register(session, wish, evidence)
    return LinkMailed(email=wish.email, expires_at=expires_at)


PROOFS = limited("prove", 60, HOUR)
"""Slows down who guesses links."""


async def _limit_passwords(throttle: Throttle, row_id: UUID, at: datetime) -> None:
    """Slow down who guesses the password behind a link."""
    await throttle.take(f"prove:{row_id}", limit=10, per_seconds=HOUR, at=at)


@router.post(
    "/auth/verify-email",
    status_code=204,
    dependencies=[PROOFS],
    response_class=Response,
    responses=problems(TooManyRequests, LinkInvalid, PasswordWrong, BodyUnreadable, Invalid),
)
async def verify_email(
    wish: VerifyEmail,
    request: Request,
    throttle: ThrottleDep,
    sessions: SessionsDep,
    session: SessionDep,
    at: At,
) -> None:
    """Prove the address by the mailed link, and with the password that it is one's own registration.

    Who only reads the mail cannot turn a stranger's registration into an account, nor can who only registered.
    """
    registration_id = read_link(request.app.state.secret, registering.LINK, wish.token.get_secret_value())
    if registration_id is None:
        raise LinkInvalid
    await _limit_passwords(throttle, registration_id, at)
    await registering.check_password(sessions, registration_id, wish.password.get_secret_value(), at=at)
    await registering.open_account(session, registration_id, at=at)


@door
async def limit_changes(request: Request, tokens: TokensDep, throttle: ThrottleDep, at: At) -> None:
    """Slow down who guesses the password behind a token, and who sends mails; asked before a connection is held."""
    claims = await read_claims(request.headers.get("authorization"), tokens, at)
    uses = (Use(f"email-change:{origin(request)}", 20, HOUR), Use(f"email-change:{claims.session_id}", 10, HOUR))
    await throttle.take_all(*uses, at=at)


@router.post(
    "/me/email-changes",
    status_code=202,
    dependencies=[Depends(limit_changes)],
    responses=problems(*ACCOUNT_REFUSALS, PasswordWrong, TooManyRequests, BodyUnreadable, Invalid),
)
async def ask_for_email_change(wish: ChangeEmail, caller: AccountCaller, session: SessionDep, at: At) -> LinkMailed:
    """Ask for another address; a mail goes there, and until its link is opened the old address stays."""
    password = wish.password.get_secret_value()
    expires_at = await emailing.ask_for_change(session, caller.id, wish.email, password, at=at)
    return LinkMailed(email=wish.email, expires_at=expires_at)


@router.post(
    "/auth/confirm-email-change",
    status_code=204,
    dependencies=[PROOFS],
    response_class=Response,
    responses=problems(TooManyRequests, LinkInvalid, PasswordWrong, BodyUnreadable, Invalid),
)
async def confirm_email_change(
    wish: ConfirmEmailChange,
    request: Request,
    throttle: ThrottleDep,
    sessions: SessionsDep,
    session: SessionDep,
    evidence: EvidenceDep,
) -> None:
    """Prove the new address by the mailed link, and with the password that it is for one's own account.

    From now on one logs in with it; the old address is told.
    """
    at = evidence.at
    link_id = read_link(request.app.state.secret, LinkPurpose.CHANGE_EMAIL, wish.token.get_secret_value())
    if link_id is None:
        raise LinkInvalid
    await _limit_passwords(throttle, link_id, at)
    password_hash = await emailing.check_password(sessions, link_id, wish.password.get_secret_value(), at=at)
    followers = request.app.state.address_followers
    await emailing.change(session, link_id, password_hash, followers, evidence)
