"""Endpoints of who was invited to the staff, and of one's own second factor."""

from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import SecretStr

from app.auth import inviting
from app.auth.entering import refuse_password
from app.auth.errors import LinkInvalid, PasswordWrong
from app.auth.guards import ACCOUNT_REFUSALS, StaffCaller
from app.auth.link_tokens import read_link
from app.auth.models import LinkPurpose, Staff
from app.auth.own_api import limit_tries
from app.auth.passwords import PasswordTooCommon, hash_password, refuse_weak, verify_password
from app.auth.staff_errors import CodeWrong
from app.auth.staff_schemas import (
    AcceptInvitation,
    ConfirmSecondFactor,
    RecoveryCodesView,
    RenewRecoveryCodes,
    SecondFactorView,
)
from app.auth.totp import TotpDep
from app.core.clock import At
from app.core.db import SessionDep, SessionsDep, let_go
from app.core.errors import Invalid, ShopError
from app.core.problems import BodyUnreadable, answer, problems
from app.core.routing import Router
from app.core.throttle import HOUR, ThrottleDep, TooManyRequests, limited

router = Router(prefix="/auth", tags=["auth"])
REFUSALS = (LinkInvalid, TooManyRequests, BodyUnreadable, Invalid)


INVITATIONS = limited("invitation", 60, HOUR)


@router.post("/invitations/acceptance", dependencies=[INVITATIONS], responses=problems(*REFUSALS, PasswordTooCommon))
async def accept_invitation(
    wish: AcceptInvitation,
    request: Request,
    response: Response,
    sessions: SessionsDep,
    session: SessionDep,
    throttle: ThrottleDep,
    totp: TotpDep,
    at: At,
) -> SecondFactorView:
    """Choose a password by the link that was mailed, and get a second factor for an authenticator app.

    Until the factor is confirmed nobody can log in with it, and the call may be repeated: each makes another.
    """
    link_id = _read(request, wish.token)
    await throttle.take(f"invitation:{link_id}", limit=20, per_seconds=HOUR, at=at)
    invited = await inviting.find_invited(sessions, link_id, at=at)
    password = wish.password.get_secret_value()
    refuse_weak(password, *invited.own_words)
    password_hash = await hash_password(password)
    made = await inviting.accept(session, link_id, password_hash, totp, at=at)
    response.headers["Cache-Control"] = "no-store"
    return SecondFactorView(otpauth_uri=made.uri, secret=made.key)


@router.post("/mfa/confirmation", dependencies=[INVITATIONS], responses=problems(*REFUSALS, CodeWrong))
async def confirm_second_factor(
    wish: ConfirmSecondFactor,
    request: Request,
    response: Response,
    session: SessionDep,
    throttle: ThrottleDep,
    totp: TotpDep,
    at: At,
) -> RecoveryCodesView:
    """Prove with a code that the authenticator app works: from now on one can log in. The link is used up."""
    link_id = _read(request, wish.token)
    await throttle.take(f"invitation:{link_id}", limit=20, per_seconds=HOUR, at=at)
    codes = await inviting.confirm(session, link_id, wish.code.get_secret_value(), totp, at=at)
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodesView(recovery_codes=codes)


def _read(request: Request, token: SecretStr) -> UUID:
    link_id = read_link(request.app.state.secret, LinkPurpose.INVITATION, token.get_secret_value())
    if link_id is None:
        raise LinkInvalid
    return link_id


@router.post(
    "/mfa/recovery-codes",
    response_model=RecoveryCodesView,
    dependencies=[Depends(limit_tries)],
    responses=problems(*ACCOUNT_REFUSALS, PasswordWrong, CodeWrong, TooManyRequests, BodyUnreadable, Invalid),
)
async def renew_recovery_codes(
    wish: RenewRecoveryCodes,
    request: Request,
    response: Response,
    person: StaffCaller,
    session: SessionDep,
    totp: TotpDep,
    at: At,
) -> RecoveryCodesView | Response:
    """Make new recovery codes; password and second factor are needed, and the old codes are refused from now on."""
    known = await session.get_one(Staff, person.id)
    await let_go(session)
    if not await verify_password(wish.password.get_secret_value(), known.password_hash):
        await refuse_password(session, person, at=at)
    code = wish.otp.get_secret_value()
    codes = await inviting.renew_recovery_codes(session, person.id, known.password_hash, code, totp, at=at)
    if isinstance(codes, ShopError):
        return answer(request, codes)
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodesView(recovery_codes=codes)
