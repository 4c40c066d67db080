"""The endpoint by which staff publish texts."""

import re
from typing import Annotated

from fastapi import Response

from app.auth.auditing.recording import Action, audit_insert
from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At
from app.core.db import SessionDep, write_last
from app.core.errors import Invalid
from app.core.language import Speaks
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.privacy.policies.publishing import EffectiveTooEarly, VersionPublished, publish
from app.privacy.policies.schemas import PublishText
from app.privacy.schemas import VersionView
from app.privacy.views import version_members

router = Router(prefix="/staff/texts", tags=["staff"])

ROUTES = re.compile("/v1/staff/texts")
BODY_LIMIT = 1_048_576
"""Room for the longest text in two languages, each letter of it six bytes where a client escapes them."""


@router.post(
    "",
    status_code=201,
    responses=problems(*STAFF_REFUSALS, VersionPublished, EffectiveTooEarly, BodyUnreadable, Invalid),
)
async def publish_text(
    wish: PublishText,
    response: Response,
    session: SessionDep,
    language: Speaks,
    at: At,
    member: Annotated[Person, staff_with(Right.PUBLISH_TEXTS)],
) -> VersionView:
    """Publish a version of a declaration or a policy; it never changes and is never taken back (S85).

    Everybody with whom there is a ground is told by e-mail of a material change of a policy (C21).
    """
    declaration = await publish(session, wish, at=at)
    subject = f"text:{declaration.purpose}/{declaration.version}"
    write_last(session, audit_insert(Action.TEXT_PUBLISHED, actor=member.actor, subject=subject, at=at))
    view = VersionView(**version_members(declaration, language))
    response.headers["Location"] = view.address
    return view
