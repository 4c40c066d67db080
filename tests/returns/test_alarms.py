"""What the shop is told of statements: each receipt once, refunds by the day, and never more than a mail an hour."""

from datetime import UTC, datetime, time
from email.message import EmailMessage
from uuid import uuid4

import httpx
from sqlalchemy import text

from app.auth.models import StaffRole
from app.core.db import forget
from app.core.jobs import Promise, defer
from app.mail.holding import BeforeTheDayEnds
from app.mail.jobs import SendMail
from app.mail.personal_data import letters_due
from app.returns.alarms import mind_withdrawals
from tests.fulfilment.story import TRANSFER, letters, retry
from tests.mail.letters import body
from tests.returns.stating import RECEIVED, state
from tests.shop import Shop

PACE = BeforeTheDayEnds(time(17))
ALARM = "Внимание: заявления за отказ"
SETTLED = "SELECT count(*) FROM withdrawal_cases WHERE settled_at IS NOT NULL"


async def alarms(shop: Shop) -> list[EmailMessage]:
    """Let the worker look; returns every alarm so far."""
    await mind_withdrawals(shop.sessions, shop.clock, "office@example.com", PACE)
    await shop.run_jobs()
    return letters(shop, ALARM)


async def bounce(shop: Shop) -> None:
    """Note that the last receipt came back."""
    receipt = letters(shop, RECEIVED)[-1]
    headers = await shop.staff(StaffRole.SUPPORT, email=f"{uuid4()}@shop.example")
    [[withdrawal_id]] = await shop.rows("SELECT id FROM withdrawals ORDER BY number DESC LIMIT 1")
    noted = await shop.http.post(
        f"/v1/staff/withdrawals/{withdrawal_id}/bounces",
        json={"message_id": receipt["Message-ID"]},
        headers=headers,
    )
    assert noted.status_code == httpx.codes.OK, noted.text


def said(alarm: EmailMessage) -> str:
    return " ".join(body(alarm, "plain").split())


async def test_a_bounce_is_told_of_a_settled_statement_too_and_once_for_good(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await state(shop, {"X-Order-Token": order["access_token"]}, order_number=order["number"])
    await shop.run_jobs()
    assert await shop.rows(SETTLED) == [(1,)]
    await bounce(shop)
    [alarm] = await alarms(shop)
    assert alarm["To"] == "office@example.com"
    assert "Разписки, които не бяха доставени: 1 (№ 10001)." in said(alarm)
    shop.clock.advance(days=40)
    due = letters_due(shop.clock.now())
    async with shop.sessions.begin() as session:
        await forget(session, due.table, due.which)
    assert await shop.rows("SELECT kind FROM mails WHERE order_id IS NULL") == [("withdrawal_receipt",)]
    assert len(await alarms(shop)) == 1
    assert await shop.rows("SELECT kind FROM mails WHERE order_id IS NULL") == [("withdrawal_receipt",)]


async def let_wait(shop: Shop) -> None:
    """Put the jobs off, as a mail server that is away does."""
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'"))


async def test_a_receipt_that_still_waits_when_the_working_day_is_over_is_told_once(shop: Shop) -> None:
    shop.clock.at = datetime(2026, 11, 23, 14, 50, tzinfo=UTC)
    await state(shop, order_number="999999999")
    await let_wait(shop)
    assert await alarms(shop) == []
    shop.clock.at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    [alarm] = await alarms(shop)
    assert "макар че работният ден изтече: 1 (№ 10001)." in said(alarm)
    shop.clock.advance(days=2)
    assert len(await alarms(shop)) == 1
    await retry(shop)
    assert len(letters(shop, RECEIVED)) == 1
    await bounce(shop)
    assert "не бяха доставени: 1 (№ 10001)." in said((await alarms(shop))[1])


async def test_what_is_stated_after_the_working_day_is_not_late_before_the_next_one_ends(shop: Shop) -> None:
    shop.clock.at = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)  # a Friday
    await state(shop, order_number="999999999")
    await let_wait(shop)
    shop.clock.at = datetime(2026, 11, 30, 14, 59, tzinfo=UTC)
    assert await alarms(shop) == []
    shop.clock.advance(minutes=1)
    assert len(await alarms(shop)) == 1


async def test_an_hour_brings_one_alarm_however_many_receipts_come_back(shop: Shop) -> None:
    for count in range(3):
        await state(shop, order_number="999999999", email=f"nobody{count}@example.bg")
        await shop.run_jobs()
        await bounce(shop)
        assert len(await alarms(shop)) == 1
        shop.clock.advance(minutes=10)
    shop.clock.advance(hours=1)
    [_, alarm] = await alarms(shop)
    assert "не бяха доставени: 2 (№ 10002, № 10003)." in said(alarm)
    shop.clock.advance(hours=1)
    assert len(await alarms(shop)) == 2


async def test_refunds_that_near_their_day_or_are_past_it_are_told_once_a_day_together(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    for number in (order["number"], order["number"], "999999999"):
        await state(shop, order_number=number)
        await shop.run_jobs()
    # What is of no order waits in the queue.
    for day, count in ((3, 0), (4, 1), (7, 2), (8, 3)):
        shop.clock.at = datetime(2026, 12, day, 9, 0, tzinfo=UTC)
        for _ in range(2):
            assert len(await alarms(shop)) == count, day
            shop.clock.advance(hours=2)
    alarm = said(letters(shop, ALARM)[0])
    assert "наближава или е изтекъл: 2 (№ 10001, № 10002). Първият срок е 7 декември 2026 г." in alarm
    settle = "UPDATE withdrawal_cases SET settled_at = now(), settled_by = 's', outcome = 'nothing_owed'"
    async with shop.sessions.begin() as session:
        await session.execute(text(settle))
    shop.clock.advance(days=1)
    assert len(await alarms(shop)) == 3


async def test_the_job_of_a_mail_that_came_back_with_others_ends(shop: Shop) -> None:
    """Of two in one message, the second one's own job looks after the bounce whether there is more to do."""
    await state(shop)
    await shop.run_jobs()
    await bounce(shop)
    assert await shop.rows("SELECT state, refusal, carried_by FROM mails") == [("refused", "bounced", None)]
    [[mail_id]] = await shop.rows("SELECT id FROM mails")
    async with shop.sessions.begin() as session:
        await defer(session, Promise(SendMail(mail_id)))
    await shop.run_jobs()
    assert len(letters(shop, RECEIVED)) == 1
    assert await shop.rows("SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'") == [(0,)]
