"""Each type of refusal has a page at the address that it is, in both languages."""

import re
from html import unescape
from pathlib import Path
from string import Formatter

import pytest

from app.core.errors import ShopError
from app.core.language import Language
from app.core.throttle import TooManyRequests
from app.pages.problem_pages import advice, known
from tests.problems import of_kind
from tests.shop import Shop, open_shop


def kinds(of: type[ShopError] = ShopError) -> set[type[ShopError]]:
    below = {kind for kind in of.__subclasses__() if kind.__module__.startswith("app.")}
    return below.union(*(kinds(kind) for kind in below))


async def test_each_type_has_its_page_in_both_languages(shop: Shop) -> None:
    told = {kind for kind in kinds() if hasattr(kind, "title")}
    assert len(told) > 120
    assert set(known().values()) == told
    assert len({kind.type() for kind in told}) == len(told), "two types of one name"
    for kind in told:
        page = await shop.http.get(kind.type())
        assert page.status_code == 200, kind
        assert f'href="{shop.settings.public_url}{kind.type()}" rel="canonical"' in page.text
        assert f"HTTP {kind.status} " in page.text
        told_in = unescape(page.text).replace("\N{NO-BREAK SPACE}", " ")
        for language in Language:
            assert kind.title.in_(language) in told_in, kind
            assert advice(kind, language) in told_in, kind


@pytest.mark.parametrize("public_url", ["http://127.0.0.1:8000", "https://api.shop.example"])
async def test_e4_a_refusal_leads_to_the_page_that_explains_it(stocked: str, tmp_path: Path, public_url: str) -> None:
    async with open_shop(stocked, tmp_path, public_url=public_url) as shop:
        refused = (await shop.http.get("/v1/products/none")).json()
        assert refused == refused | of_kind("product-not-found", public_url)
        page = await shop.http.get(refused["type"])
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert f'<a class="code" href="{refused["type"]}" rel="canonical">{refused["type"]}</a>' in page.text
        assert '<span class="code">product-not-found</span>' in page.text


def test_an_advice_is_filled_in_by_an_example() -> None:
    assert advice(TooManyRequests, Language.BG) == "Опитайте отново след 180 секунди."
    for kind in known().values():
        for language in Language:
            named = {name for _, name, _, _ in Formatter().parse(kind.advice.in_(language)) if name}
            assert named <= kind.example.keys(), kind


async def test_the_index_leads_to_each(shop: Shop) -> None:
    index = (await shop.http.get("/problems")).text
    assert re.findall(r'href="(/problems/[a-z0-9-]+)"', index) == [kind.type() for kind in known().values()]
