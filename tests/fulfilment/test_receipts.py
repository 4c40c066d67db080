"""C4: money that came is recorded whatever it is; it pays its order once it is enough, and the rest is settled."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.models import StaffRole
from app.core.money import Money
from app.fulfilment.paying import record_receipt
from app.integrations.speedy.simulator.shipments import State
from app.payments.models import Receipt, ReceiptCase
from app.payments.receipts import Came, take
from tests.checkout.watching import statements
from tests.fulfilment import story
from tests.fulfilment.test_cancelling import strike
from tests.shop import NOON, Shop

RECEIPTS = "/v1/staff/receipts"
PAID = "SELECT status, let_off, paid_on::text FROM payments"
LEFT = 'SELECT amount, "left" FROM receipts JOIN receipt_cases ON receipt_id = receipts.id ORDER BY receipts.id'
BOOKED = "SELECT (SELECT count(*) FROM refunds), (SELECT count(*) FROM documents WHERE kind = 'credit_note')"


class Desk:
    """A member of staff at the bank's statement."""

    def __init__(self, shop: Shop, headers: dict[str, str]) -> None:
        self.shop, self.headers = shop, headers

    async def ask(self, path: str, wish: dict[str, Any] | None, *, key: str | None = None) -> httpx.Response:
        headers = {**self.headers, "Idempotency-Key": key or uuid4().hex}
        return await self.shop.http.post(path, json=wish, headers=headers)

    async def record(self, amount: str, order: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        named = {"order_number": order["number"]} if order else {}
        answer = await self.ask(RECEIPTS, {"amount": amount, **named, **more})
        assert answer.status_code == httpx.codes.CREATED, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    async def match(self, receipt: dict[str, Any], order: dict[str, Any], **more: Any) -> httpx.Response:
        return await self.ask(f"{RECEIPTS}/{receipt['id']}/match", {"order_number": order["number"], **more})

    async def settle(self, receipt: dict[str, Any], amount: str, **more: Any) -> httpx.Response:
        wish = {"outcome": "returned", "amount": amount, "means": "account", **more}
        return await self.ask(f"{RECEIPTS}/{receipt['id']}/settlements", wish)

    async def unsettled(self, **params: Any) -> list[tuple[str, str]]:
        answer = await self.shop.http.get(RECEIPTS, params=params, headers=self.headers)
        return [(each["left"], each["state"]) for each in answer.json()["items"]]


@pytest.fixture
async def desk(shop: Shop) -> Desk:
    return Desk(shop, await shop.staff(StaffRole.SUPPORT))


async def transfer(shop: Shop) -> dict[str, Any]:
    return await shop.ordered(payment_method=story.TRANSFER)


async def test_typed_c4_several_receipts_pay_an_order_on_the_day_of_the_last(shop: Shop) -> None:
    order = await transfer(shop)
    shop.clock.at = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
    desk = Desk(shop, await shop.staff(StaffRole.SUPPORT))
    part = await desk.record("30.00", order, received_on="2026-11-24", reference="ИВА ПЕТРОВА")
    assert (part["left"], part["state"], part["reference"]) == ("30.00", "partial", "ИВА ПЕТРОВА")
    assert (await story.read(shop, order))["status"] == "placed"
    payment = (await story.read(shop, order))["payment"]
    assert (payment["status"], payment["came"], payment["missing"]) == ("awaited", "30.00", "0.79")

    rest = await desk.record("0.79", order, received_on="2026-11-25")
    await shop.run_jobs()
    assert (rest["left"], rest["state"]) == ("0.00", "settled")
    assert await shop.rows(PAID) == [("received", 0, "2026-11-25")]
    assert await story.status(shop, order) == ("confirmed", "booked")
    assert await shop.rows("SELECT total, snapshot ->> 'paid_on' FROM documents") == [(3079, "2026-11-25")]
    assert await desk.unsettled() == []


async def test_typed_c4_money_of_no_order_is_matched_to_one(shop: Shop, desk: Desk) -> None:
    receipt = await desk.record("30.79", received_on="2026-11-20")  # before there was an order
    assert await desk.unsettled() == [("30.79", "unmatched")]
    order, other = await transfer(shop), await transfer(shop)
    for _ in range(2):
        answer = await desk.match(receipt, order)
        assert (answer.status_code, answer.json()["state"]) == (200, "settled")
    assert await shop.rows(PAID + " WHERE status = 'received'") == [("received", 0, "2026-11-23")]
    assert (await story.read(shop, order))["status"] == "confirmed"

    late = await desk.match(receipt, other)
    assert (late.status_code, late.json()["code"]) == (409, "receipt-changed")
    used = await desk.match(receipt, other, instead_of=order["number"])
    assert (used.status_code, used.json()["code"]) == (409, "receipt-used")
    assert (await story.read(shop, other))["payment"]["came"] == "0.00"


async def test_typed_c4_money_of_a_dead_order_pays_the_one_that_was_placed_again(shop: Shop, desk: Desk) -> None:
    dead, again = await transfer(shop), await transfer(shop)
    await story.cancel(shop, dead)
    receipt = await desk.record("30.79", dead)
    answer = await desk.match(receipt, again, instead_of=dead["number"])
    assert answer.json()["state"] == "settled"
    assert (await story.read(shop, again))["status"] == "confirmed"
    assert (await story.read(shop, dead))["payment"]["refund_owed"] == "0.00"
    assert await shop.rows("SELECT refund_due_on FROM payments WHERE status = 'void'") == [(None,)]


@pytest.mark.parametrize(("came", "pays"), [("30.74", True), ("30.73", False)])
async def test_typed_c4_a_few_cents_too_little_pay_the_order(shop: Shop, desk: Desk, came: str, *, pays: bool) -> None:
    order = await transfer(shop)
    await desk.record(came, order)
    if pays:
        assert await shop.rows(PAID) == [("received", 5, "2026-11-23")]
        assert (await story.read(shop, order))["status"] == "confirmed"
    else:
        assert await shop.rows(PAID) == [("awaited", 0, None)]
        assert await desk.unsettled() == [("30.73", "partial")]


async def test_typed_c4_staff_accept_a_shortfall_and_no_more_than_came_goes_back(shop: Shop, desk: Desk) -> None:
    order = await transfer(shop)
    path = f"/v1/staff/orders/{order['number']}/shortfall-acceptance"
    nothing = await desk.ask(path, None)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing-came")
    await desk.record("29.00", order)
    assert (await desk.ask(path, None)).status_code == httpx.codes.NO_CONTENT
    again = await desk.ask(path, None)
    assert (again.status_code, again.json()["code"]) == (409, "payment-cannot-move")
    await shop.run_jobs()
    assert await shop.rows(PAID) == [("received", 179, "2026-11-23")]
    assert await shop.rows("SELECT total FROM documents") == [(3079,)]

    assert (await story.cancel(shop, order)).status_code == httpx.codes.NO_CONTENT
    assert (await story.read(shop, order))["payment"]["refund_owed"] == "29.00"
    wish = {"amount": "29.01", "means": "account", "refunded_on": "2026-11-23"}
    refunds = f"/v1/staff/orders/{order['number']}/refunds"
    assert (await desk.ask(refunds, wish)).json()["code"] == "refund-exceeds-payment"
    assert (await desk.ask(refunds, {**wish, "amount": "29.00"})).status_code == httpx.codes.CREATED
    assert (await story.read(shop, order))["payment"]["refund_due_on"] is None


async def test_typed_c4_a_whole_credit_note_sends_back_what_came(shop: Shop, desk: Desk) -> None:
    """Of an order that was a cent short no cent more goes back, and nobody has to reckon it out."""
    order = await transfer(shop)
    await desk.record("30.78", order)
    await shop.run_jobs()
    wish = {"ground": "Отказ по чл. 50 ЗЗП", "refund": {"means": "account", "refunded_on": "2026-11-23"}}
    answer = await desk.ask(f"/v1/staff/orders/{order['number']}/credit-notes", wish)
    assert (answer.status_code, answer.json()["total"]) == (201, "30.79")
    assert await shop.rows("SELECT amount FROM refunds") == [(3078,)]
    payment = (await story.read(shop, order))["payment"]
    assert (payment["refunded"], payment["refund_owed"]) == ("30.78", "0.00")
    assert (await story.read(shop, order))["status"] == "cancelled"


async def test_typed_c4_a_surplus_is_returned_and_no_sale_knows_of_it(shop: Shop, desk: Desk) -> None:
    order = await transfer(shop)
    receipt = await desk.record("35.79", order)
    await shop.run_jobs()
    assert (receipt["left"], receipt["state"]) == ("5.00", "surplus")
    documents = await story.documents(shop, order)
    more = await desk.settle(receipt, "5.01")
    assert (more.status_code, more.json()["code"], more.json()["left"]) == (
        422,
        "settlement-exceeds-receipt",
        "5.00",
    )
    assert (await desk.settle(receipt, "2.00")).status_code == httpx.codes.CREATED
    assert await desk.unsettled() == [("3.00", "surplus")]
    assert (await desk.settle(receipt, "3.00")).status_code == httpx.codes.CREATED
    await shop.run_jobs()

    assert await desk.unsettled() == []
    assert await shop.rows(BOOKED) == [(0, 0)]
    assert await story.documents(shop, order) == documents
    assert (await story.read(shop, order))["payment"]["refunded"] == "5.00"
    assert await shop.rows(PAID) == [("received", 0, "2026-11-23")]


async def test_typed_c4_money_for_a_lapsed_order_is_owed_back(shop: Shop, desk: Desk) -> None:
    order = await transfer(shop)
    part = await desk.record("10.00", order)
    shop.clock.at = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    await strike(shop)
    desk = Desk(shop, await shop.staff(StaffRole.OWNER))
    late = await desk.record("20.79", order)
    assert await desk.unsettled() == [("10.00", "owed"), ("20.79", "owed")]
    owed = (await shop.http.get("/v1/staff/owed-refunds", headers=desk.headers)).json()["items"]
    assert [(each["order_number"], each["amount"], each["due_on"]) for each in owed] == [
        (order["number"], "30.79", "2026-12-15")
    ]
    for receipt in (part, late):
        assert (await desk.settle(receipt, receipt["amount"])).status_code == httpx.codes.CREATED
    await shop.run_jobs()
    payment = (await story.read(shop, order))["payment"]
    assert (payment["status"], payment["refund_owed"], payment["refunded"]) == ("void", "0.00", "30.79")
    assert payment["refund_due_on"] is None
    assert await shop.rows(BOOKED) == [(0, 0)]
    assert (await shop.count("documents"), shop.icash.operations) == (0, [])


async def test_typed_c4_money_for_an_order_that_was_not_accepted_is_owed_back(shop: Shop, desk: Desk) -> None:
    """Its goods are back and its invoice is credited: paid by that, it would be a sale, and owed to nobody."""
    order = await shop.ordered()
    await shop.run_jobs()
    await story.scan(shop, order, State.ACCEPTED)
    await story.scan(shop, order, State.RETURNED)
    documents = await story.documents(shop, order)
    receipt = await desk.record("30.79", order)
    await shop.run_jobs()
    assert (receipt["left"], receipt["state"]) == ("30.79", "owed")
    payment = (await story.read(shop, order))["payment"]
    assert (payment["status"], payment["refund_owed"], payment["refund_due_on"]) == ("void", "30.79", "2026-12-07")
    accepted = await desk.ask(f"/v1/staff/orders/{order['number']}/shortfall-acceptance", None)
    assert accepted.json()["code"] == "payment-cannot-move"
    assert (await desk.settle(receipt, "30.79")).status_code == httpx.codes.CREATED
    payment = (await story.read(shop, order))["payment"]
    assert (payment["refund_owed"], payment["refunded"], payment["refund_due_on"]) == ("0.00", "30.79", None)
    assert await story.documents(shop, order) == documents


@pytest.mark.parametrize("part", ["10.00", None])
async def test_typed_c4_the_buyer_is_told_of_a_lapse_and_what_becomes_of_the_money(
    shop: Shop, desk: Desk, part: str | None
) -> None:
    order = await transfer(shop)
    await shop.run_jobs()
    if part:
        await desk.record(part, order)
    shop.clock.at = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    await strike(shop)
    await shop.run_jobs()
    letter = story.letters(shop, order["number"])[-1].get_body(("plain",))
    assert letter is not None
    said = " ".join(letter.get_content().split())
    assert "защото плащането по нея не постъпи в срок" in said
    if part:
        assert "Ще Ви върнем 10,00 € най-късно до 15 декември 2026 г." in said
        assert "ще Ви пишем" not in said, "no mail tells of what went back of a receipt"
    else:
        assert "Ако преводът Ви вече е на път, не е нужно да правите нищо" in said


async def test_typed_c4_a_line_that_was_recorded_twice_is_taken_back(shop: Shop, desk: Desk) -> None:
    order = await transfer(shop)
    first, second = await desk.record("30.79", order), await desk.record("30.79", order)
    assert (first["alike"], second["alike"]) == ([], [first["id"]])
    mistaken = {"outcome": "mistaken", "means": None}
    assert (await desk.settle(second, "30.79", **mistaken)).status_code == httpx.codes.CREATED
    assert await desk.unsettled() == []
    assert (await story.read(shop, order))["payment"]["refunded"] == "0.00"


async def test_typed_c4_two_who_record_the_same_line_at_once_are_told(shop: Shop, desk: Desk) -> None:
    other = Desk(shop, await shop.staff(StaffRole.OWNER))
    both = await asyncio.gather(desk.record("12.00"), other.record("12.00"))
    assert sorted(len(each["alike"]) for each in both) == [0, 1]


async def test_typed_c4_the_same_request_again_is_the_same_receipt(shop: Shop, desk: Desk) -> None:
    order = await transfer(shop)
    wish = {"amount": "30.79", "order_number": order["number"]}
    answers = await asyncio.gather(*(desk.ask(RECEIPTS, wish, key="one") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await shop.rows(LEFT) == [(3079, 0)]
    other = await desk.ask(RECEIPTS, {**wish, "amount": "30.78"}, key="one")
    assert (other.status_code, other.json()["code"]) == (422, "request-key-reused")

    [(receipt_id,)] = await shop.rows("SELECT id FROM receipts")
    extra = await desk.record("5.00", order)
    path = f"{RECEIPTS}/{extra['id']}/settlements"
    settled = {"outcome": "returned", "amount": "2.50", "means": "account", "settled_on": "2026-11-23"}
    twice = await asyncio.gather(*(desk.ask(path, settled, key="two") for _ in range(4)))
    assert len({answer.json()["id"] for answer in twice}) == 1
    assert await desk.unsettled() == [("2.50", "surplus")]
    assert receipt_id != extra["id"]


async def test_typed_c4_two_parts_at_once_pay_the_order_once(shop: Shop, desk: Desk) -> None:
    for _ in range(3):
        order = await transfer(shop)
        await asyncio.gather(desk.record("10.00", order), desk.record("10.00", order), desk.record("15.00", order))
        assert (await story.read(shop, order))["status"] == "confirmed"
    await shop.run_jobs()
    assert await shop.count("documents") == 3
    assert await shop.rows('SELECT sum("left") FROM receipt_cases') == [(3 * (3500 - 3079),)]


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"amount": "0.00"}, "/amount"),
        ({"amount": "-1.00"}, "/amount"),
        ({"amount": "1000000.01"}, "/amount"),
        ({"amount": "5.00", "received_on": "2026-11-24"}, "/received_on"),
        ({"amount": "5.00", "reference": "\u0000"}, "/reference"),
        ({"amount": "5.00", "order_number": "x"}, "/order_number"),
    ],
)
async def test_typed_c4_what_no_statement_can_say_is_refused(
    shop: Shop, desk: Desk, wish: dict[str, Any], pointer: str
) -> None:
    answer = await desk.ask(RECEIPTS, wish)
    assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, [pointer])
    assert await shop.count("receipts") == 0


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"settled_on": "2026-11-24"}, 422),
        ({"settled_on": "2026-11-22"}, 422),
        ({"means": None}, 422),
        ({"outcome": "mistaken"}, 422),
    ],
)
async def test_typed_c4_what_cannot_have_gone_back_is_refused(
    shop: Shop, desk: Desk, wish: dict[str, Any], status: int
) -> None:
    receipt = await desk.record("5.00")
    assert (await desk.settle(receipt, "5.00", **wish)).status_code == status
    assert (await desk.unsettled(), await shop.count("receipt_settlements")) == ([("5.00", "unmatched")], 0)


async def test_typed_c4_staff_list_what_is_unsettled_page_by_page(shop: Shop, desk: Desk) -> None:
    amounts = [(await desk.record(f"{each}.00"))["left"] for each in range(1, 6)]
    seen, cursor = [], None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        with statements(shop) as made:
            page = (await shop.http.get(RECEIPTS, params=params, headers=desk.headers)).json()
        assert len([each for each in made if "FROM receipts" in each]) == 1
        seen += [each["left"] for each in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == amounts
    noted = await shop.rows("SELECT detail FROM audit_entries WHERE subject = 'list_receipts' AND detail IS NOT NULL")
    assert [len(str(detail).split("receipt:")) - 1 for (detail,) in noted] == [2, 2, 1]


async def test_typed_c4_staff_see_an_orders_receipts_as_far_as_their_rights_go(shop: Shop, desk: Desk) -> None:
    order = await transfer(shop)
    await desk.record("10.00", order)
    path = f"/v1/staff/orders/{order['number']}"
    shown = (await shop.http.get(path, headers=desk.headers)).json()
    assert [(each["amount"], each["state"]) for each in shown["receipts"]] == [("10.00", "partial")]
    packer = (await shop.http.get(path, headers=await shop.staff(StaffRole.WAREHOUSE))).json()
    assert packer["receipts"] == []


async def test_typed_c4_what_dies_before_the_commit_is_recorded_by_the_repetition_once(shop: Shop) -> None:
    """The money is on record with all that it sets off, or not at all."""
    order = await transfer(shop)
    [(order_id,)] = await shop.rows("SELECT id FROM orders")
    came = Came(Money(3079), NOON.date(), None, "one", "digest")
    for dies in (True, False, False):
        with suppress(ConnectionError):
            async with shop.sessions.begin() as session:
                await record_receipt(session, came, order_id, let_off=Money.ZERO, at=NOON, by="test")
                if dies:
                    raise ConnectionError
        done = 0 if dies else 1
        assert (await shop.count("receipts"), await shop.count("shipments")) == (done, done)
    await shop.run_jobs()
    assert await story.status(shop, order) == ("confirmed", "booked")
    assert await shop.count("documents") == 1


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=8), st.integers(1, 9000), st.integers(0, 20))
def test_typed_c4_what_is_taken_of_receipts_is_what_is_owed(came: list[int], owed: int, let_off: int) -> None:
    """To the cent: the order takes what it costs, or all that came, of the earliest first; the rest is left."""
    cases = [(Receipt(amount=Money(each)), ReceiptCase(left=Money(each))) for each in came]
    enough = owed - sum(came) <= let_off
    amount = Money(min(owed, sum(came))) if enough else Money.ZERO
    used = take(cases, amount)
    assert sum(case.left.cents for _, case in cases) == sum(came) - amount.cents
    assert all(case.left >= Money.ZERO for _, case in cases)
    assert used == [receipt for receipt, case in cases if case.left < receipt.amount]
