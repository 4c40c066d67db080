"""The route of a request is found at once, and it is the one that all routers asked in turn would find."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, _EffectiveRouteContext
from starlette.routing import Match

from app.core.directory import Directory, _contexts
from app.main import build_app
from app.settings import Settings

VALUES = ("100000001", "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10", "2026-11", "searches", "")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return build_app(Settings())


def asked_of(context: _EffectiveRouteContext) -> Iterator[tuple[str, str]]:
    """Give requests that a route may take, and some that another one is meant for."""
    for value in VALUES:
        path = context.path_format.format_map(dict.fromkeys(context.param_convertors, value))
        yield from ((method, path) for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
        yield "GET", f"{path}/"
        yield "GET", f"{path}/more"


def test_g2_a_route_is_found_at_once_and_is_the_one_that_all_would_find_in_turn(app: FastAPI) -> None:
    directory = app.router.routes[0]
    assert isinstance(directory, Directory)
    contexts = [*_contexts(app.router.routes)]
    asked = {request for context in contexts for request in asked_of(context)}
    assert len(asked) > 1000
    found_at_once, not_laid_out = 0, set()
    for method, path in asked:
        scope = {"type": "http", "method": method, "path": path}
        in_turn = next((each for each in contexts if each.matches(scope)[0] is Match.FULL), None)
        at_once = directory.find(scope)
        if at_once is None:
            not_laid_out |= {in_turn.path_format} if in_turn else set()
        else:
            assert at_once[0] is in_turn, f"{method} {path}"
            found_at_once += 1
    assert found_at_once >= len(contexts)
    assert not {path for path in not_laid_out if path.startswith("/v1/")}  # what is left to the routers is rare


def test_g2_what_is_added_later_is_found_by_the_routers(app: FastAPI) -> None:
    directory = Directory(app)
    assert directory.find({"type": "http", "method": "GET", "path": "/health/live"})
    assert not directory.find({"type": "http", "method": "GET", "path": "/v1/later"})
    assert all(isinstance(context.original_route, APIRoute) for context in _contexts(app.router.routes))
