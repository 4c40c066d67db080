"""Whoever else is at work on a paid order that is stopped: each outcome is whole, whichever of the two came first."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx
import pytest

from app.auth.scopes import Scope
from app.fulfilment.jobs import BookShipment, IssueInvoice, PostSale
from app.integrations.speedy.simulator.shipments import State
from tests.checkout.watching import ledger_sums
from tests.fulfilment import story
from tests.fulfilment.test_correcting import invoiced, send
from tests.fulfilment.test_stopping import ALL_BACK, ISSUED, WHOLE, id_of, owed, told
from tests.shop import Shop
from tests.waiting import held, until_waiting

ORDERS = "SELECT FROM orders FOR UPDATE"


async def in_turn(shop: Shop, *calls: Coroutine[Any, Any, Any]) -> list[Any]:
    """Let each begin and wait for the order's row, so that they get it in this order."""
    begun: list[asyncio.Task[Any]] = []
    async with held(shop, ORDERS):
        for number, call in enumerate(calls, start=1):
            begun.append(asyncio.create_task(call))
            await until_waiting(shop, number)
    return [await each for each in begun]


async def paid(shop: Shop) -> dict[str, Any]:
    order = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, order)
    return order


async def issue(shop: Shop, order: dict[str, Any]) -> None:
    await shop.work.handlers[IssueInvoice](IssueInvoice(await id_of(shop, order)))


@pytest.mark.parametrize("first", ["invoice", "cancellation"])
async def test_the_invoice_is_being_issued_while_the_order_is_cancelled(shop: Shop, first: str) -> None:
    order = await paid(shop)
    calls = [issue(shop, order), story.cancel(shop, order)]
    found = await in_turn(shop, *(calls if first == "invoice" else reversed(calls)))
    [cancelled] = [answer for answer in found if isinstance(answer, httpx.Response)]
    assert cancelled.status_code == 204
    await shop.run_jobs()
    issued = [("0000000001", "invoice", 3079), ("0000000002", "credit_note", 3079)]
    assert await shop.rows(ISSUED) == (issued if first == "invoice" else [])
    await issue(shop, order)  # a worker that was taken for dead does it again
    assert len(await shop.rows(ISSUED)) == (2 if first == "invoice" else 0)
    assert (await told(shop, order)).count("invoice_issued") == (2 if first == "invoice" else 0)


@pytest.mark.parametrize("first", ["courier", "cancellation"])
async def test_the_courier_takes_the_parcel_while_the_order_is_cancelled(shop: Shop, first: str) -> None:
    order = await invoiced(shop)
    shop.speedy.advance(story.parcel_of(shop, order), State.IN_TRANSIT)
    calls = [shop.track(), story.cancel(shop, order)]
    found = await in_turn(shop, *(calls if first == "courier" else reversed(calls)))
    [answer] = [each for each in found if isinstance(each, httpx.Response)]
    await shop.run_jobs()
    if first == "courier":
        assert (answer.status_code, answer.json()["code"]) == (409, "order-cannot-move")
        assert await story.status(shop, order) == ("shipped", "handed_over")
        assert await shop.stock("ION-H-SOFT-2") == 98
        assert await owed(shop, order) == ("0.00", None)
        assert [kind for _, kind, _ in await shop.rows(ISSUED)] == ["invoice"]
    else:
        assert answer.status_code == 204
        assert await story.status(shop, order) == ("cancelled", "cancelled")
        assert await ledger_sums(shop) == ALL_BACK
        assert await owed(shop, order) == ("30.79", "2026-12-07")
        # It left all the same: a person sees to it that it comes back.
        assert ("shipment", order["number"], "parcel_not_called_off") in await story.concerns(shop)


@pytest.mark.parametrize("first", ["refund", "cancellation"])
async def test_a_full_refund_and_a_cancellation_at_once_are_one_cancellation(shop: Shop, first: str) -> None:
    order = await invoiced(shop)
    calls = [send(shop, order, "refunds", WHOLE), story.cancel(shop, order)]
    found = await in_turn(shop, *(calls if first == "refund" else reversed(calls)))
    assert [answer.status_code for answer in found] == ([201, 204] if first == "refund" else [204, 201])
    await shop.run_jobs()
    assert [status for status, _, _ in await story.history(shop, order)] == ["placed", "confirmed", "cancelled"]
    assert await ledger_sums(shop) == ALL_BACK
    assert await owed(shop, order) == ("0.00", None)
    assert [kind for _, kind, _ in await shop.rows(ISSUED)] == ["invoice", "credit_note"]
    assert (await told(shop, order)).count("order_cancelled") == 1


async def test_ten_full_refunds_at_once_pay_and_cancel_once(shop: Shop) -> None:
    order = await invoiced(shop)
    answers = await asyncio.gather(*(send(shop, order, "refunds", WHOLE) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 9
    await shop.run_jobs()
    assert await ledger_sums(shop) == ALL_BACK
    assert await shop.rows("SELECT amount FROM refunds") == [(3079,)]
    assert (await told(shop, order)).count("order_refunded") == 1


@pytest.mark.parametrize("job", [BookShipment, PostSale])
async def test_what_was_promised_for_a_paid_order_finds_it_cancelled(
    shop: Shop, job: type[BookShipment] | type[PostSale]
) -> None:
    """No label is made for it, and nothing more is entered in the books (complaint 25)."""
    order = await paid(shop)
    if job is PostSale:
        await shop.work.handlers[BookShipment](BookShipment(await id_of(shop, order)))
    await story.cancel(shop, order)
    await shop.work.handlers[job](job(await id_of(shop, order)))
    await shop.run_jobs()
    assert (shop.speedy.references(), shop.icash.operations) == ([], [])
    assert await story.parked(shop) == []
    assert await story.concerns(shop) == []


async def test_the_label_of_a_cancelled_order_is_given_to_nobody(shop: Shop) -> None:
    """Complaint 25."""
    order = await invoiced(shop)
    [(shipment_id,)] = await shop.rows("SELECT id FROM shipments")
    courier = await shop.client(Scope.SHIPMENTS)
    assert (await shop.http.get(f"/v1/courier/shipments/{shipment_id}/label.pdf", headers=courier)).status_code == 200
    await story.cancel(shop, order)
    refused = await shop.http.get(f"/v1/courier/shipments/{shipment_id}/label.pdf", headers=courier)
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert (await shop.http.get("/v1/courier/shipments", headers=courier)).json()["items"] == []
