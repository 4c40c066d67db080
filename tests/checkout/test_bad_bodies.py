"""Bodies that are no JSON, or more than anybody needs: a refusal, never a failure, and nothing is kept."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.checkout.watching import contents
from tests.problems import of_kind
from tests.shop import Shop, a_wish

JSON = "application/json"
UNREADABLE = {
    "bg": {
        **of_kind("body-unreadable"),
        "title": "Нечетимо тяло на заявката",
        "status": 400,
        "detail": "Изпратете правилно оформен JSON в UTF-8.",
    },
    "en": {
        **of_kind("body-unreadable"),
        "title": "Unreadable body",
        "status": 400,
        "detail": "Send well-formed JSON in UTF-8.",
    },
}
TOO_LARGE = {
    **of_kind("body-too-large"),
    "title": "Request too large",
    "status": 413,
    "detail": "Send at most 64 KiB.",
    "most": "64 KiB",
}
LIMIT = 65_536


async def post(shop: Shop, content: Any, kind: str | None = JSON, language: str = "en") -> httpx.Response:
    headers: dict[str, str] = {"Idempotency-Key": "bad", "Accept-Language": language}
    return await shop.http.post(
        "/v1/orders", content=content, headers=headers | ({"Content-Type": kind} if kind else {})
    )


MALFORMED = {
    "cut": b'{"cart_id": "',
    "a comma too many": b'{"cart_id": 1,}',
    "no quotes": b"{cart_id: 1}",
    "two documents": b"{}{}",
    "text": b"hello",
    "invalid UTF-8": b'{"comment": "\xff\xfe"}',
    "an overlong NUL": b'{"comment": "\xc0\x80"}',
    "a raw control character": b'{"comment": "a\x01b"}',
    "half an escape": b'{"comment": "\\u00"}',
    "closed before it is opened": b"]" * 10_000,
    "a number without end": b'{"cart_id": ' + b"1" * 5000 + b"}",
    "UTF-16 of a part": '{"cart_id": "x"'.encode("utf-16"),
}


async def test_what_is_no_json_is_refused_in_both_languages(shop: Shop) -> None:
    before = await contents(shop)
    for name, content in MALFORMED.items():
        for language, document in UNREADABLE.items():
            answer = await post(shop, content, language=language)
            assert (answer.status_code, answer.json()) == (400, document), name
            assert answer.headers["content-type"] == "application/problem+json"
    assert await contents(shop) == before


COMPLEX = {
    "deep lists": b'{"cart_id": ' + b"[" * 16 + b"]" * 16 + b"}",
    "ten thousand deep, never closed": b"[" * 10_000,
    "deep objects": b'{"a":' * 17 + b"1" + b"}" * 17,
    "deep behind a text": b'{"comment": "\\" ]]]]]]", "a": ' + b"[" * 16 + b"]" * 16 + b"}",
    "many values": b"[" + b"0," * 2_000 + b"0]",
    "many lists": b"[[],[]" + b",[]" * 1_500 + b"]",
    "many members": b"{" + b",".join(b'"%d":0' % number for number in range(101)) + b"}",
}


async def test_what_is_deeper_or_longer_than_any_form_is_refused_before_it_is_read(shop: Shop) -> None:
    before = await contents(shop)
    for name, content in COMPLEX.items():
        answer = await post(shop, content)
        assert (answer.status_code, answer.json()) == (
            422,
            {
                **of_kind("body-too-complex"),
                "title": "Body too complex",
                "status": 422,
                "detail": "Send at most 2000 values, 100 in one object, nested at most 16 deep.",
            },
        ), name
    assert await contents(shop) == before
    for allowed in (
        b'{"cart_id": ' + b"[" * 15 + b"]" * 15 + b"}",
        b"[" + b"0," * 1_999 + b"0]",
        b'"' + b"[," * 9_000 + b'"',
    ):
        assert (await post(shop, allowed)).json()["code"] == "invalid"


OTHER_JSON = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"7",
    "true": b"true",
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "an empty object": b"{}",
    "spaces": b"   ",
    "a byte order mark": b"\xef\xbb\xbf{}",
}


async def test_json_that_is_no_order_is_refused(shop: Shop) -> None:
    before = await contents(shop)
    for name, content in OTHER_JSON.items():
        answer = await post(shop, content)
        assert answer.status_code in {400, 422}, name
        assert answer.json()["code"] in {"body-unreadable", "invalid"}, name
    assert await contents(shop) == before


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "\x7f"]
)
async def test_e4_another_media_type_is_refused_and_told_which_is_read(shop: Shop, kind: str | None) -> None:
    """A browser sends these without asking first, so that they must not be read as JSON."""
    wish = json.dumps(a_wish(await shop.cart())).encode()
    before = await contents(shop)
    answer = await post(shop, wish, kind)
    assert (answer.status_code, answer.headers["accept"]) == (415, JSON)
    assert answer.json() == {
        **of_kind("media-type-unsupported"),
        "title": "Unsupported media type",
        "status": 415,
        "detail": "Send the body as JSON, with the header Content-Type: application/json.",
    }
    assert await contents(shop) == before


async def test_a_body_over_the_limit_is_refused(shop: Shop) -> None:
    wish = json.dumps(a_wish(await shop.cart())).encode()
    before = await contents(shop)
    for size in (LIMIT + 1, 10 * LIMIT):
        answer = await post(shop, wish.ljust(size))
        assert (answer.status_code, answer.json()) == (413, TOO_LARGE)

    async def in_parts() -> Any:
        for _ in range(20):
            yield b" " * 8_000

    answer = await post(shop, in_parts())
    assert (answer.status_code, answer.json()) == (413, TOO_LARGE)
    assert await contents(shop) == before
    assert (await post(shop, wish.ljust(LIMIT))).status_code == 201


async def test_huge_numbers_are_refused_by_name(shop: Shop) -> None:
    before = await contents(shop)
    wish = a_wish(await shop.cart(), delivery={"method": "office", "office_id": "HUGE"})
    for number in ("1e400", "-1e400", "9" * 4000, "-1", "0", "2147483648", "1.0e3", "1E2", "0.1", "-0", "NaN"):
        answer = await post(shop, json.dumps(wish).replace('"HUGE"', number).encode())
        assert answer.status_code == 422, number
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/delivery/office_id"], number
    assert {name: rows for name, rows in (await contents(shop)).items() if name not in {"carts", "cart_lines"}} == {
        name: rows for name, rows in before.items() if name not in {"carts", "cart_lines"}
    }


async def test_the_last_of_two_equal_names_counts_and_is_one_order(shop: Shop) -> None:
    wish = json.dumps(a_wish(await shop.cart()), ensure_ascii=False)
    twice = wish.replace('"payment_method"', '"payment_method": "barter", "payment_method"')
    assert (await post(shop, twice.encode())).status_code == 201


@pytest.mark.parametrize("name", ["Accept-Language", "X-Request-Id", "Origin", "User-Agent"])
async def test_odd_headers_do_no_harm(shop: Shop, name: str) -> None:
    for number, value in enumerate((b"", b"\xff\xfe", b"en;q=x,*;q=nan,bg;q=inf", b"x" * 20_000, "иванка".encode())):
        wish = a_wish(await shop.cart())
        headers: Mapping[bytes, bytes] = {b"Idempotency-Key": str(number).encode(), name.encode(): value}
        answer = await shop.http.post("/v1/orders", json=wish, headers=headers)
        assert answer.status_code == 201, (name, value)
