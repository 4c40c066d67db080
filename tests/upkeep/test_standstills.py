"""That work stands still is written about: once, with a reminder, also when nobody is left to send the mail (B9)."""

import asyncio
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.auth.models import StaffRole
from app.core.holders import Person
from app.core.personal import Recipient
from app.fulfilment.posting import promise_sale
from app.mail.ports import MailUnavailable
from app.privacy.restricting import RestrictionGround, restrict
from app.upkeep.finding_standstills import WORDS
from app.upkeep.models import Still
from tests.mail.letters import body
from tests.shop import Shop
from tests.upkeep.standing_still import forget_workers, look, make_job, make_worker

SUBJECT = "Внимание: работа на магазина стои"


def letters(shop: Shop) -> list[str]:
    """Read what was written to the shop about work that stands still, oldest first."""
    found = [message_from_bytes(file.read_bytes(), policy=default) for file in sorted(shop.mails.glob("*.eml"))]
    mine = [letter for letter in found if letter["Subject"] == SUBJECT]
    assert all(letter["To"] == shop.settings.seller_email for letter in mine)
    return [body(letter, "plain") for letter in mine]


async def promised(shop: Shop) -> int:
    """Count the mails about it, whatever became of them."""
    [(count,)] = await shop.rows("SELECT count(*) FROM mails WHERE kind = 'standstill'")
    return int(count)


async def told(shop: Shop) -> list[tuple[str, str, int]]:
    """Return what the newest mail is about."""
    [(found,)] = await shop.rows("SELECT found FROM standstill_alarms ORDER BY made_at DESC, id DESC LIMIT 1")
    return [(each["kind"], each["subject"], each["count"]) for each in found]


async def test_what_moves_is_not_written_about(shop: Shop) -> None:
    await make_worker(shop)
    await make_job(shop, "send_mail", minutes=14)
    await make_job(shop, "take_backup", status="doing", minutes=600)
    await make_job(shop, "track_shipments", status="succeeded", minutes=600)
    await look(shop)
    assert await promised(shop) == 0
    assert await shop.count("standstills") == 0


async def test_a_parked_job_is_written_about_once_and_again_a_day_later(shop: Shop) -> None:
    await make_worker(shop)
    await make_job(shop, "book_shipment", status="failed", attempts=8)
    for _ in range(3):
        await look(shop)
        shop.clock.advance(hours=7)
    assert await promised(shop) == 1
    assert await told(shop) == [("parked", "book_shipment", 1)]
    shop.clock.advance(hours=2, minutes=59)
    await look(shop)
    assert await promised(shop) == 1
    shop.clock.advance(minutes=1)
    await look(shop)
    assert await promised(shop) == 2
    await shop.run_jobs()
    first, second = letters(shop)
    assert "спрени задачи book_shipment: 1" in first
    assert "23 ноември 2026 г., 12:00 ч." in first
    assert "24 ноември 2026 г., 12:00 ч." in second


async def test_f4_a_mail_of_a_clock_that_ran_ahead_does_not_silence_the_alarm(shop: Shop) -> None:
    await make_worker(shop)
    await make_job(shop, "book_shipment", status="failed", attempts=8)
    now = shop.clock.at
    shop.clock.advance(days=90)
    await look(shop)
    shop.clock.at = now
    await look(shop)
    assert await promised(shop) == 2
    await look(shop)
    assert await promised(shop) == 2


async def test_a_further_kind_is_written_about_at_once_together_with_what_lasts(shop: Shop) -> None:
    await make_worker(shop)
    await make_job(shop, "book_shipment", status="failed")
    await look(shop)
    await make_job(shop, "book_shipment", status="failed")
    await look(shop)
    assert await promised(shop) == 1
    await make_job(shop, "post_sale", status="failed")
    await look(shop)
    assert await promised(shop) == 2
    assert await told(shop) == [("parked", "book_shipment", 2), ("parked", "post_sale", 1)]


async def test_a_concern_is_written_about_without_whose_it_is(shop: Shop) -> None:
    await make_worker(shop)
    order = await shop.ordered()
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE shipments SET concern = 'courier_refused'"))
        await session.execute(text("UPDATE postings SET concern = 'person_restricted'"))
    await look(shop)
    assert await told(shop) == [("concern", "shipment", 1)], "a restriction ends by itself"
    await shop.run_jobs()
    [letter] = letters(shop)
    assert "въпроси за решаване, shipment: 1" in letter
    for personal in (order["number"], "Ива", "Петрова", "iva@example.bg"):
        assert personal not in letter


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        ("UPDATE postings SET concern = :seen", "receipt_outstanding"),
        ("UPDATE shipments SET concern = :seen", "courier_unsure"),
        ("UPDATE shipments SET concern = :seen", "parcel_not_called_off"),
    ],
)
async def test_a_concern_that_passes_by_itself_is_written_about_when_it_lasts(shop: Shop, kept: str, code: str) -> None:
    await make_worker(shop)
    await shop.agree(*Recipient)
    await shop.ordered()
    await shop.run_jobs()
    for seen in (code, None, code):
        async with shop.sessions.begin() as session:
            await session.execute(text(kept), {"seen": seen})
        shop.clock.advance(minutes=14)
        await look(shop)
    assert await promised(shop) == 0
    shop.clock.advance(minutes=14)
    await look(shop)
    assert await promised(shop) == 0
    shop.clock.advance(minutes=1)
    await look(shop)
    assert await told(shop) == [("concern", code, 1)]


async def test_what_grows_is_written_about_again_an_hour_later_at_the_soonest(shop: Shop) -> None:
    await make_worker(shop)
    await make_job(shop, "post_sale", status="failed")
    await look(shop)
    for _ in range(2):
        await make_job(shop, "post_sale", status="failed")
        shop.clock.advance(minutes=29)
        await look(shop)
    assert await promised(shop) == 1
    shop.clock.advance(minutes=2)
    await look(shop)
    assert await told(shop) == [("parked", "post_sale", 3)]
    for _ in range(2):
        shop.clock.advance(hours=2)
        await look(shop)
    assert await promised(shop) == 2
    await make_job(shop, "post_sale", status="failed")
    await look(shop)
    assert await promised(shop) == 3


async def test_a_queue_that_grows_is_not_written_about_again(shop: Shop) -> None:
    await make_worker(shop)
    await make_job(shop, "post_sale", minutes=16)
    await look(shop)
    await make_job(shop, "post_sale", minutes=16)
    shop.clock.advance(hours=2)
    await look(shop)
    assert await promised(shop) == 1


async def test_what_waits_for_a_restrictions_end_is_not_written_about(shop: Shop) -> None:
    await make_worker(shop)
    await shop.agree(*Recipient)
    await shop.ordered()
    [(order_id,)] = await shop.rows("SELECT id FROM orders")
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE orders SET status = 'delivered'"))
        person, ground = Person("iva@example.bg", None), RestrictionGround.CLAIMS
        await restrict(session, person, ground=ground, request_id=None, at=shop.clock.now())
        await promise_sale(session, order_id, at=shop.clock.now())
    await shop.run_jobs()
    assert {name for name, status in await shop.jobs() if status == "failed"} == {"send_mail", "post_sale"}
    await look(shop)
    assert await promised(shop) == 0


async def test_an_old_queue_is_written_about_however_often_its_job_was_tried(shop: Shop) -> None:
    await make_worker(shop)
    await make_job(shop, "post_sale", attempts=4, minutes=16)
    async with shop.sessions.begin() as session:  # its next try is an hour off
        await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'"))
    await make_job(shop, "send_mail", minutes=14)
    await look(shop)
    assert await told(shop) == [("queue", "", 1)]
    [(found,)] = await shop.rows("SELECT found -> 0 ->> 'minutes' FROM standstill_alarms")
    assert found == "16"


async def test_a_job_for_another_day_does_not_wait(shop: Shop) -> None:
    await make_worker(shop)
    await make_job(shop, "send_mail", minutes=60)
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'"))
    await look(shop)
    assert await promised(shop) == 0


async def test_with_the_only_worker_dead_whoever_looks_sends_the_mail(shop: Shop) -> None:
    await make_worker(shop, silent_seconds=31)
    await look(shop)
    shop.clock.advance(minutes=5)
    await look(shop)
    assert await told(shop) == [("nobody", "", 1)]
    assert letters(shop) == [], "a worker that comes back may send it"
    shop.clock.advance(minutes=1)
    await look(shop)
    [letter] = letters(shop)
    assert "никой не изпълнява задачите" in letter
    assert await shop.rows("SELECT state FROM mails WHERE kind = 'standstill'") == [("sent",)]
    shop.clock.advance(minutes=10)
    await look(shop)
    await shop.run_jobs()  # the worker is back, and finds its job
    assert len(letters(shop)) == 1
    assert await promised(shop) == 1


async def test_a_worker_that_is_changed_for_its_next_release_is_not_written_about(shop: Shop) -> None:
    for _ in range(3):
        await forget_workers(shop)
        await look(shop)
        shop.clock.advance(minutes=4, seconds=59)
        await look(shop)
        await make_worker(shop)
        await look(shop)
        shop.clock.advance(minutes=1)
    assert await promised(shop) == 0


async def test_a_silent_worker_is_written_about_beside_one_that_lives(shop: Shop) -> None:
    await make_worker(shop)
    await make_worker(shop, silent_seconds=31)
    await look(shop)
    shop.clock.advance(minutes=5)
    await look(shop)
    assert await told(shop) == [("silent", "", 1)]


async def test_what_comes_and_goes_is_written_about_once(shop: Shop) -> None:
    await make_worker(shop)
    for _ in range(5):
        await make_job(shop, "send_mail", status="failed")
        await look(shop)
        async with shop.sessions.begin() as session:
            await session.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'failed'"))
        shop.clock.advance(minutes=30)
        await look(shop)
    assert await promised(shop) == 1
    shop.clock.advance(hours=1)
    await look(shop)
    assert await shop.count("standstills") == 0
    await make_job(shop, "send_mail", status="failed")
    await look(shop)
    assert await promised(shop) == 2


class Away:
    """A mail server that is down."""

    def __init__(self) -> None:
        self.asked = 0

    async def send(self, _message: EmailMessage) -> None:
        self.asked += 1
        raise MailUnavailable("down")


async def test_a_mail_that_could_not_be_sent_is_tried_again_by_one_at_a_time(shop: Shop) -> None:
    await make_job(shop, "send_mail", status="failed")
    await look(shop)
    shop.clock.advance(minutes=1)
    server = Away()
    with pytest.raises(MailUnavailable):
        await look(shop, server)
    shop.clock.advance(minutes=2)
    await look(shop, server)
    assert server.asked == 1, "the one before may still be at it"
    shop.clock.advance(minutes=1)
    await look(shop)
    assert len(letters(shop)) == 1


async def test_several_who_look_at_once_write_once(shop: Shop) -> None:
    await make_job(shop, "send_mail", status="failed")
    await asyncio.gather(*(look(shop) for _ in range(6)))
    assert await promised(shop) == 1
    shop.clock.advance(minutes=1)
    await asyncio.gather(*(look(shop) for _ in range(6)))
    assert len(letters(shop)) == 1


async def test_health_is_degraded_without_a_worker_and_says_no_more(shop: Shop) -> None:
    async def ready() -> tuple[int, Any]:
        answer = await shop.http.get("/health/ready")
        return answer.status_code, answer.json()

    assert await ready() == (200, {"status": "degraded"})
    await make_worker(shop, silent_seconds=31)
    await make_job(shop, "send_mail", status="failed", minutes=100)
    assert await ready() == (200, {"status": "degraded"})
    await make_worker(shop, silent_seconds=29)
    assert await ready() == (200, {"status": "ok"})


async def test_the_officer_reads_what_stands_still_and_since_when(shop: Shop) -> None:
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    await make_job(shop, "post_sale", status="failed")
    await look(shop)
    await make_job(shop, "send_mail", status="failed")
    answer = await shop.http.get("/v1/staff/upkeep/standstills", headers=officer)
    assert answer.status_code == httpx.codes.OK
    at = "2026-11-23T10:00:00Z"
    assert answer.json() == [
        {"kind": "nobody", "subject": "", "count": 1, "minutes": 0, "noticed_at": at, "told_at": None},
        {"kind": "parked", "subject": "post_sale", "count": 1, "minutes": 0, "noticed_at": at, "told_at": at},
        {"kind": "parked", "subject": "send_mail", "count": 1, "minutes": 0, "noticed_at": None, "told_at": None},
    ]


async def test_a_worker_gone_for_good_is_forgotten_where_others_work(shop: Shop) -> None:
    await make_worker(shop)
    await make_worker(shop, silent_seconds=23 * 3600)
    await make_worker(shop, silent_seconds=25 * 3600)
    [clean] = [periodic for periodic in shop.work.periodic if periodic.name == "clean"]
    await clean.run()
    assert await shop.count("procrastinate_workers") == 2


def test_every_word_of_a_letter_is_in_both_languages() -> None:
    assert set(WORDS) == set(Still)
    for words in WORDS.values():
        assert re.findall(r"\{\w+\}", words.bg) == re.findall(r"\{\w+\}", words.en)
