"""The button that mailboxes show (RFC 8058): one POST, no login, no cookie, no further page."""

from collections.abc import Mapping

import httpx
import pytest

from app.privacy.consenting import carry_consents
from app.privacy.marketing import may_write_to, one_click_headers
from app.privacy.models import Channel, ConsentPurpose
from tests.accounts.closing import EMAIL, member
from tests.factories.privacy import make_evidence
from tests.fulfilment.story import letters
from tests.privacy.consents.lists import ACTS, IVA, WITHDRAWALS, on_the_list, subscribe
from tests.privacy.rights.asking import problem
from tests.shop import Shop

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def headers_for(shop: Shop, email: str = IVA) -> Mapping[str, str]:
    """Give what a marketing mail to this address would bear."""
    async with shop.sessions() as session:
        addressee = await may_write_to(session, email, ConsentPurpose.NEWSLETTER, Channel.EMAIL)
    assert addressee is not None
    return one_click_headers("http://shop.test", shop.app.state.secret, addressee.consent_id)


async def url_for(shop: Shop, email: str = IVA) -> str:
    return (await headers_for(shop, email))["List-Unsubscribe"].strip("<>")


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
async def test_s72_one_post_ends_it_in_either_form_and_again_says_the_same(shop: Shop, form: str) -> None:
    await subscribe(shop)
    url = await url_for(shop)
    files = {name: (None, value) for name, value in ONE_CLICK.items()}
    answers = [
        await (shop.http.post(url, data=ONE_CLICK) if form == "urlencoded" else shop.http.post(url, files=files))
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [httpx.codes.OK] * 2
    assert answers[0].text == answers[1].text
    assert "Готово" in answers[0].text
    assert "set-cookie" not in answers[0].headers
    assert not await on_the_list(shop)
    assert [row[2:4] for row in await shop.rows(ACTS)] == [
        ("asked", "api"),
        ("given", "link"),
        ("withdrawn", "one_click"),
    ]


async def test_whoever_only_opens_the_page_has_said_nothing_and_it_loads_nothing(shop: Shop) -> None:
    await subscribe(shop)
    page = await shop.http.get(await url_for(shop), headers={"Accept-Language": "en"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert '<form method="post">' in page.text
    assert IVA not in page.text
    assert await on_the_list(shop)


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "Maybe"}, {"other": "One-Click"}])
async def test_another_body_is_no_click(shop: Shop, body: dict[str, str]) -> None:
    await subscribe(shop)
    refused = await shop.http.post(await url_for(shop), data=body)
    assert problem(refused) == (422, "one-click-missing")
    assert await on_the_list(shop)


async def test_a_token_that_this_shop_never_made_is_not_found(shop: Shop) -> None:
    await subscribe(shop)
    url = await url_for(shop)
    other = url[:-1] + ("A" if url[-1] != "A" else "B")
    for answer in (await shop.http.get(other), await shop.http.post(other, data=ONE_CLICK)):
        assert problem(answer) == (404, "not-found")
    assert await on_the_list(shop)


async def test_a_link_of_an_old_mail_follows_the_consent_to_a_new_address(shop: Shop) -> None:
    await member(shop, newsletter=True)
    url = await url_for(shop, EMAIL)
    shop.clock.advance(minutes=1)
    async with shop.sessions.begin() as session:
        await carry_consents(session, EMAIL, "kokiche@example.com", make_evidence(at=shop.clock.now()))
    assert await on_the_list(shop, "kokiche@example.com")
    assert (await shop.http.post(url, data=ONE_CLICK)).status_code == httpx.codes.OK
    assert not await on_the_list(shop, "kokiche@example.com")


async def test_the_same_token_takes_words_too_and_no_other_mail_bears_it(shop: Shop) -> None:
    await subscribe(shop)
    url = await url_for(shop)
    answer = await shop.http.post(WITHDRAWALS, json={"token": url.rpartition("/")[2], "words": "Стига."})
    assert answer.json()["stopped"] == ["newsletter"]
    assert not await on_the_list(shop)
    assert {letter["List-Unsubscribe"] for letter in letters(shop, "")} == {None}
