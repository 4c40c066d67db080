"""In Chromium: an order behind its key with scripts on; behind a mailed link with scripts off, by keyboard alone."""

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page

from app.integrations.speedy.simulator.shipments import State
from tests.fulfilment.story import TRANSFER, pay, scan
from tests.fulfilment.viewing import access_tokens, key_of
from tests.pages.browsing import DESK, PHONE, Visits, focused, is_too_wide, tab_to, take, violations
from tests.shop import Shop

LOOKS = [
    ("bg", False),
    ("en", True),
    pytest.param("bg", True, marks=pytest.mark.slow),
    pytest.param("en", False, marks=pytest.mark.slow),
]


async def mailed(shop: Shop, **changes: Any) -> dict[str, Any]:
    order = await shop.ordered({"ION-H-SOFT-2": 2, "ION-SET-1": 1}, **changes)
    await shop.run_jobs()
    return order


def look(page: Page, name: str) -> None:
    """Look at the page as it stands, at three widths."""
    for width in (DESK, 390, PHONE):
        page.set_viewport_size({"width": width, "height": 800})
        assert not is_too_wide(page), f"{name} at {width}"
        take(page, f"order-{name}-{width}")
        assert width not in {DESK, PHONE} or violations(page) == [], f"{name} at {width}"


def shown(page: Page) -> None:
    """Wait until the key was exchanged."""
    page.locator("#standing").wait_for()


@pytest.mark.parametrize(("language", "dark"), LOOKS)
async def test_nothing_is_wrong_with_what_the_key_shows(
    shop: Shop,
    visits: Visits,
    language: str,
    dark: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    order = await mailed(shop, payment_method=TRANSFER)
    await pay(shop, order, "30.00")
    shop.speedy.refuse_next(120, "sim.address")
    refused = await mailed(shop)
    address = f"/orders/{order['number']}"

    def visit(page: Page) -> None:
        name = f"{language}{'-dark' * dark}"
        page.goto(f"/orders/{refused['number']}#view={key_of(shop, refused)}")
        shown(page)
        look(page, f"refused-{name}")
        page.goto(address)
        look(page, f"closed-{name}")
        page.goto(f"{address}#view={key_of(shop, order)}")
        shown(page)
        look(page, f"seen-{name}")
        page.goto(f"{address}/access?token={'A' * 64}")
        look(page, f"access-{name}")
        page.goto(f"{address}/confirmation?token={'A' * 64}")
        look(page, f"confirmation-{name}")

    visitor = await visits.come(language=language, dark=dark)
    await visitor.do(visit)
    visitor.keeps_to_the_house()


async def test_the_key_stands_in_the_address_bar_and_goes_nowhere_but_into_a_body(shop: Shop, visits: Visits) -> None:
    order = await mailed(shop, payment_method=TRANSFER)
    key, address = key_of(shop, order), f"/orders/{order['number']}"
    told: list[str] = []

    def visit(page: Page) -> None:
        page.on("request", lambda request: told.append(request.url.partition("#")[0]))
        page.on("request", lambda request: told.extend(f"{n}: {v}" for n, v in request.all_headers().items()))
        page.goto(f"{address}#view={key}")
        shown(page)
        assert page.url.endswith(f"{address}#view={key}")
        assert page.title().startswith("Поръчка №")
        assert page.get_by_text("Ива П.").is_visible()
        page.reload()
        shown(page)
        page.get_by_role("link", name="English").click()
        page.get_by_role("heading", name="Payment").wait_for()
        assert page.url.endswith(f"{address}?language=en#view={key}")
        page.keyboard.press("Tab")
        page.evaluate("document.querySelector('.skip').click()")
        page.wait_for_function("location.hash.startsWith('#view=')")
        page.get_by_role("heading", name="Payment").wait_for()
        page.get_by_role("button", name="Withdraw from contract here").click()
        page.wait_for_url("**/withdrawal/start?language=en")
        assert page.get_by_label("Order number").input_value() == order["number"]

    visitor = await visits.come()
    await visitor.do(visit)
    assert len(told) > 20
    assert [each for each in told if key in each] == []
    # The site alone is told, and to itself: no path, and nothing of what stands behind the `#`.
    assert {each for each in told if each.startswith("referer: ")} <= {"referer: ", f"referer: {visits.url}/"}
    visitor.keeps_to_the_house()


async def test_a_key_that_opens_nothing_leaves_the_way_to_a_new_link(shop: Shop, visits: Visits) -> None:
    def visit(page: Page) -> None:
        page.goto(f"/orders/999999999#view=0.{'A' * 64}")
        page.get_by_role("alert").wait_for()
        assert "Връзката не отваря тази поръчка" in page.get_by_role("alert").inner_text()
        assert page.get_by_label("Имейл, с който е поръчано").is_visible()
        look(page, "dead")

    visitor = await visits.come()
    await visitor.do(visit)


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_the_mailed_link_opens_the_whole_with_scripts_off_by_keyboard(
    shop: Shop, visits: Visits, width: int
) -> None:
    order = await mailed(shop)
    address = f"/orders/{order['number']}"

    def ask(page: Page) -> None:
        page.goto(f"{address}#view={key_of(shop, order)}")
        tab_to(page, "email")
        page.keyboard.type("iva@example.bg")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Проверете пощата си").wait_for()
        assert not is_too_wide(page)

    def follow(page: Page, token: str) -> None:
        page.goto(f"{address}/access?token={token}")
        page.set_viewport_size({"width": width, "height": 800})
        tab_to(page, "Отворете поръчката")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{address}")
        assert page.get_by_text("1618 София, ул. Българска легия № 2").is_visible()
        assert not is_too_wide(page)
        tab_to(page, "Откажете поръчката")
        page.keyboard.press("Enter")
        page.wait_for_url("**/cancellation")
        assert not is_too_wide(page)
        tab_to(page, "Откажете поръчката")
        assert focused(page) == "Откажете поръчката"
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{address}")
        assert page.locator("#standing").inner_text() == "Отказана"
        tab_to(page, "Затворете поръчката в този браузър")
        page.keyboard.press("Enter")
        page.get_by_label("Имейл, с който е поръчано").wait_for()

    visitor = await visits.come(scripts=False, width=width)
    await visitor.do(ask)
    await shop.run_jobs()
    await visitor.do(partial(follow, token=access_tokens(shop, order)[-1]))
    assert await shop.rows("SELECT status FROM orders") == [("cancelled",)]
    visitor.keeps_to_the_house()


@pytest.mark.parametrize(
    ("language", "withdraw", "go_on"),
    [("bg", "Откажете се от договора тук", "Напред"), ("en", "Withdraw from contract here", "Continue")],
)
async def test_zeros_are_refused_at_the_lines_that_an_orders_page_led_to(
    shop: Shop, visits: Visits, language: str, withdraw: str, go_on: str
) -> None:
    order = await mailed(shop)
    await scan(shop, order, State.DELIVERED)

    def visit(page: Page) -> None:
        page.goto(f"/orders/{order['number']}#view={key_of(shop, order)}")
        shown(page)
        look(page, f"delivered-{language}")
        page.get_by_role("button", name=withdraw).click()
        page.locator("#name").fill("Ива Петрова")
        page.locator("#email").fill("iva@example.bg")
        page.locator("#lines-1-quantity").fill("0")
        page.get_by_role("button", name=go_on).click()
        page.wait_for_selector("#errors")
        assert focused(page) == "errors"
        look(page, f"zeros-{language}")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert focused(page) == "lines-1-quantity", "the summary leads to the line"

    visitor = await visits.come(language=language)
    await visitor.do(visit)
    assert await shop.count("withdrawals") == 0


async def test_a_paid_order_on_its_way_has_its_documents(shop: Shop, visits: Visits) -> None:
    order = await mailed(shop, payment_method=TRANSFER)
    await pay(shop, order)
    await shop.run_jobs()
    await scan(shop, order, State.ACCEPTED)
    await shop.http.post(f"/v1/orders/{order['number']}/access-links", json={"email": "iva@example.bg"})
    await shop.run_jobs()

    def follow(page: Page) -> str:
        page.goto(f"/orders/{order['number']}/access?token={access_tokens(shop, order)[-1]}&language=en")
        page.get_by_role("button", name="Open the order").click()
        page.get_by_role("heading", name="Documents").wait_for()
        look(page, "whole-paid-en")
        with page.expect_download() as download:
            page.get_by_role("link", name="№ 0").first.click()
        name = download.value.suggested_filename
        page.get_by_role("link", name="The privacy declaration that you accepted").click()
        page.get_by_text("SHA-256").wait_for()
        look(page, "declaration-en")
        return name

    visitor = await visits.come()
    assert await visitor.do(follow) == "faktura-0000000001.pdf"
    visitor.keeps_to_the_house()


async def test_nothing_is_wrong_with_the_pages_of_an_order_that_is_open(shop: Shop, visits: Visits) -> None:
    order = await mailed(shop)
    address = f"/orders/{order['number']}"

    def ask(page: Page) -> None:
        page.goto(address)
        page.get_by_label("Имейл, с който е поръчано").fill("iva@example.bg")
        page.get_by_role("button", name="Изпратете ми връзка").click()
        page.get_by_role("heading", name="Проверете пощата си").wait_for()
        look(page, "asked-bg-dark")

    def follow(page: Page) -> None:
        page.goto(f"{address}/access?token={access_tokens(shop, order)[-1]}")
        page.get_by_role("button", name="Отворете поръчката").click()
        page.locator("#delivery").wait_for()
        look(page, "whole-bg-dark")
        page.get_by_role("link", name="Откажете поръчката").click()
        page.get_by_role("button", name="Откажете поръчката").wait_for()
        look(page, "cancelling-bg-dark")
        page.get_by_role("button", name="Откажете поръчката").click()
        page.get_by_role("heading", name="Отказана").wait_for()
        look(page, "cancelled-bg-dark")

    visitor = await visits.come(dark=True)
    await visitor.do(ask)
    await shop.run_jobs()
    await visitor.do(follow)
    visitor.keeps_to_the_house()
