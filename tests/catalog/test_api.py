"""The list and the page of products: texts, prices, pages, search, caching, refusals, and what it costs to ask."""

import asyncio
import math
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog import api, service, shelf
from app.catalog.shelf import OVERHEAD, Kept, Shelf
from app.catalog.watching import CatalogWatch
from app.core import problems
from app.core.clock import SystemClock
from app.core.db import Sessions
from app.core.money import Money
from app.core.paging import write_cursor
from tests.catalog.statements import statements
from tests.factories.catalog import AT, make_product, make_variant, new_product, new_variant
from tests.problems import PUBLIC_URL, of_kind
from tests.shop import Transport

ROW = "0193570a-0000-7000-8000-000000000001"
EN = {"accept-language": "en-GB,en;q=0.9,bg;q=0.5"}


@pytest.fixture
def app(sessions: Sessions) -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.state.public_url = PUBLIC_URL
    versioned = APIRouter(prefix="/v1")
    versioned.include_router(api.router)
    app.include_router(versioned)
    app.state.sessions = app.state.lookups = sessions
    app.state.clock = SystemClock()
    app.state.catalog_watch = CatalogWatch(0)
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=Transport(app), base_url="http://shop") as client:
        yield client


async def make_range(session: AsyncSession) -> None:
    """Put on offer a handle in two colours, heads, and three things that nobody may see."""
    black = new_variant("ION-BASE-BLACK", price=Money(6490), position=2)
    black.label_bg, black.label_en = "черна", "black"
    await make_product(session, new_product("ionna-chetka", position=1), new_variant("ION-BASE-WHITE"), black, stock=0)
    await service.receive(session, "ION-BASE-BLACK", 5, at=AT)
    heads = new_product("glavi", position=2)
    heads.title_bg, heads.title_en, heads.summary_bg, heads.summary_en = "Глави", "Heads", "100% меки", "Soft_ones"
    await make_product(session, heads, new_variant("ION-H-SOFT-2", price=Money(990), vat_rate=9), stock=6)
    await make_product(session, new_product("hidden", is_published=False), new_variant("HIDDEN"))
    await make_product(session, new_product("empty"))
    gone = new_variant("GONE")
    gone.discontinued = True
    await make_product(session, new_product("gone"), gone)


CARDS_BG = [
    {
        "slug": "ionna-chetka",
        "title": "Йонна четка",
        "summary": "Дръжка с една глава.",
        "price_from": "59.90",
        "currency": "EUR",
        "availability": "low",
    },
    {
        "slug": "glavi",
        "title": "Глави",
        "summary": "100% меки",
        "price_from": "9.90",
        "currency": "EUR",
        "availability": "in_stock",
    },
]


async def test_the_list_in_bulgarian_and_in_english(sessions: Sessions, client: httpx.AsyncClient) -> None:
    async with sessions.begin() as session:
        await make_range(session)
    with statements(sessions) as seen:
        answer = await client.get("/v1/products")
    assert len(seen) == 1
    assert (answer.status_code, answer.json()) == (200, {"items": CARDS_BG, "next_cursor": None})
    etag = answer.headers.pop("etag")
    assert (len(etag), etag[0], etag[-1]) == (34, '"', '"')
    assert dict(answer.headers) == {
        "content-type": "application/json",
        "content-language": "bg",
        "vary": "Accept-Language",
        "cache-control": "public, max-age=60, stale-while-revalidate=120",
        "content-length": str(len(answer.content)),
    }

    english = await client.get("/v1/products", headers=EN)
    texts = [("Ionic toothbrush", "A handle with one head."), ("Heads", "Soft_ones")]
    cards = [
        card | {"title": title, "summary": summary} for card, (title, summary) in zip(CARDS_BG, texts, strict=True)
    ]
    assert english.json() == {"items": cards, "next_cursor": None}
    assert english.headers["content-language"] == "en"


async def test_a_page_in_bulgarian_and_in_english(sessions: Sessions, client: httpx.AsyncClient) -> None:
    async with sessions.begin() as session:
        await make_range(session)
        await service.set_price(session, "ION-BASE-BLACK", Money(5490), 20, at=AT + timedelta(days=40))
    with statements(sessions) as seen:
        answer = await client.get("/v1/products/ionna-chetka")
    assert len(seen) == 2
    white = {
        "sku": "ION-BASE-WHITE",
        "label": "бяла",
        "price": "59.90",
        "currency": "EUR",
        "vat_rate": 20,
        "lowest_price_30_days": None,
        "weight_grams": 180,
        "hygiene_sealed": False,
        "availability": "sold_out",
    }
    black = white | {
        "sku": "ION-BASE-BLACK",
        "label": "черна",
        "price": "54.90",
        "lowest_price_30_days": "64.90",
        "availability": "low",
    }
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "slug": "ionna-chetka",
            "title": "Йонна четка",
            "summary": "Дръжка с една глава.",
            "description": "Дръжка от две части.\nБез батерии за смяна.",
            "variants": [white, black],
        },
    )

    english = await client.get("/v1/products/ionna-chetka", headers=EN)
    assert english.json() == {
        "slug": "ionna-chetka",
        "title": "Ionic toothbrush",
        "summary": "A handle with one head.",
        "description": "A handle of two parts.\nNo batteries to change.",
        "variants": [white | {"label": "white"}, black | {"label": "black"}],
    }
    assert english.headers["content-language"] == "en"


@pytest.mark.parametrize("slug", ["hidden", "empty", "gone", "nothing"])
async def test_what_is_not_offered_is_not_found(sessions: Sessions, client: httpx.AsyncClient, slug: str) -> None:
    async with sessions.begin() as session:
        await make_range(session)
    answer = await client.get(f"/v1/products/{slug}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        **of_kind("product-not-found"),
        "title": "Няма такъв продукт",
        "status": 404,
        "detail": "Проверете адреса или потърсете в списъка.",
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_pages_have_neither_gap_nor_double(sessions: Sessions, client: httpx.AsyncClient, limit: int) -> None:
    """Positions are equal in threes, so that the id must decide."""
    async with sessions.begin() as session:
        for number in range(14):
            await make_variant(session, f"S{number:02}", position=5 - number // 3)
    pages, cursor = [], None
    while True:
        answer = await client.get("/v1/products", params={"limit": limit} | ({"cursor": cursor} if cursor else {}))
        pages.append([item["slug"] for item in answer.json()["items"]])
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break
    slugs = [slug for page in pages for slug in page]
    expected = [f"s{number:02}" for number in sorted(range(14), key=lambda number: (5 - number // 3, number))]
    assert slugs == expected
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert pages[-1]


@pytest.mark.parametrize(
    ("q", "slugs"),
    [
        ("ЧЕТКА", ["ionna-chetka"]),
        ("четка ЙОННА", ["ionna-chetka"]),
        ("и\u0306онна", ["ionna-chetka"]),  # й in two parts
        ("toothBRUSH бяла", ["ionna-chetka"]),
        ("глави", ["glavi"]),
        ("ion-h", ["glavi"]),
        ("%", ["glavi"]),
        ("100%", ["glavi"]),
        ("i_n", []),
        ("soft_ones", ["glavi"]),
        ("_", ["glavi"]),
        ("/", []),
        ("\\", []),
        ("'; DROP TABLE products; --", []),
        ("глава мека", []),
        ("дръжка без", []),  # the description is not searched
        ("  четка  ", ["ionna-chetka"]),
    ],
)
async def test_search(sessions: Sessions, client: httpx.AsyncClient, q: str, slugs: list[str]) -> None:
    async with sessions.begin() as session:
        await make_range(session)
    answer = await client.get("/v1/products", params={"q": q})
    assert [item["slug"] for item in answer.json()["items"]] == slugs


async def test_a_search_has_pages_too(sessions: Sessions, client: httpx.AsyncClient) -> None:
    async with sessions.begin() as session:
        for number in range(3):
            await make_variant(session, f"S{number}", position=number)
    first = (await client.get("/v1/products", params={"q": "s", "limit": 2})).json()
    second = (await client.get("/v1/products", params={"q": "s", "limit": 2, "cursor": first["next_cursor"]})).json()
    assert [item["slug"] for item in first["items"] + second["items"]] == ["s0", "s1", "s2"]
    assert second["next_cursor"] is None


INVALID = [
    ("limit=0", "?limit", "Най-малко 1"),
    ("limit=101", "?limit", "Най-много 100"),
    ("limit=x", "?limit", "Трябва да е цяло число"),
    ("limit=99999999999999999999999", "?limit", "Най-много 100"),
    ("q=", "?q", "Попълнете това поле"),
    ("q=%20", "?q", "Не може да е празно"),
    ("q=a%00b", "?q", "Съдържа знаци, които не могат да се отпечатат"),
    ("q=" + "a" * 101, "?q", "Най-много 100 знака"),
    ("cursor=" + "a" * 501, "?cursor", "Най-много 500 знака"),
    ("offset=3", "?offset", "Непознато поле; не се приема"),
]


@pytest.mark.parametrize(("query", "pointer", "detail"), INVALID)
async def test_what_does_not_fit_is_pointed_at(
    sessions: Sessions, client: httpx.AsyncClient, query: str, pointer: str, detail: str
) -> None:
    with statements(sessions) as seen:
        answer = await client.get(f"/v1/products?{query}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        **of_kind("invalid"),
        "title": "Невалидни данни",
        "status": 422,
        "detail": "Поправете посочените полета и изпратете отново.",
        "errors": [{"pointer": pointer, "detail": detail}],
    }
    assert seen == []


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%00",
        write_cursor(),
        write_cursor(1),
        write_cursor(1, "х"),
        write_cursor(1.5, ROW),
        write_cursor("1", ROW),
        write_cursor(2**31, ROW),
        write_cursor(1, ROW, 1),
    ],
)
async def test_an_odd_cursor_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get(f"/v1/products?cursor={cursor}", headers=EN)
    assert answer.json() == {
        **of_kind("cursor-unknown"),
        "title": "Unknown cursor",
        "status": 422,
        "detail": "Send next_cursor of the answer before, unchanged, or start without one.",
    }


@pytest.mark.parametrize("path", ["A", "a%00", "a--b", "%F0%9F%AA%A5", "a" * 81, "a?x=1", "a%0A"])
async def test_an_odd_address_is_refused(sessions: Sessions, client: httpx.AsyncClient, path: str) -> None:
    with statements(sessions) as seen:
        answer = await client.get(f"/v1/products/{path}")
    assert (answer.status_code, answer.json()["code"], seen) == (422, "invalid", [])


@pytest.mark.parametrize("path", ["/v1/products", "/v1/products/ionna-chetka"])
async def test_what_the_client_has_is_not_sent_again(
    sessions: Sessions, app: FastAPI, client: httpx.AsyncClient, path: str
) -> None:
    async with sessions.begin() as session:
        await make_range(session)
    etag = (await client.get(path)).headers["etag"]
    for named in [etag, f"W/{etag}", f'"other", {etag}', "*"]:
        answer = await client.get(path, headers={"if-none-match": named})
        assert (answer.status_code, answer.content) == (304, b"")
        assert dict(answer.headers) == {
            "content-language": "bg",
            "vary": "Accept-Language",
            "cache-control": "public, max-age=60, stale-while-revalidate=120",
            "etag": etag,
        }
    for named in ['"other"', f"W/{etag}"]:
        refused = await client.get(path, headers={"if-match": named, "if-none-match": etag})
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition-failed"), "D8"
    other = await client.get(path, headers={"if-none-match": etag, **EN})
    assert (other.status_code, other.headers["etag"] == etag) == (200, False)
    async with sessions.begin() as session:
        await service.correct(session, "ION-BASE-BLACK", -5, at=AT)
    changed = await client.get(path, headers={"if-none-match": etag})
    assert (changed.status_code, changed.headers["etag"] == etag) == (200, False)


async def test_a_kept_answer_costs_no_query_until_its_time_is_up(
    sessions: Sessions, app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(shelf, "monotonic", lambda: now)
    async with sessions.begin() as session:
        await make_range(session)
    app.state.catalog_watch = CatalogWatch(0.8)
    with statements(sessions) as seen:
        first = [await client.get("/v1/products"), await client.get("/v1/products/glavi", headers=EN)]
        assert len(seen) == 3
        again = [await client.get("/v1/products"), await client.get("/v1/products/glavi", headers=EN)]
        assert len(seen) == 3
        assert [answer.content for answer in again] == [answer.content for answer in first]
        assert [answer.headers for answer in again] == [answer.headers for answer in first]
        assert (await client.get("/v1/products?limit=1")).json()["next_cursor"]
        await client.get("/v1/products/glavi")
        assert len(seen) == 6
        async with sessions.begin() as session:
            await service.correct(session, "ION-H-SOFT-2", -6, at=AT)
        now += 0.7
        assert (await client.get("/v1/products/glavi")).json()["variants"][0]["availability"] != "sold_out"
        now += 0.1
        changed = await client.get("/v1/products/glavi")
    assert changed.json()["variants"][0]["availability"] == "sold_out"


async def test_many_who_ask_at_once_cause_one_query(
    sessions: Sessions, app: FastAPI, client: httpx.AsyncClient
) -> None:
    async with sessions.begin() as session:
        await make_range(session)
    app.state.catalog_watch = CatalogWatch(3600)
    with statements(sessions) as seen:
        answers = await asyncio.gather(*(client.get("/v1/products") for _ in range(50)))
    assert len(seen) == 1
    assert {answer.content for answer in answers} == {answers[0].content}


async def test_a_refusal_is_not_kept(sessions: Sessions, app: FastAPI, client: httpx.AsyncClient) -> None:
    app.state.catalog_watch = CatalogWatch(3600)
    answers = await asyncio.gather(*(client.get("/v1/products/glavi") for _ in range(5)))
    assert [answer.status_code for answer in answers] == [404] * 5
    async with sessions.begin() as session:
        await make_range(session)
    assert (await client.get("/v1/products/glavi")).status_code == 200


async def test_g5_the_shelf_is_bounded_by_bytes_and_the_oldest_makes_room() -> None:
    kept = Kept('"1"', b"x" * (1024 - len("/a")), [], math.inf, None)
    full = Shelf(3 * (1024 + OVERHEAD))

    async def make() -> Kept:
        return kept

    keys = [(f"/{letter}", b"", None) for letter in "abcd"]
    for key in keys[:3]:
        await full.make(key, None, make)
    assert full.find(keys[0], None)  # asked for last
    await full.make(keys[3], None, make)
    assert [full.find(key, None) is not None for key in keys] == [True, False, True, True]
    await full.make(keys[3], None, make)  # once more: it takes no more room
    assert [full.find(key, None) is not None for key in keys] == [True, False, True, True]


async def test_two_apps_share_nothing(sessions: Sessions, app: FastAPI, client: httpx.AsyncClient) -> None:
    app.state.catalog_watch = CatalogWatch(3600)
    await client.get("/v1/products")
    other = FastAPI()
    other.include_router(api.router, prefix="/v1")
    other.state.lookups, other.state.catalog_watch = sessions, CatalogWatch(3600)
    with statements(sessions) as seen:
        async with httpx.AsyncClient(transport=Transport(other), base_url="http://shop") as stranger:
            await stranger.get("/v1/products")
    assert len(seen) == 1


async def test_the_contract_names_parameters_answers_and_refusals(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    listed, shown = paths["/v1/products"]["get"], paths["/v1/products/{slug}"]["get"]
    assert [(parameter["in"], parameter["name"]) for parameter in listed["parameters"]] == [
        ("query", "q"),
        ("query", "limit"),
        ("query", "cursor"),
    ]
    assert listed["parameters"][1]["schema"] == {
        "type": "integer",
        "maximum": 100,
        "minimum": 1,
        "description": "How many at most",
        "default": 20,
        "title": "Limit",
    }
    assert [(parameter["in"], parameter["name"]) for parameter in shown["parameters"]] == [("path", "slug")]
    assert sorted(listed["responses"]) == ["200", "304", "412", "422"]
    assert sorted(shown["responses"]) == ["200", "304", "404", "412", "422"]
    assert shown["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/ProductView"
    }
