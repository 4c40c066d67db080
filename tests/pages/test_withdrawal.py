"""The withdrawal on the shop's own pages: two steps, no login, no scripts, stated once however often it is sent."""

import asyncio
import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.core.money import Money
from app.core.throttle import TooManyRequests
from app.orders.models import LineKind
from app.orders.schemas import LineView
from app.pages.opened_orders import cookie_of
from app.pages.routing import FORM
from app.pages.withdrawal_form import prefilled
from app.returns.schemas import MOST_LINES
from tests.core.test_routing import ask
from tests.shop import Shop

STATED = "SELECT name, order_number, email, lines, goods, language FROM withdrawals"
KEY = "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"


def typed(**changes: Any) -> dict[str, str]:
    return {"name": "Ива Петрова", "order_number": "100000001", "email": "iva@example.bg", "key": KEY, **changes}


def inputs(page: httpx.Response) -> dict[str, str]:
    """Read the fields of a page's first form in the content, as a browser would send them."""
    [form] = re.findall(r"<form.*?</form>", page.text.partition("<main")[2], re.DOTALL)[:1]
    hidden = re.findall(r'<input [^>]*?name="([^"]+)"[^>]*? value="([^"]*)">', form)
    areas = re.findall(r'<textarea [^>]*?name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    return {name: unescape(value) for name, value in (*hidden, *areas)}


def words(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


async def test_the_entrance_is_on_every_page_under_the_words_of_the_law(shop: Shop) -> None:
    for language, label in (("bg", "Откажете се от договора тук"), ("en", "Withdraw from contract here")):
        for address in ("/problems", "/withdrawal", "/problems/none"):
            page = await shop.http.get(f"{address}?language={language}")
            assert f'<a href="/withdrawal?language={language}">{label}</a>' in page.text


async def test_the_first_step_asks_for_name_order_and_mail_and_nothing_else(shop: Shop) -> None:
    page = await shop.http.get("/withdrawal?order=100000001")
    assert page.status_code == 200
    fields = inputs(page)
    assert fields.keys() == {"name", "order_number", "email", "goods", "key"}
    assert (fields["order_number"], fields["name"]) == ("100000001", "")
    assert re.findall(r'name="(\w+)"[^>]* required', page.text) == ["name", "order_number", "email"]
    other = inputs(await shop.http.get("/withdrawal"))
    assert other["key"] != fields["key"], "each statement has a key of its own"
    assert len(inputs(await shop.http.get(f"/withdrawal?order={'9' * 300}"))["order_number"]) == 100


async def test_a_statement_is_made_in_two_steps_and_its_receipt_is_there(shop: Shop) -> None:
    first = inputs(await shop.http.get("/withdrawal?order=100000001"))
    second = await shop.http.post("/withdrawal", data={**first, "name": "Ива Петрова", "email": "iva@example.bg"})
    assert second.status_code == 200
    for said in ("Ива Петрова", "100000001", "iva@example.bg", "всичко по поръчката"):
        assert said in words(second)
    assert re.findall(r"<button>(.*?)</button>", second.text) == ["Потвърждавам отказа"]
    assert await shop.count("withdrawals") == 0, "nothing is stated before it is confirmed"
    receipt = await shop.http.post("/withdrawal/confirmation", data=inputs(second))
    assert receipt.status_code == 201
    for said in ("Заявление № 10001", "23 ноември 2026 г., 12:00", "Ива Петрова", "100000001", "iva@example.bg"):
        assert said.replace(" ", "") in words(receipt).replace("\N{NO-BREAK SPACE}", "").replace(" ", ""), said
    assert await shop.rows(STATED) == [("Ива Петрова", "100000001", "iva@example.bg", None, None, "bg")]
    assert await shop.rows("SELECT kind, address FROM mails") == [("withdrawal_receipt", "iva@example.bg")]


async def test_it_is_stated_in_the_language_of_the_page(shop: Shop) -> None:
    second = await shop.http.post("/withdrawal?language=en", data=typed())
    assert re.findall(r"<button>(.*?)</button>", second.text) == ["Confirm withdrawal"]
    assert 'action="/withdrawal/confirmation?language=en"' in second.text
    receipt = await shop.http.post("/withdrawal/confirmation?language=en", data=inputs(second))
    assert "We have received your withdrawal" in receipt.text
    assert (await shop.rows(STATED))[0][-1] == "en"


async def test_the_switch_of_languages_takes_along_what_was_typed(shop: Shop) -> None:
    refused = await shop.http.post("/withdrawal", data=typed(email="iva"))
    switch = refused.text.partition("</header>")[0]
    assert '<form method="post" action="/withdrawal?language=en">' in switch
    assert '<input type="hidden" name="email" value="iva">' in switch
    assert '<input type="hidden" name="name" value="Ива Петрова">' in switch


@pytest.mark.parametrize("step", ["/withdrawal", "/withdrawal/confirmation"])
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": ""}, {"name": "Попълнете това поле"}),
        ({"name": "я" * 121}, {"name": "Най-много 120 знака"}),
        ({"order_number": " "}, {"order_number": "Попълнете това поле"}),
        ({"email": "iva@"}, {"email": "Не е адрес на електронна поща"}),
        ({"goods": "x" * 501, "email": ""}, {"email": "Попълнете това поле", "goods": "Най-много 500 знака"}),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_with_what_was_typed(
    shop: Shop, step: str, changes: dict[str, str], told: dict[str, str]
) -> None:
    page = await shop.http.post(step, data=typed(**changes))
    assert page.status_code == 422
    assert inputs(page) == {"goods": "", **typed(**changes)}
    for name, detail in told.items():
        assert f'<p class="error" id="{name}-error">{detail}</p>' in page.text
        assert f'<a href="#{name}">' in page.text
        assert re.search(rf'id="{name}" [^>]*aria-invalid="true" aria-describedby="[^"]*{name}-error"', page.text)
    assert len(re.findall('class="error"', page.text)) == len(told)
    assert await shop.count("withdrawals") == 0


async def test_a_key_that_is_none_and_a_field_that_is_unknown_are_told_of_the_whole(shop: Shop) -> None:
    page = await shop.http.post("/withdrawal/confirmation", data=typed(key="x", reason="няма"))
    assert page.status_code == 422
    assert "reason: Непознато поле; не се приема" in words(page)
    assert "Номерът не е цял или е сгрешен: копирайте го отново" in words(page)
    assert await shop.count("withdrawals") == 0


async def test_pressed_twice_at_once_and_loaded_again_it_is_stated_once(shop: Shop) -> None:
    async def press() -> httpx.Response:
        return await shop.http.post("/withdrawal/confirmation", data=typed())

    answers = [*await asyncio.gather(*(press() for _ in range(4))), await press()]
    assert {answer.status_code for answer in answers} == {201}
    assert len({words(answer) for answer in answers}) == 1
    assert await shop.count("withdrawals") == 1
    assert await shop.count("mails") == 1


async def test_another_statement_from_the_same_page_is_confirmed_by_itself(shop: Shop) -> None:
    """Back in the browser, changed, and confirmed: the first one stands, the second is not taken for it."""
    await shop.http.post("/withdrawal/confirmation", data=typed())
    again = await shop.http.post("/withdrawal/confirmation", data=typed(goods="Само четката"))
    assert again.status_code == 422
    assert "вече е подадено друго заявление" in words(again)
    assert await shop.count("withdrawals") == 1
    anew = inputs(again)
    assert anew["key"] != KEY
    assert (await shop.http.post("/withdrawal/confirmation", data=anew)).status_code == 201
    assert [row[4] for row in await shop.rows(f"{STATED} ORDER BY number")] == [None, "Само четката"]


async def test_the_way_back_keeps_everything(shop: Shop) -> None:
    given = typed(goods="Само четката")
    second = await shop.http.post("/withdrawal", data=given)
    assert second.text.count('<form method="post" action="/withdrawal/start">') == 1
    back = await shop.http.post("/withdrawal/start", data=given)
    assert (back.status_code, inputs(back)) == (200, given)


async def test_goods_may_be_typed_line_by_line(shop: Shop) -> None:
    answer = await shop.http.post("/withdrawal/confirmation", data=typed(goods="Четка\r\n\r\nГлави, 2 бр.\r\n"))
    assert answer.status_code == 201
    assert [row[4] for row in await shop.rows(STATED)] == ["Четка; Глави, 2 бр."]


def line(sku: str, name: str, quantity: int, kind: LineKind = LineKind.GOODS) -> LineView:
    none = Money(0)
    return LineView(
        kind=kind,
        sku=sku,
        name=name,
        quantity=quantity,
        unit_price=none,
        discount=none,
        total=none,
        vat_rate=20,
        vat=none,
    )


async def test_an_orders_page_leads_here_with_its_lines(shop: Shop) -> None:
    lines = [
        line("ION-H-SOFT-2", "Глава, мека", 2),
        line("ION-SET-1", "Комплект", 1),
        line("DELIVERY", "Доставка", 1, LineKind.DELIVERY),
    ]
    given = prefilled("100000001", lines)
    first = await shop.http.post("/withdrawal/start", data=given)
    assert "Глава, мека × 2" in first.text
    fields = inputs(first)
    assert {name: fields[name] for name in given} == given
    assert "goods" not in fields
    whole = await shop.http.post("/withdrawal", data={**fields, "name": "Ива", "email": "iva@example.bg"})
    assert "всичко по поръчката" in words(whole)
    chosen = {**inputs(whole), "lines/0/quantity": "1", "lines/1/quantity": "0"}
    part = await shop.http.post("/withdrawal", data=chosen)
    assert "Глава, мека × 2: 1 бр." in words(part)
    assert "Комплект" not in words(part).partition("Проверете")[2]
    receipt = await shop.http.post("/withdrawal/confirmation", data=inputs(part))
    assert (receipt.status_code, "Глава, мека × 2: 1 бр." in words(receipt)) == (201, True)
    assert (await shop.rows(STATED))[0][3] == [{"sku": "ION-H-SOFT-2", "quantity": 1}]
    wrong = await shop.http.post("/withdrawal", data={**chosen, "lines/0/quantity": "две"})
    assert '<p class="error" id="lines-0-quantity-error">Трябва да е цяло число</p>' in wrong.text


async def test_an_order_of_as_many_lines_as_a_cart_holds_leads_here_too(shop: Shop) -> None:
    lines = [line(f"{'9' * 18}{number:02}", "Ж" * 300, 2) for number in range(MOST_LINES)]
    first = await shop.http.post("/withdrawal/start", data=prefilled("100000001", lines, name="Ж" * 80))
    assert first.status_code == 200, first.text
    chosen = {**inputs(first), "email": "iva@example.bg", **{f"lines/{n}/quantity": "1" for n in range(MOST_LINES)}}
    second = await shop.http.post("/withdrawal", data=chosen)
    assert second.status_code == 200, second.text
    assert (await shop.http.post("/withdrawal/confirmation", data=inputs(second))).status_code == 201
    assert len((await shop.rows(STATED))[0][3]) == MOST_LINES


async def test_a_browser_that_hides_the_page_states_it_as_nobody(shop: Shop) -> None:
    """Older ones name no origin where a page names no referrer: whoever has a cookie may withdraw with them, too."""
    order = await shop.ordered()
    old = {"Cookie": f"{cookie_of(order['number'])}={order['access_token']}", "Origin": "null"}
    for step, status in (("", 200), ("/start", 200), ("/confirmation", 201)):
        answer = await shop.http.post(f"/withdrawal{step}", data=typed(order_number=order["number"]), headers=old)
        assert answer.status_code == status
    assert await shop.rows("SELECT opened_order_id FROM withdrawals") == [(None,)]


async def test_what_is_typed_comes_back_as_it_was_typed(shop: Shop) -> None:
    given = typed(order_number="Поръчка № 5", goods="Глава № 7 и № 8")
    second = await shop.http.post("/withdrawal", data=given)
    assert inputs(second) == given
    assert inputs(await shop.http.post("/withdrawal/start", data=given)) == given


THREE = {f"lines/{number}/{member}": f"ART-{number}" for number in range(3) for member in ("sku", "title")}


@pytest.mark.parametrize("step", ["/withdrawal", "/withdrawal/confirmation"])
async def test_a_wrong_quantity_is_told_at_its_own_line_where_those_before_are_empty(shop: Shop, step: str) -> None:
    quantities = {"lines/0/quantity": "", "lines/1/quantity": "0", "lines/2/quantity": "1,5"}
    page = await shop.http.post(step, data={**typed(), **THREE, **quantities})
    assert page.status_code == 422
    assert re.findall(r'<p class="error" id="([^"]+)">([^<]+)</p>', page.text) == [
        ("lines-2-quantity-error", "Трябва да е цяло число")
    ]
    assert '<a href="#lines-2-quantity">ART-2: Трябва да е цяло число</a>' in page.text
    assert re.findall(r'id="([^"]+)" [^>]*aria-invalid="true"', page.text) == ["lines-2-quantity"]
    assert await shop.count("withdrawals") == 0


@pytest.mark.parametrize("step", ["/withdrawal", "/withdrawal/confirmation"])
@pytest.mark.parametrize(
    ("language", "told"),
    [("bg", "Нула значи, че задържате стоката. "), ("en", "Zero means that you keep the article. ")],
)
async def test_zeros_alone_withdraw_from_nothing_and_never_from_everything(
    shop: Shop, step: str, language: str, told: str
) -> None:
    quantities = {"lines/0/quantity": "", "lines/1/quantity": " 0", "lines/2/quantity": "0"}
    page = await shop.http.post(f"{step}?language={language}", data={**typed(), **THREE, **quantities})
    assert page.status_code == 422
    errors = re.findall(r'<p class="error" id="([^"]+)">([^<]+)</p>', page.text)
    assert [name for name, _ in errors] == ["lines-1-quantity-error", "lines-2-quantity-error"]
    assert all(detail.startswith(told) for _, detail in errors)
    assert await shop.count("withdrawals") == 0


async def test_all_left_empty_is_everything_and_the_fields_say_so(shop: Shop) -> None:
    first = await shop.http.post("/withdrawal/start", data={**typed(), **THREE})
    assert '<fieldset aria-describedby="quantities-hint">' in first.text
    assert "Оставите ли всички полета празни, отказът е за цялата поръчка." in words(first)
    second = await shop.http.post("/withdrawal", data={**typed(), **THREE})
    assert (second.status_code, "всичко по поръчката" in words(second)) == (200, True)


async def test_the_form_says_what_the_data_are_for_and_how_long_they_are_kept(shop: Shop) -> None:
    for language, ground, how_long in (
        ("bg", "законово задължение (чл. 52а и 54 ЗЗП;", "ги пазим 5 г. за защита при правни претенции"),
        (
            "en",
            "a legal duty (Consumer Protection Act, Art. 52a and 54;",
            "we keep them for 5 years, to meet legal claims",
        ),
    ):
        page = await shop.http.get(f"/withdrawal?language={language}")
        assert ground in words(page)
        assert how_long in words(page)
        assert f'<a href="/policies/privacy?language={language}">' in page.text.partition("<footer")[0]


async def test_the_cookie_of_an_order_that_is_open_proves_whose_it_is(shop: Shop) -> None:
    order = await shop.ordered()
    mine, number = {"Cookie": f"{cookie_of(order['number'])}={order['access_token']}"}, order["number"]
    own = {**mine, "Sec-Fetch-Site": "same-origin"}
    await shop.http.post("/withdrawal/confirmation", data=typed(order_number=number), headers=own)
    await shop.http.post("/withdrawal/confirmation", data=typed(order_number=number, key=str(uuid4())))
    assert [
        opened is not None for (opened,) in await shop.rows("SELECT opened_order_id FROM withdrawals ORDER BY number")
    ] == [
        True,
        False,
    ]


async def test_to_look_states_nothing_and_an_address_of_the_second_step_begins_anew(shop: Shop) -> None:
    for address in ("/withdrawal/start", "/withdrawal/confirmation"):
        answer = await shop.http.get(f"{address}?language=en")
        assert (answer.status_code, answer.headers["location"]) == (303, "/withdrawal?language=en")
    assert (await shop.http.get("/withdrawal", params=typed())).status_code == 200
    assert await shop.count("withdrawals") == 0


async def test_a_page_of_another_site_states_nothing(shop: Shop) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        refused = await shop.http.post("/withdrawal/confirmation", data=typed(), headers=headers)
        assert (refused.status_code, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert await shop.count("withdrawals") == 0


async def test_an_origin_states_no_more_than_its_allowance(shop: Shop) -> None:
    await shop.http.post("/withdrawal/confirmation", data=typed(key=""))
    async with shop.sessions.begin() as session:
        used_up = text("UPDATE throttle SET full_at = :full_at")
        await session.execute(used_up, {"full_at": shop.clock.now() + timedelta(hours=1)})
    asked = await ask(shop, "POST", "/withdrawal/confirmation", FORM)
    assert (asked.status, asked.is_read) == (429, False)
    assert TooManyRequests.title.bg in asked.content.decode()
