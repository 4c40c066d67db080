"""The same request again gets the same answer, whatever became of the order meanwhile."""

import re
from datetime import date

from app.catalog import service as catalog
from app.core.money import Money
from app.integrations.speedy.simulator import State
from tests.checkout.buying import ENGLISH
from tests.checkout.watching import contents
from tests.factories.privacy import make_declaration
from tests.shop import Shop, a_wish

TOKEN = re.compile(r"^[0-9]{10}\.[A-Za-z0-9_-]{43}$")


async def test_the_answer_to_an_order(shop: Shop) -> None:
    answer = await shop.place(a_wish(await shop.cart()), "key")
    order = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/orders/{order['number']}"
    assert "idempotent-replayed" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert TOKEN.fullmatch(order.pop("access_token"))
    assert re.fullmatch("10000000[0-9]", order["number"])
    lines = order.pop("lines")
    assert [(line["sku"], line["quantity"], line["total"]) for line in lines] == [
        ("ION-H-SOFT-2", 2, "25.80"),
        ("DELIVERY", 1, "4.99"),
    ]
    here = f"/v1/orders/{order['number']}"
    assert order == {
        "number": order["number"],
        "status": "confirmed",
        "placed_at": "2026-11-23T10:00:00Z",
        "confirmation_due_at": None,
        "totals": {
            "goods": "25.80",
            "discount": "0.00",
            "delivery": "4.99",
            "vat_by_rate": [{"rate": 20, "base": "25.66", "vat": "5.13"}],
            "vat": "5.13",
            "total": "30.79",
            "currency": "EUR",
        },
        "payment": {
            "method": "cash_on_delivery",
            "status": "awaited",
            "amount": "30.79",
            "bank_transfer": None,
        },
        "access_token_expires_at": "2027-02-21T10:00:00Z",
        "links": {"self": here, "declaration": f"{here}/declaration", "documents": f"{here}/documents"},
    }


async def test_a_replay_after_the_parcel_left_is_the_first_answer(shop: Shop) -> None:
    wish = a_wish(await shop.cart())
    first = await shop.place(wish, "key", **ENGLISH)
    await shop.run_jobs()
    (shipment,) = shop.speedy.shipments
    shop.speedy.advance(shipment, State.DELIVERED)
    shop.clock.advance(days=3)
    await shop.track()
    await shop.run_jobs()
    assert await shop.rows("SELECT status FROM orders") == [("delivered",)]
    before = await contents(shop)
    again = await shop.place(wish, "key", **{"Accept-Language": "bg"})
    assert again.status_code == 201
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert await contents(shop) == before


async def test_a_replay_after_cancellation_is_the_first_answer(shop: Shop) -> None:
    wish = a_wish(await shop.cart(), payment_method="bank_transfer")
    first = await shop.place(wish, "key")
    token = {"X-Order-Token": first.json()["access_token"]}
    cancelled = await shop.http.post(f"{first.headers['location']}/cancellation", headers=token)
    assert cancelled.status_code == 204
    assert (await shop.place(wish, "key")).content == first.content
    assert await shop.stock("ION-H-SOFT-2") == 100


async def test_a_replay_after_a_new_declaration_or_price_is_the_first_answer(shop: Shop) -> None:
    """What was agreed was agreed: neither today's text nor today's price is asked again."""
    wish = a_wish(await shop.cart())
    first = await shop.place(wish, "key")
    shop.clock.advance(days=30)
    async with shop.sessions.begin() as session:
        await make_declaration(session, version="2026-12-01", effective_on=date(2026, 12, 1))
        await catalog.set_price(session, "ION-H-SOFT-2", Money(1590), 20, at=shop.clock.now())
    assert (await shop.place(wish, "key")).content == first.content


async def test_the_same_wish_written_otherwise_is_the_same(shop: Shop) -> None:
    """Order of members, spaces, an optional member left out or null: what is meant is compared, not the bytes."""
    wish = a_wish(await shop.cart())
    first = await shop.place(wish, "key")
    other = dict(reversed({**wish, "comment": None, "consents": [], "invoice": None}.items()))
    other["customer"] = {**wish["customer"], "phone": "0888 123 456", "first_name": " Ива "}
    again = await shop.place(other, "key")
    assert (again.status_code, again.content) == (201, first.content)


async def test_a_transfer_is_told_where_to_pay(shop: Shop) -> None:
    order = await shop.ordered(payment_method="bank_transfer")
    assert order["status"] == "placed"
    assert order["payment"] == {
        "method": "bank_transfer",
        "status": "awaited",
        "amount": "30.79",
        "bank_transfer": {
            "beneficiary": "„Комплийт Дентал Солюшънс“ ЕООД",
            "iban": "BG80BNBG96611020345678",
            "bic": "BNBGBGSD",
            "reference": order["number"],
            "amount": "30.79",
            "currency": "EUR",
            "due_on": "2026-11-30",
            "code": "BCD\n002\n1\nSCT\nBNBGBGSD\n„Комплийт Дентал Солюшънс“ ЕООД\nBG80BNBG96611020345678\n"
            f"EUR30.79\n\n\n{order['number']}",
        },
    }
