"""The policies as pages: the same text as the endpoint's, in both languages, one click from every page."""

import re
from html import unescape

import httpx
import pytest

from tests.shop import Shop


def text_of(page: httpx.Response) -> str:
    [title] = re.findall(r"<h1>(.*?)</h1>", page.text)
    [text] = re.findall(r'<div class="words">(.*?)</div>', page.text, re.DOTALL)
    return unescape(f"{title}\n\n{text}").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("language", ["bg", "en"])
@pytest.mark.parametrize("kind", ["privacy", "cookies"])
async def test_the_policy_in_force_is_a_page_and_so_is_each_version(shop: Shop, kind: str, language: str) -> None:
    policy = (await shop.http.get(f"/v1/policies/{kind}", headers={"Accept-Language": language})).json()
    here = f"/policies/{kind}"
    for address in (here, f"{here}/versions/{policy['version']}"):
        page = await shop.http.get(f"{address}?language={language}")
        assert (page.status_code, page.headers["content-language"]) == (200, language)
        assert text_of(page).split() == policy["text"].split()
        assert policy["version"] in page.text


async def test_every_page_leads_to_it(shop: Shop) -> None:
    for language, label in (("bg", "Политика за личните данни"), ("en", "Privacy policy")):
        for address in ("/problems", "/withdrawal", "/problems/none", "/orders/100000001", "/policies/cookies"):
            footer = (await shop.http.get(f"{address}?language={language}")).text.partition("<footer")[2]
            assert f'<a href="/policies/privacy?language={language}">{label}</a>' in footer


async def test_what_is_no_policy_is_refused_as_a_page(shop: Shop) -> None:
    for address, status in (("/policies/none", 404), ("/policies/privacy/versions/1999-01-01", 404)):
        page = await shop.http.get(address)
        assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
