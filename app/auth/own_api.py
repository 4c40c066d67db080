"""Endpoints of whoever is logged in, or lost the password: sessions and passwords."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request, Response

from app.auth import login_queries as queries
from app.auth import password_changing
from app.auth import sessions as logins
from app.auth.api import EntranceDep
from app.auth.entering import refuse_password
from app.auth.errors import LinkInvalid, PasswordWrong
from app.auth.guards import ACCOUNT_REFUSALS, PersonCaller, read_claims
from app.auth.link_tokens import read_link
from app.auth.models import LinkPurpose, SessionEnd
from app.auth.own_schemas import ChangePassword, ForgotPassword, ResetPassword, SessionsView, SessionView
from app.auth.passwords import PasswordTooCommon, hash_password, refuse_weak, verify_password
from app.auth.persons import RecentDep
from app.auth.tokens import TokensDep
from app.core.clock import At
from app.core.db import SessionDep, SessionsDep, let_go
from app.core.errors import Invalid, NotFound
from app.core.language import Speaks
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router, door
from app.core.throttle import HOUR, QUARTER, ThrottleDep, TooManyRequests, limited, origin

router = Router(tags=["auth"])
SessionId = Annotated[
    UUID, Path(description="As the list of sessions names it", examples=["019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"])
]


@router.get("/me/sessions", responses=problems(*ACCOUNT_REFUSALS))
async def list_own_sessions(person: PersonCaller, session: SessionDep, at: At) -> SessionsView:
    """List one's live sessions with device and last use; the present one is marked."""
    found = await queries.list_live_sessions(session, person.realm, person.id, at=at)
    return SessionsView(
        items=[
            SessionView(
                id=each.id,
                device=each.device,
                created_at=each.created_at,
                last_used_at=each.last_used_at,
                expires_at=each.expires_at,
                is_current=each.id == person.session_id,
            )
            for each in found
        ]
    )


@router.delete(
    "/me/sessions/{session_id}",
    status_code=204,
    response_class=Response,
    responses=problems(*ACCOUNT_REFUSALS, NotFound, Invalid),
)
async def end_own_session(
    session_id: SessionId, person: PersonCaller, session: SessionDep, recent: RecentDep, at: At
) -> None:
    """End one session: its device is logged out."""
    live = await queries.list_live_sessions(session, person.realm, person.id, at=at)
    if session_id not in {each.id for each in live}:
        raise NotFound
    await logins.end_session(session, session_id, SessionEnd.ENDED_BY_OWNER, at=at)
    recent.forget(session_id)


@router.delete("/me/sessions", status_code=204, response_class=Response, responses=problems(*ACCOUNT_REFUSALS))
async def end_own_sessions(person: PersonCaller, session: SessionDep, recent: RecentDep, at: At) -> None:
    """End all of one's sessions, this one too: every device is logged out."""
    await logins.end_own_sessions(session, person.realm, person.id, at=at)
    recent.forget(person.id)


@door
async def limit_tries(request: Request, tokens: TokensDep, throttle: ThrottleDep, at: At) -> None:
    """Slow down who guesses password or code behind a token that was left open; asked before a connection is held.

    By session: whoever has the token of one that was ended uses up nothing of the owner's.
    """
    claims = await read_claims(request.headers.get("authorization"), tokens, at)
    await throttle.take(f"password:{claims.session_id}", limit=10, per_seconds=QUARTER, at=at)


@router.put(
    "/me/password",
    dependencies=[Depends(limit_tries)],
    status_code=204,
    response_class=Response,
    responses=problems(*ACCOUNT_REFUSALS, PasswordWrong, PasswordTooCommon, TooManyRequests, BodyUnreadable, Invalid),
)
async def change_password(
    wish: ChangePassword,
    person: PersonCaller,
    session: SessionDep,
    recent: RecentDep,
    at: At,
) -> None:
    """Change the password; the old one is needed. Other sessions end, and a mail tells of it."""
    known = await queries.get_person(session, person.realm, person.id)
    await let_go(session)
    old, new = wish.current_password.get_secret_value(), wish.new_password.get_secret_value()
    if not await verify_password(old, known.password_hash):
        await refuse_password(session, person, at=at)
    refuse_weak(new, *known.own_words, pointer="/new_password")
    new_hash = await hash_password(new)
    await password_changing.change(
        session,
        person.realm,
        person.id,
        checked_hash=known.password_hash,
        new_hash=new_hash,
        except_id=person.session_id,
        at=at,
    )
    recent.forget(person.id)


@router.post(
    "/auth/forgot-password",
    status_code=202,
    dependencies=[limited("reset", 20, HOUR)],
    response_class=Response,
    responses=problems(TooManyRequests, BodyUnreadable, Invalid),
)
async def ask_for_password_reset(
    wish: ForgotPassword, request: Request, session: SessionDep, throttle: ThrottleDep, language: Speaks, at: At
) -> None:
    """Ask for a mail with a link that sets a new password; the answer is the same whoever has the address."""
    here, mailbox = origin(request), f"{wish.realm}:{wish.email.lower()}"
    await throttle.take(f"reset:{here} {mailbox}", limit=5, per_seconds=HOUR, at=at)
    await password_changing.ask_for_reset(session, wish.realm, wish.email, language=language, at=at)


@router.post(
    "/auth/reset-password",
    status_code=204,
    dependencies=[limited("reset-by-link", 20, HOUR)],
    response_class=Response,
    responses=problems(LinkInvalid, PasswordTooCommon, TooManyRequests, BodyUnreadable, Invalid),
)
async def reset_password(
    wish: ResetPassword,
    request: Request,
    entrance: EntranceDep,
    sessions: SessionsDep,
    session: SessionDep,
    recent: RecentDep,
    at: At,
) -> None:
    """Set a new password by the link that was mailed; it works once. All sessions end, and a mail tells of it."""
    link_id = read_link(request.app.state.secret, LinkPurpose.RESET_PASSWORD, wish.token.get_secret_value())
    if link_id is None:
        raise LinkInvalid
    realm, person = await password_changing.find_reset(sessions, link_id, at=at)
    new = wish.new_password.get_secret_value()
    refuse_weak(new, *person.own_words, pointer="/new_password")
    new_hash = await hash_password(new)
    await password_changing.reset(session, realm, person.id, link_id, new_hash, at=at)
    recent.forget(person.id)
    # Whoever reads the mailbox is the owner: strangers' guesses do not lock this place out.
    here = entrance.door.origin_digest(realm, person.email, origin(request))
    await logins.make_familiar(session, person.id, here, at=at)
