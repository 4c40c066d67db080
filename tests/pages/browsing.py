"""A real browser for the pages: Chromium, driven from a thread of its own while the test's loop serves the shop."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Response, sync_playwright

from tests.processes import PATIENCE

Told = TypeVar("Told")
Story = Callable[[Page], Told]

PHONE, DESK = 320, 1280
MISSING = "Chromium is missing: apt-get install --no-install-recommends chromium (make test does it for root)"
FLAGS = (
    # Names of hosts lead nowhere: the network beyond loopback is off for the browser, too.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-component-update",
    *(("--no-sandbox",) if os.getuid() == 0 else ()),
)
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
REFUSED = "Failed to load resource: the server responded with a status of"
SHOTS = os.environ.get("SHOP_TEST_SHOTS")
"""A folder for pictures of what the tests see, for people to look at."""


class Driver:
    """One browser for all tests of a process, in the one thread that may speak to it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "browser")
        self._playwright: Playwright
        self.browser: Browser

    def open(self) -> None:
        program = shutil.which("chromium")
        if program is None:
            pytest.fail(MISSING)
        self._thread.submit(self._open, program).result(PATIENCE)

    def _open(self, program: str) -> None:
        self._playwright = sync_playwright().start()
        self.browser = self._playwright.chromium.launch(executable_path=program, args=[*FLAGS])

    def close(self) -> None:
        self._thread.submit(self._close).result(PATIENCE)
        self._thread.shutdown()

    def _close(self) -> None:
        self.browser.close()
        self._playwright.stop()

    async def do(self, told: Callable[[], Told]) -> Told:
        return await asyncio.get_running_loop().run_in_executor(self._thread, told)


@dataclass
class Visitor:
    """Somebody with a browser of their own: what they do is a function that is given the page."""

    driver: Driver
    context: BrowserContext
    page: Page
    asked: list[str] = field(default_factory=list)
    """Addresses of all that was loaded."""
    failures: list[str] = field(default_factory=list)
    """What the console had to say."""

    async def do(self, story: Story[Told]) -> Told:
        return await self.driver.do(partial(story, self.page))

    def keeps_to_the_house(self) -> None:
        """Check that nothing was asked of anybody else, and that the browser had nothing to complain of."""
        assert {urlsplit(address).hostname for address in self.asked} <= {"127.0.0.1"}
        assert self.failures == []


@dataclass
class Visits:
    """Opens the shop to visitors."""

    driver: Driver
    url: str
    visitors: list[Visitor] = field(default_factory=list)

    async def come(
        self, *, width: int = DESK, scripts: bool = True, dark: bool = False, language: str = "bg"
    ) -> Visitor:
        settings: dict[str, Any] = {
            "base_url": self.url,
            "viewport": {"width": width, "height": 800},
            "java_script_enabled": scripts,
            "color_scheme": "dark" if dark else "light",
            "locale": language,
            "reduced_motion": "reduce",
        }
        visitor = await self.driver.do(partial(self._come, settings))
        self.visitors.append(visitor)
        return visitor

    def _come(self, settings: dict[str, Any]) -> Visitor:
        context = self.driver.browser.new_context(**settings)
        context.set_default_timeout(PATIENCE * 1000)
        visitor = Visitor(self.driver, context, context.new_page())
        visitor.page.on("request", lambda request: visitor.asked.append(request.url))
        visitor.page.on("console", lambda message: _note(visitor, message.text))
        visitor.page.on("response", lambda response: _note_missing(visitor, response))
        visitor.page.on("pageerror", lambda error: visitor.failures.append(str(error)))
        return visitor

    async def leave(self) -> None:
        for visitor in self.visitors:
            await self.driver.do(visitor.context.close)


def _note(visitor: Visitor, text: str) -> None:
    if not text.startswith(REFUSED):
        visitor.failures.append(text)


def _note_missing(visitor: Visitor, response: Response) -> None:
    """Note what a page did not get; that a page itself is a refusal, its test knows."""
    if response.status >= httpx.codes.BAD_REQUEST and not response.request.is_navigation_request():
        visitor.failures.append(f"{response.status} {response.url}")


@contextmanager
def driving() -> Iterator[Driver]:
    driver = Driver()
    driver.open()
    try:
        yield driver
    finally:
        driver.close()


def violations(page: Page) -> list[str]:
    """Name what axe finds wrong with a page as it stands."""
    found = Axe().run(page, options=WCAG).response["violations"]
    return [f"{each['id']}: {node['html']} ({node['failureSummary']})" for each in found for node in each["nodes"]]


def is_too_wide(page: Page) -> bool:
    """Say whether one must scroll sideways to read the page."""
    return bool(page.evaluate(TOO_WIDE))


def take(page: Page, name: str) -> None:
    """Take a picture of the whole page, where a folder for them was named."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def focused(page: Page) -> str:
    """Name what has the focus: its id, or its words."""
    told: str = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
    return told


def tab_to(page: Page, name: str) -> None:
    """Go on with the Tab key until this has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    raise AssertionError(f"the keyboard does not reach {name}")
