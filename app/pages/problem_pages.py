"""Pages that say what a refusal means and what to do about it, at the address that its `type` is."""

from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from string import Formatter
from typing import Any

from fastapi import Request, Response

from app.core.errors import NotFound, ShopError
from app.core.language import Language
from app.pages.rendering import render
from app.pages.routing import PageRouter

router = PageRouter("/problems")


@cache
def known() -> dict[str, type[ShopError]]:
    """Find every refusal of the shop by its slug, in the order of their status."""
    found = sorted(_below(ShopError), key=lambda kind: (kind.status, kind.slug()))
    return {kind.slug(): kind for kind in found if hasattr(kind, "title")}


def _below(kind: type[ShopError]) -> Iterator[type[ShopError]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith("app."):
            yield below
        yield from _below(below)


def advice(kind: type[ShopError], language: Language) -> str:
    """Return the advice as an example of the refusal has it; what no example names stays a name."""
    named = {name: f"[{name}]" for _, name, _, _ in Formatter().parse(kind.advice.in_(language)) if name}
    return kind.advise(language, {**named, **kind.example})


def _facts(request: Request, kind: type[ShopError]) -> dict[str, Any]:
    return {
        "path": kind.type(),
        "type": request.app.state.public_url + kind.type(),
        "code": kind.slug(),
        "title": kind.title,
        "advice": {language: advice(kind, language) for language in Language},
        "status": kind.status,
        "phrase": HTTPStatus(kind.status).phrase,
    }


@router.get("")
async def list_problems(request: Request) -> Response:
    return render(request, "problems.html", problems=[_facts(request, kind) for kind in known().values()])


@router.get("/{slug}")
async def show_problem(request: Request, slug: str) -> Response:
    if slug not in known():
        raise NotFound
    return render(request, "problem.html", problem=_facts(request, known()[slug]))
