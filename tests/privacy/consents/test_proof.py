"""What proves a consent, how long that is kept, and what a certificate says of it when its owner is erased."""

from datetime import timedelta
from hashlib import sha256

import httpx
import pytest

from app.core.db import Sessions, together
from app.core.holders import Person
from app.core.ids import uuid7
from app.core.language import Language
from app.privacy import opting_in, queries
from app.privacy.consenting import carry_consents
from app.privacy.models import DeclarationPurpose
from app.privacy.purposes import Point
from app.privacy.restricting import RestrictionGround, restrict
from app.privacy.schemas import DeclarationWish
from app.privacy.service import NEWSLETTER_BY_EMAIL, consent_insert
from app.privacy.storage_terms import StorageTerms
from app.privacy.withdrawals.personal_data import WithdrawalHolder
from tests.accounts.closing import EMAIL, PROOF, SUPPRESSED, close, member
from tests.accounts.registering import asked, prove
from tests.factories.privacy import make_evidence
from tests.fulfilment.story import letters
from tests.privacy.consents.lists import CONFIRM, IVA, WITHDRAW, WITHDRAWALS, confirm, on_the_list, subscribe, token_in
from tests.privacy.consents.test_policies import publish
from tests.privacy.scanning import traces
from tests.shop import NOON, VERSION, Shop

PENDING = "Оттеглянията на съгласие, които чакат потвърждение"
ANNOUNCED = {
    "what": "Отпечатъкът на адреса, че сте известени за промяна на политиката",
    "law": PROOF,
    "until": "2031-11-23",
    "count": 1,
}
TERMS = StorageTerms(books_years=11, claims_years=5, evidence_years=5, cancelled_years=1, guarantee_years=2)
EVIDENCE = timedelta(days=366 * 5)


async def run(shop: Shop) -> None:
    await shop.app.state.keeper.run(by="test")


async def wished(shop: Shop, language: Language = Language.BG) -> None:
    """Tick the newsletter's box in a form of its own: no order names the address."""
    async with shop.sessions.begin() as session:
        box = DeclarationWish(version=VERSION, accepted=True)
        evidence = make_evidence(language, shop.clock.now())
        await opting_in.ask(session, IVA, NEWSLETTER_BY_EMAIL, box, evidence, point=Point.NEWSLETTER)


@pytest.mark.parametrize("language", [Language.BG, Language.EN])
async def test_complaint_21_a_link_opened_later_agrees_to_the_text_that_was_ticked(
    shop: Shop, language: Language
) -> None:
    ticked = (await shop.http.get("/v1/declarations/newsletter", headers={"Accept-Language": language})).json()
    await wished(shop, language)
    await shop.run_jobs()
    made = await publish(shop, purpose="newsletter", version="2", effective_on="2026-11-24", material=False)
    assert made.status_code == httpx.codes.CREATED
    shop.clock.advance(days=1)
    assert (await shop.http.get("/v1/declarations/newsletter")).json()["version"] == "2"
    subject = {Language.BG: CONFIRM, Language.EN: "Confirm your consent"}[language]
    [letter] = letters(shop, subject)
    assert (await confirm(shop, token_in(letter))).status_code == httpx.codes.NO_CONTENT

    proof = await shop.rows(
        "SELECT version, language, text_sha256, means, recorded_at FROM consents"
        " JOIN declarations ON declarations.id = declaration_id WHERE act = 'given'"
    )
    assert proof == [(VERSION, language, ticked["sha256"], "link", NOON + timedelta(days=1))]
    shown = (await shop.http.get(ticked["address"], headers={"Accept-Language": language})).json()
    assert (shown["text"], sha256(shown["text"].encode()).hexdigest()) == (ticked["text"], ticked["sha256"])


async def test_of_a_wish_that_nobody_confirms_nothing_is_left_anywhere_after_thirty_days(shop: Shop) -> None:
    await wished(shop)
    await shop.run_jobs()
    assert await traces(shop, IVA) == ["consents.email", "mails.address"]
    shop.clock.advance(days=30)
    await run(shop)
    assert "consents.email" in await traces(shop, IVA)
    shop.clock.advance(seconds=1)
    await run(shop)
    assert await traces(shop, IVA) == []


async def test_a_wish_that_was_confirmed_stays_with_the_consent_that_it_proves(shop: Shop) -> None:
    await wished(shop)
    await shop.run_jobs()
    await confirm(shop)
    shop.clock.advance(days=366 * 7)
    await run(shop)
    assert await shop.rows("SELECT act FROM consents ORDER BY id") == [("asked",), ("given",)]


async def test_what_waits_for_proof_goes_after_48_hours_and_not_before(shop: Shop) -> None:
    await member(shop)
    await shop.http.post(WITHDRAWALS, json={"email": EMAIL, "purpose": "registration"})
    for after, left in ((timedelta(hours=48) - timedelta(seconds=1), 1), (timedelta(hours=48), 0)):
        shop.clock.at = NOON + after
        await shop.app.state.keeper.tidy()
        assert await shop.count("pending_withdrawals") == left


async def test_that_somebody_was_told_is_proved_for_five_years_and_not_longer(shop: Shop) -> None:
    await member(shop)
    await publish(shop)
    await shop.run_jobs()
    assert await shop.count("announcements") == 1
    for moment, left in ((NOON + EVIDENCE, 1), (NOON + EVIDENCE + timedelta(seconds=1), 0)):
        shop.clock.at = moment
        await run(shop)
        assert await shop.count("announcements") == left


async def test_the_list_of_who_is_not_written_to_has_no_end(shop: Shop) -> None:
    await shop.http.post(WITHDRAWALS, json={"email": IVA, "purpose": "newsletter"})
    shop.clock.advance(days=366 * 30)
    await run(shop)
    assert await shop.rows("SELECT purpose, suppressed_at FROM suppressions") == [("newsletter", NOON)]


async def test_the_certificate_names_the_fingerprints_and_what_waited_goes(shop: Shop) -> None:
    me = await member(shop, newsletter=True)
    await publish(shop)
    await shop.run_jobs()
    await shop.http.post(WITHDRAWALS, json={"email": EMAIL, "purpose": "registration", "words": "Стига."})
    closed = await close(shop, me)
    kept = [each for each in closed["kept"] if "тпечатък" in each["what"]]
    assert kept == [SUPPRESSED, ANNOUNCED]
    assert PENDING in closed["erased"]
    assert await shop.count("pending_withdrawals") == 0
    await shop.run_jobs()
    assert letters(shop, WITHDRAW) == [], "nothing is left to be proved"


async def test_of_whom_nothing_is_kept_the_holder_names_nothing(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        for person in (Person(IVA), Person("")):
            gone = await WithdrawalHolder(TERMS).erase(session, person, at=NOON)
            assert ([*gone.erased], [*gone.kept]) == ([], [])


async def unproved(shop: Shop) -> None:
    """Record a box with an order as an earlier release did: as a consent, with no proof of the address."""
    async with shop.sessions.begin() as session:
        wording = await queries.get_current(session, DeclarationPurpose.NEWSLETTER, at=NOON)
        box = consent_insert(NEWSLETTER_BY_EMAIL, wording, make_evidence(at=NOON), email=IVA, order_id=uuid7())
        await session.execute(together(box))


async def test_a_box_that_nobody_proved_stands_as_a_wish_and_does_not_keep_its_owner_from_agreeing(shop: Shop) -> None:
    await unproved(shop)
    me = await shop.account()
    [shown] = (await shop.http.get("/v1/me/consents", headers=me)).json()["consents"]
    assert (shown["purpose"], shown["act"]) == ("newsletter", "asked")
    assert not await on_the_list(shop)
    shop.clock.advance(minutes=1)
    wish = {"purpose": "newsletter", "channel": "email", "privacy_declaration": {"version": VERSION, "accepted": True}}
    [agreed] = (await shop.http.post("/v1/me/consents", json=wish, headers=me)).json()["consents"]
    assert (agreed["act"], agreed["at"]) == ("given", "2026-11-23T10:01:00Z")
    assert await on_the_list(shop)


async def test_a_box_that_nobody_proved_follows_nobody_to_a_new_address(shop: Shop) -> None:
    await unproved(shop)
    async with shop.sessions.begin() as session:
        await carry_consents(session, IVA, "iva.petrova@example.bg", make_evidence(at=NOON + timedelta(minutes=1)))
    assert not await on_the_list(shop, "iva.petrova@example.bg")


async def test_whoever_agreed_and_is_restricted_since_is_not_asked_again(shop: Shop) -> None:
    await subscribe(shop)
    async with shop.sessions.begin() as session:
        await restrict(session, Person(IVA), ground=RestrictionGround.OBJECTION, request_id=None, at=NOON)
    shop.clock.advance(minutes=1)
    await shop.ordered(consents=["newsletter"])
    await shop.run_jobs()
    assert len(letters(shop, CONFIRM)) == 1


async def test_complaint_22_the_registrations_box_counts_not_before_its_link_is_opened(shop: Shop) -> None:
    token = await asked(shop, consents=["registration", "newsletter"])
    assert not await on_the_list(shop)
    assert await shop.count("consents") == 0
    assert (await prove(shop, token)).status_code == httpx.codes.NO_CONTENT
    assert await on_the_list(shop)
