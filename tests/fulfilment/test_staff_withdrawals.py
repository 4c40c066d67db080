"""Staff see statements by the refund's clock, check whose they are before money moves, mend what bounced."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import event

from app.auth.models import StaffRole
from app.core.clock import legal_date
from app.integrations.speedy.simulator.shipments import State
from app.returns.alarms import list_refunds_near
from tests.fulfilment.story import TRANSFER, guest, letters, pay, scan
from tests.mail.letters import body
from tests.returns.stating import RECEIVED, a_statement, state
from tests.shop import Shop

QUEUE = "/v1/staff/withdrawals"


class Desk:
    """A member of support, and the statement they look at."""

    def __init__(self, shop: Shop, headers: dict[str, str]) -> None:
        self.shop, self.headers = shop, headers

    async def list(self, **query: Any) -> dict[str, Any]:
        answer = await self.shop.http.get(QUEUE, params=query, headers=self.headers)
        assert answer.status_code == httpx.codes.OK, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def one(self) -> dict[str, Any]:
        [found] = (await self.list())["items"]
        return dict(found)

    async def act(self, withdrawal_id: str, what: str, **body: Any) -> httpx.Response:
        return await self.shop.http.post(f"{QUEUE}/{withdrawal_id}/{what}", json=body, headers=self.headers)

    async def refund(self, order: dict[str, Any], **changes: Any) -> httpx.Response:
        return await self.shop.http.post(
            f"/v1/staff/orders/{order['number']}/refunds",
            json={"amount": order["totals"]["total"], "means": "account", "refunded_on": "2026-11-23", **changes},
            headers={**self.headers, "Idempotency-Key": uuid4().hex},
        )


@pytest.fixture
async def desk(shop: Shop) -> Desk:
    return Desk(shop, await shop.staff(StaffRole.SUPPORT))


async def later(shop: Shop) -> Desk:
    """Log in once more: sessions of staff last eight hours."""
    return Desk(shop, await shop.staff(StaffRole.SUPPORT, email=f"{uuid4()}@shop.example"))


async def test_the_queue_shows_what_is_known_of_each(shop: Shop, desk: Desk) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await scan(shop, order, State.DELIVERED)
    await state(shop, goods="меките глави")
    await shop.run_jobs()
    found = await desk.one()
    assert found == {
        "id": found["id"],
        "reference": "10001",
        "via": "online",
        "stated_at": "2026-11-23T10:00:00Z",
        "sent_on": None,
        "recorded_by": None,
        "name": "Ива Петрова",
        "email": "iva@example.bg",
        "stated_order": "100000001",
        "lines": None,
        "goods": "меките глави",
        "order_number": "100000001",
        "identity": "same_address",
        "identity_how": None,
        "in_time": True,
        "refund_due_on": "2026-12-07",
        "is_overdue": False,
        "receipt": "sent",
        "outcome": None,
        "settled_at": None,
        "settled_by": None,
        "settled_why": None,
    }
    answer = await shop.http.get(f"{QUEUE}/{found['id']}", headers=desk.headers)
    assert answer.json() == found


async def test_the_queue_goes_by_the_refunds_clock_page_by_page_in_one_select_each(shop: Shop) -> None:
    for _ in range(5):
        await state(shop, order_number="999999999")
        shop.clock.advance(days=1)
    desk = await later(shop)
    run: list[str] = []
    event.listen(shop.engine.sync_engine, "before_cursor_execute", lambda *called: run.append(called[2]))
    first = await desk.list(limit=3)
    assert len([statement for statement in run if "FROM withdrawals" in statement]) == 1
    second = await desk.list(limit=3, cursor=first["next_cursor"])
    assert [each["reference"] for each in first["items"] + second["items"]] == [f"{10_001 + n}" for n in range(5)]
    assert second["next_cursor"] is None
    assert len((await desk.list(state="unmatched"))["items"]) == 5
    shop.clock.at = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
    desk = await later(shop)
    assert [each["is_overdue"] for each in (await desk.list())["items"]] == [True, False, False, False, False]


async def test_too_late_is_said_and_not_refused(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await scan(shop, order, State.DELIVERED)
    shop.clock.at = datetime(2026, 12, 8, 1, 0, tzinfo=UTC)
    await state(shop)
    await shop.run_jobs()
    assert (await (await later(shop)).one())["in_time"] is False


async def test_an_unmatched_statement_is_matched_and_of_two_who_do_one_is_told(shop: Shop, desk: Desk) -> None:
    await shop.ordered()
    await shop.ordered()
    await state(shop, order_number="поръчката от вчера")
    await shop.run_jobs()
    found = await desk.one()
    assert (found["order_number"], found["in_time"]) == (None, None)
    answers = await asyncio.gather(
        *(desk.act(found["id"], "match", order_number=number) for number in ("100000001", "100000002"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [refused] = [answer.json() for answer in answers if answer.status_code == 409]
    now = (await desk.one())["order_number"]
    assert (refused["code"], refused["order_number"]) == ("withdrawal-changed", now)
    other = {"100000001": "100000002", "100000002": "100000001"}[now]
    assert (await desk.act(found["id"], "match", order_number=other, instead_of=now)).json()["order_number"] == other
    assert (await desk.act(found["id"], "match", order_number="100000009", instead_of=other)).status_code == 404


async def test_whose_order_it_is_is_checked_before_money_moves(shop: Shop, desk: Desk) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order)
    await state(shop, email="stranger@example.bg")
    await shop.run_jobs()
    found = await desk.one()
    refused = await desk.refund(order, withdrawal=found["reference"])
    assert (refused.status_code, refused.json()["code"]) == (409, "withdrawer-unchecked")
    assert refused.json()["reference"] == found["reference"]
    assert await shop.count("refunds") == 0
    settled = await desk.act(found["id"], "settlement", outcome="refunded")
    assert settled.json()["code"] == "withdrawer-unchecked"

    how = "Обаждане на телефона от поръчката"
    checked = await desk.act(found["id"], "identity", order_number=order["number"], how=how)
    assert (checked.json()["identity"], checked.json()["identity_how"]) == ("checked", how)
    again = await desk.act(found["id"], "identity", order_number=order["number"], how="Друго")
    assert again.json()["code"] == "withdrawer-checked"
    missing = await desk.act(found["id"], "settlement", outcome="refunded")
    assert missing.json()["code"] == "refund-missing"

    assert (await desk.refund(order, amount="10.00", withdrawal=found["reference"])).status_code == 201
    incomplete = await desk.act(found["id"], "settlement", outcome="refunded")
    assert incomplete.json()["code"] == "refund-incomplete"
    assert incomplete.json()["left"] == str(Decimal(order["totals"]["total"]) - 10)
    answers = await asyncio.gather(
        *(desk.act(found["id"], "settlement", outcome="refunded", why="Част не е върната") for _ in range(2))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert (await desk.list())["items"] == []
    [done] = (await desk.list(state="settled"))["items"]
    assert (done["outcome"], done["settled_by"].partition(":")[0]) == ("refunded", "staff")


async def test_a_strangers_statement_stands_in_no_refunds_way_and_is_not_settled_by_it(shop: Shop, desk: Desk) -> None:
    """Numbers of orders can be guessed: whoever names them all must not stop every refund."""
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order)
    await state(shop, email="stranger@example.bg")
    await shop.run_jobs()
    assert (await desk.refund(order)).status_code == 201
    found = await desk.one()
    assert (found["identity"], found["outcome"]) == ("unproved", None)
    answer = await desk.act(found["id"], "settlement", outcome="not_a_withdrawal", why="Шега")
    assert answer.json()["settled_why"] == "Шега"


async def test_a_refund_names_an_open_statement_of_its_own_order(shop: Shop, desk: Desk) -> None:
    order, another = await shop.ordered(payment_method=TRANSFER), await shop.ordered()
    await pay(shop, order)
    await state(shop, guest(another), order_number=another["number"], goods="едната")
    await state(shop, order_number="поръчката от вчера")
    await shop.run_jobs()
    for named, problem in (
        ("10001", "withdrawal-changed"),
        ("10002", "withdrawal-unmatched"),
        ("10003", "not-found"),
    ):
        assert (await desk.refund(order, withdrawal=named)).json()["code"] == problem
    assert await shop.count("refunds") == 0


async def test_with_all_of_it_back_the_buyers_statements_are_settled_and_nobody_is_alarmed(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order)
    await state(shop, guest(order))
    await state(shop, email="stranger@example.bg")
    await shop.run_jobs()
    desk = await later(shop)
    assert (await desk.refund(order, amount="1.00", withdrawal="10001")).status_code == 201
    assert len((await desk.list())["items"]) == 2
    rest = str(Decimal(order["totals"]["total"]) - 1)
    assert (await desk.refund(order, amount=rest)).status_code == 201
    assert [each["reference"] for each in (await desk.list())["items"]] == ["10002"]
    [done] = (await desk.list(state="settled"))["items"]
    assert (done["reference"], done["outcome"]) == ("10001", "refunded")
    assert done["settled_by"].startswith("staff:")
    shop.clock.advance(days=12)
    async with shop.sessions() as session:
        near = await list_refunds_near(session, legal_date(shop.clock.now()))
    assert [number for number, _ in near] == [10_002]


async def test_a_refund_from_before_a_statement_does_not_settle_it(shop: Shop, desk: Desk) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order)
    assert (await desk.refund(order, amount="5.00")).status_code == 201
    shop.clock.advance(minutes=1)
    await state(shop, guest(order), goods="едната")
    await shop.run_jobs()
    found = await desk.one()
    missing = await desk.act(found["id"], "settlement", outcome="refunded")
    assert missing.json()["code"] == "refund-missing"
    assert (await desk.refund(order, amount="5.00")).status_code == 201
    assert (await desk.act(found["id"], "settlement", outcome="refunded")).json()["outcome"] == "refunded"


@pytest.mark.parametrize("outcome", ["nothing_owed", "not_a_withdrawal"])
async def test_where_no_money_goes_back_it_is_said_why_and_a_mistake_is_taken_back(
    shop: Shop, desk: Desk, outcome: str
) -> None:
    await state(shop)
    await shop.run_jobs()
    withdrawal_id = (await desk.one())["id"]
    for why in ({}, {"why": "я" * 201}):
        refused = await desk.act(withdrawal_id, "settlement", outcome=outcome, **why)
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/why"]
    early = await desk.act(withdrawal_id, "reopening", why="Грешка")
    assert (early.status_code, early.json()["code"]) == (409, "withdrawal-open")
    settled = await desk.act(withdrawal_id, "settlement", outcome=outcome, why="Шега")
    assert (settled.json()["outcome"], settled.json()["settled_why"]) == (outcome, "Шега")

    assert (await desk.act(withdrawal_id, "reopening")).status_code == 422
    opened = await desk.act(withdrawal_id, "reopening", why="Не беше шега")
    assert opened.json() == {
        **settled.json(),
        "outcome": None,
        "settled_at": None,
        "settled_by": None,
        "settled_why": "Не беше шега",
    }
    assert (await desk.one())["id"] == withdrawal_id
    audited = await shop.rows("SELECT action FROM audit_entries WHERE subject LIKE 'reopen_withdrawal %'")
    assert audited == [("personal_data_changed",)]


@pytest.mark.parametrize(("sent_on", "in_time"), [(None, False), ("2026-12-07", True), ("2026-12-08", False)])
async def test_a_letter_is_in_time_by_the_day_it_was_posted_and_the_clock_runs_from_its_receipt(
    shop: Shop,
    sent_on: str | None,
    in_time: bool,  # noqa: FBT001 - pytest's parameter
) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await scan(shop, order, State.DELIVERED)
    shop.clock.at = datetime(2026, 12, 10, 10, 0, tzinfo=UTC)
    desk = await later(shop)
    said = a_statement(stated_at="2026-12-10T09:00:00Z", via="post", sent_on=sent_on)
    assert (await shop.http.post(QUEUE, json=said, headers=desk.headers)).status_code == 201
    await shop.run_jobs()
    found = await desk.one()
    assert (found["sent_on"], found["in_time"], found["refund_due_on"]) == (sent_on, in_time, "2026-12-24")


@pytest.mark.parametrize(("via", "sent_on"), [("phone", "2026-11-20"), ("post", "2026-11-24")])
async def test_only_a_letter_is_posted_and_before_it_comes(shop: Shop, desk: Desk, via: str, sent_on: str) -> None:
    said = a_statement(stated_at="2026-11-23T09:00:00Z", via=via, sent_on=sent_on)
    refused = await shop.http.post(QUEUE, json=said, headers=desk.headers)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/sent_on"]
    assert await shop.count("withdrawals") == 0


async def test_what_was_told_by_phone_is_recorded_as_of_then_and_receipted(shop: Shop, desk: Desk) -> None:
    order = await shop.ordered()
    said = a_statement(stated_at="2026-11-22T15:00:00Z", via="phone", order_number=order["number"])
    made = await shop.http.post(QUEUE, json=said, headers=desk.headers)
    assert made.status_code == 201
    assert (made.json()["stated_at"], made.json()["refund_due_on"]) == ("2026-11-22T15:00:00Z", "2026-12-06")
    await shop.run_jobs()
    [letter] = letters(shop, RECEIVED)
    assert "по телефона на 22 ноември 2026 г., 17:00 ч." in " ".join(body(letter, "plain").split())
    later = {**said, "key": str(uuid4()), "stated_at": "2026-11-23T10:00:01Z"}
    late = await shop.http.post(QUEUE, json=later, headers=desk.headers)
    assert (late.status_code, late.json()["code"]) == (422, "stated-in-future")
    unknown = {**said, "key": str(uuid4()), "email": None, "via": "post"}
    answer = await shop.http.post(QUEUE, json=unknown, headers=desk.headers)
    assert answer.json()["receipt"] == "none"
    await shop.run_jobs()
    assert len(letters(shop, RECEIVED)) == 1


async def test_a_bounce_is_noted_and_the_same_words_go_to_another_address(shop: Shop, desk: Desk) -> None:
    await state(shop)
    await shop.run_jobs()
    [receipt] = letters(shop, RECEIVED)
    found = await desk.one()
    assert (await desk.act(found["id"], "bounces", message_id="<another@shop.example>")).status_code == 404
    noted = await desk.act(found["id"], "bounces", message_id=receipt["Message-ID"])
    assert noted.json()["receipt"] == "refused"
    assert (await desk.act(found["id"], "receipts", email="iva@right.example")).json()["receipt"] == "waiting"
    twice = await desk.act(found["id"], "receipts", email="IVA@right.example")
    assert twice.json()["code"] == "receipt-waiting"
    await shop.run_jobs()
    [first, second] = letters(shop, RECEIVED)
    assert (body(second, "plain"), second["To"]) == (body(first, "plain"), "iva@right.example")
    assert (await desk.one())["receipt"] == "sent"
