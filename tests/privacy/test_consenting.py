"""Consents as they stand: the last act decides, a new address inherits them, the proof stays."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import together
from app.privacy import queries
from app.privacy.consenting import carry_consents, live_consents, withdraw
from app.privacy.models import Channel, Consent, ConsentPurpose, DeclarationPurpose
from app.privacy.service import NEWSLETTER_BY_EMAIL, ConsentWish, consent_insert
from tests.factories.privacy import AT, make_evidence

OLD, NEW = "iva@example.bg", "iva.petrova@example.bg"
REGISTRATION = ConsentWish(ConsentPurpose.REGISTRATION)
BY_SMS = ConsentWish(ConsentPurpose.NEWSLETTER, Channel.SMS)


def later(minutes: int) -> datetime:
    return AT + timedelta(minutes=minutes)


async def give(session: AsyncSession, wish: ConsentWish, email: str = OLD, *, at: datetime = AT) -> None:
    wording = await queries.get_current(session, DeclarationPurpose.NEWSLETTER, at=at)
    await session.execute(together(consent_insert(wish, wording, make_evidence(at=at), email=email)))


async def live(session: AsyncSession, email: str) -> list[tuple[str, str | None]]:
    return [(each.purpose, each.channel) for each in await live_consents(session, email)]


async def test_s12_the_last_act_of_each_purpose_and_channel_decides(session: AsyncSession) -> None:
    for wish in (NEWSLETTER_BY_EMAIL, BY_SMS, REGISTRATION):
        await give(session, wish)

    await withdraw(session, OLD, ConsentPurpose.NEWSLETTER, make_evidence(at=later(1)), channel=Channel.EMAIL)
    assert await live(session, OLD) == [("newsletter", "sms"), ("registration", None)]

    await give(session, NEWSLETTER_BY_EMAIL, at=later(2))
    assert await live(session, OLD.upper()) == [("newsletter", "email"), ("newsletter", "sms"), ("registration", None)]

    await withdraw(session, OLD, None, make_evidence(at=later(3)))
    assert await live(session, OLD) == []


async def test_s17_what_is_taken_back_is_written_beside_what_was_given(session: AsyncSession) -> None:
    await give(session, NEWSLETTER_BY_EMAIL)
    [taken] = await withdraw(session, OLD, ConsentPurpose.NEWSLETTER, make_evidence(at=later(1)), words="Стига!")

    given, withdrawn = (await session.scalars(select(Consent).order_by(Consent.recorded_at))).all()

    assert (taken.act, taken.at) == ("withdrawn", later(1))
    assert (given.act, given.recorded_at, given.words) == ("given", AT, None)
    assert (withdrawn.act, withdrawn.recorded_at, withdrawn.words) == ("withdrawn", later(1), "Стига!")
    assert (withdrawn.declaration_id, withdrawn.text_sha256) == (given.declaration_id, given.text_sha256)


async def test_consents_follow_to_a_new_address_and_leave_the_old_one(session: AsyncSession) -> None:
    for wish in (NEWSLETTER_BY_EMAIL, REGISTRATION):
        await give(session, wish)

    await carry_consents(session, OLD, NEW, make_evidence(at=later(1)))

    assert await live(session, OLD) == []
    assert await live(session, NEW) == [("newsletter", "email"), ("registration", None)]


async def test_what_was_taken_back_under_the_new_address_stays_so(session: AsyncSession) -> None:
    for email in (OLD, NEW):
        for wish in (NEWSLETTER_BY_EMAIL, REGISTRATION):
            await give(session, wish, email)
    await withdraw(session, NEW, None, make_evidence(at=later(1)))

    await carry_consents(session, OLD, NEW, make_evidence(at=later(2)))

    assert await live(session, NEW) == [("registration", None)]


async def test_another_spelling_of_the_address_changes_nothing(session: AsyncSession) -> None:
    await give(session, NEWSLETTER_BY_EMAIL)

    await carry_consents(session, OLD, OLD.title(), make_evidence(at=later(1)))

    assert await live(session, OLD) == [("newsletter", "email")]
    assert len((await session.scalars(select(Consent.id))).all()) == 1
