"""A paid order is stopped until it is handed over: goods back once, document corrected, refund owed (complaint 6)."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from app.auth.models import StaffRole
from app.core.holders import Person
from app.fulfilment.cancelling import cancel_order
from app.fulfilment.concerns import Settled, settle
from app.integrations.speedy.simulator.shipments import State
from app.orders import queries as orders
from app.orders.models import Order
from app.orders.states import Actor
from app.privacy.restricting import RestrictionGround, restrict
from tests.checkout.buying import at_once, statuses
from tests.checkout.watching import contents, ledger_sums
from tests.fulfilment import story
from tests.fulfilment.test_correcting import annul, invoiced, send
from tests.mail.letters import body
from tests.returns.stating import state
from tests.shop import NOON, Shop, a_wish

ALL_BACK = {"ION-H-SOFT-2": (100, 100), "ION-SET-1": (100, 100)}
ISSUED = "SELECT number, kind, total FROM documents ORDER BY number"
WHOLE = {"amount": "30.79", "means": "account", "refunded_on": "2026-11-23"}
GROUND = "Отказ по чл. 50 ЗЗП"
PAID = ("payment_received", "invoice_issued")
"""What is mailed when a transfer came."""


async def id_of(shop: Shop, order: dict[str, Any]) -> UUID:
    [(found,)] = await shop.rows("SELECT id FROM orders WHERE number = :number", number=int(order["number"]))
    assert isinstance(found, UUID)
    return found


async def cancel_as_staff(shop: Shop, order: dict[str, Any]) -> httpx.Response:
    support = await shop.staff(StaffRole.SUPPORT, email=f"{uuid4().hex}@shop.example")
    return await shop.http.post(f"/v1/staff/orders/{order['number']}/cancellation", headers=support)


async def owed(shop: Shop, order: dict[str, Any]) -> tuple[str, str | None]:
    """Read what is to go back to the buyer, and by when."""
    payment = (await story.read(shop, order))["payment"]
    return payment["refund_owed"], payment["refund_due_on"]


async def told(shop: Shop, order: dict[str, Any]) -> list[str]:
    """List the kinds of mail that were sent about an order, in the order of their promise."""
    return [
        kind
        for (kind,) in await shop.rows(
            "SELECT kind FROM mails WHERE order_id = :id AND sent_at IS NOT NULL ORDER BY id",
            id=await id_of(shop, order),
        )
    ]


@pytest.mark.parametrize("by", ["customer", "staff"])
async def test_a_paid_order_is_stopped_until_it_is_handed_over(shop: Shop, by: str) -> None:
    order = await invoiced(shop, {"ION-H-SOFT-2": 2})
    assert shop.speedy.references() == [order["number"]]
    shop.clock.advance(hours=1)
    answer = await (story.cancel(shop, order) if by == "customer" else cancel_as_staff(shop, order))
    assert (answer.status_code, answer.content) == (204, b"")
    await shop.run_jobs()

    assert await story.status(shop, order) == ("cancelled", "cancelled")
    assert [each for _, _, each in await story.history(shop, order)] == ["customer", "staff", by]
    assert (await story.read(shop, order))["payment"] == {
        "method": "bank_transfer",
        "status": "received",
        "amount": "30.79",
        "due_on": "2026-11-30",
        "came": "0.00",
        "missing": "0.00",
        "refund_owed": "30.79",
        "refunded": "0.00",
        "refund_due_on": "2026-12-07",
        "bank_transfer": None,
    }
    assert [each.state for each in shop.speedy.shipments] == [State.CANCELLED]
    assert await ledger_sums(shop) == ALL_BACK
    assert await shop.rows(ISSUED) == [("0000000001", "invoice", 3079), ("0000000002", "credit_note", 3079)]
    assert await shop.rows("SELECT snapshot #>> '{corrects,ground}' FROM documents WHERE kind = 'credit_note'") == [
        ("Отменена поръчка, стоката не е изпратена",)
    ]
    assert await story.concerns(shop) == [("posting", order["number"], "cancelled_after_posting")]
    assert await told(shop, order) == ["order_confirmation", *PAID, "order_cancelled", "invoice_issued"]
    [letter] = story.letters(shop, f"Поръчка № {order['number']} е отменена")
    assert letter["To"] == "iva@example.bg"
    said = body(letter, "plain")
    who = "както поискахте" if by == "customer" else "екипът ни отмени поръчка"
    for words in (who, "Ще Ви върнем 30,79\N{NO-BREAK SPACE}€ най-късно до 7 декември 2026", "по сметката, от която"):
        assert words in said


async def test_the_account_of_an_order_stops_it_too(shop: Shop) -> None:
    iva = await shop.account()
    placed = await shop.place(a_wish(await shop.cart(), payment_method=story.TRANSFER), **iva)
    order = placed.json()
    await story.pay(shop, order)
    answer = await shop.http.post(f"{order['links']['self']}/cancellation", headers=iva)
    assert answer.status_code == 204
    payment = (await shop.http.get(order["links"]["self"], headers=iva)).json()["payment"]
    assert (payment["refund_owed"], payment["refund_due_on"]) == ("30.79", "2026-12-07")


async def test_staff_see_what_is_owed_in_the_order(shop: Shop) -> None:
    order = await invoiced(shop)
    await story.cancel(shop, order)
    support = await shop.staff(StaffRole.SUPPORT)
    seen = (await shop.http.get(f"/v1/staff/orders/{order['number']}", headers=support)).json()["order"]["payment"]
    assert (seen["refund_owed"], seen["refund_due_on"]) == ("30.79", "2026-12-07")


async def test_cancelled_before_it_was_invoiced_no_invoice_is_issued(shop: Shop) -> None:
    """No label is made for it either, and no sale entered (complaint 25)."""
    order = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, order)
    assert (await story.cancel(shop, order)).status_code == 204
    await shop.run_jobs()
    assert (await shop.rows(ISSUED), shop.speedy.shipments, shop.icash.operations) == ([], [], [])
    assert await shop.count("labels") == 0
    assert await owed(shop, order) == ("30.79", "2026-12-07")
    assert await story.concerns(shop) == []


async def test_twenty_cancellations_of_a_paid_order_are_one(shop: Shop) -> None:
    order = await invoiced(shop, {"ION-H-SOFT-2": 2, "ION-SET-1": 1})
    answers = await at_once([story.cancel(shop, order) for _ in range(20)])
    await shop.run_jobs()
    assert statuses(answers) == {204: 20}
    assert [status for status, _, _ in await story.history(shop, order)] == ["placed", "confirmed", "cancelled"]
    assert await ledger_sums(shop) == ALL_BACK
    assert [kind for _, kind, _ in await shop.rows(ISSUED)] == ["invoice", "credit_note"]
    assert (await told(shop, order)).count("order_cancelled") == 1


async def test_of_a_process_that_dies_while_it_cancels_nothing_is_left(shop: Shop) -> None:
    order = await invoiced(shop)
    before = await contents(shop)
    session = shop.sessions()
    await cancel_order(session, await id_of(shop, order), at=NOON, by=Actor.CUSTOMER)
    await session.flush()
    await session.close()  # as its connection does that breaks
    assert await contents(shop) == before


async def test_what_is_left_of_the_invoice_is_credited(shop: Shop) -> None:
    order = await invoiced(shop)
    wish = {"ground": "Отстъпка", "lines": [{"position": 1, "amount": "1.00"}]}
    assert (await send(shop, order, "credit-notes", wish)).status_code == 201
    await story.cancel(shop, order)
    await shop.run_jobs()
    assert [(kind, total) for _, kind, total in await shop.rows(ISSUED)] == [
        ("invoice", 3079),
        ("credit_note", 100),
        ("credit_note", 2979),
    ]


async def test_a_credit_note_that_a_person_annuls_does_not_come_again(shop: Shop) -> None:
    order = await invoiced(shop)
    await story.cancel(shop, order)
    await shop.run_jobs()
    [(note,)] = await shop.rows("SELECT id FROM documents WHERE kind = 'credit_note'")
    assert (await annul(shop, note, {"ground": "Грешно известие"})).status_code == 201
    await shop.run_jobs()
    kinds = [kind for _, kind, _ in await shop.rows(ISSUED)]
    assert sorted(kinds) == ["annulment_protocol", "credit_note", "invoice"]


async def test_no_cash_is_collected_for_a_cancelled_order(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    assert story.parcel_of(shop, order).collected == Decimal("30.79")
    await story.cancel(shop, order)
    await shop.run_jobs()
    assert [(each.reference, each.state) for each in shop.speedy.shipments] == [(order["number"], State.CANCELLED)]
    assert await owed(shop, order) == ("0.00", None)
    [letter] = story.letters(shop, "е отменена")
    said = body(letter, "plain")
    assert "не сте длъжни да я приемете. Не дължите нищо." in said
    assert "върнем" not in said


@pytest.mark.parametrize("act", ["refunds", "credit-notes"])
async def test_a_full_refund_before_the_hand_over_is_a_cancellation(shop: Shop, act: str) -> None:
    order = await invoiced(shop)
    refund = {"means": "account", "refunded_on": "2026-11-23"}
    wish = WHOLE if act == "refunds" else {"ground": GROUND, "refund": refund}
    key = uuid4().hex
    for _ in range(2):
        assert (await send(shop, order, act, wish, key=key)).status_code == 201
    await shop.run_jobs()
    assert await story.status(shop, order) == ("cancelled", "cancelled")
    assert await ledger_sums(shop) == ALL_BACK
    assert shop.speedy.references() == []
    assert await owed(shop, order) == ("0.00", None)
    assert [(kind, total) for _, kind, total in await shop.rows(ISSUED)] == [("invoice", 3079), ("credit_note", 3079)]
    assert await shop.rows("SELECT amount FROM refunds") == [(3079,)]
    mailed = await told(shop, order)
    assert sorted(mailed[3:]) == ["invoice_issued", "order_cancelled", "order_refunded"]
    [letter] = story.letters(shop, "е отменена")
    assert "Платеното вече Ви е върнато" in body(letter, "plain")


async def test_a_partial_refund_is_no_cancellation_until_the_rest_went_back(shop: Shop) -> None:
    order = await invoiced(shop)
    assert (await send(shop, order, "refunds", {**WHOLE, "amount": "30.00"})).status_code == 201
    assert (await story.read(shop, order))["status"] == "confirmed"
    assert await owed(shop, order) == ("0.00", None), "of an order that goes on nothing is owed"
    assert (await send(shop, order, "refunds", {**WHOLE, "amount": "0.79"})).status_code == 201
    assert (await story.read(shop, order))["status"] == "cancelled"
    await shop.run_jobs()
    assert await ledger_sums(shop) == ALL_BACK
    assert (await told(shop, order)).count("order_refunded") == 2


async def test_a_full_refund_of_what_was_handed_over_cancels_nothing(shop: Shop) -> None:
    order = await invoiced(shop)
    await story.scan(shop, order, State.IN_TRANSIT)
    assert (await send(shop, order, "refunds", WHOLE)).status_code == 201
    assert await story.status(shop, order) == ("shipped", "handed_over")
    assert await shop.stock("ION-H-SOFT-2") == 98


async def gone_another_way(shop: Shop) -> dict[str, Any]:
    """Pay an order whose parcel the courier refuses, and let staff say that it goes another way."""
    shop.speedy.refuse_next(100, "sim.ordered")
    order = await invoiced(shop)
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        assert await settle(session, found, Settled.SHIPMENT, at=shop.clock.now())
    await shop.run_jobs()
    return order


@pytest.mark.parametrize("by", ["customer", "staff", "statement"])
async def test_what_went_another_way_than_by_the_courier_is_stopped_no_more(shop: Shop, by: str) -> None:
    order = await gone_another_way(shop)
    assert await story.status(shop, order) == ("shipped", "cancelled")
    if by == "statement":
        await state(shop, story.guest(order))
        await shop.run_jobs()
        assert await shop.rows("SELECT identity, settled_at FROM withdrawal_cases") == [("proved", None)]
    else:
        answer = await (story.cancel(shop, order) if by == "customer" else cancel_as_staff(shop, order))
        assert (answer.status_code, answer.json()["code"]) == (409, "order-cannot-move")
    await shop.run_jobs()
    assert await story.status(shop, order) == ("shipped", "cancelled")
    assert await shop.stock("ION-H-SOFT-2") == 98
    assert await owed(shop, order) == ("0.00", None)
    assert [kind for _, kind, _ in await shop.rows(ISSUED)] == ["invoice"]
    assert [operation.import_reference for operation in shop.icash.operations] == [order["number"]]


async def test_a_full_refund_of_what_went_another_way_gives_no_goods_back(shop: Shop) -> None:
    order = await gone_another_way(shop)
    assert (await send(shop, order, "refunds", WHOLE)).status_code == 201
    assert await story.status(shop, order) == ("shipped", "cancelled")
    assert await shop.stock("ION-H-SOFT-2") == 98


async def find_left_out_notes(shop: Shop) -> None:
    """Let the hour strike at which what a release beside this one left out is looked for."""
    [job] = [periodic for periodic in shop.work.periodic if periodic.name == "promise_missing_sales"]
    await job.run()
    await shop.run_jobs()


async def test_an_invoice_that_a_release_beside_this_one_left_standing_is_credited(shop: Shop) -> None:
    """Its worker takes the job of a cancelled order, and knows nothing to do."""
    order = await invoiced(shop)
    await story.cancel(shop, order)
    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))
    await find_left_out_notes(shop)
    assert await shop.rows(ISSUED) == [("0000000001", "invoice", 3079), ("0000000002", "credit_note", 3079)]
    done = (await shop.jobs())["issue_invoice", "succeeded"]
    await find_left_out_notes(shop)
    assert (await shop.jobs())["issue_invoice", "succeeded"] == done, "nothing is left of it"


async def test_a_note_that_a_person_annulled_or_that_waits_for_one_is_not_promised_again(shop: Shop) -> None:
    order = await invoiced(shop)
    await story.cancel(shop, order)
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = 'issue_invoice'"))
    before = await shop.jobs()
    await find_left_out_notes(shop)
    assert (await shop.jobs())["issue_invoice", "failed"] == before["issue_invoice", "failed"]
    await story.release(shop)
    [(note,)] = await shop.rows("SELECT id FROM documents WHERE kind = 'credit_note'")
    assert (await annul(shop, note, {"ground": "Грешно известие"})).status_code == 201
    await shop.run_jobs()
    done = (await shop.jobs())["issue_invoice", "succeeded"]
    await find_left_out_notes(shop)
    assert (await shop.jobs())["issue_invoice", "succeeded"] == done


async def test_whom_a_restriction_covers_gets_the_document_of_what_is_owed_back(shop: Shop) -> None:
    """It is the buyer's own claim, as the letter that promises it is (чл. 54 ЗЗП; GDPR Art. 18(2))."""
    iva = await shop.account()
    placed = await shop.place(a_wish(await shop.cart(), payment_method=story.TRANSFER), **iva)
    order = placed.json()
    await story.pay(shop, order)
    await shop.run_jobs()
    async with shop.sessions.begin() as session:
        person, at = Person("iva@example.bg", None), shop.clock.now()
        await restrict(session, person, ground=RestrictionGround.CLAIMS, request_id=None, at=at)
    assert (await shop.http.post(f"{order['links']['self']}/cancellation", headers=iva)).status_code == 204
    await shop.run_jobs()
    assert await told(shop, order) == ["order_confirmation", *PAID, "order_cancelled", "invoice_issued"]
    assert await story.parked(shop) == []


async def test_what_was_charged_on_top_is_credited_with_the_invoice(shop: Shop) -> None:
    order = await invoiced(shop)
    line = {"description": "Подаръчна опаковка", "amount": "2.40"}
    answer = await send(shop, order, "debit-notes", {"ground": "Поискана опаковка", "lines": [line]})
    assert answer.status_code == 201, answer.text
    await story.cancel(shop, order)
    await shop.run_jobs()
    assert [(kind, total) for _, kind, total in await shop.rows(ISSUED)] == [
        ("invoice", 3079),
        ("debit_note", 240),
        ("credit_note", 3079),
        ("credit_note", 240),
    ]
    corrected = "SELECT DISTINCT snapshot #>> '{corrects,number}' FROM documents WHERE kind = 'credit_note'"
    assert await shop.rows(corrected) == [("0000000001",)], "notes correct the invoice"


async def test_each_refund_is_told_and_the_last_one_ends_what_is_owed(shop: Shop) -> None:
    order = await invoiced(shop)
    await story.cancel(shop, order)
    first = await send(shop, order, "refunds", {**WHOLE, "amount": "10.00"})
    assert first.status_code == 201
    assert await owed(shop, order) == ("20.79", "2026-12-07")
    await shop.run_jobs()
    [letter] = story.letters(shop, "Върнахме Ви 10,00")
    said = body(letter, "plain").replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        "Начин: по банкова сметка",
        "Дата: 23 ноември 2026",
        "Остава да Ви върнем 20,79 €, най-късно до 7 дек",
    ):
        assert words in said
    assert (await send(shop, order, "refunds", {**WHOLE, "amount": "20.79"})).status_code == 201
    assert await owed(shop, order) == ("0.00", None)
    more = await send(shop, order, "refunds", {**WHOLE, "amount": "0.01"})
    assert (more.status_code, more.json()["left"]) == (422, "0.00")
    await shop.run_jobs()
    assert len(story.letters(shop, "Върнахме Ви")) == 2


async def test_a_transfer_that_lapses_is_told_and_an_order_that_nobody_confirmed_is_not(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    unproved = await shop.ordered(payment_method=story.TRANSFER)
    await shop.run_jobs()
    async with shop.sessions.begin() as session:
        found = await session.get_one(Order, await id_of(shop, unproved))
        found.confirmation_due_at = shop.clock.now()
    shop.clock.advance(days=8)
    [job] = [periodic for periodic in shop.work.periodic if periodic.name == "release_unpaid"]
    await job.run()
    await shop.run_jobs()
    assert [(await story.read(shop, each))["status"] for each in (order, unproved)] == ["cancelled", "cancelled"]
    assert await told(shop, order) == ["order_confirmation", "order_cancelled"]
    assert await told(shop, unproved) == ["order_confirmation"]
    [letter] = story.letters(shop, "е отменена")
    said = body(letter, "plain")
    assert "защото плащането по нея не постъпи в срок" in said
    assert "Ако преводът Ви вече е на път, не е нужно да правите нищо" in said
