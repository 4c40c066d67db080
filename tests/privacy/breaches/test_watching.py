"""Alarms: at 24, 48 and 66 hours and when it is overdue, to the responsible person and the officers, each once."""

import asyncio

import pytest
from sqlalchemy import text

from app.auth.models import StaffRole
from app.privacy.breaches.watching import BreachWatch
from tests.fulfilment.story import letters
from tests.privacy.breaches.story import Desk, later, officer, watch
from tests.shop import Shop

RESPONSIBLE, OFFICER = "office@completedental.solutions", "officer@shop.example"


def alarms(shop: Shop) -> list[tuple[str, str]]:
    return sorted((letter["Subject"], letter["To"]) for letter in letters(shop, "Нарушение №"))


def both(*subjects: str) -> list[tuple[str, str]]:
    return sorted((f"Нарушение № 1: {subject}", to) for subject in subjects for to in (RESPONSIBLE, OFFICER))


async def discovered(shop: Shop) -> tuple[Desk, str]:
    desk = await officer(shop)
    return desk, await desk.record()


async def test_s82_each_alarm_comes_at_its_hour_and_once(shop: Shop) -> None:
    await discovered(shop)
    expected: list[str] = []
    for before, after, subject in (
        ({"hours": 23, "minutes": 59}, {"minutes": 1}, "изминаха 24 часа"),
        ({"hours": 23, "minutes": 59}, {"minutes": 1}, "изминаха 48 часа"),
        ({"hours": 17, "minutes": 59}, {"minutes": 1}, "остават часове"),
        ({"hours": 6, "minutes": 59}, {"minutes": 1}, "срокът изтече"),
    ):
        shop.clock.advance(**before)
        await watch(shop)
        assert alarms(shop) == both(*expected)
        shop.clock.advance(**after)
        expected.append(subject)
        for _ in range(3):
            await watch(shop)
        assert alarms(shop) == both(*expected)
    shop.clock.advance(days=30)
    await watch(shop)
    assert len(alarms(shop)) == 8


async def test_watched_late_the_last_stage_alone_is_mailed(shop: Shop) -> None:
    await discovered(shop)
    shop.clock.advance(hours=50)
    await watch(shop)
    assert alarms(shop) == both("изминаха 48 часа")
    assert await shop.rows("SELECT stage, count(*) FROM breach_alarms GROUP BY 1 ORDER BY 1") == [
        ("24_hours", 2),
        ("48_hours", 2),
    ]


async def test_two_workers_that_watch_at_one_time_alarm_once(shop: Shop) -> None:
    await discovered(shop)
    shop.clock.advance(hours=24)
    watching = BreachWatch(shop.sessions, shop.clock, RESPONSIBLE)
    await asyncio.gather(*(watching.run() for _ in range(4)))
    await shop.run_jobs()
    assert alarms(shop) == both("изминаха 24 часа")


@pytest.mark.parametrize("notified", [True, False])
async def test_what_is_decided_raises_no_alarm(shop: Shop, *, notified: bool) -> None:
    desk, breach = await discovered(shop)
    await desk.document(breach, risk="high" if notified else "unlikely")
    if notified:
        await desk.notify(breach)
    else:
        await desk.do("POST", f"{breach}/no-notification", reasons="Криптирани данни.")
    shop.clock.advance(hours=80)
    await watch(shop)
    assert alarms(shop) == []
    assert await shop.count("breach_alarms") == 0


async def test_an_alarm_that_waits_is_not_sent_once_it_is_decided(shop: Shop) -> None:
    desk, breach = await discovered(shop)
    await desk.document(breach)
    desk = await later(desk, hours=24)
    await BreachWatch(shop.sessions, shop.clock, RESPONSIBLE).run()
    await desk.notify(breach)
    await shop.run_jobs()
    assert alarms(shop) == []


async def test_the_clock_runs_again_when_the_risk_rises(shop: Shop) -> None:
    desk, breach = await discovered(shop)
    await desk.document(breach, risk="unlikely")
    await desk.do("POST", f"{breach}/no-notification", reasons="Криптирани данни.")
    desk = await later(desk, hours=60)
    await desk.do("POST", f"{breach}/assessment", risk="high", reasons="Ключът е откраднат.")
    await watch(shop)
    assert alarms(shop) == both("изминаха 48 часа")


async def test_only_officers_at_work_are_alarmed(shop: Shop) -> None:
    await discovered(shop)
    await shop.staff(StaffRole.SUPPORT)
    await shop.staff(StaffRole.PRIVACY_OFFICER, email="left@shop.example")
    await shop.staff(StaffRole.PRIVACY_OFFICER, email=RESPONSIBLE.upper())
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE staff SET disabled_at = now() WHERE email = 'left@shop.example'"))
    shop.clock.advance(hours=24)
    await watch(shop)
    assert alarms(shop) == both("изминаха 24 часа")


async def test_an_alarm_says_until_when_and_names_nobody(shop: Shop) -> None:
    await shop.ordered()
    await discovered(shop)
    shop.clock.advance(hours=73)
    await watch(shop)
    [overdue, _] = letters(shop, "срокът изтече")
    said = str(overdue.get_body(("plain",)).get_content())  # type: ignore[union-attr]  # every letter of ours has a text
    assert "72-та часа изтичат: 26 ноември 2026 г., 13:00 ч." in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "причините за забавянето" in said
    assert "iva@example.bg" not in said
