"""What every page keeps to: its language, its headers, who may post to it, and refusals that are pages, too."""

import re
from importlib.resources import files

import httpx
import pytest
from starlette.datastructures import Headers

from app.core.errors import NotFound
from app.pages import site
from app.pages.files import address_of
from app.pages.rendering import POLICY
from app.pages.routing import is_own_page
from tests.shop import Shop

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
OURS = frozenset({"https://shop.example"})


def title(answer: httpx.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.text)
    assert found, answer.text
    return found[1]


@pytest.mark.parametrize(
    ("address", "asked", "language"),
    [
        ("/problems", "", "bg"),
        ("/problems", "en-GB,en;q=0.9", "en"),
        ("/problems?language=bg", "en", "bg"),
        ("/problems?language=en", "bg", "en"),
        ("/problems?language=fr", "en", "en"),
        ("/problems?utm_source=letter", "bg", "bg"),
    ],
)
async def test_a_page_speaks_the_language_of_its_address_else_of_the_browser(
    shop: Shop, address: str, asked: str, language: str
) -> None:
    page = await shop.http.get(address, headers={"Accept-Language": asked})
    assert page.status_code == 200
    assert page.headers["content-language"] == language
    assert f'<html lang="{language}">' in page.text
    other = "en" if language == "bg" else "bg"
    assert re.search(rf'<a href="/problems\?[^"]*language={other}" lang="{other}" hreflang="{other}">', page.text)
    kept = f'href="/problems/out-of-stock?language={language}"' in page.text
    assert kept == (f"language={language}" in address), "a language that was chosen goes along, another is asked anew"


async def test_a_page_loads_nothing_from_elsewhere_and_is_kept_nowhere(shop: Shop) -> None:
    page = await shop.http.get("/problems")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == POLICY
    assert POLICY == (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert page.headers["cache-control"] == "no-store"
    assert page.headers.get_list("referrer-policy") == ["strict-origin"], "browsers then tell us whose page sends"
    assert "set-cookie" not in page.headers
    loaded = re.findall(r'(?:src|rel="(?:icon|stylesheet)" href)="([^"]+)"', page.text)
    assert loaded == [address_of(name) for name in ("icon.svg", "page.css", "page.js")]
    assert not re.search(r"<style|style=|<script(?! type=\"module\" src=)|\son\w+=", page.text)


async def test_a_page_says_who_sells(shop: Shop) -> None:
    """Name, seat, register number, VAT number, e-mail, supervisors (ЗЕТ чл. 4)."""
    page = (await shop.http.get("/problems?language=bg")).text
    for particular in (
        "„Комплийт Дентал Солюшънс“ ЕООД",
        "ЕИК 204235072",
        "ДДС №\N{NO-BREAK SPACE}BG204235072",
        "ул. „Българска легия“ №\N{NO-BREAK SPACE}2",
        "office@completedental.solutions",
        "Комисия за защита на потребителите",
    ):
        assert particular in page


async def test_style_and_script_are_kept_for_ever_under_the_name_of_their_content(shop: Shop) -> None:
    for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript"), ("icon.svg", "image/svg+xml")):
        served = await shop.http.get(address_of(name))
        assert served.status_code == 200
        assert served.headers["content-type"].partition(";")[0] == kind
        assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
    other = await shop.http.get("/files/page.0123456789abcdef.css")
    assert (other.status_code, other.headers["cache-control"]) == (404, "no-store")


def test_the_script_is_short() -> None:
    assert (files("app.pages") / "static/page.js").read_text().count("\n") < 150


async def test_a_refusal_on_a_page_is_a_page_with_the_words_of_the_problem(shop: Shop) -> None:
    refused = await shop.http.get("/problems/no-such-problem?language=en")
    assert refused.status_code == 404
    assert title(refused) == NotFound.title.en
    assert NotFound.advice.en in refused.text
    assert 'href="/problems/not-found?language=en"' in refused.text
    assert refused.headers["x-request-id"] in refused.text
    assert refused.headers["content-security-policy"] == POLICY
    for verb, address, status in (
        ("DELETE", "/problems", 405),
        ("GET", "/problems/" + "x" * 4_097, 414),
        ("GET", "/problems?" + "x" * 4_097, 414),
    ):
        answer = await shop.http.request(verb, address)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert (await shop.http.delete("/problems")).headers["allow"] == "GET, HEAD", "E4"


@pytest.mark.parametrize("path", ["/orders/abc", "/orders/1", "/orders/100000001/documents/x.pdf"])
async def test_an_address_that_no_page_can_have_is_not_found_in_the_pages_language(shop: Shop, path: str) -> None:
    page = await shop.http.get(f"{path}?language=en", headers={"Accept-Language": "bg"})
    assert (page.status_code, title(page)) == (404, NotFound.title.en)
    assert "path:" not in page.text


async def test_what_is_wrong_with_an_address_is_told_in_the_pages_language(shop: Shop) -> None:
    page = await shop.http.get(f"/orders/100000001/access?language=en&token={'x' * 99}")
    assert page.status_code == 422
    assert "?token: At most" in page.text


async def test_an_unknown_path_is_a_page_to_a_browser_and_a_document_to_a_program(shop: Shop) -> None:
    page = await shop.http.get("/no-such-path", headers=BROWSER)
    assert (page.status_code, title(page)) == (404, NotFound.title.bg)
    for address, headers in (("/no-such-path", {}), ("/v1/no-such-path", BROWSER)):
        answer = await shop.http.get(address, headers=headers)
        assert answer.status_code == 404
        assert answer.json()["code"] == "not-found"
    of_the_api = await shop.http.get("/v1/products/none", headers=BROWSER)
    assert of_the_api.json()["code"] == "product-not-found"


@pytest.mark.parametrize("path", ["//evil.example/x", "///evil.example/x", "/%5Cevil.example/x"])
async def test_no_address_of_a_page_leads_to_another_host(shop: Shop, path: str) -> None:
    page = await shop.http.get(f"http://127.0.0.1{path}", headers=BROWSER)
    assert page.status_code == 404
    addresses = re.findall(r'(?:href|action)="([^"#]+)"', page.text)
    assert addresses
    assert not [each for each in addresses if each.startswith(("//", "/\\"))]
    assert any("evil.example/x?language=en" in each for each in addresses)


async def test_what_nobody_foresaw_is_a_page_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("app.pages.problem_pages.known", fail)
    page = await shop.http.get("/problems?language=en")
    assert (page.status_code, title(page)) == (500, "Our failure")
    assert "a secret" not in page.text
    assert page.headers["x-request-id"] in page.text


async def test_a_page_asks_the_database_nothing(shop: Shop) -> None:
    shop.app.state.sessions = shop.app.state.lookups = None
    for address in ("/problems", "/problems/out-of-stock", "/withdrawal?order=100000001", address_of("page.css")):
        assert (await shop.http.get(address)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "https://shop.example", "cookie": "a=b"}, True),
        ({"sec-fetch-site": "none", "origin": "https://shop.example"}, True),
        ({"sec-fetch-site": "none", "origin": "null"}, True),
        ({"sec-fetch-site": "none", "origin": "https://elsewhere.example"}, False),
        ({"sec-fetch-site": "same-site", "origin": "https://blog.shop.example"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "null"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"origin": "https://shop.example", "cookie": "a=b"}, True),
        ({"origin": "https://elsewhere.example"}, False),
        ({"origin": "null"}, True),
        ({"origin": "null", "cookie": "a=b"}, False),
        ({}, True),
        ({"cookie": "a=b"}, False),
    ],
)
def test_forms_are_taken_from_own_pages_alone(headers: dict[str, str], is_own: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert is_own_page(Headers(headers), OURS) == is_own


def test_pages_have_names_of_their_own() -> None:
    """Below one of these there are pages and nothing else: refusals there are pages."""
    assert {"files", "problems"} <= site.NAMES
    assert not {"", "v1", "health", ".well-known", "docs", "openapi.json"} & site.NAMES
