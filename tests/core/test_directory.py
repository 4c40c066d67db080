"""The route of a request is found at once, and it is the one that all routers asked in turn would find."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import _EffectiveRouteContext, _IncludedRouter
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


async def test_g2_what_is_added_later_is_found_by_the_routers() -> None:
    app, router = FastAPI(redirect_slashes=False), APIRouter(prefix="/v1/things")

    @router.get("/{name}")
    async def first(name: str) -> str:
        return name

    app.include_router(router)
    app.router.routes.insert(0, Directory(app))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:
        assert (await client.get("/v1/things/a%20b")).json() == "a b"

        @app.get("/v1/things/{name}/later")
        async def later(name: str) -> str:
            return f"{name}, later"

        assert (await client.get("/v1/things/one/later")).json() == "one, later"
        assert (await client.get("/v1/things/one")).json() == "one"
        refused = await client.post("/v1/things/one")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
        assert [(await client.get(f"/v1/things{end}")).status_code for end in ("", "/", "/one/", "/a%2Fb")] == [404] * 4


def test_g2_no_router_is_included_twice_over(app: FastAPI) -> None:
    """FastAPI would keep its routes, and all that they depend on, as often: it took 6 MiB of each process."""
    included = [router.original_router for router in app.router.routes if isinstance(router, _IncludedRouter)]
    assert len(included) > 50
    assert not any(isinstance(route, _IncludedRouter) for router in included for route in router.routes)
