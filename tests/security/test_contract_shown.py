"""The contract is served from bytes that are kept, and strangers in production see none, or not the staff's."""

import json
from pathlib import Path

import httpx
import pytest

from app import main
from app.core import openapi
from app.core.openapi import Contract, for_strangers
from tests.security.conftest import client_of
from tests.shop import Shop, open_shop


@pytest.mark.parametrize(
    ("chosen", "in_production", "is_shown"),
    [(None, True, False), (None, False, True), (True, True, True), (False, False, False)],
)
def test_production_shows_it_only_where_it_is_asked_for(
    chosen: bool | None,  # noqa: FBT001 - pytest's parameters
    in_production: bool,  # noqa: FBT001 - as above
    is_shown: bool,  # noqa: FBT001 - as above
) -> None:
    assert openapi.is_shown(chosen=chosen, in_production=in_production) is is_shown


async def test_where_it_is_not_shown_it_is_not_found(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, contract_shown=False) as shop, client_of(shop.app) as http:
        answer = await http.get("/openapi.json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_it_is_made_once_and_costs_no_call_but_the_bytes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.app.state.contract = Contract(shop.app, to_strangers=False)
    assert shop.app.openapi_schema is None  # nothing of it is kept beside the bytes
    whole = main.contract()
    monkeypatch.setattr(openapi, "describe", None)
    async with client_of(shop.app) as http:
        answers = [await http.get("/openapi.json") for _ in range(3)]
    assert {answer.content for answer in answers} == {shop.app.state.contract.content}
    assert answers[0].json() == json.loads(json.dumps(whole))
    etag = answers[0].headers["etag"]
    assert etag == shop.app.state.contract.etag
    async with client_of(shop.app) as http:
        kept = await http.get("/openapi.json", headers={"If-None-Match": etag})
    assert (kept.status_code, kept.content, kept.headers["etag"]) == (304, b"", etag), "D8"


async def test_one_address_is_given_it_only_so_often(shop: Shop) -> None:
    shop.app.state.contract = Contract(shop.app, to_strangers=True)
    await shop.app.state.throttle.take(
        "contract:127.0.0.1", limit=openapi.AN_HOUR, per_seconds=3600, at=shop.clock.now(), cost=openapi.AN_HOUR - 1
    )
    async with client_of(shop.app) as http:
        answers = [await http.get("/openapi.json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, httpx.codes.TOO_MANY_REQUESTS]
    assert answers[1].headers["retry-after"] == "30"


def test_strangers_see_nothing_of_what_the_staff_alone_may_call() -> None:
    whole = main.contract()
    seen = for_strangers(whole)
    operations = {
        each["operationId"]: each.get("security")
        for contract in (whole,)
        for path in contract["paths"].values()
        for each in path.values()
    }
    left = {each["operationId"] for path in seen["paths"].values() for each in path.values()}
    staffs = {name for name, security in operations.items() if security == [{"person": ["staff"]}]}
    assert len(staffs) > 90
    assert operations.keys() - left == staffs
    assert "/v1/staff" not in json.dumps([*seen["paths"]])
    assert {"staff", "registers"} & {tag["name"] for tag in seen["tags"]} == set()
    # Each word that is used is there, and none that only the staff's operations use.
    used = set(openapi.SCHEMA.findall(json.dumps(seen)))
    assert used == seen["components"]["schemas"].keys()
    assert len(used) < len(whole["components"]["schemas"])
