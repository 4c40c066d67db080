"""What is owed to buyers of cancelled orders: listed by day, and written about before the day comes (чл. 54 ЗЗП)."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.auth.models import StaffRole
from app.upkeep.finding_standstills import Found, find_standstills
from app.upkeep.models import Still
from tests.checkout.watching import statements
from tests.fulfilment import story
from tests.fulfilment.test_correcting import invoiced, send
from tests.fulfilment.test_stopping import WHOLE
from tests.shop import Shop

OWED = "/v1/staff/owed-refunds"
REFUND = "refund_due"


async def listed(shop: Shop, **params: Any) -> dict[str, Any]:
    support = await shop.staff(StaffRole.SUPPORT, email=f"{uuid4().hex}@shop.example")
    answer = await shop.http.get(OWED, params=params, headers=support)
    assert answer.status_code == httpx.codes.OK, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def cancelled(shop: Shop) -> dict[str, Any]:
    order = await invoiced(shop)
    assert (await story.cancel(shop, order)).status_code == 204
    return order


async def test_staff_list_what_is_owed_the_most_urgent_first(shop: Shop) -> None:
    first = await cancelled(shop)
    shop.clock.advance(days=1)
    second, third = await cancelled(shop), await cancelled(shop)
    await send(shop, second, "refunds", {**WHOLE, "amount": "10.00", "refunded_on": "2026-11-24"})
    await send(shop, third, "refunds", {**WHOLE, "refunded_on": "2026-11-24"})
    shop.clock.at = datetime(2026, 12, 7, 22, 0, tzinfo=UTC)  # 8 December in Sofia

    page = await listed(shop, limit=1)
    assert page["items"] == [
        {
            "order_number": first["number"],
            "method": "bank_transfer",
            "amount": "30.79",
            "currency": "EUR",
            "due_on": "2026-12-07",
            "is_overdue": True,
        }
    ]
    rest = await listed(shop, cursor=page["next_cursor"])
    assert [(each["order_number"], each["amount"], each["due_on"], each["is_overdue"]) for each in rest["items"]] == [
        (second["number"], "20.79", "2026-12-08", False)
    ]
    assert rest["next_cursor"] is None
    assert await shop.rows(
        "SELECT detail FROM audit_entries WHERE subject = 'list_owed_refunds' AND action = 'personal_data_read'"
        " ORDER BY at, detail"
    ) == [(f"order:{each['number']}",) for each in (first, second)]


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyIyMDI2LTEyLTA3IiwgIngiXQ"])
async def test_an_unknown_cursor_is_refused(shop: Shop, cursor: str) -> None:
    support = await shop.staff(StaffRole.SUPPORT)
    answer = await shop.http.get(OWED, params={"cursor": cursor}, headers=support)
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor-unknown")


@pytest.mark.parametrize("role", [StaffRole.WAREHOUSE, StaffRole.ACCOUNTANT, StaffRole.EDITOR])
async def test_who_records_no_refunds_sees_none(shop: Shop, role: StaffRole) -> None:
    answer = await shop.http.get(OWED, headers=await shop.staff(role))
    assert (answer.status_code, answer.json()["code"]) == (403, "role-insufficient")


async def test_a_refund_asks_for_a_person_three_days_before_its_last(shop: Shop) -> None:
    order = await cancelled(shop)
    await shop.run_jobs()
    about = ("refund", order["number"], REFUND)
    shop.clock.at = datetime(2026, 12, 3, 21, 59, tzinfo=UTC)
    assert about not in await story.concerns(shop)
    shop.clock.at = datetime(2026, 12, 3, 22, 0, tzinfo=UTC)  # 4 December in Sofia
    assert about in await story.concerns(shop)
    async with shop.sessions() as session:
        still = await find_standstills(session, shop.app.state.standstill_limits, at=shop.clock.now())
    assert Found(Still.CONCERN, "refund", 1) in still, "and the shop is written to about it"
    shop.clock.advance(days=30)
    assert about in await story.concerns(shop)
    await send(shop, order, "refunds", WHOLE)
    assert about not in await story.concerns(shop)


async def test_an_order_is_shown_with_what_is_owed_in_one_select(shop: Shop) -> None:
    order = await cancelled(shop)
    with statements(shop) as sent:
        assert (await story.read(shop, order))["payment"]["refund_owed"] == "30.79"
    assert [statement for statement in sent if "orders" in statement] == sent[-1:]
