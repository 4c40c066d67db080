"""Finds the route of a request at once; FastAPI asks every route of every router, and each of those found twice."""

from collections.abc import Iterator, Sequence

from fastapi import FastAPI
from fastapi.routing import (
    _FASTAPI_EFFECTIVE_ROUTE_CONTEXT_KEY,
    _FASTAPI_SCOPE_KEY,
    APIRoute,
    _EffectiveRouteContext,
    _IncludedRouter,
)
from fastapi.telemetry._api import _route_selected
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

FIRST = 3
"""Segments of a path by which routes are laid out: "/v1/staff/orders"."""

ANY = "{}"
"""In place of a variable that a path ends with, as far as it is looked at."""

Key = tuple[str, ...]


class Directory(BaseRoute):
    """Stands before an application's routers and takes what exactly one of their routes takes, verb and all.

    The first one that fits is found, as when all are asked in turn; what none takes is left to the routers, which know
    how to refuse it. Laid out at the first request: a route that is added later is found by the routers.
    """

    def __init__(self, app: FastAPI) -> None:
        self._routes = app.router.routes
        self._laid_out: dict[Key, list[_EffectiveRouteContext]] | None = None

    def find(self, scope: Scope) -> tuple[_EffectiveRouteContext, Scope] | None:
        """Give the route that takes a request, and what its path says."""
        if self._laid_out is None:
            self._laid_out = _laid_out([*_contexts(self._routes)])
        key = _key(scope["path"])
        for context in self._laid_out.get(key) or self._laid_out.get(_without_last(key)) or ():
            match, child_scope = context.matches(scope)
            if match is Match.FULL:
                return context, child_scope
        return None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope.get("root_path"):
            return Match.NONE, {}
        found = self.find(scope)
        if found is None:
            return Match.NONE, {}
        context, child_scope = found
        of_fastapi = {_FASTAPI_EFFECTIVE_ROUTE_CONTEXT_KEY: context}
        return Match.FULL, {**child_scope, "route": context.original_route, _FASTAPI_SCOPE_KEY: of_fastapi}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        context: _EffectiveRouteContext = scope[_FASTAPI_SCOPE_KEY][_FASTAPI_EFFECTIVE_ROUTE_CONTEXT_KEY]
        _route_selected(scope=scope, path=context.path_format)
        assert context.app is not None
        await context.app(scope, receive, send)


def _contexts(routes: Sequence[BaseRoute]) -> Iterator[_EffectiveRouteContext]:
    """List in the routers' own order what a request may find there."""
    for router in routes:
        if isinstance(router, _IncludedRouter):
            assert not router.include_context.form_limits
            yield from (each for each in router.effective_route_contexts() if isinstance(each.original_route, APIRoute))


def _laid_out(contexts: Sequence[_EffectiveRouteContext]) -> dict[Key, list[_EffectiveRouteContext]]:
    """Lay routes out by how their paths begin; one with a variable there lies with all that could be meant by it."""
    patterns = [_key(context.path_format) for context in contexts]
    keys = {_without_last(pattern) if "{" in pattern[-1] else pattern for pattern in patterns}
    return {
        key: [context for pattern, context in zip(patterns, contexts, strict=True) if _may_be(pattern, key)]
        for key in keys
    }


def _key(path: str) -> Key:
    return tuple(path.split("/", FIRST + 1)[1 : FIRST + 1])


def _without_last(key: Key) -> Key:
    return (*key[:-1], ANY)


def _may_be(pattern: Key, path: Key) -> bool:
    return len(pattern) == len(path) and all(
        "{" in asked or asked == said for asked, said in zip(pattern, path, strict=True)
    )
