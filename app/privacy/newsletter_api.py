"""Endpoints behind the links in mails: confirming a consent, and leaving a list with one click (RFC 8058)."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ConfigDict

from app.auth.errors import LinkInvalid
from app.auth.link_tokens import LENGTH, read_link
from app.auth.own_schemas import LinkToken
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound, ShopError
from app.core.explaining import shape
from app.core.fields import Wish
from app.core.language import Language, Speaks, Text
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router, Sent
from app.core.throttle import HOUR, TooManyRequests, limited
from app.privacy import consenting, opting_in
from app.privacy.consenting import by
from app.privacy.evidence import EvidenceDep
from app.privacy.marketing import UNSUBSCRIBE
from app.privacy.models import Means

router = Router(prefix="/newsletter", tags=["privacy"])
LINKS = limited("consent-link", 600, HOUR)
"""Slows down who guesses links; mailboxes of one provider unsubscribe from few addresses."""

FORM = "application/x-www-form-urlencoded"
ONE_CLICK = "List-Unsubscribe=One-Click"
# The same field as a part of a multipart body; its name may stand without quotes (RFC 2045).
NAMED = ('name="List-Unsubscribe"', "name=List-Unsubscribe")
# The page has one form, which leads to itself, and loads nothing.
PAGE_MAY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'"
PAGE = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>{title}</title></head>
<body><h1>{title}</h1><p>{words}</p>{form}</body></html>
"""
BUTTON = """<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">
<button type="submit">{button}</button></form>"""
TITLE = Text("Отказ от писма", "Unsubscribe")
WORDS = Text(
    "С едно натискане спираме да Ви изпращаме такива писма. Не е нужна причина и не е нужен вход.",
    "With one click we stop sending you such mails. No reason and no login is needed.",
)
DONE = Text("Готово: повече няма да получавате такива писма.", "Done: you will receive no more of these mails.")
PRESS = Text("Отказвам се", "Unsubscribe")


class OneClickMissing(ShopError):
    status = 422
    title = Text("Не е отказ", "Not an unsubscription")
    advice = Text("Изпратете тяло List-Unsubscribe=One-Click.", "Send the body List-Unsubscribe=One-Click.")


class ConfirmConsent(Wish):
    """What the mail's reader and nobody else has."""

    model_config = ConfigDict(hide_input_in_errors=True, json_schema_extra={"examples": [{"token": "A" * LENGTH}]})

    token: LinkToken


@router.post(
    "/confirmations",
    status_code=204,
    response_class=Response,
    dependencies=[LINKS],
    responses=problems(TooManyRequests, LinkInvalid, BodyUnreadable, Invalid),
)
async def confirm_consent(wish: ConfirmConsent, request: Request, session: SessionDep, evidence: EvidenceDep) -> None:
    """Prove the address by the mailed link: from now on what was ticked is a consent (complaint 22)."""
    wish_id = read_link(request.app.state.secret, opting_in.LINK, wish.token.get_secret_value())
    if wish_id is None:
        raise LinkInvalid
    await opting_in.confirm(session, wish_id, evidence)


TOKEN = shape(
    rf"^[A-Za-z0-9_-]{{{LENGTH}}}$",
    Text("Копирайте целия адрес от писмото", "Copy the whole address from the mail"),
)


async def read_unsubscribe_token(
    request: Request,
    token: Annotated[
        str,
        Path(
            pattern=TOKEN,
            description="As the mail bears it",
            examples=["A" * LENGTH],
        ),
    ],
) -> UUID:
    """Read which consent a mail was sent under; refuses with NotFound what this shop never made."""
    consent_id = read_link(request.app.state.secret, UNSUBSCRIBE, token)
    if consent_id is None:
        raise NotFound
    return consent_id


SentUnder = Annotated[UUID, Depends(read_unsubscribe_token)]


@router.get("/unsubscribe/{token}", response_class=HTMLResponse, responses=problems(TooManyRequests, NotFound, Invalid))
async def show_unsubscribe(_: SentUnder, language: Speaks) -> HTMLResponse:
    """Show a page with one button; it changes nothing by itself: mail scanners open every link."""
    return _page(language, WORDS, BUTTON.format(button=PRESS.in_(language)))


@router.post(
    "/unsubscribe/{token}",
    response_class=HTMLResponse,
    dependencies=[LINKS],
    responses=problems(TooManyRequests, NotFound, OneClickMissing, Invalid),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "required": ["List-Unsubscribe"],
                        "properties": {"List-Unsubscribe": {"type": "string", "enum": ["One-Click"]}},
                        "example": {"List-Unsubscribe": "One-Click"},
                    }
                }
            },
        }
    },
)
async def unsubscribe(
    consent_id: SentUnder, body: Sent, session: SessionDep, evidence: EvidenceDep, language: Speaks
) -> HTMLResponse:
    """Leave the list that a mail was sent to, at once: no login, no cookie, no reason, no further page (RFC 8058).

    The answer is the same whether or not anything was still agreed to.
    """
    if not _is_one_click(body):
        raise OneClickMissing
    await consenting.stop_by_act(session, consent_id, by(evidence, Means.ONE_CLICK))
    return _page(language, DONE)


def _is_one_click(body: bytes) -> bool:
    """Recognise both forms that RFC 8058 allows, url-encoded and multipart."""
    text = body.decode("ascii", "replace")
    if text.strip() == ONE_CLICK:
        return True
    lines, is_named = iter(text.splitlines()), False
    for line in lines:
        if line.endswith(NAMED):
            is_named = True
        elif line.startswith("--"):
            is_named = False
        elif not line and is_named:
            return next(lines, "") == "One-Click" and next(lines, "").startswith("--")
    return False


def _page(language: Language, words: Text, form: str = "") -> HTMLResponse:
    page = PAGE.format(language=language, title=TITLE.in_(language), words=words.in_(language), form=form)
    return HTMLResponse(page, headers={"Content-Language": language, "Content-Security-Policy": PAGE_MAY})
