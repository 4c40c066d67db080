"""C1, C2: a parcel that the courier refuses is seen, put right by staff, and booked at once; the buyer is told."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.auth.models import StaffRole
from app.fulfilment.attention import CHECKING, reason
from app.fulfilment.jobs import BookShipment
from app.integrations.speedy.simulator.shipments import State
from tests.auth.members import audited, of_role
from tests.fulfilment import story
from tests.fulfilment.test_booking import asked
from tests.privacy.rights.asking import ask, decide, officer, problem
from tests.processes import PATIENCE
from tests.shop import Shop, open_shop

SOFIA = {"method": "address", "city": "София", "postcode": "1618", "street": "ул. Българска легия", "street_no": "2"}
WRONG = {**SOFIA, "postcode": "4000"}
LOOKED_UP = "/validation/address"
REFUSED_FOR_ADDRESS = "courier_refused_120_address"
TOLD = "SELECT parts, state FROM mails WHERE kind = 'order_corrected' ORDER BY created_at, parts"


async def misdirected(shop: Shop) -> dict[str, Any]:
    """Place an order to where nobody goes, while the courier cannot be asked."""
    shop.speedy.fail_with(503, on=LOOKED_UP)
    return await shop.ordered(delivery=WRONG)


async def refused(shop: Shop) -> dict[str, Any]:
    """Let the courier refuse the parcel of such an order."""
    order = await misdirected(shop)
    await shop.run_jobs()
    assert await story.concerns(shop) == [("shipment", order["number"], REFUSED_FOR_ADDRESS)]
    return order


async def correct(shop: Shop, desk: dict[str, str], order: dict[str, Any], **wish: Any) -> httpx.Response:
    return await shop.http.post(f"/v1/staff/orders/{order['number']}/corrections", json=wish, headers=desk)


async def id_of(shop: Shop, order: dict[str, Any]) -> UUID:
    [(order_id,)] = await shop.rows("SELECT id FROM orders WHERE number = :number", number=int(order["number"]))
    found: UUID = order_id
    return found


async def test_typed_c1_shopper_and_staff_see_what_became_of_a_refused_parcel(shop: Shop) -> None:
    order = await refused(shop)
    desk, _ = await of_role(shop, StaffRole.SUPPORT)
    seen = (await story.read(shop, order))["shipment"]
    assert (seen["status"], seen["needs_attention"], seen["reason"]) == ("waiting", True, CHECKING.bg)
    found = (await shop.http.get(f"/v1/staff/orders/{order['number']}", headers=desk)).json()["order"]["shipment"]
    [listed] = (await shop.http.get("/v1/staff/orders", headers=desk)).json()["items"]
    for each in (found, listed["shipment"]):
        assert each["needs_attention"] is True
        assert each["reason"] == "Куриерът отказа да приеме пратката: адресът (код 120)"
    english = await shop.http.get(f"/v1/staff/orders/{order['number']}", headers={**desk, "Accept-Language": "en"})
    assert english.json()["order"]["shipment"]["reason"] == "The courier refused the parcel: the address (code 120)"


async def test_typed_c1_what_is_not_the_buyers_to_mend_is_the_staffs_concern_alone(shop: Shop) -> None:
    shop.speedy.conduct.drop_cash_on_delivery = True
    order = await shop.ordered()
    await shop.run_jobs()
    desk, _ = await of_role(shop, StaffRole.SUPPORT)
    seen = (await story.read(shop, order))["shipment"]
    assert (seen["needs_attention"], seen["reason"]) == (False, None)
    found = (await shop.http.get(f"/v1/staff/orders/{order['number']}", headers=desk)).json()["order"]["shipment"]
    assert found["needs_attention"] is True
    assert found["reason"].startswith("В цената няма такса за наложен платеж")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("courier_refused_410_cash_on_delivery", "The courier refused the parcel: the cash on delivery (code 410)"),
        ("courier_refused_unnumbered", "The courier refused the parcel (code unnumbered)"),
        ("courier_refused_120", "The courier refused the parcel (code 120)"),
        ("label_refused_1", "The courier refused the label (code 1)"),
        ("courier_attention", "The courier has trouble with the parcel"),
        ("of_a_later_release", "of_a_later_release"),
    ],
)
def test_typed_c1_every_concern_has_words(code: str, said: str) -> None:
    assert reason(code).en == said


async def test_typed_c2_a_refused_parcel_is_mended_and_booked_at_once_and_the_buyer_is_told(shop: Shop) -> None:
    order = await refused(shop)
    desk, who = await of_role(shop, StaffRole.SUPPORT)
    assert (await correct(shop, desk, order, delivery=SOFIA)).status_code == 204
    seen = (await story.read(shop, order))["shipment"]
    assert (seen["status"], seen["needs_attention"]) == ("waiting", False)
    await shop.run_jobs()

    assert shop.speedy.references() == [order["number"]]
    assert story.parcel_of(shop, order).wish.recipient.address.post_code == "1618"  # type: ignore[union-attr] # it has one
    assert await story.status(shop, order) == ("confirmed", "booked")
    assert (await story.concerns(shop), await story.parked(shop)) == ([], [])
    assert [operation.import_reference for operation in shop.icash.operations] == [order["number"]]
    assert await shop.rows(TOLD) == [("place", "sent")]
    letter = story.letters(shop, f"Поправихме данните по поръчка № {order['number']}")[0]
    assert letter["To"] == "iva@example.bg"
    assert "1618" not in str(letter.get_body(("plain",)))
    assert (who, "personal_data_changed", f"correct_order number:{order['number']}", None) in await audited(shop)


async def test_typed_c2_name_phone_and_office_are_corrected_each_alone_and_together(shop: Shop) -> None:
    order = await refused(shop)
    desk, _ = await of_role(shop, StaffRole.SUPPORT)
    office = {"method": "office", "office_id": 14}
    assert (await correct(shop, desk, order, last_name="Петкова")).status_code == 204
    assert (await correct(shop, desk, order, phone="0888 123 457")).status_code == 204
    assert (await correct(shop, desk, order, first_name="Ивана", delivery=office)).status_code == 204
    assert await shop.rows(
        "SELECT first_name, last_name, phone, delivery_method, office_id, city, postcode, street, street_no FROM orders"
    ) == [("Ивана", "Петкова", "+359888123457", "office", 14, None, None, None, None)]
    await shop.run_jobs()
    assert shop.speedy.references() == [order["number"]]
    recipient = story.parcel_of(shop, order).wish.recipient
    assert recipient is not None
    assert (recipient.client_name, recipient.pickup_office_id, recipient.address) == ("Ивана Петкова", 14, None)
    assert {row[0] for row in await shop.rows(TOLD)} == {"name", "phone", "name place"}
    back = await shop.rows("SELECT told FROM (SELECT count(*) AS told FROM mails WHERE kind = 'order_corrected') AS m")
    assert back == [(3,)]


async def test_typed_c2_what_is_right_already_changes_nothing(shop: Shop) -> None:
    order = await refused(shop)
    desk, _ = await of_role(shop, StaffRole.SUPPORT)
    for wish in ({"delivery": SOFIA}, {"delivery": SOFIA, "first_name": "Ива"}):
        assert (await correct(shop, desk, order, **wish)).status_code == 204
    assert len(await shop.rows(TOLD)) == 1
    assert (await shop.jobs())["book_shipment", "todo"] == 1
    nothing = await correct(shop, desk, order)
    assert (nothing.status_code, nothing.json()["code"]) == (422, "invalid")


async def test_typed_c2_an_order_that_waits_to_be_paid_is_corrected_before_anything_is_booked(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    desk, _ = await of_role(shop, StaffRole.SUPPORT)
    assert (await correct(shop, desk, order, phone="0888123457")).status_code == 204
    await shop.run_jobs()
    assert shop.speedy.references() == []
    assert await shop.rows(TOLD) == [("phone", "sent")]
    await story.pay(shop, order)
    await shop.run_jobs()
    recipient = story.parcel_of(shop, order).wish.recipient
    assert recipient is not None
    assert recipient.phone1 is not None
    assert recipient.phone1.number == "+359888123457"


async def test_typed_c2_a_correction_to_where_nobody_goes_is_refused_with_the_field(shop: Shop) -> None:
    order = await refused(shop)
    desk, _ = await of_role(shop, StaffRole.SUPPORT)
    answer = await correct(shop, desk, order, delivery={"method": "office", "office_id": 999999})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/delivery/office_id")
    assert await shop.rows(TOLD) == []
    assert await story.parked(shop) == ["book_shipment"]


async def test_typed_c2_what_the_courier_has_or_what_is_over_is_not_corrected(shop: Shop) -> None:
    booked, cancelled = await shop.ordered(), await shop.ordered()
    await story.cancel(shop, cancelled)
    await shop.run_jobs()
    desk, _ = await of_role(shop, StaffRole.SUPPORT)
    answer = await correct(shop, desk, booked, phone="0888123457")
    assert problem(answer) == (409, "parcel-booked")
    assert answer.json()["waybill"] == story.parcel_of(shop, booked).id
    assert problem(await correct(shop, desk, cancelled, phone="0888123457")) == (409, "order-cannot-move")
    assert await shop.rows("SELECT DISTINCT phone FROM orders") == [("+359888123456",)]
    assert await shop.rows(TOLD) == []


async def test_typed_c2_a_correction_while_the_courier_is_asked_goes_with_the_parcel(shop: Shop) -> None:
    """The job has read the order, and has not sent it yet."""
    order = await misdirected(shop)
    desk, _ = await of_role(shop, StaffRole.SUPPORT)
    shop.speedy.answer_slowly(PATIENCE, on="/shipment/search")
    working = asyncio.create_task(shop.run_jobs())
    await asked(shop, "/shipment/search")
    assert (await correct(shop, desk, order, delivery=SOFIA)).status_code == 204
    shop.speedy.let_go.set()
    await working
    await story.retry(shop)

    assert shop.speedy.references() == [order["number"]]
    assert shop.speedy.calls["/shipment"] == 1, "what is wrong was never sent"
    assert await story.status(shop, order) == ("confirmed", "booked")
    assert (await story.concerns(shop), await story.parked(shop)) == ([], [])


async def test_typed_c2_a_correction_while_the_parcel_is_sent_is_refused(shop: Shop) -> None:
    order = await shop.ordered()
    desk, _ = await of_role(shop, StaffRole.SUPPORT)
    shop.speedy.answer_slowly(PATIENCE)
    working = asyncio.create_task(shop.run_jobs())
    await asked(shop, "/shipment")
    assert problem(await correct(shop, desk, order, phone="0888123457")) == (409, "parcel-being-booked")
    shop.speedy.let_go.set()
    await working
    assert problem(await correct(shop, desk, order, phone="0888123457")) == (409, "parcel-booked")
    assert await shop.rows("SELECT phone FROM orders") == [("+359888123456",)]


async def test_typed_c2_while_it_is_open_whether_the_courier_has_it_nothing_is_corrected(shop: Shop) -> None:
    order = await shop.ordered()
    shop.speedy.lose_next_answer()
    await shop.run_jobs()
    desk, _ = await of_role(shop, StaffRole.SUPPORT)
    assert problem(await correct(shop, desk, order, phone="0888123457")) == (409, "parcel-being-booked")
    # A refused look-up is no answer to what was sent.
    shop.speedy.refuse_next(400, "sim.service", on="/shipment/search")
    await story.retry(shop)
    assert await story.shipment(shop, order, "concern") == ("courier_refused_400_service",)
    assert problem(await correct(shop, desk, order, phone="0888123457")) == (409, "parcel-being-booked")
    await story.release(shop)
    assert await story.status(shop, order) == ("confirmed", "booked")


async def test_typed_c2_a_worker_killed_at_the_refusal_leaves_it_to_be_found_out_again(shop: Shop) -> None:
    order = await misdirected(shop)
    desk, _ = await of_role(shop, StaffRole.SUPPORT)
    shop.speedy.answer_slowly(PATIENCE)
    booking = asyncio.ensure_future(shop.work.handlers[BookShipment](BookShipment(await id_of(shop, order))))
    await asked(shop, "/shipment")
    booking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await booking
    shop.speedy.let_go.set()
    assert problem(await correct(shop, desk, order, delivery=SOFIA)) == (409, "parcel-being-booked")
    await shop.run_jobs()
    assert await story.shipment(shop, order, "concern", "sent_at") == (REFUSED_FOR_ADDRESS, None)
    assert (await correct(shop, desk, order, delivery=SOFIA)).status_code == 204
    await shop.run_jobs()
    assert shop.speedy.references() == [order["number"]]


async def test_typed_c2_an_explicit_refusal_lets_the_order_be_cancelled_without_asking_the_courier(shop: Shop) -> None:
    order = await refused(shop)
    assert await story.shipment(shop, order, "sent_at") == (None,)
    assert (await story.cancel(shop, order)).status_code == 204
    calls = dict(shop.speedy.calls)
    await shop.run_jobs()
    assert ("cancel_shipment", "succeeded") not in await shop.jobs()
    assert dict(shop.speedy.calls) == calls
    assert await story.concerns(shop) == []


async def test_typed_c2_an_order_cancelled_while_the_courier_refuses_it_concerns_nobody(shop: Shop) -> None:
    order = await misdirected(shop)
    shop.speedy.answer_slowly(PATIENCE)
    working = asyncio.create_task(shop.run_jobs())
    await asked(shop, "/shipment")
    assert (await story.cancel(shop, order)).status_code == 204
    shop.speedy.let_go.set()
    await working
    await shop.run_jobs()
    assert await story.concerns(shop) == []
    assert await story.status(shop, order) == ("cancelled", "cancelled")
    assert [parcel for parcel in shop.speedy.shipments if parcel.state is not State.CANCELLED] == []


async def test_typed_c2_a_refused_order_is_rectified_at_its_persons_request(shop: Shop) -> None:
    order = await refused(shop)
    me, desk = await shop.account(), await officer(shop)
    await shop.http.post("/v1/me/orders/claims", headers=me)
    request = await ask(
        shop, me, "rectification", text="Кодът е друг.", corrections=[{"wrong": "4000", "right": "1618"}]
    )
    fields = [{"field": "postcode", "wrong": "4000", "right": "1618"}]
    found = await decide(shop, desk, request, corrections=fields)
    [event] = [event for event in found["events"] if event["kind"] == "decided"]
    assert event["details"]["corrected"] == [
        {"table": "orders", "field": "postcode", "before": "4000", "after": "1618"}
    ]
    assert shop.speedy.references() == [order["number"]]


async def test_typed_c2_a_correction_asks_about_its_place_with_no_connection_held(stocked: str, tmp_path: Any) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        order = await shop.ordered(payment_method=story.TRANSFER)
        desk, _ = await of_role(shop, StaffRole.SUPPORT)
        plovdiv = {**SOFIA, "city": "Пловдив", "postcode": "4000"}
        assert (await correct(shop, desk, order, delivery=plovdiv)).status_code == 204
        assert shop.speedy.calls == {LOOKED_UP: 2}
