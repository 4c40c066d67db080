"""Letters to the people of a breach: each person once, whatever dies in between, and what became of each."""

import asyncio
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from app.core.holders import Person
from app.core.personal import Recipient
from app.privacy.breaches.jobs import TellPeople
from app.privacy.breaches.telling import Telling
from app.privacy.erasing import erase_person
from tests.factories.privacy import make_evidence
from tests.fulfilment.story import letters, retry
from tests.privacy.breaches.story import WORDS, Desk, handed_to, officer, watch
from tests.privacy.breaches.test_affected import buy
from tests.processes import until
from tests.shop import Shop

BG, EN = "Нарушение на сигурността", "A breach of the security"
WAITS = "wait_event_type = 'Lock' AND datname = current_database() AND query LIKE '%breach_people%'"
GOING = f"SELECT count(*) FROM pg_stat_activity WHERE {WAITS}"  # noqa: S608 - words of ours
THIRD = "SELECT FROM breach_people WHERE id = (SELECT id FROM breach_people ORDER BY id OFFSET 2 LIMIT 1) FOR UPDATE"
CUT = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {WAITS}"  # noqa: S608 - as above


async def affected(shop: Shop, *names: str, **changes: Any) -> tuple[Desk, str]:
    """Let these people buy, and their orders be exposed; returns the documented breach."""
    for name in names:
        await buy(shop, f"{name}@example.bg")
    desk = await officer(shop)
    breach = await desk.record(**changes)
    await desk.document(breach)
    everybody = {"by": "table", "table": "orders", "until": shop.clock.now().isoformat()}
    await desk.compute(breach, everybody)
    await shop.run_jobs()
    return desk, breach


def told(shop: Shop, subject: str = BG) -> list[str]:
    return sorted(letter["To"] for letter in letters(shop, subject))


async def test_s81_everybody_affected_is_told_once_and_the_log_says_when(shop: Shop) -> None:
    await buy(shop, "john@example.bg")
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE orders SET language = 'en'"))
    desk, breach = await affected(shop, "iva", "petar")
    await buy(shop, "later@example.bg")
    begun = await desk.do("POST", f"{breach}/letters", **WORDS)
    assert (begun["status"], begun["letters_started_at"]) == ("assessed", "2026-11-23T10:00:00Z")
    await watch(shop)
    assert told(shop) == ["iva@example.bg", "petar@example.bg"]
    assert told(shop, EN) == ["john@example.bg"]

    await desk.do("POST", f"{breach}/letters", **WORDS)
    await watch(shop)
    assert len(told(shop)) == 2
    people = await desk.people(breach)
    assert [(person["email"], person["letter"], person["sent_at"]) for person in people] == [
        (f"{name}@example.bg", "sent", "2026-11-23T10:00:00Z") for name in ("iva", "john", "petar")
    ]
    assert all(person["message_id"] for person in people)
    seen = await desk.do("GET", breach)
    assert seen["letters"] == {"none": 0, "waiting": 0, "sent": 3, "refused": 0, "unreachable": 0, "drawn": 0}
    # It is told before it is notified, and the status says both once both are done.
    assert (seen["status"], (await desk.notify(breach))["status"]) == ("assessed", "people_told")


async def test_killed_in_the_middle_each_gets_the_letter_exactly_once(shop: Shop) -> None:
    names = [f"buyer{number}" for number in range(7)]
    desk, breach = await affected(shop, *names)
    telling = Telling(shop.sessions, shop.clock, batch=2)
    shop.work = replace(shop.work, handlers={**shop.work.handlers, TellPeople: telling.tell})
    async with shop.sessions() as session:
        # Somebody holds the third person's row: the second batch stops there, and its connection is cut.
        await session.execute(text(THIRD))
        await desk.do("POST", f"{breach}/letters", **WORDS)
        running = asyncio.create_task(shop.run_jobs())
        await until(lambda: is_waiting(shop))
        assert await shop.rows("SELECT count(*) FROM breach_people WHERE promised_at IS NOT NULL") == [(2,)]
        await shop.rows(CUT)
        await running
    assert len(told(shop)) == 2
    assert (await shop.jobs())["tell_people_of_breach", "todo"] == 1
    await retry(shop)
    await watch(shop)
    assert told(shop) == sorted(f"{name}@example.bg" for name in names)
    assert (await desk.do("GET", breach))["letters"]["sent"] == 7


async def is_waiting(shop: Shop) -> bool:
    return await shop.rows(GOING) == [(1,)]


async def test_two_workers_at_once_write_to_each_person_once(shop: Shop) -> None:
    desk, breach = await affected(shop, "iva", "petar", "maria")
    await desk.do("POST", f"{breach}/letters", **WORDS)
    [[breach_id]] = await shop.rows("SELECT id FROM breaches")
    telling = Telling(shop.sessions, shop.clock, batch=2)
    await asyncio.gather(*(telling.tell(TellPeople(breach_id)) for _ in range(4)))
    await watch(shop)
    assert told(shop) == ["iva@example.bg", "maria@example.bg", "petar@example.bg"]


async def test_there_is_nothing_to_send_before_it_is_known_to_whom(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    assert (await desk.refused("POST", f"{breach}/letters", **WORDS))["code"] == "breach-incomplete"
    await desk.document(breach)
    assert (await desk.refused("POST", f"{breach}/letters", **WORDS))["code"] == "people-not-computed"
    await desk.compute(breach, handed_to(Recipient.SPEEDY, shop))
    assert (await desk.refused("POST", f"{breach}/letters", **WORDS))["code"] == "nobody-affected"
    assert await shop.count("breach_wordings") == 0
    assert await shop.count("mails") == 0


async def test_whom_no_letter_reaches_is_told_publicly(shop: Shop) -> None:
    await buy(shop, "gone@example.bg")
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE orders SET email = ''"))
    desk, breach = await affected(shop, "iva", "petar")
    await desk.notify(breach)
    await desk.do("POST", f"{breach}/letters", **WORDS)
    await shop.run_jobs()
    async with shop.sessions.begin() as session:
        refused = "UPDATE mails SET state = 'refused', refusal = '550', sent_at = NULL WHERE address = :address"
        await session.execute(text(f"{refused} AND kind = 'breach_notice'"), {"address": "iva@example.bg"})
    await watch(shop)
    seen = await desk.do("GET", breach)
    assert (seen["letters"]["sent"], seen["letters"]["refused"], seen["letters"]["unreachable"]) == (1, 1, 1)
    assert (seen["status"], seen["letters_done_at"]) == ("notified", "2026-11-23T10:00:00Z")
    assert (await desk.refused("POST", f"{breach}/closing", conclusion="Готово."))["code"] == ("breach-cannot-move")
    public = await desk.do("POST", f"{breach}/public-notice", text="На първа страница на магазина.")
    assert (public["status"], public["publicly_told_at"]) == ("people_told", "2026-11-23T10:00:00Z")


async def test_by_default_everybody_is_told_and_an_exemption_has_its_conditions(shop: Shop) -> None:
    desk, breach = await affected(shop, "iva")
    path, reasons = f"{breach}/no-letters", "Твърде много лица."
    refused = await desk.refused("POST", path, ground="nobody_affected", reasons=reasons)
    assert (refused["code"], refused["people"]) == ("somebody-affected", 1)
    refused = await desk.refused("POST", path, ground="disproportionate", reasons=reasons)
    assert refused["code"] == "public-notice-missing"
    # That the risk is not high is no ground here: the policy promises to tell everybody (S81).
    assert (await desk.refused("POST", path, ground="no_high_risk", reasons=reasons))["code"] == "invalid"
    await desk.do("POST", f"{breach}/public-notice", text="На първа страница.")
    exempt = await desk.do("POST", path, ground="disproportionate", reasons=reasons)
    assert (exempt["exemption"], exempt["status"]) == ("disproportionate", "assessed")
    assert (await desk.notify(breach))["status"] == "people_not_told"
    # It may be thought better of.
    await desk.do("POST", f"{breach}/letters", **WORDS)
    await watch(shop)
    seen = await desk.do("GET", breach)
    assert (seen["status"], seen["exemption"], told(shop)) == ("people_told", None, ["iva@example.bg"])
    late = await desk.refused("POST", path, ground="encrypted", reasons=reasons)
    assert late["code"] == "letters-started"


async def test_who_is_found_later_is_told_too_and_nobody_twice(shop: Shop) -> None:
    desk, breach = await affected(shop, "iva")
    await desk.notify(breach)
    await desk.do("POST", f"{breach}/letters", **WORDS)
    await watch(shop)
    await buy(shop, "petar@example.bg")
    everybody = {"by": "table", "table": "orders", "until": shop.clock.now().isoformat()}
    await desk.compute(breach, everybody)
    assert (await desk.do("GET", breach))["status"] == "notified"
    await desk.do("POST", f"{breach}/letters", **WORDS)
    await watch(shop)
    assert (await desk.do("GET", breach))["status"] == "people_told"
    assert told(shop) == ["iva@example.bg", "petar@example.bg"]
    # Who was written to stays in the list, whatever is searched for later.
    await desk.compute(breach, handed_to(Recipient.COURIER, shop))
    assert [person["email"] for person in await desk.people(breach)] == ["iva@example.bg", "petar@example.bg"]


async def test_whose_data_are_erased_meanwhile_is_told_all_the_same(shop: Shop) -> None:
    desk, breach = await affected(shop, "iva")
    await desk.do("POST", f"{breach}/letters", **WORDS)
    [[breach_id]] = await shop.rows("SELECT id FROM breaches")
    await Telling(shop.sessions, shop.clock).tell(TellPeople(breach_id))  # promised, not sent yet
    async with shop.sessions.begin() as session:
        state = shop.app.state
        person, evidence = Person("iva@example.bg"), make_evidence()
        done = await erase_person(session, state.holders, person, evidence, sealer=state.sealer)
    assert [(kept.what.en, kept.count) for kept in done.erasure.kept if "breaches" in kept.what.en] == [
        ("The register of breaches: that you were affected and how you were told", 1)
    ]
    await watch(shop)
    assert told(shop) == ["iva@example.bg"]
    assert (await desk.do("GET", breach))["letters"]["sent"] == 1


async def test_a_letter_that_was_forgotten_before_it_was_sent_is_promised_anew(shop: Shop) -> None:
    desk, breach = await affected(shop, "iva")
    await desk.do("POST", f"{breach}/letters", **WORDS)
    [[breach_id]] = await shop.rows("SELECT id FROM breaches")
    await Telling(shop.sessions, shop.clock).tell(TellPeople(breach_id))
    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM mails WHERE kind = 'breach_notice'"))
    await watch(shop)
    assert told(shop) == ["iva@example.bg"]
