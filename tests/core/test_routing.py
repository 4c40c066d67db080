"""Before a body is read it is asked who sends it, and how often; what is answered does not grow with what was sent."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from app.core.errors import Invalid
from app.core.routing import Route
from app.core.throttle import Throttle, TooManyRequests, Use
from tests.shop import Shop

# A body of these is read of anybody: of each what is counted stands in the body, or nothing is kept that one did not
# open oneself; none takes more than the common limit.
OPEN = {
    "put_cart_line": "a line of a cart whose id one knows",
    "quote_cart": "computes and keeps nothing",
    "issue_token": "who logs in is counted with whom they say they are, which is in the body",
    "revoke_token": "the token is in the body",
}


class UsedUp(Throttle):
    """Allowances of which nothing is left."""

    async def take_all(self, *uses: Use, at: datetime) -> None:
        assert uses
        raise TooManyRequests(retry_after=60)


class Sent:
    """A body that says whether anybody began to read it."""

    def __init__(self) -> None:
        self.is_read = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.is_read = True
        yield b"{}"


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
        sent = Sent()
        id_ = "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"
        address = path.format_map(dict.fromkeys(_names(path), id_) | {"number": "100000001", "month": "2026-11"})
        headers = {"Content-Type": kind, "Idempotency-Key": "a-key-of-one"}
        answer = await shop.http.request(verb, address, content=sent, headers=headers)
        if sent.is_read:
            read.add(name)
        else:
            assert answer.status_code in {401, 404, 429}, f"{name}: {answer.text}"
    assert read == OPEN.keys()


def _names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


async def test_every_route_is_one_that_orders_its_doors(shop: Shop) -> None:
    routes = [context.original_route for context in iter_route_contexts(shop.app.routes)]
    assert [route for route in routes if getattr(route, "dependant", None) and not isinstance(route, Route)] == []


async def test_an_answer_does_not_grow_with_the_request(shop: Shop) -> None:
    many: dict[str, Any] = {f"field-{number}-{'x' * 20}": 1 for number in range(1_500)}
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
        "type": "/problems/address-too-long",
        "title": "Address too long",
        "status": 414,
        "detail": "Send a shorter address, with fewer parameters.",
    }
    longest = await shop.http.get("/v1/products/" + "x" * 4_000)
    assert longest.json()["type"] == Invalid.type()
