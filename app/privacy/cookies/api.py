"""Endpoints of cookies: the public register, the visitor's choice, and how staff keep the register."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.auth.auditing.recording import Action, audit_insert
from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At
from app.core.db import SessionDep, write_last
from app.core.errors import Invalid, NotFound
from app.core.explaining import shape
from app.core.language import Speaks, Text
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.core.throttle import HOUR, TooManyRequests, limited
from app.privacy.api import SHORT, may_be_kept
from app.privacy.cookies import service
from app.privacy.cookies.models import Cookie
from app.privacy.cookies.schemas import Choices, ChooseCookies, ChosenView, CookiesView, CookieView, EnterCookie
from app.privacy.errors import DeclarationNotFound, DeclarationOutdated
from app.privacy.evidence import EvidenceDep

router = Router(tags=["privacy"])
CHOICES = limited("cookies", 120, HOUR)
staff_router = Router(prefix="/staff/cookies", tags=["staff"])

# RFC 6265: a cookie's name is a token.
COOKIE_NAME = shape(
    r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$",
    Text("Напишете името така, както е в браузъра", "Write the name as the browser has it"),
)
CookieName = Annotated[
    str,
    Path(pattern=COOKIE_NAME, description="As the browser has it", examples=["_fbp"]),
]


@router.get("/cookies")
async def list_cookies(session: SessionDep, language: Speaks, response: Response) -> CookiesView:
    """List every cookie of the site: whose it is, what it is for, how long it stays (S58)."""
    found = await session.scalars(select(Cookie).order_by(Cookie.category, Cookie.name))
    may_be_kept(response, language, SHORT)
    return CookiesView(items=[CookieView.of(cookie, language) for cookie in found])


@router.post(
    "/cookie-consents",
    status_code=201,
    dependencies=[CHOICES],
    responses=problems(TooManyRequests, DeclarationNotFound, DeclarationOutdated, BodyUnreadable, Invalid),
)
async def choose_cookies(
    wish: ChooseCookies, request: Request, response: Response, session: SessionDep, evidence: EvidenceDep
) -> ChosenView:
    """Record what a visitor chose, or changed: to refuse is one request, as to agree is.

    Kept are a random id, the moment, the text's version, the choices, a truncated address and the browser's family.
    """
    consent_id = await service.choose(session, wish, evidence)
    response.headers["Location"] = f"/v1/cookie-consents/{consent_id}"
    return await show_cookie_choice(consent_id, request, session, evidence.at)


@router.get("/cookie-consents/{consent_id}", responses=problems(NotFound, Invalid))
async def show_cookie_choice(
    consent_id: Annotated[
        UUID, Path(description="As the choice was answered with", examples=["5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"])
    ],
    request: Request,
    session: SessionDep,
    at: At,
) -> ChosenView:
    """Show how a choice stands, and whether to ask again: after a time, or under a new text."""
    months = request.app.state.cookie_consent_months
    chosen = await service.get_chosen(session, consent_id, months=months, at=at)
    return ChosenView(
        consent_id=consent_id,
        choices=Choices.model_validate(chosen.choice),
        version=chosen.version,
        method=chosen.choice.method,
        chosen_at=chosen.choice.recorded_at,
        ask_again_at=chosen.ask_again_at,
        ask_again=chosen.ask_again,
    )


@staff_router.put("/{cookie_name}", responses=problems(*STAFF_REFUSALS, BodyUnreadable, Invalid))
async def enter_cookie(
    cookie_name: CookieName,
    wish: EnterCookie,
    session: SessionDep,
    language: Speaks,
    at: At,
    member: Annotated[Person, staff_with(Right.PUBLISH_TEXTS)],
) -> CookieView:
    """Enter a cookie in the register, or put right what stands there; a new one needs a new text of the policy too."""
    row = insert(Cookie).values(name=cookie_name, **wish.model_dump())
    entered = row.on_conflict_do_update(index_elements=[Cookie.name], set_=wish.model_dump()).returning(Cookie)
    cookie = (await session.scalars(entered)).one()
    write_last(session, audit_insert(Action.TEXT_PUBLISHED, actor=member.actor, subject=f"cookie:{cookie_name}", at=at))
    return CookieView.of(cookie, language)


@staff_router.delete(
    "/{cookie_name}",
    status_code=204,
    response_class=Response,
    responses=problems(*STAFF_REFUSALS, NotFound, Invalid),
)
async def strike_cookie(
    cookie_name: CookieName, session: SessionDep, at: At, member: Annotated[Person, staff_with(Right.PUBLISH_TEXTS)]
) -> None:
    """Strike a cookie that the site no longer sets."""
    gone = await session.scalar(delete(Cookie).where(Cookie.name == cookie_name).returning(Cookie.name))
    if gone is None:
        raise NotFound
    subject = f"cookie:{cookie_name}"
    write_last(
        session, audit_insert(Action.TEXT_PUBLISHED, actor=member.actor, subject=subject, detail="struck", at=at)
    )
