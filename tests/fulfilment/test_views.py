"""The link in an order's mails shows how it stands, and opens nothing but that view (complaint 14)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from app.auth.link_tokens import link_token
from app.auth.models import StaffRole
from app.core.secrets import Secret
from app.fulfilment.confirming import CONFIRM
from app.integrations.speedy.simulator.shipments import State
from app.orders.view_keys import read_view_key
from tests.checkout.watching import contents, statements
from tests.fulfilment.story import TRANSFER, pay, read, scan
from tests.fulfilment.viewing import key_of, refused, see, view_link
from tests.shop import Shop, open_shop

SECRETS = ("Петрова", "iva@example.bg", "+359888123456", "Българска легия", "1618", "София")


async def test_the_link_in_the_mail_shows_the_order(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await shop.run_jobs()
    assert view_link(shop, order).startswith(f"http://127.0.0.1:8000/orders/{order['number']}#view=0.")

    answer = await see(shop, order["number"], key_of(shop, order), **{"Accept-Language": "en"})

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    seen = answer.json()
    transfer = seen.pop("transfer")
    svg = transfer.pop("code_svg")
    assert seen == {
        "number": order["number"],
        "status": "placed",
        "placed_at": "2026-11-23T10:00:00Z",
        "confirmation_due_at": None,
        "name": "Ива П.",
        "lines": seen["lines"],
        "totals": order["totals"],
        "payment": {
            "method": TRANSFER,
            "status": "awaited",
            "amount": order["totals"]["total"],
            "due_on": "2026-11-30",
            "came": "0.00",
            "missing": order["totals"]["total"],
            "refund_owed": "0.00",
            "refunded": "0.00",
            "refund_due_on": None,
        },
        "shipment": None,
        "history": [{"status": "placed", "at": "2026-11-23T10:00:00Z"}],
        "withdrawal": {"open": True, "until": None},
    }
    assert [(line["sku"], line["quantity"]) for line in seen["lines"]] == [("ION-H-SOFT-2", 2), ("DELIVERY", 1)]
    assert transfer == {
        "beneficiary": "„Комплийт Дентал Солюшънс“ ЕООД",
        "iban": "BG80BNBG96611020345678",
        "bic": "BNBGBGSD",
        "reference": order["number"],
        "amount": order["totals"]["total"],
        "currency": "EUR",
        "due_on": "2026-11-30",
        "code": "BCD\n002\n1\nSCT\nBNBGBGSD\n„Комплийт Дентал Солюшънс“ ЕООД\nBG80BNBG96611020345678\n"
        f"EUR{order['totals']['total']}\n\n\n{order['number']}",
    }
    assert svg.startswith("<svg ")
    for secret in SECRETS:
        assert secret not in answer.text
    assert order["access_token"] not in answer.text


async def test_what_is_paid_is_not_asked_for_again_and_the_parcel_is_followed(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await shop.run_jobs()
    key = key_of(shop, order)
    await pay(shop, order)
    await shop.run_jobs()

    seen = (await see(shop, order["number"], key)).json()

    assert seen["transfer"] is None
    assert seen["payment"]["status"] == "received"
    waybill = seen["shipment"]["waybill"]
    assert seen["shipment"]["tracking"] == f"https://www.speedy.bg/bg/track-shipment?shipmentNumber={waybill}"
    assert [event["status"] for event in seen["history"]] == ["placed", "confirmed"]


async def test_e1_an_order_shows_how_to_pay_as_the_201_did_until_it_is_paid(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    told = order["payment"]["bank_transfer"]
    assert told["code"].endswith(f"BG80BNBG96611020345678\nEUR30.79\n\n\n{order['number']}")
    assert (await read(shop, order))["payment"]["bank_transfer"] == told
    await pay(shop, order, "10.00")
    missing = {**told, "amount": "20.79", "code": told["code"].replace("30.79", "20.79")}
    assert (await read(shop, order))["payment"]["bank_transfer"] == missing
    await pay(shop, order, "20.79")
    assert (await read(shop, order))["payment"]["bank_transfer"] is None


async def test_e1_nobody_is_told_to_pay_the_courier_s_money_by_transfer(shop: Shop) -> None:
    order = await shop.ordered()
    assert order["payment"]["bank_transfer"] is None
    assert (await read(shop, order))["payment"]["bank_transfer"] is None


async def test_e1_an_order_that_has_to_be_confirmed_is_not_to_be_paid_before(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, unproved_pieces=1) as shop:
        order = await shop.ordered(payment_method=TRANSFER)
        assert order["confirmation_due_at"] is not None
        assert order["payment"]["bank_transfer"] is None
        assert (await read(shop, order))["payment"]["bank_transfer"] is None


async def test_an_order_that_waits_for_its_link_is_not_to_be_paid_yet(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await shop.run_jobs()
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE orders SET confirmation_due_at = placed_at + interval '1 day'"))
    assert (await see(shop, order["number"], key_of(shop, order))).json()["transfer"] is None


async def test_complaint_14_every_other_key_is_answered_as_an_order_that_is_not_there(shop: Shop) -> None:
    order, other = await shop.ordered(), await shop.ordered()
    await shop.run_jobs()
    key = key_of(shop, order)
    not_there = refused(await see(shop, "999999999", key))
    foreign = Secret.of("another secret of the tests")
    opened = read_view_key(shop.app.state.secret, key)
    assert opened is not None
    assert not_there[0] == 404
    for wrong in (
        key_of(shop, other),
        key[:-1] + ("A" if key[-1] != "A" else "B"),
        "1" + key[1:],
        "0" + key,
        f"0.{link_token(foreign, 'view-order:0', opened.order_id)}",
        f"0.{link_token(shop.app.state.secret, CONFIRM, opened.order_id)}",
        order["access_token"],
        "x",
    ):
        assert refused(await see(shop, order["number"], wrong)) == not_there, wrong


async def test_complaint_14_a_stranger_with_a_number_learns_nothing_by_the_work_either(shop: Shop) -> None:
    """What was never made is refused before any order is looked at."""
    order = await shop.ordered()
    await shop.run_jobs()
    await see(shop, order["number"], "0." + "A" * 64)
    asked = []
    for number in (order["number"], "999999999"):
        with statements(shop) as sent:
            answer = await see(shop, number, "0." + "A" * 64)
        asked.append((refused(answer), list(sent)))
    assert asked[0] == asked[1]
    assert len(asked[0][1]) == 1  # the allowance


async def test_complaint_14_a_genuine_key_makes_no_work_of_other_numbers_that_exist(shop: Shop) -> None:
    """A key is looked up with its own order: of another's number nothing is read, as of one that does not exist."""
    order, other = await shop.ordered(), await shop.ordered()
    await shop.run_jobs()
    key = key_of(shop, order)
    asked = []
    for number in (other["number"], "999999999"):
        with statements(shop) as sent:
            answer = await see(shop, number, key)
        asked.append((refused(answer), list(sent)))
    assert asked[0] == asked[1]
    assert "orders.id = %(order_id)" in asked[0][1][-1]


async def test_a_look_is_one_select_beside_the_allowance(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await shop.run_jobs()
    key = key_of(shop, order)
    await see(shop, order["number"], key)
    before = await contents(shop)
    with statements(shop) as sent:
        await see(shop, order["number"], key)
    assert len(sent) == 2, sent
    assert await contents(shop) == before


async def test_the_key_opens_nothing_but_the_view(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await shop.run_jobs()
    key = key_of(shop, order)
    before = await contents(shop)
    here = f"/v1/orders/{order['number']}"
    bare = key.partition(".")[2]

    for token in (key, bare):
        headers = {"X-Order-Token": token}
        assert (await shop.http.get(here, headers=headers)).status_code == 404
        assert (await shop.http.get(f"{here}/declaration", headers=headers)).status_code == 404
        assert (await shop.http.get(f"{here}/documents", headers=headers)).status_code == 404
        assert (await shop.http.post(f"{here}/cancellation", headers=headers)).status_code == 404
        assert (await shop.http.get(here, headers={"Authorization": f"Bearer {token}"})).status_code == 401
    for act in ("confirmation", "access"):
        assert (await shop.http.post(f"{here}/{act}", json={"token": bare})).status_code == 422
    for act in ("/v1/auth/reset-password", "/v1/registrations/confirmation"):
        answer = await shop.http.post(act, json={"token": bare, "new_password": "седем стълби към морето"})
        assert answer.status_code in {404, 422}
    assert await contents(shop) == before


async def test_it_works_until_the_guarantee_ends(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    key = key_of(shop, order)
    shop.clock.advance(days=3 * 365)
    assert (await see(shop, order["number"], key)).status_code == 200  # not delivered yet
    await scan(shop, order, State.DELIVERED)
    delivered_at = shop.clock.now()
    withdrawal = (await see(shop, order["number"], key)).json()["withdrawal"]
    assert withdrawal == {"open": True, "until": "2029-12-07T01:00:00Z"}
    shop.clock.at = datetime(2029, 12, 7, 1, tzinfo=UTC)
    assert (await see(shop, order["number"], key)).json()["withdrawal"] == {**withdrawal, "open": False}
    shop.clock.at = delivered_at.replace(year=delivered_at.year + 2)
    assert (await see(shop, order["number"], key)).status_code == 200
    shop.clock.advance(days=1)
    assert (await see(shop, order["number"], key)).status_code == 404


async def test_staff_end_the_links_that_were_mailed(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await shop.run_jobs()
    key = key_of(shop, order)
    support = await shop.staff(StaffRole.SUPPORT)

    revoked = await shop.http.post(f"/v1/staff/orders/{order['number']}/view-keys/revocation", headers=support)

    assert revoked.status_code == 204
    assert refused(await see(shop, order["number"], key)) == refused(await see(shop, "999999999", key))
    await pay(shop, order)
    await shop.run_jobs()  # the invoice
    assert (await see(shop, order["number"], key_of(shop, order))).status_code == 200
    assert (await see(shop, order["number"], key)).status_code == 404


async def test_a_key_of_the_secret_before_works_until_that_is_dropped(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    found = read_view_key(Secret.of("a newer one"), key_of(shop, order))
    assert found is None
    kept = read_view_key(Secret.of("a newer one,a secret of the tests"), key_of(shop, order))
    assert kept == read_view_key(shop.app.state.secret, key_of(shop, order))


@pytest.mark.parametrize("key", ["", "0." + "A" * 80])
async def test_what_has_no_shape_of_a_key_is_refused_without_repeating_it(shop: Shop, key: str) -> None:
    answer = await see(shop, "100000001", key)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/key"
    assert not key or key not in answer.text


async def test_one_origin_may_look_so_often(shop: Shop) -> None:
    for _ in range(120):
        assert (await see(shop, "100000001", "x")).status_code == 404
    answer = await see(shop, "100000001", "x")
    assert answer.status_code == 429
    shop.clock.advance(minutes=15)
    assert (await see(shop, "100000001", "x")).status_code == 404
