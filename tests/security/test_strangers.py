"""A stranger's order, document or label is not found, whatever else the stranger may open (complaint 14)."""

import itertools
from typing import Any

import httpx
import pytest

from app.auth.scopes import Scope
from tests.fulfilment.story import TRANSFER, documents, guest, pay
from tests.problems import of_kind
from tests.shop import Shop

UNKNOWN = "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"
NOT_FOUND = {
    **of_kind("not-found"),
    "title": "Няма такъв запис",
    "status": 404,
    "detail": "Проверете адреса и правата си за достъп.",
}


@pytest.fixture
async def orders(shop: Shop) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two guests, each with an order and an invoice."""
    hers, his = await shop.ordered(payment_method=TRANSFER), await shop.ordered(payment_method=TRANSFER)
    await pay(shop, hers)
    await pay(shop, his)
    await shop.run_jobs()
    return hers, his


def plain(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    """Give everything of an answer but the request's number."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, headers, answer.content


async def test_a_strangers_order_is_answered_as_one_that_does_not_exist(shop: Shop, orders: tuple[Any, Any]) -> None:
    hers, his = orders
    for one, other in itertools.permutations((hers, his)):
        for verb, path in (
            ("GET", "/v1/orders/{}"),
            ("GET", "/v1/orders/{}/documents"),
            ("GET", "/v1/orders/{}/declaration"),
            ("POST", "/v1/orders/{}/cancellation"),
        ):
            own = (
                await shop.http.request(verb, path.format(one["number"]), headers=guest(one)) if verb == "GET" else None
            )
            assert own is None or own.status_code == 200
            strangers = await shop.http.request(verb, path.format(other["number"]), headers=guest(one))
            unknown = await shop.http.request(verb, path.format("999999999"), headers=guest(one))
            without = await shop.http.request(verb, path.format(other["number"]))
            assert plain(strangers) == plain(unknown) == plain(without), path
            assert strangers.status_code == 404
            assert strangers.json() == NOT_FOUND
    assert await shop.rows("SELECT DISTINCT status FROM orders") == [("confirmed",)]
    assert await shop.count("stock_movements") == 4  # two of goods that came in, two of orders, none put back


async def test_a_strangers_invoice_is_answered_as_one_that_does_not_exist(shop: Shop, orders: tuple[Any, Any]) -> None:
    hers, his = orders
    for one, other in itertools.permutations((hers, his)):
        [own], [document] = await documents(shop, one), await documents(shop, other)
        assert (await shop.http.get(own["pdf"], headers=guest(one))).content.startswith(b"%PDF")
        strangers = await shop.http.get(document["pdf"], headers=guest(one))
        unknown = await shop.http.get(f"/v1/documents/{UNKNOWN}.pdf", headers=guest(one))
        without = await shop.http.get(document["pdf"])
        assert plain(strangers) == plain(unknown) == plain(without)
        assert strangers.status_code == 404
        assert strangers.json() == NOT_FOUND


async def test_a_token_opens_nothing_once_it_has_expired(shop: Shop, orders: tuple[Any, Any]) -> None:
    hers, _ = orders
    [document] = await documents(shop, hers)
    shop.clock.advance(days=90)
    for address in (hers["links"]["self"], hers["links"]["documents"], document["pdf"]):
        assert (await shop.http.get(address, headers=guest(hers))).json() == NOT_FOUND


async def test_a_token_is_of_one_order_and_is_not_made_from_what_others_know(
    shop: Shop, orders: tuple[Any, Any]
) -> None:
    hers, his = orders
    expires, _, seal = hers["access_token"].partition(".")
    _, _, his_seal = his["access_token"].partition(".")
    for forged in (
        f"{expires}.{his_seal}",
        f"{int(expires) + 1}.{seal}",
        f"0{expires}.{seal}",
        f"{expires}.{seal[:-1]}",
        f"{expires}.{seal}=",
        f"{expires}.{'A' * 43}",
        hers["number"],
        "",
        "." * 4000,
        "\N{ARABIC-INDIC DIGIT ONE}" * 10 + "." + seal,
    ):
        headers = [(b"x-order-token", forged.encode())]
        answer = await shop.http.get(hers["links"]["self"], headers=headers)

        assert answer.json() == NOT_FOUND, forged


async def test_a_guest_opens_nothing_of_the_machines_and_they_nothing_of_a_guest(
    shop: Shop, orders: tuple[Any, Any]
) -> None:
    hers, _ = orders
    [document] = await documents(shop, hers)
    accountant = await shop.client(Scope.ACCOUNTING)
    as_bearer = {"Authorization": f"Bearer {hers['access_token']}"}
    for path in ("/v1/courier/shipments", f"/v1/accounting/documents/{document['id']}.pdf"):
        assert (await shop.http.get(path, headers=guest(hers))).status_code == 401
        assert (await shop.http.get(path, headers=as_bearer)).status_code == 401
    for path in (hers["links"]["self"], document["pdf"]):
        assert (await shop.http.get(path, headers=accountant)).json() == NOT_FOUND
    assert await shop.rows("SELECT count(*) FROM disclosures WHERE recipient = 'accountant'") == [(0,)]
