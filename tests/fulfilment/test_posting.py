"""A sale is entered in the books once, with what a receipt needs and nothing more (S33, S36)."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.personal import Recipient
from tests.fulfilment import story
from tests.processes import until
from tests.shop import Shop, open_shop

POSTING = "SELECT state, finished_at IS NOT NULL, concern FROM postings ORDER BY id"


async def heard(shop: Shop, endpoint: str) -> None:
    """Wait until I-Cash was asked."""
    await until(lambda: endpoint in asked(shop), every=0.01)


def asked(shop: Shop) -> list[str]:
    return [request.endpoint for request in shop.icash.requests]


async def test_s36_a_sale_of_goods_and_delivery_stands_in_the_books_once(shop: Shop) -> None:
    order = await shop.ordered({"ION-H-SOFT-2": 3})
    await shop.run_jobs()
    await story.retry(shop)

    [operation] = shop.icash.operations
    assert operation.import_reference == order["number"]
    assert [(row.item.sku, row.quantity, row.price) for row in operation.rows.values()] == [
        ("ION-H-SOFT-2", Decimal(3), Decimal("12.90")),
        ("DELIVERY", Decimal(1), Decimal("4.99")),
    ]
    assert str(operation.total) == order["totals"]["total"] == "43.69"
    assert (operation.status, operation.prints) == ("TEMP", 0)
    assert await shop.rows(POSTING) == [("checked", True, None)]


async def test_delivery_that_is_free_is_no_row(shop: Shop) -> None:
    await shop.ordered({"ION-SET-1": 1})
    await shop.run_jobs()
    [operation] = shop.icash.operations
    assert [row.item.sku for row in operation.rows.values()] == ["ION-SET-1"]
    assert operation.total == Decimal("89.90")


async def test_a_discount_that_does_not_divide_becomes_two_rows(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, bank_transfer_discount_percent=5) as shop:
        order = await shop.ordered({"ION-H-SOFT-2": 3}, payment_method=story.TRANSFER)
        await story.pay(shop, order)
        await shop.run_jobs()
        [operation] = shop.icash.operations
        assert [(row.item.sku, row.quantity, row.price) for row in operation.rows.values()] == [
            ("ION-H-SOFT-2", Decimal(2), Decimal("12.25")),
            ("ION-H-SOFT-2", Decimal(1), Decimal("12.26")),
            ("DELIVERY", Decimal(1), Decimal("4.99")),
        ]
        assert str(operation.total) == order["totals"]["total"] == "41.75"


async def test_s36_a_company_becomes_a_customer_in_the_books(shop: Shop) -> None:
    await shop.ordered(invoice=story.COMPANY)
    await shop.ordered(invoice=story.COMPANY)
    await shop.run_jobs()

    [contragent] = shop.icash.machine.ledger.contragents.values()
    stated = {name: value for name, value in contragent.items() if name in SENT_OF_COMPANY}
    assert stated == SENT_OF_COMPANY
    assert {operation.contragent_id for operation in shop.icash.operations} == {contragent["ContragentID"]}
    disclosed = await shop.rows("SELECT categories FROM disclosures WHERE recipient = 'icash'")
    assert disclosed == [(["order", "invoice"],), (["order", "invoice"],)]


SENT_OF_COMPANY = {
    "ContragentName": "Зъбна ООД",
    "ContragentType": "CLIENT",
    "ContragentCountryCode": "BG",
    "ContragentCityName": "Пловдив",
    "ContragentAddress": "бул. Шести септември 8",
    "ContragentTaxNum": "175074752",
    "ContragentVatNum": "BG175074752",
    "ContragentMOL": "Петър Иванов",
}


@pytest.mark.parametrize("changes", [{}, {"invoice": story.COMPANY}], ids=["person", "company"])
async def test_s33_nothing_about_the_person_reaches_the_books(shop: Shop, changes: dict[str, Any]) -> None:
    await shop.ordered(comment="Подарък за Мария", **changes)
    await shop.run_jobs()

    assert len(shop.icash.operations) == 1
    ledger = shop.icash.machine.ledger
    told = repr([shop.icash.requests, ledger.operations, ledger.contragents, ledger.items])
    for personal in ("Ива", "Петрова", "iva@example.bg", "888123456", "Българска легия", "1618", "Мария"):
        found = personal in told.replace("Петър Иванов", "")
        assert not found, personal
    if not changes:
        assert ledger.contragents == {}
        assert await shop.rows("SELECT categories FROM disclosures WHERE recipient = 'icash'") == [(["order"],)]


async def test_s38_without_an_agreement_the_books_hear_nothing_until_there_is_one(shop: Shop) -> None:
    await story.end_agreement(shop, Recipient.ICASH)
    order = await shop.ordered()
    await shop.run_jobs()
    assert asked(shop) == []
    assert await story.concerns(shop) == [("posting", order["number"], "agreement_missing")]
    assert await story.parked(shop) == ["post_sale"]
    assert shop.speedy.references() == [order["number"]], "the parcel goes its way"

    await shop.agree(Recipient.ICASH)
    await story.release(shop)
    assert [operation.import_reference for operation in shop.icash.operations] == [order["number"]]
    assert await story.concerns(shop) == []
    assert await shop.rows(POSTING) == [("checked", True, None)]


async def test_a_refusal_waits_for_a_person_and_holds_up_nobody_else(shop: Shop) -> None:
    shop.icash.fail("refusal", "new-operation", text="StoreID wrong value")
    refused = await shop.ordered()
    taken = await shop.ordered()
    await shop.run_jobs()
    assert await story.concerns(shop) == [("posting", refused["number"], "BooksRefused")]
    assert await story.parked(shop) == ["post_sale"]
    assert [operation.import_reference for operation in shop.icash.operations] == [taken["number"]]

    shop.clock.advance(minutes=3)
    await story.release(shop)
    references = [operation.import_reference for operation in shop.icash.operations]
    assert references == [taken["number"], refused["number"]]
    assert await story.concerns(shop) == []


@pytest.mark.parametrize("endpoint", ["new-operation", "add-operation-sale-item", "get-operation"])
async def test_a_lost_answer_posts_one_sale(shop: Shop, endpoint: str) -> None:
    order = await shop.ordered()
    shop.icash.fail("cut", endpoint)
    await shop.run_jobs()
    assert (await shop.jobs())["post_sale", "todo"] == 1
    shop.clock.advance(minutes=3)
    await story.retry(shop)

    [operation] = shop.icash.operations
    assert str(operation.total) == order["totals"]["total"]
    assert len(operation.rows) == 2
    assert await shop.rows(POSTING) == [("checked", True, None)]


async def test_a_total_that_differs_is_left_to_a_person(shop: Shop) -> None:
    order = await shop.ordered()
    shop.icash.fail("delay", "add-operation-sale-item", skip=1)
    working = asyncio.create_task(shop.run_jobs())
    await until(lambda: asked(shop).count("add-operation-sale-item") == 2, every=0.01)
    shop.icash.operations[0].discount = Decimal(10)  # somebody at the screen of I-Cash
    shop.icash.let_go.set()
    await working

    assert await story.concerns(shop) == [("posting", order["number"], "BooksUnsure")]
    assert await story.parked(shop) == ["post_sale"]
    assert shop.icash.operations[0].prints == 0
    shop.icash.operations[0].discount = Decimal(0)
    await story.release(shop)
    assert await story.concerns(shop) == []
    assert len(shop.icash.operations) == 1


async def test_what_is_to_be_finalised_is_printed_once(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, icash_finalise="cash_on_delivery") as shop:
        order = await shop.ordered()
        transfer = await shop.ordered(payment_method=story.TRANSFER)
        await story.pay(shop, transfer)
        shop.icash.fail("cut", "print-operation")
        await shop.run_jobs()
        shop.clock.advance(minutes=3)
        await story.retry(shop)
        await story.retry(shop)

        printed = {each.import_reference: (each.prints, each.print_attempts) for each in shop.icash.operations}
        assert printed == {order["number"]: (1, 1), transfer["number"]: (0, 0)}
        assert await shop.rows(POSTING) == [("complete", True, None), ("checked", True, None)]
        [paid] = [each for each in shop.icash.operations if each.prints]
        assert (paid.pay_type, paid.status) == (6, "NORMAL")


async def test_a_receipt_still_on_its_way_is_waited_for(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, icash_finalise="cash_on_delivery", icash_cash_register_id=2) as shop:
        await shop.ordered()
        await shop.run_jobs()
        assert await shop.rows(POSTING) == [("printed", False, "receipt_outstanding")]
        [operation] = shop.icash.operations
        shop.icash.happen("receipt-fetched", operation_id=operation.id)
        shop.icash.happen("receipt-printed", operation_id=operation.id)
        await story.retry(shop)

        assert await shop.rows(POSTING) == [("complete", True, None)]
        assert (operation.prints, operation.print_attempts) == (1, 1)


async def test_an_order_cancelled_before_its_sale_is_entered_never_gets_into_the_books(shop: Shop) -> None:
    order = await shop.ordered()
    await story.cancel(shop, order)
    await shop.run_jobs()
    assert asked(shop) == []
    assert await shop.count("postings") == 0
    assert await story.concerns(shop) == []


async def test_an_order_cancelled_while_the_books_look_is_not_entered(shop: Shop) -> None:
    shop.speedy.conduct.cancellation_seconds = 0  # the clock of the test stands still
    order = await shop.ordered()
    shop.icash.fail("delay", "operations-list")
    working = asyncio.create_task(shop.run_jobs())
    await heard(shop, "operations-list")
    assert (await story.cancel(shop, order)).status_code == httpx.codes.NO_CONTENT
    shop.icash.let_go.set()
    await working

    assert shop.icash.operations == []
    assert await shop.rows("SELECT 1 FROM disclosures WHERE recipient = 'icash'") == []
    assert await story.concerns(shop) == []
    assert await story.parked(shop) == []


async def test_an_order_cancelled_while_its_sale_is_entered_is_a_concern_and_is_not_printed(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, icash_finalise="cash_on_delivery") as shop:
        order = await shop.ordered()
        shop.icash.fail("delay", "add-operation-sale-item")
        working = asyncio.create_task(shop.run_jobs())
        await heard(shop, "add-operation-sale-item")
        assert (await story.cancel(shop, order)).status_code == httpx.codes.NO_CONTENT
        shop.icash.let_go.set()
        await working
        shop.clock.advance(minutes=3)
        await story.retry(shop)

        [operation] = shop.icash.operations
        assert (operation.prints, operation.print_attempts) == (0, 0)
        assert ("posting", order["number"], "cancelled_after_posting") in await story.concerns(shop)
        assert await story.parked(shop) == []


async def test_an_order_cancelled_after_posting_is_a_concern(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await story.cancel(shop, order)
    await shop.run_jobs()
    assert await story.concerns(shop) == [("posting", order["number"], "cancelled_after_posting")]
    assert await shop.rows(POSTING) == [("checked", True, "cancelled_after_posting")]


async def test_a_refused_sale_that_is_cancelled_concerns_nobody_any_more(shop: Shop) -> None:
    await story.end_agreement(shop, Recipient.ICASH)
    order = await shop.ordered()
    await shop.run_jobs()
    await story.cancel(shop, order)
    assert await story.concerns(shop) == []
    await shop.agree(Recipient.ICASH)
    await story.release(shop)
    assert asked(shop) == []
    assert await shop.rows(POSTING) == [("new", False, None)]


async def test_sales_are_entered_one_after_another(shop: Shop) -> None:
    orders = [await shop.ordered() for _ in range(6)]
    await shop.run_jobs(concurrency=8)  # booked side by side, they become sales in whatever order that ends

    assert sorted(str(each.import_reference) for each in shop.icash.operations) == [order["number"] for order in orders]
    nonces = [int(request.parameters["nonce"]) for request in shop.icash.requests]
    assert nonces == sorted(set(nonces))
    assert asked(shop).count("login") == 1
