"""Runs: on record, gone on with after a kill, past what somebody holds; disputes hold to a day."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import StaffRole
from app.orders.models import OrderStatus as S
from app.privacy.retention import running
from app.privacy.retention.rules import Rule
from app.privacy.retention.running import Keeper, RunFailed
from tests.checkout.watching import statements
from tests.privacy.retention.test_rules import ended, keeper, run
from tests.processes import PATIENCE
from tests.shop import NOON, Shop

HOLDS = "/v1/staff/retention/holds"


async def finished(shop: Shop, count: int = 1) -> None:
    for _ in range(count):
        await shop.ordered()
    await ended(shop, S.DELIVERED, NOON)
    shop.clock.at = NOON + timedelta(days=366 * 2)


async def reachable(shop: Shop) -> int:
    [(count,)] = await shop.rows("SELECT count(*) FROM orders WHERE email <> ''")
    return int(count)


async def test_s48_a_dispute_holds_to_its_last_day_and_then_the_data_are_erased(shop: Shop) -> None:
    await finished(shop)
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    day = shop.clock.at.date()
    wish = {"email": "IVA@example.bg", "ground": "гр. д. № 12/2031", "until": str(day + timedelta(days=10))}
    answer = await shop.http.post(HOLDS, json=wish, headers=officer)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    counts = (await shop.http.get("/v1/staff/retention/dry-run", headers=officer)).json()["counts"]
    assert counts["order_contact"] == {"due": 0, "held": 1, "gone": 0}
    await run(shop)
    assert await reachable(shop) == 1
    shop.clock.advance(days=10)
    await run(shop)
    assert await reachable(shop) == 1
    shop.clock.advance(days=1)
    await run(shop)
    assert await reachable(shop) == 0
    assert await shop.rows("SELECT action FROM audit_entries WHERE action LIKE 'hold%'") == [("hold_set",)]


async def test_s48_a_hold_that_is_lifted_holds_no_more(shop: Shop) -> None:
    await finished(shop, 2)
    [(first,), _] = await shop.rows("SELECT id::text FROM orders ORDER BY number")
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    wish = {"order_id": first, "ground": "рекламация", "until": "2099-12-31"}
    made = (await shop.http.post(HOLDS, json=wish, headers=officer)).json()
    await run(shop)
    assert await reachable(shop) == 1
    answer = await shop.http.post(f"{HOLDS}/{made['id']}/lifting", headers=officer)
    assert answer.json()["lifted_at"] is not None
    await run(shop)
    assert await reachable(shop) == 0
    assert [each["id"] for each in (await shop.http.get(HOLDS, headers=officer)).json()["items"]] == [made["id"]]


async def test_g3_a_batch_takes_the_same_statements_however_many_orders_it_has(shop: Shop) -> None:
    """None is written, read and planned anew for each number of orders."""
    taken = []
    for count in (1, 3):
        shop.clock.at = NOON
        await finished(shop, count)
        shop.clock.at = NOON + timedelta(days=366 * 13)
        with statements(shop) as sent:
            await run(shop)
        assert await shop.count("orders") == 0
        taken.append(sent)
    assert taken[0] == taken[1]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"until": "2020-01-01"}, "hold-without-end"),
        ({"order_id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"}, "hold-of-one"),
        ({"email": None}, "hold-of-one"),
    ],
)
async def test_a_hold_is_of_one_thing_and_has_an_end(shop: Shop, changes: dict[str, object], problem: str) -> None:
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    wish = {"email": "iva@example.bg", "ground": "спор", "until": "2030-01-01", **changes}
    answer = await shop.http.post(HOLDS, json=wish, headers=officer)
    assert (answer.status_code, answer.json()["code"]) == (422, problem)
    assert await shop.count("retention_holds") == 0


async def test_a_run_that_was_cut_off_is_gone_on_with(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await finished(shop, 5)
    monkeypatch.setattr(running, "BATCH", 2)
    done = 0

    class Cut(Rule):
        """Stands for a process that dies: the third batch never comes."""

    original = keeper(shop)
    [contact] = [rule for rule in original.rules if rule.key == "order_contact"]

    async def act(session: AsyncSession, ids: object) -> None:
        nonlocal done
        if done == 2:
            raise asyncio.CancelledError
        done += 1
        await contact.act(session, ids)  # type: ignore[attr-defined] # an ActRule

    broken = Keeper(shop.sessions, [replace(contact, act=act)], shop.clock)  # type: ignore[call-arg] # as above
    with pytest.raises(asyncio.CancelledError):
        await broken.run(by="test")
    assert await reachable(shop) == 1
    assert await shop.rows("SELECT finished_at FROM retention_runs") == [(None,)]
    await run(shop)
    assert await reachable(shop) == 0


async def test_what_somebody_holds_is_left_for_the_next_time(shop: Shop) -> None:
    await finished(shop, 2)
    async with shop.sessions() as session:
        await session.execute(text("SELECT id FROM orders ORDER BY number LIMIT 1 FOR UPDATE"))
        await asyncio.wait_for(run(shop), PATIENCE)
        assert await reachable(shop) == 1
    await run(shop)
    assert await reachable(shop) == 0


async def test_a_rule_that_fails_keeps_no_other_from_being_run(shop: Shop) -> None:
    await finished(shop)
    rules = keeper(shop).rules
    [words] = [rule for rule in rules if rule.key == "order_words"]

    async def act(_session: AsyncSession, _ids: object) -> None:
        raise ZeroDivisionError

    broken = [replace(words, act=act), *(rule for rule in rules if rule is not words)]  # type: ignore[call-arg] # an ActRule
    with pytest.raises(RunFailed, match="order_words: ZeroDivisionError"):
        await Keeper(shop.sessions, broken, shop.clock).run(by="test")
    assert await reachable(shop) == 0
    assert await shop.rows("SELECT failed FROM retention_runs") == [("order_words: ZeroDivisionError",)]


async def test_staff_have_the_worker_run_it_and_read_what_became_of_it(shop: Shop) -> None:
    await finished(shop)
    await shop.run_jobs()  # an order that a job holds is left for the next run
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    assert (await shop.http.post("/v1/staff/retention/runs", headers=officer)).status_code == httpx.codes.ACCEPTED
    await shop.run_jobs()
    [one] = (await shop.http.get("/v1/staff/retention/runs", headers=officer)).json()["items"]
    assert one["by"].startswith("staff:")
    assert one["counts"]["order_contact"] == {"due": 1, "held": 0, "gone": 1}
    rules = (await shop.http.get("/v1/staff/retention/rules", headers=officer)).json()["items"]
    [contact] = [rule for rule in rules if rule["key"] == "order_contact"]
    assert contact["term"].startswith("2 години от доставката, колкото е законовата гаранция")
    assert (contact["does"], contact["factors"]) == ("anonymise", ["service", "claims"])


async def test_ends_that_an_earlier_release_did_not_note_are_read_off_the_history(shop: Shop) -> None:
    order = await shop.ordered()
    cancelled = await shop.http.post(
        f"/v1/orders/{order['number']}/cancellation", headers={"X-Order-Token": order["access_token"]}
    )
    assert cancelled.is_success, cancelled.text
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE orders SET finished_at = NULL"))
    shop.clock.advance(days=367)
    [daily] = [periodic for periodic in shop.work.periodic if periodic.name == "retention"]
    await daily.run()
    assert await shop.count("orders") == 0
