"""Whoever reads an order's mailbox opens the whole of it, by a link that works once; nobody else is told anything."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.auth.link_tokens import link_token
from app.auth.models import LinkPurpose
from app.core.language import Language
from app.fulfilment import letters
from app.fulfilment.letters import AccessLetter
from tests.accounts.closing import close
from tests.auth.logins import come_from
from tests.checkout.watching import contents, statements
from tests.fulfilment.story import guest, pay, read
from tests.fulfilment.viewing import access_tokens, ask_for_access, key_of, open_order, refused, see
from tests.mail.letters import (
    AT,
    TRADER,
    assert_both_forms_say_the_same,
    assert_fetches_nothing_and_counts_nobody,
    body,
    post,
)
from tests.shop import Shop, a_wish, open_shop

PROMISED = "SELECT (SELECT count(*) FROM mails), (SELECT count(*) FROM mail_links)"
NOT_THERE = "999999999"


async def asked(shop: Shop, order: dict[str, Any], email: str = "iva@example.bg") -> str:
    """Ask for the link as the order's owner; returns its token."""
    assert (await ask_for_access(shop, order["number"], email)).status_code == 202
    await shop.run_jobs()
    return access_tokens(shop, order)[-1]


async def test_the_link_opens_the_order_for_a_day(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()

    answer = await open_order(shop, order["number"], await asked(shop, order, "IVA@example.bg"))

    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    opened = answer.json()
    assert opened["access_token_expires_at"] == "2026-11-24T10:00:00Z"
    assert opened["access_token"] != order["access_token"]
    seen = await read(shop, {**order, **opened})
    assert seen["customer"]["email"] == "iva@example.bg"
    other = await shop.ordered()
    assert (await shop.http.get(other["links"]["self"], headers=guest(opened))).status_code == 404
    shop.clock.advance(hours=24)
    assert (await shop.http.get(order["links"]["self"], headers=guest(opened))).status_code == 404


async def test_it_works_once_even_for_two_at_once(shop: Shop) -> None:
    order = await shop.ordered()
    token = await asked(shop, order)

    answers = await asyncio.gather(*(open_order(shop, order["number"], token) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422, 422]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"link-invalid"}
    assert (await open_order(shop, order["number"], token)).status_code == 422


async def test_it_works_for_half_an_hour_and_asking_again_mails_one_that_works(shop: Shop) -> None:
    order = await shop.ordered()
    token = await asked(shop, order)
    shop.clock.advance(minutes=30)
    assert (await open_order(shop, order["number"], token)).status_code == 422
    again = await asked(shop, order)
    shop.clock.advance(minutes=29)
    assert (await open_order(shop, order["number"], again)).status_code == 200


async def test_it_opens_no_other_order_and_nothing_else(shop: Shop) -> None:
    order, other = await shop.ordered(), await shop.ordered()
    token = await asked(shop, order)
    before = await contents(shop)
    for answer in (
        await open_order(shop, other["number"], token),
        await open_order(shop, NOT_THERE, token),
        await shop.http.post(f"/v1/orders/{order['number']}/confirmation", json={"token": token}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "link-invalid")
    for key in (token, f"0.{token}"):
        assert refused(await see(shop, order["number"], key)) == refused(await see(shop, NOT_THERE, key))
    assert (await shop.http.get(order["links"]["self"], headers={"X-Order-Token": token})).status_code == 404
    unknown = link_token(shop.app.state.secret, LinkPurpose.ORDER_ACCESS, uuid4())
    assert (await open_order(shop, order["number"], unknown)).status_code == 422
    assert await contents(shop) == before
    assert (await open_order(shop, order["number"], token)).status_code == 200


async def test_complaint_15_the_answer_tells_nothing_of_order_and_address(shop: Shop) -> None:
    """Not in words, not by what is written or promised, not by the statements sent."""
    order = await shop.ordered()
    await shop.run_jobs()
    await ask_for_access(shop, NOT_THERE, "warm@example.bg")
    seen = []
    for number, email in (
        (order["number"], "iva@example.bg"),
        (order["number"], "eva@example.bg"),
        (NOT_THERE, "iva@example.bg"),
        (NOT_THERE, "eva@example.bg"),
    ):
        [before] = await shop.rows(PROMISED)
        with statements(shop) as sent:
            answer = await ask_for_access(shop, number, email)
        del answer.headers["X-Request-Id"]
        [after] = await shop.rows(PROMISED)
        made = [new - old for new, old in zip(after, before, strict=True)]
        seen.append((answer.status_code, answer.content, answer.headers.multi_items(), list(sent), made))
    assert seen[0][0] == 202
    assert seen == [seen[0]] * 4


async def test_only_the_orders_own_address_is_written_to_and_nothing_is_kept_of_others(shop: Shop) -> None:
    order = await shop.ordered()
    other = await shop.ordered(customer={**a_wish("")["customer"], "email": "eva@example.bg"})
    await shop.run_jobs()
    for number, email in (
        (order["number"], "eva@example.bg"),
        (other["number"], "iva@example.bg"),
        (NOT_THERE, "x@y.bg"),
    ):
        assert (await ask_for_access(shop, number, email)).status_code == 202
    await shop.run_jobs()

    assert access_tokens(shop, order) == access_tokens(shop, other) == []
    assert await shop.rows("SELECT id FROM mails WHERE kind = 'order_access'") == []
    assert await shop.count("mail_links") == 0


async def test_an_order_of_an_account_shows_its_guest_no_address(shop: Shop) -> None:
    order = await shop.ordered()
    token = await asked(shop, order)
    own = await shop.account()
    assert (await shop.http.post("/v1/me/orders/claims", headers=own)).json()["count"] == 1
    opened = (await open_order(shop, order["number"], token)).json()
    assert (await read(shop, {**order, **opened}))["customer"]["email"] is None


async def test_after_an_erasure_no_link_works_and_none_is_mailed(shop: Shop) -> None:
    order = await shop.ordered(payment_method="bank_transfer")
    await shop.run_jobs()
    key, token = key_of(shop, order), await asked(shop, order)
    opened = (await open_order(shop, order["number"], await asked(shop, order))).json()
    own = await shop.account()
    await shop.http.post("/v1/me/orders/claims", headers=own)
    await close(shop, own)
    for held in (order, opened):
        assert (await shop.http.get(order["links"]["self"], headers=guest(held))).status_code == 404
        page = await shop.http.get(
            f"/orders/{order['number']}", headers={"Cookie": f"__Host-order-{order['number']}={held['access_token']}"}
        )
        assert (page.status_code, 'type="email"' in page.text) == (200, True)

    assert refused(await see(shop, order["number"], key)) == refused(await see(shop, NOT_THERE, key))
    assert (await open_order(shop, order["number"], token)).status_code == 422
    mailed = len(access_tokens(shop, order))
    assert (await ask_for_access(shop, order["number"])).status_code == 202
    await pay(shop, order)
    await shop.run_jobs()
    assert len(access_tokens(shop, order)) == mailed
    assert key_of(shop, order) == key  # what is mailed later bears no key


async def test_so_many_are_asked_for(shop: Shop) -> None:
    """By address and origin, and by origin."""
    for _ in range(5):
        assert (await ask_for_access(shop, "100000001")).status_code == 202
    before = await contents(shop)
    refusal = await ask_for_access(shop, "100000002")
    assert (refusal.status_code, refusal.json()["code"]) == (429, "too-many-requests")
    assert await contents(shop) == before
    for mailbox in range(14):
        assert (await ask_for_access(shop, "100000001", f"m{mailbox}@example.bg")).status_code == 202
    assert (await ask_for_access(shop, "100000001", "last@example.bg")).status_code == 429
    shop.clock.advance(hours=1)
    assert (await ask_for_access(shop, "100000001")).status_code == 202


async def test_nobody_is_locked_out_by_what_others_ask_for(shop: Shop) -> None:
    """From everywhere so many mails an hour are promised for one order and address; the answer stays the same."""
    order = await shop.ordered()
    await shop.run_jobs()
    for asked in range(36):
        come_from(shop, f"198.51.100.{asked}")
        assert (await ask_for_access(shop, order["number"], "eva@example.bg")).status_code == 202
    assert await shop.count("mail_links") == 30
    come_from(shop, "203.0.113.7")
    await ask_for_access(shop, order["number"])
    await shop.run_jobs()
    assert len(access_tokens(shop, order)) == 1


async def test_asking_again_lets_no_mailed_link_work_for_longer_and_ends_none(shop: Shop) -> None:
    order = await shop.ordered()
    first = await asked(shop, order)
    shop.clock.advance(minutes=20)
    second, third = await asked(shop, order), await asked(shop, order)
    assert len({first, second, third}) == 3
    assert (await open_order(shop, order["number"], third)).status_code == 200
    shop.clock.advance(minutes=10)
    assert (await open_order(shop, order["number"], first)).status_code == 422
    assert (await open_order(shop, order["number"], second)).status_code == 200


@pytest.fixture
async def impatient(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(stocked, tmp_path, mails_at_once=1) as shop:
        yield shop


async def test_a_mail_that_was_held_back_bears_a_link_that_still_works(impatient: Shop) -> None:
    """As of every kind that a stranger can cause, so many go at once."""
    shop = impatient
    order = await shop.ordered()
    await shop.run_jobs()
    for _ in range(2):
        await ask_for_access(shop, order["number"])
    await shop.run_jobs()
    assert len(access_tokens(shop, order)) == 1
    shop.clock.advance(hours=1)
    await shop.make_due()
    await shop.run_jobs()
    assert len(access_tokens(shop, order)) == 2
    assert (await open_order(shop, order["number"], access_tokens(shop, order)[-1])).status_code == 200


async def test_mails_to_nobody_use_up_no_allowance(impatient: Shop) -> None:
    """Numbers that do not exist, and others' orders, keep the owner of an address from no mail."""
    shop = impatient
    order = await shop.ordered()
    other = await shop.ordered(customer={**a_wish("")["customer"], "email": "eva@example.bg"})
    await shop.run_jobs()
    for number in (NOT_THERE, other["number"]):
        await ask_for_access(shop, number)
    await shop.run_jobs()
    assert await shop.rows("SELECT id FROM mails WHERE kind = 'order_access'") == []
    await ask_for_access(shop, order["number"])
    await shop.run_jobs()
    assert len(access_tokens(shop, order)) == 1


LETTER = AccessLetter(
    language=Language.BG,
    trader=TRADER,
    number="100000042",
    url="https://shop.example/orders/100000042/access?token=AAAA_-",
    expires_at=AT + timedelta(minutes=30),
)


def test_the_letter_in_bulgarian() -> None:
    message = post(letters.order_access(LETTER))
    assert message["Subject"] == "Достъп до поръчка № 100000042"
    said = body(message, "plain").replace("\N{NO-BREAK SPACE}", " ")
    assert "Отворете поръчката: https://shop.example/orders/100000042/access?token=AAAA_-" in said
    assert "само веднъж, до 23 ноември 2026 г., 01:00 ч. След това" in said
    assert_both_forms_say_the_same(message)
    assert_fetches_nothing_and_counts_nobody(message)


@pytest.mark.parametrize(
    "words", ["only once, until 23 November 2026, 01:00 (Sofia time)", "open in your browser for 24 hours"]
)
def test_the_letter_in_english(words: str) -> None:
    message = post(letters.order_access(replace(LETTER, language=Language.EN)))
    assert words in body(message, "plain")
    assert_both_forms_say_the_same(message)
