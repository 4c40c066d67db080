"""The clock of a request as it runs: alarms once each, extension, delay, what waiting does."""

from datetime import datetime
from typing import Any

import pytest

from app.privacy.rights.alarms import step_on
from tests.fulfilment.story import attached, letters, pdf_text
from tests.privacy.rights.asking import act, ask, body, case, enter, log_of, mind, officer, problem
from tests.shop import Shop

REASONS = "Данните са в архив, който се връща от техния носител на 10 януари."
ALARM = "Искане за лични данни"


def day(text: str) -> Any:
    return datetime.fromisoformat(text).date()


@pytest.mark.parametrize(
    ("today", "step"),
    [
        ("2026-12-15", None),
        ("2026-12-16", "7"),
        ("2026-12-19", "7"),
        ("2026-12-20", "3"),
        ("2026-12-22", "1"),
        ("2026-12-23", "1"),
        ("2026-12-24", "overdue"),
        ("2027-02-01", "overdue"),
    ],
)
def test_the_nearest_alarm_is_the_one_due(today: str, step: str | None) -> None:
    assert step_on(day(today), day("2026-12-23")) == step


async def test_s79_each_alarm_goes_to_the_responsible_person_once(shop: Shop) -> None:
    await ask(shop, await shop.account())
    await shop.run_jobs()
    for days, subject, count in (
        (22, None, 0),  # 15 December
        (1, "остават 7 дни", 1),
        (4, "остават 3 дни", 2),
        (2, "остава 1 ден", 3),
        (2, "срокът изтече", 4),
        (9, None, 4),
    ):
        shop.clock.advance(days=days)
        await mind(shop)
        await mind(shop)
        alarms = letters(shop, ALARM)
        assert len(alarms) == count, shop.clock.at
        assert all(alarm["To"] == "office@completedental.solutions" for alarm in alarms)
        if subject:
            assert len(letters(shop, subject)) == 1
    text = body(shop, "срокът изтече")
    assert "23 декември 2026" in text
    assert "съобщете на лицето за закъснението" in text
    for personal in ("Ива", "iva@", "достъп до личните ми"):
        assert personal not in text


async def test_after_a_pause_of_the_worker_one_alarm_comes_and_not_all(shop: Shop) -> None:
    await ask(shop, await shop.account())
    shop.clock.advance(days=60)
    await mind(shop)
    assert [letter["Subject"] for letter in letters(shop, ALARM)] == ["Искане за лични данни: срокът изтече"]


async def test_an_answered_request_alarms_nobody(shop: Shop) -> None:
    await ask(shop, await shop.account(), "objection", against="marketing")
    shop.clock.advance(days=29)
    await mind(shop)
    assert letters(shop, ALARM) == []


async def test_s79_an_extension_has_reasons_goes_to_three_months_and_is_told(shop: Shop) -> None:
    me = await shop.account()
    asked = await ask(shop, me)
    shop.clock.advance(days=20)
    desk = await officer(shop)
    bare = await act(shop, desk, asked, "extension")
    assert problem(bare) == (422, "invalid")
    extended = await act(shop, desk, asked, "extension", reasons=REASONS)
    assert (extended.json()["state"], extended.json()["extended_to"]) == ("extended", "2027-02-23")
    assert extended.json()["due_on"] == "2026-12-23"
    await shop.run_jobs()
    [letter] = letters(shop, "Срокът за отговор е удължен")
    [(filename, paper)] = attached(letter)
    assert (letter["To"], filename) == ("iva@example.bg", "extension.pdf")
    for text in (pdf_text(paper), body(shop, "Срокът за отговор е удължен")):
        for words in ("23 февруари 2027", REASONS, "kzld@cpdp.bg", "1592 София"):
            assert words in " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
    again = await act(shop, desk, asked, "extension", reasons=REASONS)
    assert problem(again) == (409, "already-extended")
    # The alarms go by the day that is promised now.
    shop.clock.advance(days=15)
    await mind(shop)
    assert letters(shop, ALARM) == []
    shop.clock.advance(days=54)  # 20 February 2027
    await mind(shop)
    assert [letter["Subject"] for letter in letters(shop, ALARM)] == ["Искане за лични данни: остават 3 дни"]


async def test_s79_after_the_first_term_nothing_is_extended(shop: Shop) -> None:
    asked = await ask(shop, await shop.account())
    shop.clock.advance(days=31)
    refused = await act(shop, await officer(shop), asked, "extension", reasons=REASONS)
    assert problem(refused) == (409, "extension-too-late")
    assert (await case(shop, await officer(shop), asked))["state"] == "open"


async def test_c20_who_is_answered_late_is_told_why(shop: Shop) -> None:
    asked = await ask(shop, await shop.account())
    shop.clock.advance(days=31)
    told = await act(shop, await officer(shop), asked, "delay", reasons="Отговорното лице беше в болница.")
    assert (told.status_code, told.json()["state"]) == (200, "open")
    await shop.run_jobs()
    [letter] = letters(shop, "Отговорът ни се забавя")
    [(_, paper)] = attached(letter)
    for words in ("до 23 декември 2026", "Отговорното лице беше в болница.", "Комисията за защита на личните данни"):
        assert words in pdf_text(paper)
    assert (await log_of(shop, await officer(shop), asked))[-1] == "delayed"


async def test_asking_twice_waits_twice_and_counts_no_day_double(shop: Shop) -> None:
    entered = await enter(shop, await officer(shop))
    shop.clock.advance(days=5)
    await act(shop, await officer(shop), entered, "questions", words="За кои поръчки питате?")
    shop.clock.advance(days=3)
    await act(shop, await officer(shop), entered, "messages", text="За всички.")
    shop.clock.advance(days=2)  # read two days later, and not enough
    asked = await act(shop, await officer(shop), entered, "questions", words="И за писмата ли?")
    assert asked.json()["state"] == "incomplete"
    shop.clock.advance(days=4)
    await act(shop, await officer(shop), entered, "messages", text="Да.")
    resumed = await act(shop, await officer(shop), entered, "resumption")
    # Waited 3 + 4 days of the 14 that went by.
    assert (resumed.json()["state"], resumed.json()["due_on"]) == ("open", "2026-12-30")
    assert len(letters(shop, "Моля, допълнете искането си")) == 0
    await shop.run_jobs()
    assert len(letters(shop, "Моля, допълнете искането си")) == 2


async def test_c06_a_complaint_has_a_clock_of_its_own(shop: Shop) -> None:
    asked = await ask(shop, await shop.account(), "complaint")
    assert asked["due_on"] == "2026-12-07"
    shop.clock.advance(days=13)
    await mind(shop)
    assert [letter["Subject"] for letter in letters(shop, ALARM)] == ["Искане за лични данни: остава 1 ден"]


async def test_a_request_that_came_at_night_came_on_the_bulgarian_day(shop: Shop) -> None:
    desk = await officer(shop)
    before = await enter(shop, desk, received_at="2026-11-22T21:59:00Z")
    after = await enter(shop, desk, received_at="2026-11-22T22:01:00Z")
    assert (before["due_on"], after["due_on"]) == ("2026-12-22", "2026-12-23")
