"""A buyer is written to when the payment came, the parcel left, and it waits: each once, while it is still so."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from app.fulfilment.concerns import Settled, settle
from app.integrations.speedy.simulator.shipments import State
from app.orders import queries as orders
from tests.fulfilment import story
from tests.fulfilment.story import OFFICE, TRANSFER, letters
from tests.fulfilment.test_stopping import told
from tests.fulfilment.viewing import key_of, see
from tests.mail.letters import Page, body
from tests.shop import Shop, a_wish

PAID, SHIPPED, READY = "payment_received", "order_shipped", "ready_for_pickup"
LATER = text(
    "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'"
    " WHERE task_name = 'send_mail' AND status = 'todo'"
)


async def booked(shop: Shop, **changes: Any) -> dict[str, Any]:
    order = await shop.ordered(**changes)
    await shop.run_jobs()
    return order


async def move(shop: Shop, order: dict[str, Any], to: State) -> None:
    """Let Speedy move the parcel, and ask it; the mails of it wait."""
    shop.speedy.advance(story.parcel_of(shop, order), to)
    await shop.track()


async def test_e5_a_transfer_that_came_whole_is_told_once(shop: Shop) -> None:
    order = await booked(shop, payment_method=TRANSFER)
    await story.pay(shop, order, "10.00")
    await shop.run_jobs()
    assert PAID not in await told(shop, order)
    for amount in ("20.79", "5.00"):  # the second is more than was awaited
        await story.pay(shop, order, amount)
        await shop.run_jobs()
    assert (await told(shop, order)).count(PAID) == 1
    [letter] = letters(shop, "Получихме плащането")
    assert letter["Subject"] == f"Получихме плащането по поръчка № {order['number']}"
    assert letter["To"] == "iva@example.bg"
    assert "Получихме 30,79\N{NO-BREAK SPACE}€ по поръчка" in body(letter, "plain")
    assert (await see(shop, order["number"], key_of(shop, order))).status_code == 200


async def test_e5_what_the_courier_collects_is_no_payment_to_be_told_of(shop: Shop) -> None:
    order = await booked(shop)
    await story.scan(shop, order, State.DELIVERED)
    await story.pay(shop, order)
    await shop.run_jobs()
    assert PAID not in await told(shop, order)


async def test_e5_a_payment_of_an_order_called_off_meanwhile_is_told_with_what_goes_back(shop: Shop) -> None:
    order = await booked(shop, payment_method=TRANSFER)
    await story.pay(shop, order)
    assert (await story.cancel(shop, order)).status_code == 204
    await shop.run_jobs()
    sent = await told(shop, order)
    assert (sent.count(PAID), sent.count("order_cancelled")) == (0, 1)


async def test_e5_a_parcel_that_left_is_told_once_however_often_it_is_scanned(shop: Shop) -> None:
    order = await booked(shop)
    for state in (State.ACCEPTED, State.IN_TRANSIT, State.OUT):
        shop.clock.advance(hours=1)
        await move(shop, order, state)
        await asyncio.gather(shop.track(), shop.track())
        await shop.run_jobs()
    assert (await told(shop, order)).count(SHIPPED) == 1
    [letter] = letters(shop, "Изпратихме поръчка")
    waybill = story.parcel_of(shop, order).id
    assert f"https://www.speedy.bg/bg/track-shipment?shipmentNumber={waybill}" in Page(body(letter, "html")).links
    assert "Пригответе 30,79\N{NO-BREAK SPACE}€" in body(letter, "plain")
    for personal in ("Петрова", "1618 София", "888123456"):  # nobody has proved the address
        assert personal not in body(letter, "plain")


async def test_e5_a_parcel_that_waits_at_an_office_is_told_once_in_the_buyer_s_language(shop: Shop) -> None:
    wish = a_wish(await shop.cart(), delivery=OFFICE, payment_method=TRANSFER)
    order = (await shop.place(wish, **{"Accept-Language": "en"})).json()
    await story.pay(shop, order)
    await shop.run_jobs()
    await move(shop, order, State.IN_TRANSIT)
    await shop.run_jobs()
    shop.clock.advance(hours=1)
    await move(shop, order, State.READY)
    for _ in range(2):
        await asyncio.gather(shop.track(), shop.track())
        await shop.run_jobs()
    sent = await told(shop, order)
    assert [sent.count(kind) for kind in (PAID, SHIPPED, READY)] == [1, 1, 1]
    assert letters(shop, "We have your payment")
    assert letters(shop, "is on its way")
    [letter] = letters(shop, "is ready for pickup")
    assert letter["Subject"] == f"Your order no. {order['number']} is ready for pickup"
    assert "you pay" not in body(letter, "plain")
    assert any(link.startswith("https://www.speedy.bg/en/") for link in Page(body(letter, "html")).links)


@pytest.mark.parametrize("to", [State.DELIVERED, State.RETURNED])
async def test_e5_nobody_is_sent_for_a_parcel_that_waits_no_longer(shop: Shop, to: State) -> None:
    order = await booked(shop, delivery=OFFICE)
    await move(shop, order, State.READY)
    shop.clock.advance(hours=1)
    await move(shop, order, to)
    await shop.run_jobs()
    assert {SHIPPED, READY}.isdisjoint(await told(shop, order))


@pytest.mark.parametrize(("to", "mailed"), [(State.READY, [READY]), (State.RETURNING, [])])
async def test_e5_what_no_longer_travels_to_the_buyer_is_not_told_as_on_its_way(
    shop: Shop, to: State, mailed: list[str]
) -> None:
    order = await booked(shop, delivery=OFFICE)
    await move(shop, order, to)
    await shop.run_jobs()
    assert await told(shop, order) == ["order_confirmation", *mailed, "invoice_issued"]


async def test_e5_a_payment_told_late_is_not_said_to_be_followed_by_a_parcel_that_came(shop: Shop) -> None:
    order = await booked(shop, payment_method=TRANSFER)
    await story.pay(shop, order)
    async with shop.sessions.begin() as session:
        await session.execute(LATER)
    await shop.run_jobs()
    await move(shop, order, State.DELIVERED)
    await shop.make_due()
    await shop.run_jobs()
    assert await told(shop, order) == ["order_confirmation", "invoice_issued"]


async def test_e5_a_parcel_called_off_is_told_as_cancelled_once_and_never_as_sent(shop: Shop) -> None:
    order = await booked(shop)
    answers = await asyncio.gather(*(story.cancel(shop, order) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {204}
    await shop.run_jobs()
    await shop.track()
    await shop.run_jobs()
    assert await told(shop, order) == ["order_confirmation", "order_cancelled"]


async def test_e5_what_goes_another_way_than_with_the_courier_is_told_without_a_waybill(shop: Shop) -> None:
    shop.speedy.conduct.money_transfer_allowed = False
    order = await booked(shop)
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        assert await settle(session, found, Settled.SHIPMENT, at=shop.clock.now())
    await shop.run_jobs()
    assert (await told(shop, order)).count(SHIPPED) == 1
    [letter] = letters(shop, "Изпратихме поръчка")
    assert "товарителница" not in body(letter, "plain")
    assert "speedy" not in body(letter, "html")
