"""An erasure that knows the books, travels to recipients, finishes by itself and is repeated after a restore."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.auth.models import StaffRole
from app.core.clock import legal_date
from app.core.holders import Person
from app.core.language import Language
from app.core.personal import Recipient
from app.fulfilment.personal_data import CONTACT, DISPUTED, SOLD
from app.integrations.speedy.simulator.shipments import State
from app.privacy import disclosing
from app.privacy.erasing import draw_certificate, erase_person, finish_erasures, list_erasures_since, reapply
from app.privacy.erasures.models import ErasureRecord
from app.privacy.storage_terms import OWED
from tests.accounts.closing import EMAIL, HOME, IDENTITY, WHO, bought, close, member
from tests.factories.privacy import make_evidence
from tests.fulfilment.story import letters, pdf_text, scan
from tests.mail.letters import TRADER
from tests.privacy.rights.asking import ask_as_guest, decide, officer
from tests.privacy.scanning import traces
from tests.shop import Shop

TASKS = "/v1/staff/privacy/recipient-tasks"
ERASURES = "/v1/staff/privacy/erasures"

# The sale's name and address, and how the buyer is reached; consents; the documents; the letter that tells of it.
HELD = [
    "consents.email",
    "document_files.pdf",
    "document_files.xml",
    "documents.snapshot",
    "mails.address",
    "orders.email",
    "orders.first_name",
    "orders.last_name",
    "orders.phone",
    "orders.street",
]
LISTED = [
    ("addresses", "2031-11-23"),
    ("annulments", "2028-11-23"),
    ("annulments", "2037-12-31"),
    ("annulments", "2037-12-31"),
    ("acceptances", "2031-11-23"),
    ("erasures", "2027-02-21"),
    ("erasures", "2026-12-23"),
]


async def delivered(shop: Shop, *, closed: bool = True) -> dict[str, str]:
    """Let Снежина buy, receive and be invoiced; returns the headers of her calls."""
    await shop.agree(Recipient.SPEEDY, Recipient.ICASH)
    me = await member(shop)
    number = await bought(shop, me, comment="Звъннете на Снежина", delivery={**HOME, "note": "звънецът на Кокичеви"})
    await shop.run_jobs()
    await scan(shop, {"number": number}, State.DELIVERED)
    await shop.run_jobs()
    if closed:
        await close(shop, me)
        await shop.run_jobs()
    return me


async def finish(shop: Shop) -> None:
    while await finish_erasures(shop.sessions, shop.app.state.holders, shop.clock):
        pass


async def record_of(shop: Shop) -> ErasureRecord:
    async with shop.sessions() as session:
        [(record_id,)] = await shop.rows("SELECT id FROM erasures")
        return await session.get_one(ErasureRecord, record_id)


async def test_complaint_17_18_a_scan_of_everything_finds_what_the_certificate_lists_and_nothing_else(
    shop: Shop,
) -> None:
    await delivered(shop)
    found = await traces(shop, *IDENTITY)
    # Held: the order's name and address (books), e-mail and phone (claims), the documents, consents, the letter.
    assert found == HELD
    record = await record_of(shop)
    assert [(each["holder"], each["until"]) for each in record.kept] == LISTED
    page = pdf_text(await draw_certificate(record, TRADER, Language.BG))
    for word in (
        "Удостоверение за изтриване",
        str(record.id),
        "чл. 12 от Закона за счетоводството",
        "2037",
    ):
        assert word in " ".join(page.split())


async def test_d5_the_letter_of_a_closing_says_itself_what_is_kept_by_which_law_and_until_when(shop: Shop) -> None:
    await delivered(shop)
    [letter] = letters(shop, "Профилът Ви е закрит")
    text = letter.get_body(("plain",))
    assert text is not None
    said = " ".join(text.get_content().split())
    record = await record_of(shop)
    assert len(record.kept) == len(LISTED)
    for each in record.kept:
        assert f"{each['what']['bg']} – {each['law']['bg']} – до " in said
    assert f"{OWED.bg} – до 23 ноември 2028 г." in said


async def test_the_officer_reads_what_is_held_and_draws_the_certificate_as_it_stands(shop: Shop) -> None:
    await delivered(shop)
    officer = {**await shop.staff(StaffRole.PRIVACY_OFFICER), "Accept-Language": "en"}
    [shown] = (await shop.http.get(ERASURES, headers=officer)).json()["items"]
    assert [each["until"] for each in shown["held"]] == [until for _, until in LISTED]
    assert (shown["request_id"], shown["next_on"], shown["finished_at"]) == (None, "2026-12-24", None)
    assert not [word for word in IDENTITY if word in str(shown)]
    answer = await shop.http.get(f"{ERASURES}/{shown['id']}/certificate.pdf", headers=officer)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert f"Certificate No. {shown['id']}" in " ".join(pdf_text(answer.content).split())
    has = {**officer, "If-None-Match": answer.headers["etag"]}
    kept = await shop.http.get(f"{ERASURES}/{shown['id']}/certificate.pdf", headers=has)
    assert (kept.status_code, kept.content) == (304, b""), "D8: drawn alike as long as it says the same"
    page = await shop.http.get(ERASURES, params={"limit": 1, "cursor": "x"}, headers=officer)
    assert page.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    missing = f"{ERASURES}/019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11/certificate.pdf"
    assert (await shop.http.get(missing, headers=officer)).json()["code"] == "erasure-not-found"


async def test_it_finishes_by_itself_part_by_part_as_the_days_come(shop: Shop) -> None:
    await delivered(shop)
    shop.clock.advance(days=2 * 366)
    await finish(shop)
    contact = await shop.rows("SELECT email, phone, last_name FROM orders")
    assert contact == [("", "", "Кокичева")]
    whence = "SELECT ip, origin, user_agent FROM acceptances WHERE id IN (SELECT acceptance_id FROM orders)"
    assert await shop.rows(whence) == [(None, None, None)]
    # To whom went what is still held stays with it.
    assert await shop.count("disclosures") > 0
    assert await shop.count("documents") == 1
    record = await record_of(shop)
    assert record.sealed is None
    assert record.finished_at is None

    shop.clock.advance(days=366 * 10)
    assert legal_date(shop.clock.now()).isoformat() > "2037-12-31"
    await finish(shop)
    for table in ("orders", "order_lines", "documents", "document_files", "payments", "shipments", "disclosures"):
        assert await shop.count(table) == 0, table
    assert await shop.count("stock_movements") > 0
    record = await record_of(shop)
    assert (record.kept, record.finished_at, record.next_on) == ([], shop.clock.now(), None)
    before = await shop.rows("SELECT * FROM erasures")
    await finish(shop)
    assert await shop.rows("SELECT * FROM erasures") == before


async def test_the_fingerprint_that_keeps_offers_away_is_named_for_good_and_keeps_no_record_open(shop: Shop) -> None:
    await close(shop, await member(shop, newsletter=True))
    shop.clock.advance(days=366 * 6)
    await finish(shop)
    record = await record_of(shop)
    assert [(each["what"]["en"].split(",")[0], each["until"], each["has_end"]) for each in record.kept] == [
        ("The fingerprint of the address", None, False)
    ]
    assert (record.finished_at, record.next_on) == (shop.clock.now(), None)
    page = " ".join(pdf_text(await draw_certificate(record, TRADER, Language.EN)).split())
    assert "without limit" in page


@pytest.mark.parametrize("ends", ["lifted", "over"])
async def test_s48_s70_what_a_dispute_needs_stays_until_it_is_over_and_then_goes_by_itself(
    shop: Shop, ends: str
) -> None:
    me = await delivered(shop, closed=False)
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    wish = {"email": EMAIL, "ground": "гр. д. № 12/2026", "until": "2026-12-31"}
    held = (await shop.http.post("/v1/staff/retention/holds", json=wish, headers=officer)).json()
    closed = await close(shop, me)
    assert await shop.rows("SELECT comment FROM orders") == [("Звъннете на Снежина",)]
    assert [(each["what"].partition(":")[0], each["until"]) for each in closed["kept"]][1:5] == [
        (CONTACT.bg, "2028-11-23"),
        (SOLD.bg, "2037-12-31"),
        ("Фактури и известия", "2037-12-31"),
        (DISPUTED.bg, "2026-12-31"),
    ]
    await finish(shop)
    assert await shop.rows("SELECT comment FROM orders") == [("Звъннете на Снежина",)]
    if ends == "lifted":
        lifting = f"/v1/staff/retention/holds/{held['id']}/lifting"
        assert (await shop.http.post(lifting, headers=officer)).status_code == httpx.codes.OK
    else:
        shop.clock.advance(days=39)
    await finish(shop)
    assert await shop.rows("SELECT comment, email FROM orders") == [(None, EMAIL)]
    assert [each["until"] for each in (await record_of(shop)).kept if "Фактури" in each["what"]["bg"]] == ["2037-12-31"]


async def test_an_order_under_way_is_let_go_of_once_it_is_over(shop: Shop) -> None:
    me = await member(shop)
    number = await bought(shop, me, comment="Звъннете на Снежина")
    await close(shop, me)
    shop.clock.advance(days=1)
    await finish(shop)
    assert await shop.rows("SELECT comment FROM orders") == [("Звъннете на Снежина",)]

    await shop.agree(Recipient.SPEEDY, Recipient.ICASH)
    await shop.run_jobs()
    await scan(shop, {"number": number}, State.DELIVERED)
    await shop.run_jobs()
    shop.clock.advance(days=1)
    await finish(shop)
    assert await shop.rows("SELECT comment, email FROM orders") == [(None, EMAIL)]
    kept = (await record_of(shop)).kept
    assert [each["until"] for each in kept if "Фактури" in each["what"]["bg"]] == ["2037-12-31"]


async def test_whoever_has_the_address_by_then_keeps_theirs(shop: Shop) -> None:
    await delivered(shop)
    later = await shop.ordered(customer={**WHO, "first_name": "Друга"})
    shop.clock.advance(days=12 * 366)
    await finish(shop)
    assert await shop.rows("SELECT number, email FROM orders") == [(int(later["number"]), EMAIL)]


async def test_recipients_that_have_the_data_are_told_once_and_answer(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        await disclosing.name_recipient(
            session, Recipient.SPEEDY, legal_name="„Спиди“ АД", contact="privacy@speedy.example"
        )
    await delivered(shop)
    [letter] = letters(shop, "Изтрийте лични данни, получени от нас")
    assert letter["To"] == "privacy@speedy.example"
    body = letter.get_body(("plain",))
    assert body is not None
    [(number,)] = await shop.rows("SELECT number::text FROM orders")
    assert number in body.get_content()
    assert not [word for word in IDENTITY if word in body.get_content()]

    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    tasks = await listed(shop, officer)
    assert [(task["recipient"], task["told"], task["due_on"]) for task in tasks] == [
        ("icash", "erasure", "2026-12-07"),
        ("speedy", "erasure", "2026-12-07"),
    ]
    assert [task["mail_id"] is None for task in tasks] == [True, False]
    wish = {"reference": "Вх. № 12"}
    for _ in range(2):
        answer = await shop.http.post(f"{TASKS}/{tasks[1]['id']}/acknowledgement", json=wish, headers=officer)
        assert answer.status_code == httpx.codes.OK
        wish = {"reference": "друг"}
    assert answer.json()["reference"] == "Вх. № 12"
    assert [task["recipient"] for task in await listed(shop, officer, is_open=True)] == ["icash"]

    shop.clock.advance(days=15)
    [late] = [periodic for periodic in shop.work.periodic if periodic.name == "finish_erasures"]
    await late.run()
    await late.run()
    await shop.run_jobs()
    [alarm] = letters(shop, "Получател на данни не е потвърдил в срок")
    assert alarm["To"] == shop.settings.seller_email


async def listed(shop: Shop, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    answer = await shop.http.get(TASKS, headers=headers, params=query)
    assert answer.status_code == httpx.codes.OK, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_nobody_who_received_nothing_is_told(shop: Shop) -> None:
    me = await member(shop)
    await close(shop, me)
    assert await shop.count("recipient_tasks") == 0


async def test_what_a_backup_brings_back_is_erased_again(shop: Shop) -> None:
    before = shop.clock.now()
    me = await delivered(shop, closed=False)
    shop.clock.advance(minutes=5)
    await close(shop, me)
    async with shop.sessions() as session:
        listed_ones = await list_erasures_since(session, before)
    [one] = listed_ones
    # As the backup of the hour before has it: the account's order with its words, and no erasure.
    async with shop.sessions.begin() as session:
        for statement in (
            "DELETE FROM erasures",
            "DELETE FROM recipient_tasks",
            "UPDATE orders SET account_closed_at = NULL, comment = 'Звъннете на Снежина'",
        ):
            await session.execute(text(statement))
    for expected in (1, 0):
        async with shop.sessions.begin() as session:
            holders, sealer = shop.app.state.holders, shop.app.state.sealer
            assert await reapply(session, holders, listed_ones, sealer, at=shop.clock.now()) == expected
    assert await shop.rows("SELECT comment FROM orders") == [(None,)]
    assert await shop.rows("SELECT id, erased_at FROM erasures") == [(one.id, one.erased_at)]


async def test_erased_again_there_is_nothing_left_to_let_go(shop: Shop) -> None:
    await delivered(shop)
    for expected in (["The address in the letters that were sent"], []):
        async with shop.sessions.begin() as session:
            evidence = make_evidence(at=shop.clock.now())
            holders, sealer = shop.app.state.holders, shop.app.state.sealer
            done = await erase_person(session, holders, Person(EMAIL), evidence, sealer=sealer)
        assert [what.en for what in done.erasure.erased] == expected


async def test_complaint_19_a_guest_is_erased_by_proof_of_the_address_alone(shop: Shop) -> None:
    await shop.agree(Recipient.SPEEDY, Recipient.ICASH)
    order = await shop.ordered(customer=WHO, delivery=HOME, comment="Звъннете на Снежина")
    await shop.run_jobs()
    await scan(shop, order, State.DELIVERED)
    await shop.run_jobs()
    asked = await ask_as_guest(shop, "erasure", EMAIL, name="Снежина Кокичева", erasure_ground="not_needed")
    await decide(shop, await officer(shop), asked)
    found = [column for column in await traces(shop, *IDENTITY) if not column.startswith("rights_")]
    assert found == [column for column in HELD if column != "consents.email"]
    record = await record_of(shop)
    held = {each["what"]["bg"].partition(":")[0] for each in record.kept}
    assert held >= {"Фактури и известия", "Шифрованият запис на изтриването"}
    assert any("Исканията за правата Ви" in what for what in held), held
