"""A drill runs the same course, is marked as one everywhere, and writes to no customer."""

from email.message import EmailMessage

from app.privacy.breaches import queries
from tests.fulfilment.story import letters, pdf_text
from tests.privacy.breaches.story import WORDS, officer, watch
from tests.privacy.breaches.test_telling import affected
from tests.shop import Shop


async def test_a_drill_goes_the_whole_course_and_nothing_leaves(shop: Shop) -> None:
    desk, breach = await affected(shop, "iva", "petar", drill=True)
    before = len(letters(shop, ""))
    drafted = await desk.do("POST", f"{breach}/notifications")
    answer = await desk.ask("GET", drafted["pdf"].removeprefix("/v1/staff/breaches"))
    for said in (drafted["text"], pdf_text(answer.content)):
        assert "УЧЕНИЕ" in said
    await desk.do("POST", f"{breach}/notifications/{drafted['id']}/sending", means="email")
    await desk.do("POST", f"{breach}/letters", **WORDS)
    await watch(shop)
    seen = await desk.do("GET", breach)
    assert (seen["status"], seen["letters"]["drawn"], seen["letters"]["sent"]) == ("people_told", 2, 0)
    assert (await desk.do("POST", f"{breach}/closing", conclusion="Упражнено."))["status"] == "closed"

    new = letters(shop, "")[before:]
    assert [letter["To"] for letter in new] == ["officer@shop.example", "officer@shop.example"]
    assert sorted(letter["Subject"] for letter in new) == [
        "DRILL: A breach of the security of your personal data",
        "УЧЕНИЕ: Нарушение на сигурността на личните Ви данни",
    ]
    assert all("УЧЕНИЕ" in body(letter) or "DRILL" in body(letter) for letter in new)
    assert await shop.rows(
        "SELECT count(*) FROM mails WHERE kind = 'breach_notice' AND address LIKE '%example.bg'"
    ) == [(0,)]


def body(letter: EmailMessage) -> str:
    return str(letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]  # every letter of ours has a text


async def test_the_clock_of_a_drill_is_put_forward_and_its_alarms_are_marked(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record(drill=True)
    for hours, subject in ((24, "изминаха 24 часа"), (24, "изминаха 48 часа"), (18, "остават часове"), (7, "срокът")):
        moved = await desk.do("POST", f"{breach}/drill-clock", hours=hours)
        await watch(shop)
        assert sorted(letter["To"] for letter in letters(shop, subject)) == [
            "office@completedental.solutions",
            "officer@shop.example",
        ]
    assert moved["now"] == "2026-11-26T11:00:00Z"
    alarms = letters(shop, "Нарушение №")
    assert len(alarms) == 8
    assert all(letter["Subject"].startswith("УЧЕНИЕ: ") and "УЧЕНИЕ" in body(letter) for letter in alarms)
    # By the drill's clock it is late, so that the reasons are exercised, too.
    await desk.document(breach)
    await desk.do("POST", f"{breach}/drill-clock", hours=1)
    drafted = await desk.do("POST", f"{breach}/notifications")
    path = f"{breach}/notifications/{drafted['id']}/sending"
    assert (await desk.refused("POST", path, means="post"))["code"] == "reasons-of-delay-missing"


async def test_the_clock_of_a_real_breach_is_not_put_forward(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    refused = await desk.refused("POST", f"{breach}/drill-clock", hours=24)
    assert refused["code"] == "no-drill"
    assert (await desk.do("GET", breach))["now"] == "2026-11-23T10:00:00Z"


async def test_s57_a_drill_leaves_no_mark_on_a_customer(shop: Shop) -> None:
    desk, drill = await affected(shop, "iva", drill=True)
    await desk.notify(drill)
    async with shop.sessions() as session:
        assert await queries.breaches_of(session, "iva@example.bg") == []
