"""Refusals as pages: where a page was asked for, in the words of the problem document."""

from collections.abc import Collection

import structlog
from fastapi import Request, Response

from app.core import problems
from app.core.errors import Invalid, NotFound, ShopError
from app.core.problems import Answer
from app.pages.rendering import language_of, render

log = structlog.get_logger()

API = "v1"


class PageRefused(Exception):
    """Bears the page that answers a refusal, out of the transaction: it is undone."""

    def __init__(self, page: Response) -> None:
        super().__init__(page.status_code)
        self.page = page


async def show(_: Request, refused: Exception) -> Response:
    assert isinstance(refused, PageRefused)
    return refused.page


def refusals(own: Collection[str]) -> Answer:
    """Make what answers a refusal, by the first names of the paths that are pages."""

    def give(request: Request, problem: ShopError) -> Response:
        first = first_name(request)
        if first in own or (first != API and _is_unknown(request) and _shows_pages(request)):
            problem = NotFound() if _is_of_the_path(problem) else problem
            try:
                return refusal_page(request, problem)
            except Exception:
                log.exception("refusal_page_failed")  # whatever it is, the client gets an answer
        return problems.answer(request, problem)

    return give


def first_name(request: Request) -> str:
    name: str = request.scope["path"].lstrip("/").partition("/")[0]
    return name


def _is_of_the_path(problem: ShopError) -> bool:
    """Say whether the address itself is none that a page could have, such as of a number with letters."""
    errors = problem.members.get("errors", []) if isinstance(problem, Invalid) else []
    return any(error["pointer"].startswith("path:") for error in errors)


def _is_unknown(request: Request) -> bool:
    return "route" not in request.scope


def _shows_pages(request: Request) -> bool:
    """Say whether it is a browser that asks, for itself to show."""
    return "text/html" in request.headers.get("accept", "")


def refusal_page(request: Request, problem: ShopError) -> Response:
    language = language_of(request)
    page = render(request, "refusal.html", status=problem.status, problem=problem.document(language))
    page.headers.update(problems.headers_with(problem, language))
    return page
