"""The pages' own script: it swaps a part, keeps the focus and the history, and sends a form once."""

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from playwright.sync_api import Page

from app.core.http import Frame
from app.pages import files
from app.pages.files import address_of
from app.pages.rendering import POLICY
from tests.pages.browsing import DESK, Driver, Visits, focused
from tests.serving import serving

TOY = """<!DOCTYPE html><html lang="en"><title>Toy {number}</title>
<script type="module" src="{script}"></script>
<h1>Toy</h1><p id="outside">{loaded}</p>
<form id="filter" action="/toy" data-swap="part"><input id="word" name="word"><button id="find">Find</button></form>
<div id="part"><p id="told">{told}</p>
<a id="next" href="/toy?number={next}" data-swap="part">Next</a>
<a id="gone" href="/gone" data-swap="part">Gone</a>
<form id="act" method="post" action="/toy" data-swap="part"><button id="do" name="deed" value="done">Do</button></form>
</div><form method="post" action="/stop"><button id="stop">Stop</button></form></html>"""


class Toy:
    """A page that counts how often it was loaded, and what was posted to it."""

    def __init__(self) -> None:
        self.loaded = 0
        self.posted: list[str] = []
        self.stopped = 0
        self.app = FastAPI()
        self.app.include_router(files.router)
        self.app.add_api_route("/toy", self.show, methods=["GET"])
        self.app.add_api_route("/toy", self.act, methods=["POST"])
        self.app.add_api_route("/gone", self.leave, methods=["GET"])
        self.app.add_api_route("/stop", self.stop, methods=["POST"])
        self.app.add_middleware(Frame)

    async def show(self, request: Request) -> HTMLResponse:
        told = request.query_params.get("word", request.query_params.get("number", "0"))
        return self._page(told, int(request.query_params.get("number", "0")))

    async def act(self, request: Request) -> HTMLResponse:
        self.posted.append((await request.body()).decode())
        return self._page("done", 0)

    async def stop(self) -> Response:
        self.stopped += 1
        return Response(status_code=204) if self.stopped == 1 else RedirectResponse("/gone", 303)

    async def leave(self) -> HTMLResponse:
        return HTMLResponse('<!DOCTYPE html><html lang="en"><title>Gone</title><h1 id="gone">Gone</h1></html>')

    def _page(self, told: str, number: int) -> HTMLResponse:
        self.loaded += 1
        script = address_of("page.js")
        page = TOY.format(number=number, next=number + 1, told=told, script=script, loaded=self.loaded)
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


def told(page: Page, words: str) -> None:
    page.locator("#told", has_text=words).wait_for()


def swap_parts(page: Page) -> None:
    page.goto("/toy")
    page.locator("#next").focus()
    page.keyboard.press("Enter")
    told(page, "1")
    assert page.locator("#outside").inner_text() == "1", "the rest of the page stays"
    assert (page.title(), focused(page)) == ("Toy 1", "next")
    page.wait_for_url("**/toy?number=1")
    page.keyboard.press("Enter")
    told(page, "2")
    page.go_back()
    told(page, "1")
    page.go_back()
    told(page, "0")
    assert page.locator("#outside").inner_text() == "1"


def filter_and_act(page: Page) -> None:
    page.goto("/toy")
    page.locator("#word").fill("brush")
    page.keyboard.press("Enter")
    told(page, "brush")
    page.wait_for_url("**/toy?word=brush")
    assert focused(page) == "word"
    page.locator("#word").fill("head")
    page.keyboard.press("Enter")
    told(page, "head")
    page.locator("#do").dblclick()
    told(page, "done")
    assert page.url.endswith("/toy?word=head"), "an act is no place to come back to"


def follow_what_has_no_such_part(page: Page) -> None:
    page.goto("/toy")
    page.locator("#gone").click()
    page.wait_for_url("**/gone")
    assert page.locator("h1").inner_text() == "Gone"


def submit_again_what_no_page_answered(page: Page) -> None:
    page.clock.install()
    page.goto("/toy")
    button = page.locator("#stop")
    button.click()
    button.click()
    page.clock.fast_forward(10_000)
    button.click()
    page.wait_for_url("**/gone")


async def test_a_submit_that_was_stopped_may_be_done_again(driver: Driver) -> None:
    """An answer without a page (204) leaves the form as the Esc key does: sent, with nothing to come."""
    toy = Toy()
    async with serving(toy.app) as (port, _):
        visits = Visits(driver, f"http://127.0.0.1:{port}")
        visitor = await visits.come(width=DESK, language="en")
        await visitor.do(submit_again_what_no_page_answered)
        await visits.leave()
    assert toy.stopped == 2, "the second click within the seconds sends nothing"


async def test_a_part_is_swapped_with_focus_and_history(driver: Driver) -> None:
    toy = Toy()
    async with serving(toy.app) as (port, _):
        visits = Visits(driver, f"http://127.0.0.1:{port}")
        visitor = await visits.come(width=DESK, language="en")
        for story in (swap_parts, filter_and_act, follow_what_has_no_such_part):
            await visitor.do(story)
        visitor.keeps_to_the_house()
        await visits.leave()
    assert toy.posted == ["deed=done"], "a double click is one act"
