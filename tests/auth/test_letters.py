"""The letters about logins: every word of them, whom they go to, and whom not."""

import logging
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from app.auth import letters
from app.auth.letters import InvitationLetter, LockLetter, NoticeLetter, ResetLetter, ReuseLetter
from app.auth.link_tokens import link_token
from app.auth.mailing import LoginMails
from app.auth.models import LinkPurpose, LoginSession, MailLink, Realm, SessionEnd, Staff, StaffRole
from app.core.language import Language
from app.mail.models import Mail, MailKind
from tests.factories.accounts import make_account, make_staff
from tests.mail.letters import (
    AT,
    LETTERHEAD,
    SECRET,
    TRADER,
    Page,
    assert_both_forms_say_the_same,
    assert_fetches_nothing_and_counts_nobody,
    body,
    post,
)
from tests.shop import Shop

KEPT = Path(__file__).parent / "letters"
MAILS = LoginMails(LETTERHEAD, SECRET)
EARLIER, LATER = AT - timedelta(days=3), AT + timedelta(hours=1)
URL = "https://shop.example/reset-password#token=AAAA_-"
RESET = ResetLetter(language=Language.BG, trader=TRADER, url=URL, expires_at=LATER, for_staff=False)
INVITATION = InvitationLetter(
    language=Language.BG,
    trader=TRADER,
    url="https://shop.example/staff/invitation#token=AAAA_-",
    expires_at=LATER,
    person="Мария Иванова",
    role=StaffRole.PRIVACY_OFFICER,
)
CHANGED = NoticeLetter(language=Language.BG, trader=TRADER, done_at=AT)
REUSED = ReuseLetter(language=Language.BG, trader=TRADER, done_at=AT, device="Firefox 143, Linux", logged_in_at=EARLIER)
LOCKED = LockLetter(language=Language.BG, trader=TRADER, done_at=AT, refused=5, locked_until=LATER)
SAMPLES = {
    "password_reset.bg": letters.password_reset(RESET),
    "password_reset.en": letters.password_reset(replace(RESET, language=Language.EN, for_staff=True)),
    "password_changed.bg": letters.password_changed(CHANGED),
    "password_changed.en": letters.password_changed(replace(CHANGED, language=Language.EN)),
    "token_reused.bg": letters.token_reused(REUSED),
    "token_reused.en": letters.token_reused(replace(REUSED, language=Language.EN, device=None)),
    "second_factor_locked.bg": letters.second_factor_locked(LOCKED),
    "second_factor_locked.en": letters.second_factor_locked(replace(LOCKED, language=Language.EN)),
    "invitation.bg": letters.invitation(INVITATION),
    "invitation.en": letters.invitation(replace(INVITATION, language=Language.EN)),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_text_is_exactly_this(name: str) -> None:
    message = post(SAMPLES[name])

    assert f"{message['Subject']}\n\n{body(message, 'plain')}" == (KEPT / f"{name}.txt").read_text()
    assert message["Content-Language"] == name[-2:]


@pytest.mark.parametrize("name", SAMPLES)
def test_both_forms_say_the_same_and_fetch_nothing(name: str) -> None:
    assert_both_forms_say_the_same(post(SAMPLES[name]))
    assert_fetches_nothing_and_counts_nobody(post(SAMPLES[name]))


def test_staff_are_told_of_their_own_login() -> None:
    text = body(post(letters.password_reset(replace(RESET, for_staff=True))), "plain")

    assert "Поискана е нова парола за служебния достъп с този имейл адрес." in text


@pytest.mark.parametrize("language", Language)
def test_a_hostile_name_or_device_is_shown_and_never_obeyed(language: Language) -> None:
    nasty = 'Мария" <b>\r\n\r\nBcc: stranger@example.com {{ letter }}'
    invitation = letters.invitation(replace(INVITATION, language=language, person=nasty))
    reused = letters.token_reused(replace(REUSED, language=language, device=nasty))

    for message in (post(invitation), post(reused)):
        assert 'Мария" <b> Bcc: stranger@example.com {{ letter }}' in body(message, "plain")
        assert "b" not in Page(body(message, "html")).tags
        assert message["Bcc"] is None


def test_a_letter_with_a_key_is_never_printed() -> None:
    assert "token" not in f"{RESET!r} {INVITATION!r} {post(SAMPLES['password_reset.bg'])!r}"
    assert "secret" not in repr(MAILS)


async def a_link(session: AsyncSession, purpose: LinkPurpose, realm: Realm, email: str, **changes: Any) -> MailLink:
    link = MailLink(purpose=purpose, realm=realm, email=email, created_at=AT, **{"expires_at": LATER, **changes})
    session.add(link)
    await session.flush()  # the composer selects it, and the session has no autoflush
    return link


def a_mail(kind: MailKind, about_id: UUID, language: Language = Language.BG, address: str = "IVA@example.bg") -> Mail:
    return Mail(id=UUID(int=1), kind=kind, about_id=about_id, language=language, address=address, created_at=AT)


def links(message: EmailMessage | None) -> list[str]:
    assert message is not None
    return [link for link in Page(body(message, "html")).links if not link.startswith("mailto:")]


@pytest.mark.parametrize(("realm", "page"), [(Realm.ACCOUNT, "reset-password"), (Realm.STAFF, "staff/reset-password")])
async def test_a_reset_goes_to_the_proved_address_with_a_link_that_is_the_same_each_time(
    session: AsyncSession, realm: Realm, page: str
) -> None:
    await make_account(session, "iva@example.bg", at=AT)
    await make_staff(session, StaffRole.OWNER, "iva@example.bg", trained=False, at=AT)
    link = await a_link(session, LinkPurpose.RESET_PASSWORD, realm, "IVA@example.bg")
    mail = a_mail(MailKind.PASSWORD_RESET, link.id)

    first, again = [await MAILS.password_reset(session, mail) for _ in range(2)]

    token = link_token(SECRET, "reset_password", link.id)
    assert links(first) == links(again) == [f"https://shop.example/{page}#token={token}"]
    assert first is not None
    assert (first["To"], first["Message-ID"], mail.address) == (
        "iva@example.bg",
        f"<{mail.id}@api.shop.example>",
        "iva@example.bg",
    )


@pytest.mark.parametrize("realm", Realm)
async def test_for_nobodys_address_the_link_goes_and_nothing_is_sent(session: AsyncSession, realm: Realm) -> None:
    """An account is nobody to the staff's door, and a member of staff nobody to the shoppers'."""
    if realm is Realm.STAFF:
        await make_account(session, "iva@example.bg", at=AT)
        (await make_staff(session, StaffRole.OWNER, "iva@example.bg", trained=False, at=AT)).disabled_at = AT
        await session.flush()  # the composer selects it
    link = await a_link(session, LinkPurpose.RESET_PASSWORD, realm, "iva@example.bg")

    assert await MAILS.password_reset(session, a_mail(MailKind.PASSWORD_RESET, link.id)) is None
    assert list(await session.scalars(select(MailLink.id))) == []


async def test_a_link_that_works_no_more_is_not_sent(session: AsyncSession) -> None:
    await make_account(session, "iva@example.bg", at=AT)
    purpose = LinkPurpose.RESET_PASSWORD
    used = await a_link(session, purpose, Realm.ACCOUNT, "iva@example.bg", used_at=AT)
    expired = await a_link(session, purpose, Realm.ACCOUNT, "iva@example.bg", expires_at=AT)

    for link_id in (used.id, expired.id, uuid4()):
        assert await MAILS.password_reset(session, a_mail(MailKind.PASSWORD_RESET, link_id)) is None
        assert await MAILS.invitation(session, a_mail(MailKind.INVITATION, link_id)) is None
    assert set(await session.scalars(select(MailLink.id))) == {used.id, expired.id}


async def test_an_invitation_goes_to_who_has_not_answered_yet(session: AsyncSession) -> None:
    invited = Staff(email="maria@example.bg", name="Мария Иванова", role=StaffRole.SUPPORT, created_at=AT)
    session.add(invited)
    await session.flush()  # the link refers to it
    link = await a_link(session, LinkPurpose.INVITATION, Realm.STAFF, invited.email, staff_id=invited.id)
    mail = a_mail(MailKind.INVITATION, link.id, Language.EN, invited.email)

    message = await MAILS.invitation(session, mail)
    assert links(message) == [
        f"https://shop.example/staff/invitation#token={link_token(SECRET, 'invitation', link.id)}"
    ]
    assert message is not None
    assert "Hello Мария Иванова, you are invited to work in the shop's system with the role “customer support”." in (
        body(message, "plain")
    )

    invited.disabled_at = AT
    assert await MAILS.invitation(session, mail) is None


async def test_the_owner_of_a_session_that_was_copied_learns_of_its_end(session: AsyncSession) -> None:
    account = await make_account(session, at=AT)
    ended = LoginSession(
        account_id=account.id,
        device="Firefox",
        created_at=AT - timedelta(days=1),
        last_used_at=AT,
        expires_at=LATER,
        ended_at=AT,
        ended_because=SessionEnd.TOKEN_REUSED,
    )
    session.add(ended)
    await session.flush()  # the composer selects it

    message = await MAILS.token_reused(session, a_mail(MailKind.TOKEN_REUSED, ended.id, Language.EN))
    assert message is not None
    text = body(message, "plain")
    assert "Device: Firefox\nLogged in: 22 November 2026, 00:30 (Sofia time)\n" in text
    assert "Logged out: 23 November 2026, 00:30 (Sofia time)\n" in text
    assert await MAILS.token_reused(session, a_mail(MailKind.TOKEN_REUSED, uuid4())) is None


async def test_a_member_whose_second_factor_is_locked_learns_of_it(session: AsyncSession) -> None:
    member = await make_staff(session, StaffRole.OWNER, "owner@shop.example", at=AT)
    locked = a_mail(MailKind.SECOND_FACTOR_LOCKED, uuid4(), Language.EN, address=member.email)
    assert await MAILS.second_factor_locked(session, locked) is None  # unlocked meanwhile
    member.refused_codes, member.locked_until = 10, LATER
    await session.flush()  # the composer selects it

    message = await MAILS.second_factor_locked(session, locked)
    assert message is not None
    assert (message["To"], "10 times. Until 23 November 2026" in body(message, "plain")) == (member.email, True)


async def test_no_log_and_no_job_holds_the_key_or_the_address(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with shop.sessions.begin() as session:
        await make_account(session, "iva@example.bg", at=shop.clock.now())
    with capture_logs() as logs:
        for email in ("iva@example.bg", "stranger@example.bg"):
            answer = await shop.http.post("/v1/auth/forgot-password", json={"email": email})
            assert (answer.status_code, answer.content) == (httpx.codes.ACCEPTED, b"")
        await shop.run_jobs()

    [(link_id, email)] = await shop.rows("SELECT id, email FROM mail_links")
    assert (email, await shop.count("mails")) == ("iva@example.bg", 1)
    [letter] = [file.read_bytes() for file in shop.mails.glob("*.eml")]
    token = link_token(SECRET, "reset_password", link_id)
    assert b"To: iva@example.bg" in letter
    for told in (str(logs), caplog.text, str(await shop.rows("SELECT args FROM procrastinate_jobs"))):
        assert token not in told
        assert "example.bg" not in told
