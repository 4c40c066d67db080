"""C8: mail that its server defers (4xx) is left alone for longer each time, given up after five days, and told of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.core.jobs import Backoff, release
from app.mail.deferring import GIVEN_UP_AFTER, PAUSES, TRIES
from app.mail.ports import MailDeferred
from app.returns.alarms import mind_withdrawals
from tests.core.test_jobs import a_job
from tests.fulfilment.story import TRANSFER, concerns, pay, retry
from tests.integrations.smtp.server import MailServer
from tests.privacy.rights.asking import ask, mind
from tests.returns.stating import state
from tests.returns.test_alarms import PACE
from tests.shop import Shop, open_shop
from tests.upkeep.standing_still import forget_workers, look, make_worker

DEFERRED = "450 4.2.2 <iva@example.bg> mailbox full"
TO_IVA = "SELECT kind, state, refusal, deferrals FROM mails WHERE address = 'iva@example.bg' ORDER BY id"
WAITS = "SELECT FROM procrastinate_jobs WHERE task_name = 'send_mail' AND status = 'todo'"
TRIES_IN_FIVE_DAYS = 37


@asynccontextmanager
async def posting_to(server: MailServer, database: str, folder: Path) -> AsyncIterator[Shop]:
    async with server.running():
        account: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_encryption": "none"}
        async with open_shop(database, folder, **account) as shop:
            yield shop


async def try_until_given_up(shop: Shop) -> list[timedelta]:
    """Let time pass as the schedule has it; returns how long each pause was."""
    pauses: list[timedelta] = []
    while await shop.rows(WAITS):
        assert len(pauses) < 2 * TRIES_IN_FIVE_DAYS
        [(retry_at,)] = await shop.rows("SELECT max(retry_at) FROM mails")
        pauses.append(retry_at - shop.clock.now())
        shop.clock.at = retry_at
        await retry(shop)
    return pauses


async def be_deferred_once_more_after_five_days(shop: Shop) -> None:
    """Let what was deferred have been so as often as in five days, and try it again."""
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE mails SET deferrals = :tries WHERE deferrals > 0"), {"tries": TRIES})
    shop.clock.advance(days=5)
    await retry(shop)


async def told(shop: Shop) -> list[tuple[str, str, int]]:
    """Look whether work stands still; returns what the shop is written to about."""
    await look(shop)
    found = await shop.rows("SELECT found FROM standstill_alarms ORDER BY made_at DESC LIMIT 1")
    return [(each["kind"], each["subject"], each["count"]) for [alarm] in found for each in alarm]


@pytest.mark.slow
async def test_typed_c8_pauses_grow_and_after_five_days_a_mail_is_given_up_and_the_shop_told(
    stocked: str, tmp_path: Path
) -> None:
    server = MailServer({"RCPT": DEFERRED})
    async with posting_to(server, stocked, tmp_path) as shop:
        await make_worker(shop)
        await state(shop, order_number="999999999")
        began = shop.clock.now()
        await shop.run_jobs()
        assert await shop.rows(TO_IVA) == [("withdrawal_receipt", "waiting", None, 1)]

        pauses = await try_until_given_up(shop)

        assert pauses[: len(PAUSES)] == list(PAUSES)
        assert {*pauses[len(PAUSES) :]} == {PAUSES[-1]}
        assert began + GIVEN_UP_AFTER <= shop.clock.now() < began + GIVEN_UP_AFTER + PAUSES[-1]
        assert server.verbs.count("RCPT") == len(pauses) + 1 == TRIES_IN_FIVE_DAYS
        assert await shop.rows(TO_IVA) == [("withdrawal_receipt", "refused", "450 4.2.2", 0)]
        server.answers = {}
        assert await told(shop) == [("parked", "send_mail", 1)]
        await shop.run_jobs()
        [letter] = server.letters
        assert shop.settings.seller_email in letter.recipient
        assert "send_mail: 1" in letter.message.get_body(("plain",)).get_content()  # type: ignore[union-attr] # it has one


async def test_typed_c8_a_receipt_is_told_of_when_the_day_is_over_and_again_when_it_is_given_up(
    stocked: str, tmp_path: Path
) -> None:
    server = MailServer({"RCPT": DEFERRED})
    async with posting_to(server, stocked, tmp_path) as shop:
        await state(shop, order_number="999999999")
        await shop.run_jobs()
        told_at = "SELECT alarmed_at FROM mails WHERE kind = 'withdrawal_receipt'"
        shop.clock.advance(days=1)
        await mind_withdrawals(shop.sessions, shop.clock, shop.settings.seller_email, PACE)
        assert await shop.rows(told_at) == [(shop.clock.now(),)]
        await be_deferred_once_more_after_five_days(shop)
        assert [row[1] for row in await shop.rows(TO_IVA)] == ["refused"]

        for later in (0, 2):
            shop.clock.advance(hours=later)
            await mind_withdrawals(shop.sessions, shop.clock, shop.settings.seller_email, PACE)
            assert await shop.rows(told_at) == [(shop.clock.now() - timedelta(hours=later),)]


async def test_typed_c8_what_is_given_up_of_an_order_is_a_concern_and_its_next_mail_goes(
    stocked: str, tmp_path: Path
) -> None:
    server = MailServer({"RCPT": "451 4.7.1 greylisted"})
    async with posting_to(server, stocked, tmp_path) as shop:
        order = await shop.ordered(payment_method=TRANSFER)
        await shop.run_jobs()
        await pay(shop, order)
        await shop.run_jobs()
        assert [row[3] for row in await shop.rows(TO_IVA)] == [1, 0, 0], "the others wait behind the first"
        await be_deferred_once_more_after_five_days(shop)

        confirmation, paid, invoice = await shop.rows(TO_IVA)
        assert confirmation == ("order_confirmation", "refused", "451 4.7.1", 0)
        assert paid == ("payment_received", "waiting", None, 1)
        assert invoice == ("invoice_issued", "waiting", None, 0)
        assert ("mail", order["number"], "451 4.7.1") in await concerns(shop)


async def test_typed_c8_released_by_a_person_it_has_its_five_days_again(stocked: str, tmp_path: Path) -> None:
    server = MailServer({"RCPT": DEFERRED})
    async with posting_to(server, stocked, tmp_path) as shop:
        await state(shop, order_number="999999999")
        await shop.run_jobs()
        await be_deferred_once_more_after_five_days(shop)
        async with shop.sessions.begin() as session:
            assert await release(session, name="send_mail") == 1
        await shop.run_jobs()
        assert (await shop.jobs())["send_mail", "todo"] == 1
        server.answers = {}
        await retry(shop)
        assert await shop.rows(TO_IVA) == [("withdrawal_receipt", "sent", None, 1)]


@pytest.mark.parametrize("away", [{"CONNECT": "cut"}, {"CONNECT": "421 4.3.2 closing"}, {"RCPT": "421 4.3.2 closing"}])
async def test_typed_c8_nothing_is_given_up_for_the_time_in_which_the_relay_was_away(
    stocked: str, tmp_path: Path, away: dict[str, str]
) -> None:
    server = MailServer({"RCPT": DEFERRED})
    async with posting_to(server, stocked, tmp_path) as shop:
        await state(shop, order_number="999999999")
        await shop.run_jobs()
        server.answers = away
        for _ in range(4):
            shop.clock.advance(days=3)
            await retry(shop)
        server.answers = {"RCPT": DEFERRED}
        await retry(shop)
        assert await shop.rows(TO_IVA) == [("withdrawal_receipt", "waiting", None, 2)]
        server.answers = {}
        await retry(shop)
        assert [row[1] for row in await shop.rows(TO_IVA)] == ["sent"]


async def test_typed_c8_who_looks_for_standstills_leaves_its_own_mail_alone_as_long(
    stocked: str, tmp_path: Path
) -> None:
    """Where no worker lives, each look would send it again."""
    server = MailServer({"RCPT": DEFERRED})
    async with posting_to(server, stocked, tmp_path) as shop:
        await forget_workers(shop)
        await look(shop)
        shop.clock.advance(minutes=10)  # the patience for workers that are changed
        await look(shop)
        tries = []
        for _ in range(90):
            shop.clock.advance(minutes=2)
            before = server.verbs.count("RCPT")
            try:
                await look(shop)
            except MailDeferred:
                tries.append(shop.clock.now())
            assert server.verbs.count("RCPT") - before <= 1
        pauses = [after - before for before, after in pairwise(tries)]
        assert all(made >= due for made, due in zip(pauses, PAUSES, strict=False))
        assert len(tries) == 7 - 1, tries  # of 1, 5, 15, 30, 60 and 120 minutes


def test_typed_c8_a_job_waits_as_long_as_its_fault_says() -> None:
    for pause in PAUSES:
        for attempts in (0, 1000):
            decided = Backoff().get_retry_decision(exception=MailDeferred("450", pause), job=a_job(attempts))
            assert decided is not None
            assert decided.retry_at is not None
            wait = decided.retry_at - datetime.now(decided.retry_at.tzinfo)
            assert pause * 0.49 < wait <= pause


async def test_typed_c8_an_alarm_to_the_shop_does_not_wait_behind_a_mail_that_a_mailbox_defers(
    stocked: str, tmp_path: Path
) -> None:
    server = MailServer({"RCPT": DEFERRED})
    async with posting_to(server, stocked, tmp_path) as shop:
        await ask(shop, await shop.account())
        await shop.run_jobs()
        for _ in range(3):  # the pause is half an hour now
            await retry(shop)
        shop.clock.advance(days=23)
        server.answers, server.letters = {}, []
        await mind(shop)
        assert [letter.recipient for letter in server.letters] == [f"RCPT TO:<{shop.settings.seller_email}>"]
        assert ("request_received", "waiting", None, 4) in await shop.rows(TO_IVA)


async def test_typed_c8_a_mail_is_not_given_up_for_days_on_which_it_could_not_be_tried(
    stocked: str, tmp_path: Path
) -> None:
    server = MailServer({"RCPT": DEFERRED})
    async with posting_to(server, stocked, tmp_path) as shop:
        await state(shop, order_number="999999999")
        await shop.run_jobs()
        for _ in range(len(PAUSES)):
            [(retry_at,)] = await shop.rows("SELECT max(retry_at) FROM mails")
            shop.clock.at = retry_at
            await retry(shop)
        server.answers = {"CONNECT": "cut"}
        shop.clock.advance(days=5)
        await retry(shop)
        server.answers = {"RCPT": DEFERRED}
        await retry(shop)
        assert await shop.rows(TO_IVA) == [("withdrawal_receipt", "waiting", None, len(PAUSES) + 2)]
