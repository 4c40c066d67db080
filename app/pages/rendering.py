"""Renders a page: its template in the language asked for, and the headers that every page has."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import structlog
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from app.core.language import Language, Text, preferred
from app.mail.personal_data import LETTERS_KEPT
from app.mail.writing import day, euro, iban, moment
from app.pages.files import address_of
from app.pages.withdrawal_form import prefilled
from app.returns.period import last_day
from app.returns.texts.labels import LABELS, LabelKey
from app.returns.texts.wording import SUPERVISION

POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("style", "script", "img", "connect")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
LANGUAGES = {Language.BG: "Български", Language.EN: "English"}
LANGUAGE = "language"
REFERRER = "strict-origin"
"""Never a path or a query, which may open an order; but the origin: without it old browsers hide whose a form is."""
NUMBERED = re.compile(r"<textarea.*?</textarea>|<[^>]*>|№ ", re.DOTALL)
"""The sign with its space where it is text, after all that is none: what was typed stays as it was typed."""
NO_BREAK = "\N{NO-BREAK SPACE}"


def language_of(request: Request) -> Language:
    """Return the language that the address names, else the one that the browser prefers."""
    return chosen_language(request) or preferred(request.headers.get("accept-language"))


def chosen_language(request: Request) -> Language | None:
    chosen = request.query_params.get(LANGUAGE)
    return Language(chosen) if chosen in LANGUAGES else None


async def get_page_language(request: Request) -> Language:
    return language_of(request)


PageLanguage = Annotated[Language, Depends(get_page_language)]


def link(request: Request, path: str, **query: str) -> str:
    """Write an address of ours; a language that was chosen goes along."""
    chosen = chosen_language(request)
    query = {**query, **({LANGUAGE: chosen.value} if chosen else {})}
    return f"{path}?{urlencode(query)}" if query else path


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    **facts: Any,
) -> HTMLResponse:
    """Render a page; `typed` is the form that it answers, which the switch of languages sends again."""
    language = language_of(request)
    page = (
        _templates()
        .get_template(template)
        .render(
            language=language,
            trader=request.app.state.trader,
            languages=_switch(request, language),
            typed=typed if request.method == "POST" else None,
            link=lambda path, **query: link(request, path, **query),
            request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
            **facts,
        )
    )
    headers = {
        "Content-Language": language.value,
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": REFERRER,
    }
    return HTMLResponse(NUMBERED.sub(_unbroken, page), status, headers)


def _unbroken(found: re.Match[str]) -> str:
    return f"№{NO_BREAK}" if found[0] == "№ " else found[0]


def _switch(request: Request, language: Language) -> list[tuple[Language, str, str, bool]]:
    """List the languages: code, name, this page's address in it, whether it is this one."""
    query = dict(request.query_params)
    path = "/" + quote(request.scope["path"].lstrip("/"))  # two slashes would begin a host's name
    return [
        (code, name, f"{path}?{urlencode({**query, LANGUAGE: code})}", code == language)
        for code, name in LANGUAGES.items()
    ]


@pass_context
def _say(context: Context, bg: str, en: str) -> str:
    return Text(bg, en).in_(context["language"])


@pass_context
def _text(context: Context, text: Text) -> str:
    return text.in_(context["language"])


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("app.pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(say=_say, file=address_of, withdraw=LABELS[LabelKey.WITHDRAW], supervision=SUPERVISION)
    environment.globals.update(prefilled=prefilled, letters_kept=LETTERS_KEPT.days)
    environment.filters.update(text=_text, euro=euro, day=day, moment=moment, iban=iban, last_day=last_day)
    return environment
