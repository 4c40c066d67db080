"""The course of a breach over HTTP: what may follow on what, and what is refused before its time."""

import httpx
import pytest

from app.core.personal import Recipient
from app.privacy.breaches.models import BreachStatus
from app.privacy.breaches.states import NEXT
from tests.fulfilment.story import letters, pdf_text
from tests.privacy.breaches.story import FOUR, SUMMARY, WORDS, handed_to, later, officer, watch
from tests.shop import Shop

HANDED = {"by": "recipient", "recipient": "icash", "until": "2026-11-23T12:00:00Z"}


def test_every_status_can_be_reached_and_left() -> None:
    reached, waiting = {BreachStatus.DISCOVERED}, [BreachStatus.DISCOVERED]
    while waiting:
        new = NEXT[waiting.pop()] - reached
        reached |= new
        waiting += new
    assert reached == set(BreachStatus) == set(NEXT)
    assert all(NEXT.values())


async def test_a_new_breach_starts_the_clock(shop: Shop) -> None:
    desk = await officer(shop)
    made = await desk.do("POST", summary=SUMMARY, channel="processor", processor="icash")

    assert made["number"] == 1
    assert made["status"] == "discovered"
    assert made["discovered_at"] == "2026-11-23T10:00:00Z"
    assert made["due_at"] == made["lawful_until"] == "2026-11-26T11:00:00Z"
    assert made["missing"] == ["facts", "consequences", "measures", "risk_assessment"]
    assert made["processor"] == "icash"
    assert made["people"] is None
    [noted] = await shop.rows("SELECT subject FROM audit_entries WHERE action = 'personal_data_changed'")
    assert noted == ("record_breach",)


async def test_what_is_discovered_lies_not_in_the_future(shop: Shop) -> None:
    desk = await officer(shop)
    wish = {"summary": SUMMARY, "channel": "staff"}
    refused = await desk.refused("POST", **wish, discovered_at="2026-11-23T10:00:01Z")
    assert refused["code"] == "moment-impossible"
    refused = await desk.refused("POST", **wish, discovered_at=1700000000)
    assert refused["errors"][0]["pointer"] == "/discovered_at"
    refused = await desk.refused("POST", **wish, processor="icash")
    assert refused["code"] == "invalid"
    assert await shop.count("breaches") == 0


async def test_s83_nothing_is_notified_or_closed_before_the_four_fields_are_there(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    drafted = await desk.do("POST", f"{breach}/notifications")
    sending = f"{breach}/notifications/{drafted['id']}/sending"
    entered: list[str] = []
    for kind, text in FOUR.items():
        refused = await desk.refused("POST", sending, means="email")
        assert refused["code"] == "breach-incomplete"
        assert refused["missing"] == [one for one in (*FOUR, "risk_assessment") if one not in entered]
        await desk.do("POST", f"{breach}/entries", kind=kind, text=text)
        entered.append(kind)
    for path, body in ((sending, {"means": "email"}), (f"{breach}/closing", {"conclusion": "Готово."})):
        refused = await desk.refused("POST", path, **body)
        assert (refused["code"], refused["missing"]) == ("breach-incomplete", ["risk_assessment"])
    assert (await desk.do("GET", breach))["kzld_notified_at"] is None


async def test_a_breach_that_is_not_decided_or_told_is_not_closed(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    await desk.document(breach)
    refused = await desk.refused("POST", f"{breach}/closing", conclusion="Готово.")
    assert refused["code"] == "breach-cannot-move"
    assert (refused["breach_status"], refused["allowed"]) == ("assessed", ["not_notified", "notified"])
    await desk.notify(breach)
    refused = await desk.refused("POST", f"{breach}/closing", conclusion="Готово.")
    assert refused["allowed"] == ["people_not_told", "people_told"]


async def test_a_high_risk_is_notified_and_without_reasons_nothing_is_left_out(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    await desk.document(breach, risk="risk")
    refused = await desk.refused("POST", f"{breach}/no-notification", reasons="Няма.")
    assert (refused["code"], refused["risk"]) == ("risk-not-unlikely", "risk")
    blank = await desk.refused("POST", f"{breach}/no-notification", reasons=" ")
    assert blank["errors"][0]["pointer"] == "/reasons"

    await desk.do("POST", f"{breach}/assessment", risk="unlikely", reasons="Данните са били криптирани.")
    decided = await desk.do("POST", f"{breach}/no-notification", reasons="Ключът не е засегнат.")
    assert decided["status"] == "not_notified"
    assert decided["risk_assessment"] == "Данните са били криптирани."
    # Nobody is affected: said with reasons, too.
    exempt = await desk.do("POST", f"{breach}/no-letters", ground="encrypted", reasons="Неразбираеми данни.")
    assert exempt["status"] == "people_not_told"
    closed = await desk.do("POST", f"{breach}/closing", conclusion="Причината е отстранена.")
    assert closed["status"] == "closed"
    said = [(entry["kind"], entry["status"]) for entry in closed["entries"] if entry["kind"] in {"moved", "closing"}]
    assert said == [
        ("moved", "assessed"),
        ("moved", "not_notified"),
        ("moved", "people_not_told"),
        ("closing", None),
        ("moved", "closed"),
    ]


async def test_a_risk_that_rises_opens_what_was_decided_and_closed(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    await desk.document(breach, risk="unlikely")
    await desk.do("POST", f"{breach}/no-notification", reasons="Няма риск.")
    await desk.do("POST", f"{breach}/no-letters", ground="nobody_affected", reasons="Няма засегнати.")
    await desk.do("POST", f"{breach}/closing", conclusion="Готово.")
    opened = await desk.do("POST", f"{breach}/assessment", risk="high", reasons="Ключът е бил откраднат.")
    assert (opened["status"], opened["not_notified_at"], opened["closed_at"]) == ("assessed", None, None)
    assert (await desk.notify(breach))["status"] == "people_not_told"


async def test_after_72_hours_a_notification_needs_the_reasons_of_the_delay(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    await desk.document(breach)
    desk = await later(desk, hours=73)  # to the end of the last hour: still in time
    first = await desk.do("POST", f"{breach}/notifications")
    shop.clock.advance(seconds=1)
    path = f"{breach}/notifications/{first['id']}/sending"
    refused = await desk.refused("POST", path, means="post")
    assert refused["code"] == "reasons-of-delay-missing"
    assert refused["due_at"] == "2026-11-26T11:00:00+00:00"
    assert await shop.rows("SELECT sent_at FROM breach_notifications") == [(None,)]

    sent = await desk.do("POST", path, means="post", reasons_of_delay="Обхватът стана ясен на третия ден.")
    assert sent["kzld_notified_at"] == "2026-11-26T11:00:01Z"
    assert ("reasons_of_delay", "Обхватът стана ясен на третия ден.") in [
        (entry["kind"], entry["text"]) for entry in sent["entries"]
    ]


async def test_the_notification_says_all_that_the_law_asks(shop: Shop) -> None:
    await shop.ordered()
    await shop.run_jobs()
    desk = await officer(shop)
    breach = await desk.record(channel="processor", processor="icash")
    await desk.document(breach)
    await desk.do("POST", f"{breach}/entries", kind="proposed_measures", text="Двуфакторен достъп за доставчика.")
    await desk.compute(breach, handed_to(Recipient.ICASH, shop))
    drafted = await desk.do("POST", f"{breach}/notifications")
    answer = await desk.ask("GET", drafted["pdf"].removeprefix("/v1/staff/breaches"))
    assert answer.headers["etag"] == f'"{drafted["sha256"]}"'
    for said in (drafted["text"], pdf_text(answer.content)):
        plain = " ".join(said.replace("\N{NO-BREAK SPACE}", " ").split())
        for words in (
            "Комисията за защита на личните данни",
            "1592 София, бул. „Проф. Цветан Лазаров“ № 2",
            "Първоначално уведомление по чл. 33",
            "Отговорно лице по защита на личните данни: Манол Ивчев, office@completedental.solutions",
            "установено на 23 ноември 2026 г., 12:00 ч., от: обработващ лични данни",
            "72-та часа изтичат на 26 ноември 2026 г., 13:00 ч.",
            FOUR["facts"],
            "Приблизителен брой на лицата: 1.",
            "Категории лични данни: поръчки (артикули, номера, суми).",
            "Приблизителен брой на записите: 1.",
            FOUR["consequences"],
            f"Предприети: {FOUR['measures']}",
            "Предложени: Двуфакторен достъп за доставчика.",
            "Има вероятност да породи висок риск",
            "засегнатите лица ще бъдат уведомени",
        ):
            assert words in plain, words
        assert "УЧЕНИЕ" not in plain


async def test_what_is_not_known_yet_follows_as_further_information(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    early = await desk.do("POST", f"{breach}/notifications")
    assert early["text"].count("В процес на установяване") == 5
    for words in ("факти и естество", "вероятни последици", "предприети мерки", "оценка на риска", "засегнати лица"):
        assert words in early["text"].rpartition("Ще бъдат предоставени:")[2]
    await desk.document(breach)
    await desk.notify(breach, reference="ППН-01-1")
    stale = f"{breach}/notifications/{early['id']}/sending"
    assert (await desk.refused("POST", stale, means="post"))["code"] == "draft-outdated"
    later = await desk.do("POST", f"{breach}/notifications")
    assert later["phase"] == 2
    assert "Допълнителна информация № 1" in later["text"]
    seen = await desk.do("POST", f"{breach}/notifications/{later['id']}/sending", means="portal")
    assert [(sent["phase"], sent["reference"]) for sent in seen["notifications"] if sent["sent_at"]] == [
        (1, "ППН-01-1"),
        (2, None),
    ]
    path = f"{breach}/notifications/{later['id']}/reference"
    assert (await desk.do("POST", path, reference="ППН-01-2"))["reference"] == "ППН-01-2"
    assert (await desk.refused("POST", path, reference="ППН-01-3"))["code"] == "already-sent"


async def test_a_correction_is_a_new_entry(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    first = await desk.do("POST", f"{breach}/entries", kind="facts", text="Достъпът е от вторник.")
    await desk.do("POST", f"{breach}/entries", kind="facts", text="Засегнат е един профил.")
    await desk.do("POST", f"{breach}/entries", kind="facts", text="Достъпът е от неделя.", corrects=first["id"])
    seen = await desk.do("GET", breach)
    assert seen["facts"] == "Засегнат е един профил.\nДостъпът е от неделя."
    assert [entry["text"] for entry in seen["entries"]] == [
        "Достъпът е от вторник.",
        "Засегнат е един профил.",
        "Достъпът е от неделя.",
    ]
    other = await desk.record()
    wrong = await desk.ask("POST", f"{other}/entries", kind="facts", text="Друго.", corrects=first["id"])
    assert wrong.status_code == httpx.codes.NOT_FOUND
    wrong = await desk.ask("POST", f"{breach}/entries", kind="measures", text="Друго.", corrects=first["id"])
    assert wrong.status_code == httpx.codes.NOT_FOUND


async def test_the_whole_course_from_discovery_to_the_end(shop: Shop) -> None:
    await shop.ordered()
    await shop.run_jobs()
    desk = await officer(shop)
    breach = await desk.record()
    await desk.document(breach)
    await desk.compute(breach, handed_to(Recipient.ICASH, shop))
    assert (await desk.notify(breach))["status"] == "notified"
    await desk.do("POST", f"{breach}/letters", **WORDS)
    await watch(shop)
    assert (await desk.do("GET", breach))["status"] == "people_told"
    closed = await desk.do("POST", f"{breach}/closing", conclusion="Готово.")
    assert (closed["status"], closed["letters"]["sent"]) == ("closed", 1)
    [letter] = letters(shop, "Нарушение на сигурността")
    assert letter["To"] == "iva@example.bg"
    said = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # every letter of ours has a text
    for words in (*WORDS["bg"].values(), "Манол Ивчев", "office@completedental.solutions", "жалба"):
        assert words in said
    # Once closed nothing is added to the list of people.
    refused = await desk.refused("PUT", f"{breach}/people", searches=[HANDED])
    assert refused["code"] == "breach-cannot-move"


@pytest.mark.parametrize("limit", [1, 2])
async def test_the_register_lists_newest_first_and_drills_apart(shop: Shop, limit: int) -> None:
    desk = await officer(shop)
    for drill in (False, False, True, False):
        await desk.record(drill=drill)
    page = await desk.do("GET", f"?limit={limit}")
    seen = [line["number"] for line in page["items"]]
    while page["next_cursor"]:
        page = await desk.do("GET", f"?limit={limit}&cursor={page['next_cursor']}")
        seen += [line["number"] for line in page["items"]]
    assert seen == [4, 2, 1]
    assert [line["number"] for line in (await desk.do("GET", "?drill=true"))["items"]] == [3]
