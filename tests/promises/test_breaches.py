"""Promises of the policy about breaches (section 9), by their numbers in promises.md."""

from datetime import datetime
from pathlib import Path

from app.auth.models import StaffRole
from app.core.personal import Recipient
from app.privacy.breaches import queries
from tests.cli.test_operate import Terminal
from tests.fulfilment.story import letters, pdf_text
from tests.privacy.breaches.story import FOUR, SUMMARY, WORDS, handed_to, later, officer, watch
from tests.privacy.breaches.test_affected import actor_of, buy, of_actor
from tests.shop import NOON, Shop

AUTHORITY = "Комисията за защита на личните данни"


async def test_s40_s81_whoever_sees_a_customer_without_need_is_found_and_the_customer_is_told(shop: Shop) -> None:
    iva = await buy(shop, "iva@example.bg")
    await buy(shop, "petar@example.bg")
    curious = await shop.staff(StaffRole.WAREHOUSE)
    assert (await shop.http.get(f"/v1/staff/orders/{iva['number']}", headers=curious)).status_code == 200
    desk = await officer(shop)
    breach = await desk.record()
    await desk.document(breach)
    await desk.compute(breach, of_actor(actor_of(curious), shop))
    await desk.do("POST", f"{breach}/letters", **WORDS)
    await shop.run_jobs()
    assert [letter["To"] for letter in letters(shop, "Нарушение на сигурността")] == ["iva@example.bg"]


async def test_s57_that_kzld_was_notified_is_noted_with_each_person_it_affects(shop: Shop) -> None:
    await buy(shop, "iva@example.bg")
    await shop.run_jobs()
    await buy(shop, "petar@example.bg", payment_method="bank_transfer")
    desk = await officer(shop)
    breach = await desk.record()
    await desk.document(breach)
    await desk.compute(breach, handed_to(Recipient.SPEEDY, shop))
    assert await marks(shop, "iva@example.bg") == [(1, None)]
    shop.clock.advance(minutes=5)
    await desk.notify(breach)
    assert await marks(shop, "IVA@example.bg") == [(1, shop.clock.now())]
    assert await marks(shop, "petar@example.bg") == []
    [line] = (await desk.do("GET"))["items"]
    assert line["kzld_notified_at"] == "2026-11-23T10:05:00Z"


async def marks(shop: Shop, email: str) -> list[tuple[int, datetime | None]]:
    async with shop.sessions() as session:
        return [(each.number, each.kzld_notified_at) for each in await queries.breaches_of(session, email)]


async def test_s80_every_breach_is_documented_even_one_that_needs_no_notification(shop: Shop, tmp_path: Path) -> None:
    await Terminal(shop, tmp_path).done("breach", "discovered", SUMMARY)
    desk = await officer(shop)
    [line] = (await desk.do("GET"))["items"]
    breach = f"/{line['id']}"
    await desk.document(breach, risk="unlikely")
    await desk.do("POST", f"{breach}/no-notification", reasons="Данните са криптирани.")
    await desk.do("POST", f"{breach}/no-letters", ground="encrypted", reasons="Данните са криптирани.")
    await desk.do("POST", f"{breach}/closing", conclusion="Ключът е сменен.")
    [line] = (await desk.do("GET"))["items"]
    assert (line["number"], line["status"], line["kzld_notified_at"]) == (1, "closed", None)
    kept = [(entry["kind"], entry["author"].partition(":")[0]) for entry in (await desk.do("GET", breach))["entries"]]
    assert [kind for kind, _ in kept if kind != "moved"] == [
        "facts",
        "consequences",
        "measures",
        "risk_assessment",
        "reasons_not_to_notify",
        "reasons_not_to_tell",
        "closing",
    ]
    assert {author for _, author in kept} == {"staff"}


async def test_s81_every_affected_subject_is_told_in_time_and_what_was_done(shop: Shop) -> None:
    for name in ("iva", "petar"):
        await buy(shop, f"{name}@example.bg")
    await shop.run_jobs()
    await buy(shop, "untouched@example.bg", payment_method="bank_transfer")
    desk = await officer(shop)
    breach = await desk.record(channel="processor", processor="speedy")
    await desk.document(breach)
    await desk.compute(breach, handed_to(Recipient.SPEEDY, shop))
    await desk.do("POST", f"{breach}/letters", **WORDS)
    await watch(shop)
    told = letters(shop, "Нарушение на сигурността")
    assert sorted(letter["To"] for letter in told) == ["iva@example.bg", "petar@example.bg"]
    for letter in told:
        part = letter.get_body(("plain",))
        assert part is not None
        said = str(part.get_content())
        for words in (*WORDS["bg"].values(), "Манол Ивчев", "office@completedental.solutions", AUTHORITY):
            assert words in said
    logged = [(person["email"], person["letter"], person["sent_at"]) for person in await desk.people(breach)]
    assert logged == [
        ("iva@example.bg", "sent", "2026-11-23T10:00:00Z"),
        ("petar@example.bg", "sent", "2026-11-23T10:00:00Z"),
    ]


async def test_s82_kzld_is_notified_within_72_hours_of_discovery_after_risk_assessment(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    for kind, text in FOUR.items():
        await desk.do("POST", f"{breach}/entries", kind=kind, text=text)
    drafted = await desk.do("POST", f"{breach}/notifications")
    sending = f"{breach}/notifications/{drafted['id']}/sending"
    refused = await desk.refused("POST", sending, means="portal")
    assert refused["missing"] == ["risk_assessment"]
    desk = await later(desk, hours=66)
    await watch(shop)
    assert {letter["To"] for letter in letters(shop, "Нарушение № 1: остават часове")} == {
        "officer@shop.example",
        "office@completedental.solutions",
    }
    await desk.do("POST", f"{breach}/assessment", risk="risk", reasons="Видени са имена и телефони.")
    drafted = await desk.do("POST", f"{breach}/notifications")
    sending = f"{breach}/notifications/{drafted['id']}/sending"
    sent = await desk.do("POST", sending, means="portal", reference="ППН-01-123")
    assert (sent["status"], sent["kzld_notified_at"]) == ("notified", "2026-11-26T04:00:00Z")
    assert datetime.fromisoformat(sent["kzld_notified_at"]) < datetime.fromisoformat(sent["due_at"])
    assert (datetime.fromisoformat(sent["due_at"]) - NOON).total_seconds() == 73 * 3600  # its own hour is not counted
    pdf = await desk.ask("GET", drafted["pdf"].removeprefix("/v1/staff/breaches"))
    said = pdf_text(pdf.content)
    for words in (AUTHORITY, *FOUR.values(), "Видени са имена и телефони.", "Манол Ивчев"):
        assert words in said
    await later(desk, hours=24)
    await watch(shop)
    assert letters(shop, "срокът изтече") == []


async def test_s83_the_register_holds_facts_consequences_actions_and_the_assessment_of_the_risk(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    [line] = (await desk.do("GET"))["items"]
    assert line["missing"] == ["facts", "consequences", "measures", "risk_assessment"]
    await desk.document(breach)
    [line] = (await desk.do("GET"))["items"]
    assert {name: line[name] for name in FOUR} == FOUR
    assert (line["risk_assessment"], line["risk"], line["missing"]) == (
        "Видени са имена, адреси и телефони.",
        "high",
        [],
    )
