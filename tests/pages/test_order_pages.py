"""The order's own pages: a key shows it, a link that is mailed opens it, and nobody else learns that it is there."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.money import Money
from app.fulfilment.attention import CHECKING
from app.fulfilment.schemas import PaymentStateView
from app.integrations.speedy.simulator.shipments import State
from app.orders.models import OrderStatus, PaymentMethod
from app.pages.order_words import paid
from app.payments.models import PaymentStatus
from tests.checkout.watching import contents, statements
from tests.fulfilment.story import TRANSFER, cancel, pay, scan
from tests.fulfilment.test_correcting import send as staff_send
from tests.fulfilment.test_stopping import WHOLE
from tests.fulfilment.viewing import access_tokens, ask_for_access, key_of, links_of, see, view_link
from tests.pages.test_pages import title
from tests.shop import Shop, open_shop

SECRETS = ("Петрова", "iva@example.bg", "888123456", "ул. Българска легия")
NOT_THERE = "999999999"
ENGLISH = {"Accept-Language": "en"}


async def mailed(shop: Shop, **changes: Any) -> dict[str, Any]:
    order = await shop.ordered(**changes)
    await shop.run_jobs()
    return order


async def send(shop: Shop, address: str, cookie: str = "", **typed: str) -> httpx.Response:
    headers = {"Sec-Fetch-Site": "same-origin", **({"Cookie": cookie} if cookie else {})}
    return await shop.http.post(address, data=typed, headers=headers)


async def opened(shop: Shop, order: dict[str, Any]) -> str:
    """Ask for the link, follow it; returns the cookie that the browser keeps."""
    assert (await ask_for_access(shop, order["number"])).status_code == 202
    await shop.run_jobs()
    answer = await send(shop, f"/orders/{order['number']}/access", token=access_tokens(shop, order)[-1])
    assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{order['number']}")
    return answer.headers["set-cookie"].partition(";")[0]


async def load(shop: Shop, order: dict[str, Any], cookie: str, path: str = "") -> httpx.Response:
    return await shop.http.get(f"/orders/{order['number']}{path}", headers={"Cookie": cookie, **ENGLISH})


async def test_typed_c1_a_buyer_reads_on_the_page_that_a_refused_parcel_is_looked_after(shop: Shop) -> None:
    shop.speedy.refuse_next(120, "sim.address")
    order = await mailed(shop)
    page = await send(shop, f"/orders/{order['number']}/view", key=key_of(shop, order))
    assert CHECKING.bg in page.text
    whole = await load(shop, order, await opened(shop, order))
    assert CHECKING.en in whole.text
    assert "120" not in whole.text


async def test_the_key_shows_the_order_and_nothing_of_who_lives_where(shop: Shop) -> None:
    order = await mailed(shop, payment_method=TRANSFER)
    page = await send(shop, f"/orders/{order['number']}/view", key=key_of(shop, order))

    assert page.status_code == 200
    for shown in ("Ива П.", "Приета", "BG80 BNBG 9661 1020 3456 78", "BNBGBGSD", "<svg ", "30 ноември 2026"):
        assert shown in page.text
    assert 'role="img" aria-label="QR код' in page.text
    assert "Откажете се от договора тук" in page.text
    assert f'<input type="hidden" name="order_number" value="{order["number"]}">' in page.text
    assert '<input type="hidden" name="lines/0/sku" value="ION-H-SOFT-2">' in page.text
    for secret in SECRETS:
        assert secret not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers


async def test_the_page_waits_for_the_key_behind_the_address(shop: Shop) -> None:
    order = await mailed(shop)
    page = await shop.http.get(view_link(shop, order).partition("#")[0].removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200
    assert f'data-view="/orders/{order["number"]}/view"' in page.text
    assert 'type="email"' in page.text


async def test_complaint_14_without_a_key_every_number_is_shown_alike_after_the_same_work(shop: Shop) -> None:
    order = await mailed(shop, payment_method=TRANSFER)
    seen = []
    for number in (order["number"], NOT_THERE):
        here, asked = f"/orders/{number}", []
        with statements(shop) as sent:
            asked.append(await shop.http.get(here))
            asked.append(await send(shop, f"{here}/view", key="0." + "A" * 64))
            asked.append(await send(shop, f"{here}/view", key="x"))
            asked.append(await send(shop, f"{here}/access", token="A" * 64))
            asked.append(await send(shop, f"{here}/access-links", email="eva@example.bg"))
            asked.append(await shop.http.get(f"{here}/access?token={'A' * 64}"))
            asked.append(await shop.http.get(f"{here}/cancellation"))
            asked.append(await shop.http.get(f"{here}/declaration"))
            asked.append(await send(shop, f"{here}/cancellation"))
            asked.append(await shop.http.get(here, headers={"Cookie": f"__Host-order-{number}=1.{'A' * 43}"}))
        told = [
            (page.status_code, re.sub(r'class="code">[0-9a-f-]+', "", page.text).replace(number, "N")) for page in asked
        ]
        seen.append((told, [each for each in sent if "throttle" not in each]))
    assert seen[0][1] == seen[1][1]
    assert seen[0][0] == seen[1][0]
    assert [status for status, _ in seen[0][0]] == [200, 404, 404, 422, 200, 200, 303, 303, 303, 200]


async def test_the_whole_is_opened_by_the_mailed_link_and_a_look_uses_nothing_up(shop: Shop) -> None:
    order = await mailed(shop)
    page = await send(shop, f"/orders/{order['number']}/access-links", email="IVA@example.bg")
    assert (page.status_code, title(page)) == (200, "Проверете пощата си")
    await shop.run_jobs()
    [token] = access_tokens(shop, order)
    before = await contents(shop)
    for _ in range(3):
        look = await shop.http.get(f"/orders/{order['number']}/access?token={token}")
        assert look.status_code == 200
        assert f'name="token" value="{token}"' in look.text
    assert await contents(shop) == before

    answer = await send(shop, f"/orders/{order['number']}/access", token=token)

    assert answer.status_code == 303
    name, value = f"__Host-order-{order['number']}", answer.headers["set-cookie"]
    assert re.fullmatch(rf"{name}=[0-9]+\.[\w-]{{43}}; HttpOnly; Max-Age=86400; Path=/; SameSite=lax; Secure", value)
    again = await send(shop, f"/orders/{order['number']}/access", token=token)
    assert again.status_code == 422
    assert "Връзката е използвана или срокът ѝ е изтекъл" in again.text
    assert 'type="email"' in again.text
    assert "set-cookie" not in again.headers
    twice = await send(shop, f"/orders/{order['number']}/access", value.partition(";")[0], token=token)
    assert (twice.status_code, twice.headers["location"]) == (303, f"/orders/{order['number']}")
    elsewhere = await send(shop, f"/orders/{order['number']}/access", f"{name}=1.{'A' * 43}", token=token)
    assert elsewhere.status_code == 422


@pytest.mark.parametrize("act", ["view", "access-links", "closing", "access", "confirmation"])
async def test_the_switch_of_languages_after_an_act_leads_to_the_order(shop: Shop, act: str) -> None:
    """Every address that a page can have after a POST is one to look at, too."""
    answer = await shop.http.get(f"/orders/100000001/{act}?language=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders/100000001?language=en")


@pytest.mark.parametrize(
    ("method", "payment", "order", "words"),
    [
        ("cash_on_delivery", "awaited", "confirmed", "you pay on delivery"),
        ("cash_on_delivery", "awaited", "shipped", "you pay on delivery"),
        ("cash_on_delivery", "awaited", "delivered", "you paid the courier"),
        ("cash_on_delivery", "awaited", "returned", "you paid the courier"),
        ("cash_on_delivery", "awaited", "refused", "nothing is owed"),
        ("cash_on_delivery", "received", "delivered", "received"),
        ("cash_on_delivery", "void", "cancelled", "nothing is owed"),
        ("bank_transfer", "awaited", "placed", "awaited"),
        ("bank_transfer", "awaited", "cancelled", "nothing is owed"),
        ("bank_transfer", "received", "cancelled", "received"),
    ],
)
def test_the_payment_is_told_as_it_stands_for_the_buyer(method: str, payment: str, order: str, words: str) -> None:
    nothing = Money(0)
    state = PaymentStateView(
        method=PaymentMethod(method),
        status=PaymentStatus(payment),
        amount=nothing,
        due_on=None,
        came=nothing,
        missing=nothing,
        refund_owed=nothing,
        refunded=nothing,
        refund_due_on=None,
    )
    assert paid(state, OrderStatus(order)).en == words


async def test_typed_c4_the_page_says_what_came_so_far_and_asks_for_the_rest(shop: Shop) -> None:
    order = await mailed(shop, payment_method=TRANSFER)
    await pay(shop, order, "30.00")
    page = await send(shop, f"/orders/{order['number']}/view", key=key_of(shop, order))
    assert "Досега получихме 30,00\xa0€; остават още 0,79\xa0€" in page.text
    assert '<span class="copy">0,79\xa0€</span>' in page.text
    seen = await see(shop, order["number"], key_of(shop, order))
    assert "EUR0.79" in seen.json()["transfer"]["code"]
    await pay(shop, order, "0.79")
    page = await send(shop, f"/orders/{order['number']}/view", key=key_of(shop, order))
    assert "Досега получихме" not in page.text
    assert "BG80" not in page.text


async def test_what_was_paid_on_delivery_and_what_went_back_are_told(shop: Shop) -> None:
    delivered = await mailed(shop)
    await scan(shop, delivered, State.DELIVERED)
    page = await send(shop, f"/orders/{delivered['number']}/view", key=key_of(shop, delivered))
    assert "платихте на куриера" in page.text
    order = await mailed(shop, payment_method=TRANSFER)
    await pay(shop, order)
    await cancel(shop, order)
    await shop.run_jobs()
    here = f"/orders/{order['number']}/view"
    owed = (await send(shop, here, key=key_of(shop, order))).text
    assert ("Връщаме Ви" in owed, "Върнахме Ви" in owed) == (True, False)
    assert (await staff_send(shop, order, "refunds", WHOLE)).status_code == 201
    gone = (await send(shop, here, key=key_of(shop, order))).text
    assert ("Връщаме Ви" in gone, "Върнахме Ви" in gone) == (False, True)


async def test_the_open_order_shows_all_of_it(shop: Shop) -> None:
    order = await mailed(shop, payment_method=TRANSFER)
    await pay(shop, order)
    await shop.run_jobs()
    cookie = await opened(shop, order)

    page = await load(shop, order, cookie)

    for secret in SECRETS:
        assert secret in page.text
    assert '<input type="hidden" name="name" value="Ива Петрова">' in page.text
    assert "Follow the parcel on Speedy" in page.text
    [document] = re.findall(rf'href="(/orders/{order["number"]}/documents/[0-9a-f-]+\.pdf)"', page.text)
    pdf = await shop.http.get(document, headers={"Cookie": cookie})
    assert (pdf.status_code, pdf.headers["content-type"], pdf.content[:5]) == (200, "application/pdf", b"%PDF-")
    has = {"Cookie": cookie, "If-None-Match": pdf.headers["etag"]}
    assert (await shop.http.get(document, headers=has)).status_code == 304, "D8"
    assert (await shop.http.get(document)).status_code == 303
    declaration = await load(shop, order, cookie, "/declaration")
    assert "SHA-256" in declaration.text
    other = await mailed(shop)
    assert 'type="email"' in (await load(shop, other, cookie.replace(order["number"], other["number"]))).text
    shop.clock.advance(hours=24)
    assert "Петрова" not in (await load(shop, order, cookie)).text


async def test_the_open_order_is_cancelled_only_by_the_button_of_its_own_page(shop: Shop) -> None:
    order = await mailed(shop)
    cookie = await opened(shop, order)
    here = f"/orders/{order['number']}/cancellation"
    assert (await load(shop, order, cookie, "/cancellation")).status_code == 200
    elsewhere = await shop.http.post(here, headers={"Cookie": cookie, "Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
    [[status]] = await shop.rows("SELECT status FROM orders")
    assert status == "confirmed"

    assert (await send(shop, here, cookie)).status_code == 303

    page = await load(shop, order, cookie)
    assert "Cancelled" in page.text
    assert here not in page.text
    assert [tuple(row) for row in await shop.rows("SELECT status FROM orders")] == [("cancelled",)]


async def test_closing_it_takes_the_cookie_away(shop: Shop) -> None:
    order = await mailed(shop)
    cookie = await opened(shop, order)
    answer = await send(shop, f"/orders/{order['number']}/closing", cookie)
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]


@pytest.fixture
async def careful(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """Open a shop in which every guest's order waits to be confirmed."""
    async with open_shop(stocked, tmp_path, unproved_pieces=0) as shop:
        yield shop


async def test_a_look_at_the_confirming_link_confirms_nothing_and_its_button_does(careful: Shop) -> None:
    shop = careful
    order = await mailed(shop)
    [link] = links_of(shop, order["number"], "/confirmation")
    address, _, token = link.removeprefix("http://127.0.0.1:8000").partition("?token=")
    assert (await shop.http.get(f"{address}?token={token}")).status_code == 200
    assert await shop.rows("SELECT proved_at FROM orders") == [(None,)]
    wrong = await send(shop, address, token="A" * 64)
    assert (wrong.status_code, title(wrong)) == (422, "Връзката не е валидна")

    page = await send(shop, address, token=token)

    assert (page.status_code, title(page)) == (200, "Поръчката е потвърдена")
    assert await shop.rows("SELECT proved_at FROM orders") == [(shop.clock.now(),)]


@pytest.mark.parametrize("email", ["", "iva"])
async def test_what_is_no_address_is_refused_at_its_field(shop: Shop, email: str) -> None:
    page = await send(shop, "/orders/100000001/access-links", email=email)
    assert page.status_code == 422
    assert 'id="email-error"' in page.text
    assert await shop.count("mail_links") == 0


async def test_the_form_for_the_address_says_what_it_is_used_for(shop: Shop) -> None:
    for language, told in (
        ("bg", "въведеното тук пазим 30 дни. "),
        ("en", "what you enter here is kept for 30 days. "),
    ):
        page = (await shop.http.get(f"/orders/100000001?language={language}")).text.partition("<footer")[0]
        assert f'{told}<a href="/policies/privacy?language={language}">' in page


async def test_the_withdrawal_is_offered_while_its_period_is_open(shop: Shop) -> None:
    order = await mailed(shop)
    key = key_of(shop, order)
    await scan(shop, order, State.DELIVERED)
    here = f"/orders/{order['number']}/view"
    page = (await send(shop, here, key=key)).text
    assert "до края на 7 декември 2026\N{NARROW NO-BREAK SPACE}г.</p>" in page
    english = (await send(shop, f"{here}?language=en", key=key)).text
    assert "until the end of 7 December 2026</p>" in english
    assert 'action="/withdrawal/start"' in page
    shop.clock.advance(days=15)
    page = (await send(shop, here, key=key)).text
    assert "Срокът за отказ изтече в края на 7 декември 2026\N{NARROW NO-BREAK SPACE}г.</p>" in page
    assert 'action="/withdrawal/start"' not in page
