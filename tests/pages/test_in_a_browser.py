"""In Chromium: pages are for everybody, by WCAG 2.2 AA as axe reads it, at any width, light and dark."""

from functools import partial

import pytest
from playwright.sync_api import Page

from app.pages.problem_pages import known
from tests.pages.browsing import DESK, PHONE, Visits, driving, focused, is_too_wide, take, violations

PLAIN = ("/problems/too-many-requests", "/problems/no-such-problem", "/policies/privacy", "/policies/cookies")


def look(page: Page, address: str, name: str) -> None:
    """Look at a page at three widths; what axe looks at is the narrow one."""
    page.goto(address)
    assert page.locator("h1").count() == 1, address
    for width in (DESK, 390, PHONE):
        page.set_viewport_size({"width": width, "height": 800})
        assert not is_too_wide(page), f"{address} at {width}"
        take(page, f"{address.strip('/').replace('/', '-')}-{name}-{width}")
    assert violations(page) == [], address


@pytest.mark.parametrize(("language", "dark"), [("bg", False), ("en", True)])
async def test_nothing_is_wrong_with_a_page(visits: Visits, language: str, dark: bool) -> None:  # noqa: FBT001 - a parameter of the test
    visitor = await visits.come(dark=dark, language=language)
    for address in PLAIN:
        await visitor.do(partial(look, address=address, name=f"{language}{'-dark' * dark}"))
    visitor.keeps_to_the_house()


@pytest.mark.slow
@pytest.mark.parametrize(("language", "dark"), [("bg", True), ("en", False)])
async def test_nothing_is_wrong_with_the_page_of_any_problem(visits: Visits, language: str, dark: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Every second one in each: a page has both languages anyway."""
    visitor = await visits.come(dark=dark, language=language)
    for address in ("/problems", *[kind.type() for kind in known().values()][dark::2]):
        await visitor.do(partial(look, address=address, name=language))
    visitor.keeps_to_the_house()


async def test_axe_sees_what_is_wrong(visits: Visits) -> None:
    def spoil(page: Page) -> list[str]:
        page.goto("/problems/out-of-stock")
        page.evaluate("document.querySelector('main').innerHTML = '<input><p>too pale to be read'")
        page.evaluate("document.querySelector('main p').style.color = '#eee'")
        return [each.partition(":")[0] for each in violations(page)]

    visitor = await visits.come()
    assert {"label", "color-contrast", "page-has-heading-one"} <= set(await visitor.do(spoil))


async def test_the_keyboard_skips_to_the_content_and_changes_the_language(visits: Visits) -> None:
    def walk(page: Page) -> None:
        page.goto("/problems/out-of-stock")
        page.keyboard.press("Tab")
        assert focused(page) == "Към съдържанието"
        page.keyboard.press("Enter")
        assert focused(page) == "content"
        page.goto("/problems/out-of-stock")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert focused(page) == "English"
        page.keyboard.press("Enter")
        page.wait_for_url("**/problems/out-of-stock?language=en")
        assert page.locator("html").get_attribute("lang") == "en"
        page.get_by_role("link", name="All refusals").click()
        page.wait_for_url("**/problems?language=en")

    visitor = await visits.come(scripts=False)
    await visitor.do(walk)
    visitor.keeps_to_the_house()


async def test_the_network_beyond_loopback_is_off(visits: Visits) -> None:
    def wander(page: Page) -> str:
        try:
            page.goto("http://elsewhere.example/")
        except Exception as refused:  # noqa: BLE001 - the library's own kind says no more than this
            return str(refused)
        return "it went there"

    visitor = await visits.come()
    assert "ERR_NAME_NOT_RESOLVED" in await visitor.do(wander)


def test_where_chromium_is_missing_the_tests_fail_and_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(pytest.fail.Exception, match="apt-get install --no-install-recommends chromium"), driving():
        pass
