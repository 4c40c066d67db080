"""What tests of the order link do: read the links out of mails, look at the view, ask for access."""

import re
from typing import Any

import httpx

from tests.fulfilment.story import letters
from tests.mail.letters import Page, body
from tests.problems import of_kind
from tests.shop import Shop

NOT_FOUND = {
    **of_kind("not-found"),
    "title": "Not found",
    "status": 404,
}


def links_of(shop: Shop, subject: str, path: str) -> list[str]:
    """Find the links to a page in the mails sent under a subject, oldest first."""
    pages = [Page(body(letter, "html")) for letter in letters(shop, subject)]
    return [link for page in pages for link in page.links if re.search(path, link)]


def view_link(shop: Shop, order: dict[str, Any]) -> str:
    """Find the link to the view in the last mail that bears one."""
    return links_of(shop, order["number"], "#view=")[-1]


def key_of(shop: Shop, order: dict[str, Any]) -> str:
    return view_link(shop, order).partition("#view=")[2]


def access_tokens(shop: Shop, order: dict[str, Any]) -> list[str]:
    return [link.partition("?token=")[2] for link in links_of(shop, order["number"], r"/access\?token=")]


async def see(shop: Shop, number: str, key: str, **headers: str) -> httpx.Response:
    return await shop.http.post(f"/v1/orders/{number}/views", json={"key": key}, headers=headers)


async def ask_for_access(shop: Shop, number: str, email: str = "iva@example.bg", **headers: str) -> httpx.Response:
    return await shop.http.post(f"/v1/orders/{number}/access-links", json={"email": email}, headers=headers)


async def open_order(shop: Shop, number: str, token: str) -> httpx.Response:
    return await shop.http.post(f"/v1/orders/{number}/access", json={"token": token})


def refused(answer: httpx.Response) -> tuple[int, dict[str, Any]]:
    """Give an answer's problem, without what is new in each request."""
    said = answer.json()
    return answer.status_code, {name: value for name, value in said.items() if name not in {"instance", "request_id"}}
