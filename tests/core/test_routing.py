"""Before a body is read it is asked who sends it, and how often; what is answered does not grow with what was sent."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from fastapi.dependencies.utils import get_dependant
from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.types import Message

from app.core.errors import Invalid
from app.core.routing import MediaTypeUnsupported, Route, Router, asked_once, doors_first
from app.core.throttle import Throttle, TooManyRequests, Use
from app.pages.routing import FORM, PageRoute
from tests.problems import of_kind
from tests.shop import Shop

# A body of these is read of anybody: of each what is counted stands in the body, or nothing is kept that one did not
# open oneself; none takes more than the common limit.
OPEN = {
    "put_cart_line": "a line of a cart whose id one knows",
    "quote_cart": "computes and keeps nothing",
    "issue_token": "who logs in is counted with whom they say they are, which is in the body",
    "revoke_token": "the token is in the body",
}

OPEN_PAGES = {
    "review_withdrawal": "shows a statement back and keeps nothing",
    "edit_withdrawal": "shows a statement to be changed and keeps nothing",
}
"""The same of pages."""

SOMEBODYS = "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"


class UsedUp(Throttle):
    """Allowances of which nothing is left."""

    async def take_all(self, *uses: Use, at: datetime) -> None:
        assert uses
        raise TooManyRequests(retry_after=60)


@dataclass
class Asked:
    """A request whose body is there once somebody asks for it; says whether that was before the answer began."""

    status: int = 0
    content: bytes = b""
    is_read: bool = False

    async def receive(self) -> Message:
        self.is_read = self.is_read or not self.status
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        self.content += message.get("body", b"")


async def ask(shop: Shop, verb: str, address: str, kind: str, **more: str) -> Asked:
    asked, given = Asked(), {"Content-Type": kind, "Content-Length": "2", "Idempotency-Key": "a-key-of-one", **more}
    request = shop.http.build_request(verb, address)
    scope = {
        "type": "http",
        "method": verb,
        "path": request.url.path,
        "query_string": request.url.query,
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
    }
    await asyncio.create_task(shop.app(scope, asked.receive, asked.send))
    return asked


def taking_bodies(shop: Shop) -> dict[str, tuple[str, str, str]]:
    """Give verb, path and kind of body of every operation that the contract says takes one."""
    found = {}
    for path, operations in shop.app.openapi()["paths"].items():
        for verb, operation in operations.items():
            if "requestBody" in operation:
                [kind, *_] = operation["requestBody"]["content"]
                found[operation["operationId"]] = (verb.upper(), path, kind)
    return found


async def test_token_and_allowance_come_before_the_body_on_every_route(shop: Shop) -> None:
    shop.app.state.throttle = UsedUp(shop.app.state.throttle.sessions, shop.app.state.throttle.secret)
    read = set()
    for name, (verb, path, kind) in taking_bodies(shop).items():
        address = path.format_map(dict.fromkeys(_names(path), SOMEBODYS) | {"number": "100000001", "month": "2026-11"})
        asked = await ask(shop, verb, address, kind)
        if asked.is_read:
            read.add(name)
        else:
            assert asked.status in {401, 404, 429}, f"{name}: {asked.content.decode()}"
    assert read == OPEN.keys()


async def test_e4_json_under_another_name_is_415_on_every_route_that_takes_json(shop: Shop) -> None:
    expected = {name for name, (_, _, kind) in taking_bodies(shop).items() if kind == "application/json"}
    walked = set()
    for context in iter_route_contexts(shop.app.routes):
        route = context.original_route
        if not isinstance(route, Route) or not route.dependant.body_params:
            continue
        [body], needed = route.dependant.body_params, doors_first(route.dependant).dependencies
        [read] = [below.call for below in needed if below.name == body.name]
        assert read is not None
        for kind in (b"", b"text/plain", b"application/x-www-form-urlencoded"):
            asked = Asked()
            scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind)] if kind else []}
            with pytest.raises(MediaTypeUnsupported):
                await read(Request(scope, asked.receive))
        walked.add(route.name)
    assert walked == expected
    assert len(walked) > 50


def taking_forms(shop: Shop) -> dict[str, str]:
    """Give the path of every page that is posted to."""
    return {
        context.original_route.name: str(context.path)
        for context in iter_route_contexts(shop.app.routes)
        if isinstance(context.original_route, PageRoute) and "POST" in (context.methods or ())
    }


async def test_allowance_and_own_page_come_before_the_form_on_every_page(shop: Shop) -> None:
    shop.app.state.throttle = UsedUp(shop.app.state.throttle.sessions, shop.app.state.throttle.secret)
    read = set()
    for name, path in taking_forms(shop).items():
        address = path.format(number="100000001")
        asked = await ask(shop, "POST", address, FORM, **{"Sec-Fetch-Site": "cross-site"})
        assert (asked.status, asked.is_read) == (403, False), name
        if (await ask(shop, "POST", address, FORM)).is_read:
            read.add(name)
    assert read == OPEN_PAGES.keys()


@pytest.mark.parametrize("path", ["messages", "attachments?kind=power_of_attorney"])
async def test_a_door_that_cannot_read_what_it_asks_for_is_not_passed(shop: Shop, path: str) -> None:
    """Dashes that are no id, a token longer than any: nobody is let in, and what comes with them is not read."""
    for id_, token in (("-" * 36, "A"), (SOMEBODYS, "A" * 200)):
        address = f"/v1/privacy/requests/{id_}/{path}"
        asked = await ask(shop, "POST", address, "application/json", **{"X-Request-Token": token})
        assert (asked.status, asked.is_read) == (422, False)
        errors = json.loads(asked.content)["errors"]
        assert len({error["pointer"] for error in errors}) == len(errors), "each is told once"


def _names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


async def test_every_route_is_one_that_orders_its_doors(shop: Shop) -> None:
    routes = [context.original_route for context in iter_route_contexts(shop.app.routes)]
    assert [route for route in routes if getattr(route, "dependant", None) and not isinstance(route, Route)] == []


async def test_an_answer_does_not_grow_with_the_request(shop: Shop) -> None:
    many: dict[str, Any] = {f"field-{number}-{'x' * 20}": 1 for number in range(100)}
    refused = await shop.http.post("/v1/orders", json=many, headers={"Idempotency-Key": "a-key-of-one"})
    assert refused.status_code == 422
    assert len(refused.json()["errors"]) == 20
    [long] = [
        error["pointer"]
        for error in (await shop.http.post("/v1/carts/x/quote", json={"n" * 60_000: 1})).json()["errors"]
        if error["pointer"].startswith("/n")
    ] or [""]
    assert len(long) <= 200
    queried = await shop.http.get("/v1/products", params={f"unknown-{number}": "1" for number in range(250)})
    assert queried.status_code == 422
    assert len(queried.json()["errors"]) == 20


@pytest.mark.parametrize("address", ["/v1/products?" + "a=1&" * 12_500, "/v1/products/" + "x" * 4_097])
async def test_an_address_has_a_limit(shop: Shop, address: str) -> None:
    answer: httpx.Response = await shop.http.get(address, headers={"Accept-Language": "en"})
    assert answer.json() == {
        **of_kind("address-too-long"),
        "title": "Address too long",
        "status": 414,
        "detail": "Send a shorter address, with fewer parameters.",
    }
    longest = await shop.http.get("/v1/products/" + "x" * 4_000)
    assert longest.json()["code"] == Invalid.slug()


def test_g2_what_was_answered_is_not_asked_for_again_level_by_level() -> None:
    async def session() -> int:
        return 1

    async def person(session: Annotated[int, Depends(session)]) -> int:
        return session

    async def limited(q: int, session: Annotated[int, Depends(session)]) -> int:
        return q + session

    async def endpoint(
        first: Annotated[int, Depends(person)],
        again: Annotated[int, Depends(person)],
        counted: Annotated[int, Depends(limited)],
        counted_again: Annotated[int, Depends(limited)],
    ) -> None: ...

    asked = asked_once(get_dependant(path="/", call=endpoint))
    assert [len(below.dependencies) for below in asked.dependencies] == [1, 0, 1, 1]
    assert [below.name for below in asked.dependencies] == ["first", "again", "counted", "counted_again"]


async def test_g2_a_refused_parameter_is_refused_once_more_where_it_is_asked_for_again() -> None:
    async def limited(q: int) -> int:
        return q

    async def shown(limit: Annotated[int, Depends(limited)]) -> int:
        return limit

    app = FastAPI()
    router = Router()

    @router.get("/")
    async def read(limit: Annotated[int, Depends(limited)], same: Annotated[int, Depends(shown)]) -> list[int]:
        return [limit, same]

    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:
        assert (await client.get("/?q=2")).json() == [2, 2]
        assert (await client.get("/?q=x")).status_code == 422
