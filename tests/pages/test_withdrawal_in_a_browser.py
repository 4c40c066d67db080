"""In Chromium: the whole withdrawal by keyboard alone, with scripts off, on phone and desk; axe finds nothing."""

from functools import partial

import pytest
from playwright.sync_api import Page

from tests.pages.browsing import DESK, PHONE, Visits, focused, is_too_wide, tab_to, take, violations
from tests.shop import Shop

WIDTHS = (DESK, 390, PHONE)
STATED = "SELECT name, order_number, email, goods FROM withdrawals"
WORDS = {
    "bg": (
        "Откажете се от договора тук",
        "Напред",
        "Потвърждавам отказа",
        "Промяна",
        "Получихме отказа Ви от договора",
    ),
    "en": (
        "Withdraw from contract here",
        "Continue",
        "Confirm withdrawal",
        "Change",
        "We have received your withdrawal",
    ),
}


def fits(page: Page) -> None:
    assert not is_too_wide(page), page.url


def withdraw_by_keyboard(page: Page, language: str) -> None:
    entrance, go_on, confirm, change, received = WORDS[language]
    page.goto("/problems/out-of-stock")
    tab_to(page, entrance)
    page.keyboard.press("Enter")
    page.wait_for_url("**/withdrawal")
    fits(page)
    tab_to(page, "name")
    page.keyboard.type("Ива Петрова")
    tab_to(page, "order_number")
    page.keyboard.type("100000001")
    tab_to(page, "email")
    page.keyboard.type("iva@")
    page.keyboard.press("Enter")
    page.wait_for_selector("#errors")
    fits(page)
    assert focused(page) == "errors", "what is wrong is where one is"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "email", "the summary leads to the field"
    page.keyboard.press("End")
    page.keyboard.type("example.bg")
    tab_to(page, go_on)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=confirm).wait_for()
    fits(page)
    tab_to(page, change)
    page.keyboard.press("Enter")
    page.wait_for_url("**/withdrawal/start")
    assert page.locator("#email").input_value() == "iva@example.bg"
    tab_to(page, "goods")
    page.keyboard.type("Само четката")
    tab_to(page, go_on)
    page.keyboard.press("Enter")
    page.get_by_text("Само четката").wait_for()
    tab_to(page, confirm)
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name=received).wait_for()
    fits(page)
    page.reload()
    page.get_by_role("heading", level=1, name=received).wait_for()


@pytest.mark.parametrize(("width", "language"), [(PHONE, "bg"), (DESK, "en")])
async def test_the_whole_withdrawal_by_keyboard_alone_with_scripts_off(
    shop: Shop, visits: Visits, width: int, language: str
) -> None:
    visitor = await visits.come(width=width, scripts=False, language=language)
    await visitor.do(partial(withdraw_by_keyboard, language=language))
    assert await shop.rows(STATED) == [("Ива Петрова", "100000001", "iva@example.bg", "Само четката")]
    assert await shop.count("mails") == 1
    visitor.keeps_to_the_house()


def look(page: Page, name: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        fits(page)
        take(page, f"withdrawal-{name}-{width}")
    assert violations(page) == [], name


def walk(page: Page, name: str, language: str) -> None:
    _, go_on, confirm, _, received = WORDS[language]
    page.goto("/withdrawal")
    look(page, f"1-{name}")
    page.get_by_role("button", name=go_on).click()
    page.wait_for_selector("#errors")
    look(page, f"2-refused-{name}")
    page.locator("#name").fill("Ива Петрова")
    page.locator("#order_number").fill("100000001")
    page.locator("#email").fill("iva.petrova@example.bg")
    page.locator("#goods").fill("Четка „Йон“\nРезервни глави, 2 бр.")
    page.get_by_role("button", name=go_on).click()
    page.get_by_role("button", name=confirm).wait_for()
    look(page, f"3-review-{name}")
    page.get_by_role("button", name=confirm).dblclick()
    page.get_by_role("heading", level=1, name=received).wait_for()
    look(page, f"4-receipt-{name}")


@pytest.mark.parametrize(("language", "dark"), [("bg", False), ("en", True)])
async def test_nothing_is_wrong_with_any_step(shop: Shop, visits: Visits, language: str, dark: bool) -> None:  # noqa: FBT001 - a parameter of the test
    visitor = await visits.come(dark=dark, language=language)
    await visitor.do(partial(walk, name=f"{language}{'-dark' * dark}", language=language))
    visitor.keeps_to_the_house()
    assert await shop.count("withdrawals") == 1, "a double click states it once"


@pytest.mark.slow
@pytest.mark.parametrize(("language", "dark"), [("bg", True), ("en", False)])
async def test_nor_in_the_other_colours(visits: Visits, language: str, dark: bool) -> None:  # noqa: FBT001 - a parameter of the test
    visitor = await visits.come(dark=dark, language=language)
    await visitor.do(partial(walk, name=f"{language}{'-dark' * dark}", language=language))
