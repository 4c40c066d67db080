"""Routes of pages: outside the contract, and only pages of the shop post to them."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers

from app.core.errors import ShopError
from app.core.language import Text
from app.core.routing import Route, Router, door, reading_body

FORM = "application/x-www-form-urlencoded"
SAFE = frozenset({"GET", "HEAD"})
SITE = "sec-fetch-site"
MOST_FIELDS = 200
"""A withdrawal from an order of fifty lines has three for each."""
LONGEST_NAME = 100
DEEPEST = 3
"""Of a field's name, and of what it stands within: `lines/0/sku`."""


class PageElsewhere(ShopError):
    status = 403
    title = Text("Формулярът не е изпратен от нашата страница", "The form was not sent by our page")
    advice = Text(
        "Нищо не е променено. Отворете страницата отново и изпратете формуляра от нея.",
        "Nothing was changed. Open the page again and send the form from there.",
    )


class FormUnreadable(ShopError):
    status = 400
    title = Text("Нечетим формуляр", "Unreadable form")
    advice = Text("Отворете страницата отново и изпратете формуляра.", "Open the page again and send the form.")


@door
async def require_own_page(request: Request) -> None:
    """Refuse a form that another site's page sends with our visitor's cookies."""
    if request.method not in SAFE and not is_own_page(request.headers, request.app.state.origins):
        raise PageElsewhere


@door
async def require_own_page_or_nobody(request: Request) -> None:
    """Take a form also where the browser hides whose page it is, and then as nobody's: its cookies count for nothing.

    For what the law lets everybody do: it is refused to nobody who carries a cookie.
    """
    if is_hidden(request.headers):
        request.cookies.clear()
    else:
        await require_own_page(request)


def is_own_page(headers: Headers, origins: frozenset[str]) -> bool:
    """Say whether a page of ours sends it: browsers say so, and no page can forge it.

    What an old browser says nothing of is taken without a cookie, as it acts for nobody.
    """
    if is_hidden(headers):
        return "cookie" not in headers
    site, origin = headers.get(SITE), headers.get("origin", "null")
    if site is None:
        return origin in origins
    return site == "same-origin" or (site == "none" and origin in {"null", *origins})


def is_hidden(headers: Headers) -> bool:
    """Say whether a browser tells nothing of the page that sends."""
    return SITE not in headers and headers.get("origin", "null") == "null"


class PageRoute(Route):
    """Known to the tests that walk the routes: none of the contract, public, its forms sent by own pages."""


class PageRouter(Router):
    """The router of pages below one name, which is then theirs alone."""

    def __init__(self, prefix: str, *, sender: Callable[..., Any] = require_own_page, **given: Any) -> None:
        super().__init__(
            route_class=PageRoute,
            prefix=prefix,
            include_in_schema=False,
            default_response_class=HTMLResponse,
            dependencies=[Depends(sender)],
            **given,
        )


@reading_body
async def read_form(request: Request) -> dict[str, str]:
    """Read a form's fields as they were typed; refused is what no form of ours sends."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise FormUnreadable
    try:
        body = (await request.body()).decode("ascii")
        fields = parse_qsl(
            body, keep_blank_values=True, strict_parsing=bool(body), errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise FormUnreadable from None
    typed = dict(fields)
    if len(typed) != len(fields) or any(len(name) > LONGEST_NAME or name.count("/") > DEEPEST for name in typed):
        raise FormUnreadable
    return typed
