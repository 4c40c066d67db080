"""Every answer, refusals and failures included, has its number and the strict headers."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.auth.scopes import Scope
from app.core.db import Sessions
from app.core.openapi import Contract
from app.integrations.loopback import serve
from tests.contract import contract
from tests.problems import of_kind
from tests.processes import PATIENCE
from tests.security.conftest import app_on, client_of
from tests.shop import Shop

STRICT = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-site",
    "permissions-policy": "interest-cohort=()",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
NUMBER = re.compile(r"[0-9a-f]{32}")
STOREFRONT = "https://ionickiss.bg"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
OVER = 65_537


def add_failure(app: FastAPI) -> None:
    """Add what the shop never has: an endpoint that fails with a person's name in its exception."""

    @app.get("/v1/failure")
    async def fail() -> None:
        raise RuntimeError("Иванка Петрова, iva@example.bg")


def is_strict(answer: httpx.Response) -> bool:
    assert len(answer.headers.get_list("x-request-id")) == 1
    return {name: ", ".join(answer.headers.get_list(name)) for name in STRICT} == STRICT


async def test_each_kind_of_answer_is_numbered_and_strict(shop: Shop, http: httpx.AsyncClient) -> None:
    add_failure(shop.app)
    order = await shop.ordered()
    courier = await shop.client(Scope.SHIPMENTS)
    token = {"X-Order-Token": order["access_token"]}
    cart = (await http.post("/v1/carts")).json()["id"]
    put = {"url": f"/v1/carts/{cart}/lines/ION-SET-1", "json": {"quantity": 1}}
    etag = (await http.get("/v1/products")).headers["etag"]
    seen: dict[int, httpx.Response] = {}
    for answer in (
        await http.get("/v1/products"),
        await http.post("/v1/carts"),
        await http.request("PUT", **put),  # type: ignore[arg-type] # its values are what `request` takes
        await http.get("/v1/products", headers={"If-None-Match": etag}),
        await http.post("/v1/orders", json={}),
        await http.get("/v1/courier/shipments"),
        await http.get("/v1/accounting/documents", params={"month": "2026-11"}, headers=courier),
        await http.get("/v1/nothing"),
        await http.delete("/v1/products"),
        await http.post(f"/v1/orders/{order['number']}/cancellation", headers=token),
        await http.post("/v1/orders", content=b"[" * OVER),
        await http.get("/v1/products", params={"limit": 0}),
        await http.get("/v1/failure"),
    ):
        seen[answer.status_code] = answer
        assert is_strict(answer), answer.request.url
        assert NUMBER.fullmatch(answer.headers["x-request-id"])
        assert "server" not in answer.headers
    assert seen.keys() == {200, 201, 204, 304, 400, 401, 403, 404, 405, 413, 422, 500}


async def test_what_is_somebodys_is_kept_by_no_cache(shop: Shop) -> None:
    order = await shop.ordered()
    token = {"X-Order-Token": order["access_token"]}
    cart = await shop.cart()
    accountant = await shop.client(Scope.ACCOUNTING)
    for answer in (
        await shop.http.get(order["links"]["self"], headers=token),
        await shop.http.get(order["links"]["documents"], headers=token),
        await shop.http.get(order["links"]["declaration"], headers=token),
        await shop.http.get(f"/v1/carts/{cart}"),
        await shop.http.post(f"/v1/carts/{cart}/quote", json={}),
        await shop.http.get("/v1/accounting/documents", params={"month": "2026-11"}, headers=accountant),
        await shop.http.get("/v1/orders/999999999"),
        await shop.http.get("/health/ready"),
    ):
        assert answer.headers["cache-control"] == "no-store", answer.request.url


@pytest.mark.parametrize("asked", ["12345678", "A" * 64, "0af7651916cd43dd8448eb211c80319c", "a_b-c_d-e"])
async def test_a_well_formed_number_of_the_client_is_taken(http: httpx.AsyncClient, asked: str) -> None:
    assert (await http.get("/health/live", headers={"X-Request-Id": asked})).headers["x-request-id"] == asked


@pytest.mark.parametrize(
    "asked", ["", "1234567", "A" * 65, "a b c d e f", "12345678\t", "12345678;drop", "<script>1</script>", "ийклмнопр"]
)
async def test_any_other_number_is_replaced(http: httpx.AsyncClient, asked: str) -> None:
    answer = await http.get("/health/live", headers=[(b"x-request-id", asked.encode())])
    assert NUMBER.fullmatch(answer.headers["x-request-id"])


async def test_a_failure_tells_nothing_but_its_number(shop: Shop, http: httpx.AsyncClient) -> None:
    add_failure(shop.app)
    answer = await http.get("/v1/failure", headers={"Accept-Language": "en", "X-Request-Id": "asked-for-0001"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == "asked-for-0001"
    assert answer.json() == {
        **of_kind("failure"),
        "title": "Our failure",
        "status": 500,
        "detail": "Nothing was changed. Tell us the request's number (X-Request-Id).",
    }


EXPOSED = "Content-Disposition, Content-Language, ETag, Idempotent-Replayed, Location, Retry-After, X-Request-Id"


def test_e4_a_page_of_the_storefront_may_read_every_header_that_the_contract_names() -> None:
    named = {
        header
        for operations in contract()["paths"].values()
        for operation in operations.values()
        for answer in operation["responses"].values()
        for header in answer.get("headers", {})
    }
    assert {"ETag", "Retry-After"} <= named
    assert named - {"Cache-Control", "Vary"} <= set(EXPOSED.split(", ")), "one is exposed of itself, one is for caches"


async def test_the_storefront_may_call_from_a_browser_and_nobody_else(sessions: Sessions, tmp_path: Path) -> None:
    app = app_on(sessions, tmp_path, storefront_origins=(STOREFRONT,))
    add_failure(app)
    async with client_of(app) as http:
        asked = await http.options("/v1/orders", headers={"Origin": STOREFRONT, **PREFLIGHT})
        assert asked.status_code == 200
        assert asked.headers["access-control-allow-origin"] == STOREFRONT
        assert asked.headers["access-control-allow-methods"] == "GET, POST, PUT, PATCH, DELETE"
        assert asked.headers["access-control-max-age"] == "7200", "E2"
        assert asked.headers["access-control-allow-credentials"] == "true"  # the refresh token's cookie
        assert is_strict(asked)
        for path, body, status in (
            ("/v1/products", b"", 200),
            ("/v1/nothing", b"", 404),
            ("/v1/failure", b"", 500),
            ("/v1/products", b"x" * OVER, 413),
        ):
            answer = await http.request("GET", path, content=body, headers={"Origin": STOREFRONT})
            assert answer.status_code == status
            # A refusal that the browser withholds from the page would be told as "network error".
            assert answer.headers["access-control-allow-origin"] == STOREFRONT, path
            assert answer.headers["access-control-expose-headers"] == EXPOSED, "E4"
            assert answer.headers["access-control-allow-credentials"] == "true"
            assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", f"{STOREFRONT}.evil.example", "http://ionickiss.bg", f"{STOREFRONT}:8443"],
)
async def test_a_foreign_page_is_given_nothing_to_read(sessions: Sessions, tmp_path: Path, origin: str) -> None:
    async with client_of(app_on(sessions, tmp_path, storefront_origins=(STOREFRONT,))) as http:
        asked = await http.options("/v1/orders", headers={"Origin": origin, **PREFLIGHT})
        assert asked.status_code == 400
        assert "access-control-allow-origin" not in asked.headers
        answer = await http.get("/v1/products", headers={"Origin": origin})
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers


async def test_a_shared_cache_keeps_what_is_public_apart_by_origin(sessions: Sessions, tmp_path: Path) -> None:
    async with client_of(app_on(sessions, tmp_path, storefront_origins=(STOREFRONT,))) as http:
        for headers in ({}, {"Origin": STOREFRONT}, {"Origin": "https://evil.example"}):
            answer = await http.get("/v1/products", headers=headers)
            assert answer.headers["vary"] == "Accept-Language, Origin"


async def test_e2_in_development_a_page_on_this_machine_may_call_and_no_other(http: httpx.AsyncClient) -> None:
    for origin in ("http://localhost:5173", "http://127.0.0.1:5173"):
        asked = await http.options("/v1/orders", headers={"Origin": origin, **PREFLIGHT})
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, origin)
    for origin in (STOREFRONT, "http://localhost:9999"):
        asked = await http.options("/v1/orders", headers={"Origin": origin, **PREFLIGHT})
        assert asked.status_code == 400
        assert "access-control-allow-origin" not in asked.headers


async def test_e4_allow_names_what_every_address_of_the_contract_is_answered_to(http: httpx.AsyncClient) -> None:
    for path, operations in contract()["paths"].items():
        verbs = {verb.upper() for verb in operations}
        refused = await http.request("TRACE", re.sub(r"{\w+}", "100000001", path))
        named = set(refused.headers["allow"].split(", "))
        assert (refused.status_code, named >= verbs) == (405, True), path
        assert ("HEAD" in named) == ("GET" in named), path


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "gEt"])
async def test_another_method_is_a_problem_that_names_those_allowed(http: httpx.AsyncClient, method: str) -> None:
    request = http.build_request(method, "/v1/products")
    request.method = method  # httpx would write it in capitals
    answer = await http.send(request)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "method-not-allowed"


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v2/products", "/v1/products/", "/v1/orders/../../etc/passwd", "//"]
)
async def test_an_unknown_path_is_a_problem(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 404, answer.headers
    assert answer.json()["code"] == "not-found"


async def test_head_is_answered_as_get_without_the_body(shop: Shop) -> None:
    async with serve(shop.app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        full, head = await http.get("/v1/products"), await http.head("/v1/products")
        assert head.status_code == 200
        assert head.content == b""
        for name in ("etag", "content-length", "content-type", "cache-control", "vary"):
            assert head.headers[name] == full.headers[name]
        assert (await http.head("/v1/nothing")).status_code == 404
        assert (await http.head("/v1/carts")).status_code == 405


async def test_the_contracts_pages_may_load_what_they_need(http: httpx.AsyncClient, shop: Shop) -> None:
    page = await http.get("/docs")
    assert page.status_code == 200
    sources = set(re.findall(r'(?:src|href)="(https://[^/"]+)', page.text))
    assert sources == {"https://cdn.jsdelivr.net", "https://fastapi.tiangolo.com"}
    assert all(source in page.headers["content-security-policy"] for source in sources)
    shop.app.state.contract = Contract(shop.app, to_strangers=False)
    assert (await http.get("/openapi.json")).json()["openapi"].startswith("3.1")
