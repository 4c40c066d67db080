"""Nobody sells the shop out: what strangers may take before it is known that they mean it."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.auth.models import StaffRole
from app.core.money import Money
from app.fulfilment import cancelling
from app.fulfilment.cancelling import cancel_lapsed
from app.settings import Settings
from tests.factories.catalog import make_variant
from tests.fulfilment import story
from tests.shop import GENEROUS, NOON, Shop, a_wish, open_shop
from tests.waiting import held, until_waiting

AS_SET_BY_DEFAULT = {name: Settings.model_fields[name].default for name in GENEROUS}
LARGE = {"ION-H-SOFT-2": 13}
"""One piece more than an order may hold that is confirmed at once."""
LINK = re.compile(r"/orders/([0-9]{9})/confirmation\?token=([\w-]{64})")


@pytest.fixture
async def shop(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(stocked, tmp_path, **AS_SET_BY_DEFAULT) as opened:
        yield opened


def somebody(number: int) -> dict[str, Any]:
    """Make the customer of a wish: each with an address and a phone number of their own."""
    return {
        "first_name": "Петър",
        "last_name": "Иванов",
        "email": f"buyer-{number}@example.bg",
        "phone": f"+35988812{number:04d}",
    }


async def link_of(shop: Shop, order: dict[str, Any]) -> dict[str, str]:
    """Find the token of the link that was mailed."""
    await shop.run_jobs()
    [letter] = story.letters(shop, order["number"])
    found = LINK.search(said(letter))
    assert found, said(letter)
    assert found[1] == order["number"]
    return {"token": found[2]}


def said(letter: EmailMessage) -> str:
    body = letter.get_body(["plain"])
    assert body is not None
    return str(body.get_content())


async def confirm(shop: Shop, order: dict[str, Any], body: dict[str, str]) -> httpx.Response:
    return await shop.http.post(f"{order['links']['self']}/confirmation", json=body)


async def unpaid(shop: Shop, sku: str = "ION-H-SOFT-2") -> int:
    return int((await shop.rows("SELECT unpaid FROM stock WHERE sku = :sku", sku=sku))[0][0])


async def test_an_order_that_takes_all_there_is_is_refused_whole(shop: Shop) -> None:
    """The smallest input: 99 of every article, cash on delivery."""
    cart = await shop.cart({"ION-H-SOFT-2": 99, "ION-SET-1": 99})
    limits = {
        "payment_method": "cash_on_delivery",
        "most_pieces": 40,
        "most_total": "2500.00",
        "most_kilograms": 32,
    }
    for answer in (await shop.place(a_wish(cart)), await shop.http.post(f"/v1/carts/{cart}/quote", json={})):
        assert answer.status_code == 409
        assert answer.json()["code"] == "order-too-large"
        assert limits.items() <= answer.json().items()
        assert answer.json()["detail"].startswith("Една поръчка може да е най-много 40 броя, 2500.00 € и 32 кг.")
    assert (await shop.stock("ION-H-SOFT-2"), await shop.count("orders")) == (100, 0)


@pytest.mark.parametrize(
    ("method", "most"),
    [
        ("cash_on_delivery", {"cash_on_delivery_pieces": 3}),
        ("cash_on_delivery", {"cash_on_delivery_total": Money(4369)}),
        ("bank_transfer", {"bank_transfer_pieces": 3}),
        ("bank_transfer", {"bank_transfer_total": Money(4369)}),
    ],
)
async def test_each_way_of_paying_has_its_own_most(
    stocked: str, tmp_path: Path, method: str, most: dict[str, Any]
) -> None:
    async with open_shop(stocked, tmp_path, **most) as shop:
        other = {"cash_on_delivery": "bank_transfer", "bank_transfer": "cash_on_delivery"}[method]
        await shop.ordered({"ION-H-SOFT-2": 3}, payment_method=method)  # 43.69 EUR with delivery
        await shop.ordered({"ION-H-SOFT-2": 4}, payment_method=other)
        refused = await shop.place(a_wish(await shop.cart({"ION-H-SOFT-2": 4}), payment_method=method))
        assert (refused.status_code, refused.json()["code"]) == (409, "order-too-large")


async def test_no_order_is_heavier_than_the_courier_takes(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, cash_on_delivery_kilograms=1) as shop:
        async with shop.sessions.begin() as session:
            await make_variant(session, sku="HEAVY", price=Money(1000), stock=10)
            await session.execute(text("UPDATE variants SET weight_grams = 500 WHERE sku = 'HEAVY'"))
        await shop.ordered({"HEAVY": 2})
        refused = await shop.place(a_wish(await shop.cart({"HEAVY": 3})))
        assert (refused.status_code, refused.json()["most_kilograms"]) == (409, 1)


async def test_a_large_order_of_a_guest_waits_until_the_link_in_its_mail_is_followed(shop: Shop) -> None:
    order = await shop.ordered(LARGE)
    due_at = (NOON + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    assert (order["status"], order["confirmation_due_at"]) == ("placed", due_at)
    body = await link_of(shop, order)
    seen = await story.read(shop, order)
    assert (seen["status"], seen["confirmation_due_at"], seen["shipment"]) == ("placed", due_at, None)
    assert (shop.speedy.calls, list(shop.icash.requests)) == (story.ASKED_ONCE, [])
    assert (await shop.stock("ION-H-SOFT-2"), await unpaid(shop)) == (87, 13)

    shop.clock.advance(hours=1)
    for _ in range(2):  # a link is followed twice
        assert (await confirm(shop, order, body)).status_code == 204
        await shop.run_jobs()
    seen = await story.read(shop, order)
    assert (seen["status"], seen["confirmation_due_at"]) == ("confirmed", None)
    assert await story.history(shop, order) == [
        ("placed", NOON, "customer"),
        ("confirmed", NOON + timedelta(hours=1), "customer"),
    ]
    assert shop.speedy.references() == [order["number"]]
    assert story.parcel_of(shop, order).collected is not None
    assert [each.import_reference for each in shop.icash.operations] == [order["number"]]
    assert (await shop.stock("ION-H-SOFT-2"), await unpaid(shop)) == (87, 0)


async def test_what_nobody_confirms_in_a_day_lapses_and_its_goods_are_free_again(shop: Shop) -> None:
    order = await shop.ordered(LARGE)
    body = await link_of(shop, order)
    shop.clock.advance(hours=23, minutes=59)
    await cancel_lapsed(shop.sessions, at=shop.clock.now())
    assert (await story.read(shop, order))["status"] == "placed"
    shop.clock.advance(minutes=1)
    await cancel_lapsed(shop.sessions, at=shop.clock.now())
    seen = await story.read(shop, order)
    assert (seen["status"], seen["payment"]["status"], seen["confirmation_due_at"]) == ("cancelled", "void", None)
    assert (await shop.stock("ION-H-SOFT-2"), await unpaid(shop)) == (100, 0)
    late = await confirm(shop, order, body)
    assert (late.status_code, late.json()["code"]) == (409, "order-cannot-move")


async def test_one_order_that_cannot_be_released_keeps_no_other(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stopped all releasing of stock, also of what was not paid; and all is released, not a batch of it."""
    monkeypatch.setattr(cancelling, "LAPSED_AT_ONCE", 1)
    broken, *others = [await shop.ordered(LARGE, customer=somebody(number)) for number in range(3)]
    others.append(await shop.ordered(payment_method=story.TRANSFER, customer=somebody(3)))
    await shop.run_jobs()
    async with shop.sessions.begin() as session:
        gone = "DELETE FROM payments USING orders WHERE orders.id = order_id AND number = :number"
        await session.execute(text(gone), {"number": int(broken["number"])})
    shop.clock.advance(days=30)
    await cancel_lapsed(shop.sessions, at=shop.clock.now())
    assert {(await story.read(shop, each))["status"] for each in others} == {"cancelled"}
    assert await shop.rows("SELECT number FROM orders WHERE status = 'placed'") == [(int(broken["number"]),)]


async def test_only_the_link_of_that_very_order_confirms_it(shop: Shop) -> None:
    order, other = await shop.ordered(LARGE), await shop.ordered(LARGE, customer=somebody(1))
    body = await link_of(shop, other)
    number = int(order["number"])
    for path in (order["links"]["self"], f"/v1/orders/{number + 7}"):
        for token in (body["token"], "A" * 64):
            refused = await shop.http.post(f"{path}/confirmation", json={"token": token}, headers=story.guest(order))
            assert (refused.status_code, refused.json()["code"]) == (422, "link-invalid")
    assert (await story.read(shop, order))["status"] == "placed"


async def test_staff_confirm_and_the_audit_says_who(shop: Shop) -> None:
    order = await shop.ordered(LARGE)
    path = f"/v1/staff/orders/{order['number']}/confirmation"
    for role in (StaffRole.WAREHOUSE, StaffRole.ACCOUNTANT):
        refused = await shop.http.post(path, headers=await shop.staff(role))
        assert (refused.status_code, refused.json()["right"]) == (403, "confirm_orders")
    assert (await shop.http.post(path, headers=await shop.staff(StaffRole.SUPPORT))).status_code == 204
    assert (await story.history(shop, order))[-1] == ("confirmed", NOON, "staff")
    [(actor, subject)] = await shop.rows(
        "SELECT actor, subject FROM audit_entries WHERE action = 'personal_data_changed'"
    )
    assert (actor.split(":")[0], subject) == ("staff", f"confirm_order_as_staff number:{order['number']}")


async def test_a_large_transfer_waits_for_the_link_first_and_for_the_money_then(shop: Shop) -> None:
    order = await shop.ordered(LARGE, payment_method=story.TRANSFER)
    body = await link_of(shop, order)
    shop.clock.advance(hours=20)
    assert (await confirm(shop, order, body)).status_code == 204
    await shop.run_jobs()
    first, second = (said(letter) for letter in story.letters(shop, order["number"]))
    assert ("IBAN" in first, "IBAN" in second) == (False, True)
    assert "1 декември 2026" in second, "as many days as an order that need not be confirmed has"
    shop.clock.advance(days=4)
    await cancel_lapsed(shop.sessions, at=shop.clock.now())
    seen = await story.read(shop, order)
    assert (seen["status"], seen["confirmation_due_at"], await unpaid(shop)) == ("placed", None, 13)
    await story.pay(shop, order)
    assert ((await story.read(shop, order))["status"], await unpaid(shop)) == ("confirmed", 0)


async def test_a_proforma_is_made_once_the_order_is_confirmed(shop: Shop) -> None:
    """A stranger had documents with numbers made in any company's name, and mailed to it."""
    order = await shop.ordered(LARGE, payment_method=story.TRANSFER, invoice=story.COMPANY)
    body = await link_of(shop, order)
    assert await shop.count("documents") == 0
    for _ in range(2):
        assert (await confirm(shop, order, body)).status_code == 204
        await shop.run_jobs()
    assert await shop.rows("SELECT kind FROM documents") == [("proforma",)]


async def test_the_day_to_confirm_counts_from_when_the_link_was_mailed(shop: Shop) -> None:
    order = await shop.ordered(LARGE)
    shop.clock.advance(hours=30)
    await cancel_lapsed(shop.sessions, at=shop.clock.now())
    body = await link_of(shop, order)  # it could not be mailed before
    [letter] = story.letters(shop, order["number"])
    assert "25 ноември 2026" in said(letter)
    shop.clock.advance(hours=23, minutes=59)
    await cancel_lapsed(shop.sessions, at=shop.clock.now())
    assert (await confirm(shop, order, body)).status_code == 204
    assert (await story.read(shop, order))["status"] == "confirmed"


async def test_a_link_that_cannot_be_mailed_holds_goods_for_three_days_and_is_not_mailed_then(shop: Shop) -> None:
    order = await shop.ordered(LARGE)
    shop.clock.advance(hours=71, minutes=59)
    await cancel_lapsed(shop.sessions, at=shop.clock.now())
    assert (await story.read(shop, order))["status"] == "placed"
    shop.clock.advance(minutes=1)
    await cancel_lapsed(shop.sessions, at=shop.clock.now())
    assert (await story.read(shop, order))["status"] == "cancelled"
    await shop.run_jobs()
    assert story.letters(shop, order["number"]) == [], "no contract is confirmed that there is not"


async def test_money_says_that_an_order_is_meant(shop: Shop) -> None:
    order = await shop.ordered(LARGE, payment_method=story.TRANSFER)
    await story.pay(shop, order)
    shop.clock.advance(days=2)
    await cancel_lapsed(shop.sessions, at=shop.clock.now())
    assert (await story.read(shop, order))["status"] == "confirmed"


async def test_an_account_with_its_own_address_need_not_confirm(shop: Shop) -> None:
    iva = await shop.account("iva@example.bg")
    own = await shop.place(a_wish(await shop.cart(LARGE)), **iva)
    assert (own.json()["status"], own.json()["confirmation_due_at"]) == ("confirmed", None)
    others = await shop.place(a_wish(await shop.cart(LARGE), customer=somebody(1)), **iva)
    assert others.json()["status"] == "placed"


@pytest.mark.parametrize("shared", ["email", "phone"])
async def test_a_sixth_open_order_of_an_address_or_a_number_waits_and_refuses_its_owner_nothing(
    shop: Shop, shared: str
) -> None:
    async def order(number: int) -> dict[str, Any]:
        customer = {**somebody(number), shared: somebody(0)[shared]}
        return await shop.ordered({"ION-H-SOFT-2": 1}, customer=customer)

    placed = [await order(number) for number in range(6)]
    assert [each["status"] for each in placed] == ["confirmed"] * 5 + ["placed"]
    assert (await story.cancel(shop, placed[0])).status_code == 204
    assert (await story.cancel(shop, placed[5])).status_code == 204
    assert (await order(6))["status"] == "confirmed"  # open are four


async def test_one_place_has_so_many_unproved_orders_open_and_no_more(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, open_orders_by_origin=2) as shop:
        first = await shop.ordered(customer=somebody(0))
        await shop.ordered(customer=somebody(1))
        wish = a_wish(await shop.cart(), customer=somebody(2))
        refused = await shop.place(wish)
        assert (refused.status_code, refused.json()["code"]) == (409, "too-many-open-orders")
        iva = await shop.account("iva@example.bg")
        assert (await shop.place(a_wish(await shop.cart()), **iva)).status_code == 201
        assert (await story.cancel(shop, first)).status_code == 204
        assert (await shop.place(wish)).status_code == 201


@pytest.mark.parametrize(
    ("shared", "most", "expected"),
    [
        ("email", "open_orders_by_email", ["confirmed", "confirmed", "placed", "placed"]),
        ("phone", "open_orders_by_phone", ["confirmed", "confirmed", "placed", "placed"]),
        (None, "open_orders_by_origin", ["confirmed", "confirmed", "refused", "refused"]),
    ],
)
async def test_orders_at_once_pass_no_limit(
    stocked: str, tmp_path: Path, shared: str | None, most: str, expected: list[str]
) -> None:
    """Each counted before any was written; the owner of a proved address is not counted, and waits for nobody."""
    async with open_shop(stocked, tmp_path, **{most: 2}) as shop:
        iva = await shop.account("iva@example.bg")
        own = shop.place(a_wish(await shop.cart({"ION-SET-1": 1})), **iva)
        wishes = []
        for number in range(4):
            customer = {**somebody(number), **({shared: somebody(0)[shared]} if shared else {})}
            wishes.append(a_wish(await shop.cart({"ION-H-SOFT-2": 1}), customer=customer))
        async with held(shop, "SELECT FROM stock WHERE sku = 'ION-H-SOFT-2' FOR UPDATE"):
            begun = [asyncio.create_task(shop.place(wish)) for wish in wishes]
            await until_waiting(shop, len(begun))
            assert (await own).status_code == 201
        answers = [await each for each in begun]
        became = [each.json()["status"] if each.status_code == 201 else "refused" for each in answers]
        assert sorted(became) == expected


async def test_unpaid_orders_hold_half_of_an_article_and_those_who_pay_the_rest(shop: Shop) -> None:
    """Three unpaid transfers held all that was left for five days."""
    for number in range(4):
        await shop.ordered({"ION-H-SOFT-2": 12}, payment_method=story.TRANSFER, customer=somebody(number))
    assert (await shop.stock("ION-H-SOFT-2"), await unpaid(shop)) == (52, 48)
    cart = await shop.cart({"ION-H-SOFT-2": 3})
    refused = await shop.place(a_wish(cart, payment_method=story.TRANSFER))
    assert (refused.status_code, refused.json()["code"]) == (409, "held-unpaid")
    assert refused.json()["items"] == [{"sku": "ION-H-SOFT-2", "available": 2}]
    assert await shop.stock("ION-H-SOFT-2") == 52
    assert (await shop.place(a_wish(cart))).status_code == 201  # cash on delivery is no promise to pay some day
    assert (await shop.stock("ION-H-SOFT-2"), await unpaid(shop)) == (49, 48)


async def test_the_last_piece_may_be_paid_in_advance_too(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        await make_variant(session, sku="LAST", price=Money(1000), stock=1)
    order = await shop.ordered({"LAST": 1}, payment_method=story.TRANSFER)
    assert (await shop.stock("LAST"), await unpaid(shop, "LAST")) == (0, 1)
    assert (await story.cancel(shop, order)).status_code == 204
    assert (await shop.stock("LAST"), await unpaid(shop, "LAST")) == (1, 0)


async def test_four_strangers_do_not_sell_the_shop_out(shop: Shop) -> None:
    """Each takes as much as is let through; most of every article can still be bought."""
    for number in range(4):
        method = "cash_on_delivery" if number == 0 else story.TRANSFER
        lines = {"ION-H-SOFT-2": 25, "ION-SET-1": 13}
        await shop.place(a_wish(await shop.cart(lines), payment_method=method, customer=somebody(number)))
    assert await shop.stock("ION-H-SOFT-2") >= 50
    assert await shop.stock("ION-SET-1") >= 50
