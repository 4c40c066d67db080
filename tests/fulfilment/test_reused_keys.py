"""C4: one Idempotency-Key for two different wishes, at once or one after the other: one is done, the other refused."""

from typing import Any

import httpx
import pytest

from app.auth.models import StaffRole
from tests.fulfilment.test_correcting import BACK, invoiced, send
from tests.fulfilment.test_receipts import RECEIPTS, Desk
from tests.shop import Shop
from tests.waiting import under_way

KEY = "one"
RETURNED = {"outcome": "returned", "amount": "2.00", "means": "account", "settled_on": "2026-11-23"}
REFUND = {"amount": "5.00", "means": "account", "refunded_on": "2026-11-23"}
DEBIT = {
    "ground": BACK,
    "lines": [{"description": "Доставка", "amount": "1.00"}],
}


def nobody_writes(table: str) -> str:
    """Let all of them look whether the key is known before one of them can write it."""
    return f"LOCK TABLE {table} IN SHARE MODE"


def one_was_done(answers: list[httpx.Response]) -> None:
    done, refused = sorted(answers, key=lambda answer: answer.status_code)
    assert done.status_code == httpx.codes.CREATED, done.text
    assert (refused.status_code, refused.json()["code"]) == (422, "request-key-reused")


async def test_typed_c4_one_key_for_two_receipts_at_once_settles_one(shop: Shop) -> None:
    desk = Desk(shop, await shop.staff(StaffRole.SUPPORT))
    paths = [f"{RECEIPTS}/{(await desk.record('5.00'))['id']}/settlements" for _ in range(2)]
    calls = (desk.ask(path, RETURNED, key=KEY) for path in paths)
    one_was_done(await under_way(shop, nobody_writes("receipt_settlements"), *calls))
    assert await shop.count("receipt_settlements") == 1
    assert sorted(left for left, _ in await desk.unsettled()) == ["3.00", "5.00"]


async def test_typed_c4_one_key_for_two_lines_of_the_statement_at_once_records_one(shop: Shop) -> None:
    desk = Desk(shop, await shop.staff(StaffRole.SUPPORT))
    calls = (desk.ask(RECEIPTS, {"amount": amount}, key=KEY) for amount in ("5.00", "6.00"))
    one_was_done(await under_way(shop, nobody_writes("receipts"), *calls))
    assert (await shop.count("receipts"), await shop.count("receipt_cases")) == (1, 1)


@pytest.mark.parametrize(
    ("act", "wish", "table"),
    [
        ("refunds", REFUND, "refunds"),
        ("credit-notes", {"ground": BACK}, "documents"),
        ("debit-notes", DEBIT, "documents"),
    ],
)
async def test_typed_c4_one_key_for_two_orders_at_once_corrects_one(
    shop: Shop, act: str, wish: dict[str, Any], table: str
) -> None:
    orders = [await invoiced(shop) for _ in range(2)]
    before = await shop.count(table)
    one_was_done(
        await under_way(shop, nobody_writes(table), *(send(shop, each, act, wish, key=KEY) for each in orders))
    )
    assert await shop.count(table) == before + 1


async def test_typed_c4_the_key_of_a_refund_is_refused_for_a_note_with_one(shop: Shop) -> None:
    order = await invoiced(shop)
    note = {"ground": BACK, "refund": {"means": "account", "refunded_on": "2026-11-23", "amount": "5.00"}}
    one_was_done(
        [await send(shop, order, act, wish, key=KEY) for act, wish in (("refunds", REFUND), ("credit-notes", note))]
    )
    assert await shop.rows("SELECT kind FROM documents") == [("invoice",)]
    assert await shop.count("refunds") == 1
