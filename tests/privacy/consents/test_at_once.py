"""What two do in the same moment, on connections of their own: all are obeyed, and nothing is done twice."""

import asyncio

import httpx

from app.auth.models import StaffRole
from tests.fulfilment.story import letters
from tests.privacy.consents.lists import (
    ACTS,
    CONFIRM,
    IVA,
    LINK_INVALID,
    WITHDRAWALS,
    confirm,
    on_the_list,
    subscribe,
    token_in,
)
from tests.privacy.consents.test_one_click import ONE_CLICK, url_for
from tests.privacy.consents.test_policies import TEXTS, a_text
from tests.shop import Shop


async def test_of_many_who_take_back_at_once_all_are_obeyed(shop: Shop) -> None:
    await subscribe(shop)
    url = await url_for(shop)
    shop.clock.advance(minutes=1)
    by_page = [shop.http.post(WITHDRAWALS, json={"email": IVA}) for _ in range(4)]
    by_button = [shop.http.post(url, data=ONE_CLICK) for _ in range(4)]
    answers = await asyncio.gather(*by_page, *by_button)
    assert {answer.status_code for answer in answers} == {httpx.codes.OK}
    assert not await on_the_list(shop)
    assert await shop.rows("SELECT count(*) FROM suppressions WHERE purpose = 'newsletter'") == [(2,)]


async def test_of_two_who_publish_one_version_at_once_one_is_refused(shop: Shop) -> None:
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    answers = await asyncio.gather(*(shop.http.post(TEXTS, json=a_text(), headers=officer) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert await shop.jobs() == {("announce_change", "todo"): 1}
    assert await shop.rows("SELECT count(*) FROM audit_entries WHERE action = 'text_published'") == [(1,)]


async def test_of_two_mails_about_one_wish_each_link_leaves_one_consent(shop: Shop) -> None:
    for _ in range(2):
        await shop.ordered(consents=["newsletter"])
        await shop.run_jobs()
    first, second = [token_in(letter) for letter in letters(shop, CONFIRM)]
    assert (await confirm(shop, second)).status_code == httpx.codes.NO_CONTENT
    shop.clock.advance(minutes=1)
    late = await confirm(shop, first)
    assert (late.status_code, late.json()) == (422, LINK_INVALID)
    assert [row[2] for row in await shop.rows(ACTS)] == ["asked", "asked", "given"]
    assert await on_the_list(shop)
