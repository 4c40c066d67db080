"""The letters about accounts: every word of them, and what the owner of an address learns, and nobody else."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import letters
from app.accounts.letters import TakenLetter
from app.accounts.mailing import AccountMails
from app.accounts.models import Registration
from app.auth.letters import LinkLetter, NoticeLetter
from app.auth.link_tokens import link_token
from app.auth.models import LinkPurpose, MailLink, Realm
from app.core.language import Language
from app.mail.models import Mail, MailKind
from app.privacy import queries as privacy_queries
from app.privacy.models import DeclarationPurpose
from tests.factories.accounts import make_account
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

KEPT = Path(__file__).parent / "letters"
MAILS = AccountMails(LETTERHEAD, SECRET)
LATER = AT + timedelta(hours=24)
LINK = LinkLetter(
    language=Language.BG, trader=TRADER, url="https://shop.example/verify-email#token=AAAA_-", expires_at=LATER
)
CHANGE = replace(LINK, url="https://shop.example/change-email#token=AAAA_-")
TAKEN = TakenLetter(
    language=Language.BG,
    trader=TRADER,
    login_url="https://shop.example/login",
    reset_url="https://shop.example/forgot-password",
)
NOTICE = NoticeLetter(language=Language.BG, trader=TRADER, done_at=AT)
CLOSED = letters.ClosedLetter(
    language=Language.BG,
    trader=TRADER,
    done_at=AT,
    kept=["Фактури и известия – чл. 12 от Закона за счетоводството – до 31 декември 2037 г."],
)
SAMPLES = {
    "registration.bg": letters.registration(LINK),
    "registration.en": letters.registration(replace(LINK, language=Language.EN)),
    "address_taken.bg": letters.address_taken(TAKEN),
    "address_taken.en": letters.address_taken(replace(TAKEN, language=Language.EN)),
    "email_change.bg": letters.email_change(CHANGE),
    "email_change.en": letters.email_change(replace(CHANGE, language=Language.EN)),
    "email_changed.bg": letters.email_changed(NOTICE),
    "email_changed.en": letters.email_changed(replace(NOTICE, language=Language.EN)),
    "account_closed.bg": letters.account_closed(CLOSED),
    "account_closed.en": letters.account_closed(replace(CLOSED, language=Language.EN)),
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


async def a_registration(session: AsyncSession, **changes: object) -> Registration:
    """Ask for an account, as somebody who is called what no letter may say."""
    declaration = await privacy_queries.get_current(session, DeclarationPurpose.ORDER, at=AT)
    registration = Registration(
        password_hash="",
        first_name="Евтини\r\nчасовници",
        last_name="<b>watches.example</b>",
        language=Language.BG,
        declaration_id=declaration.id,
        created_at=AT,
        **{"email": "iva@example.bg", "expires_at": LATER, **changes},
    )
    session.add(registration)
    await session.flush()  # the composer selects it, and the session has no autoflush
    return registration


async def a_change(session: AsyncSession, account_id: UUID, **changes: object) -> MailLink:
    link = MailLink(
        purpose=LinkPurpose.CHANGE_EMAIL,
        realm=Realm.ACCOUNT,
        account_id=account_id,
        created_at=AT,
        **{"email": "new@example.bg", "expires_at": LATER, **changes},
    )
    session.add(link)
    await session.flush()  # as above
    return link


def a_mail(kind: MailKind, about_id: UUID, address: str = "iva@example.bg") -> Mail:
    return Mail(id=UUID(int=1), kind=kind, about_id=about_id, language=Language.BG, address=address, created_at=AT)


def links(message: EmailMessage | None) -> list[str]:
    assert message is not None
    return [link for link in Page(body(message, "html")).links if not link.startswith("mailto:")]


async def test_a_registration_is_confirmed_by_a_link_that_is_the_same_each_time(session: AsyncSession) -> None:
    registration = await a_registration(session)
    mail = a_mail(MailKind.REGISTRATION, registration.id)

    first, again = [await MAILS.registration(session, mail) for _ in range(2)]

    token = link_token(SECRET, "registration", registration.id)
    assert links(first) == links(again) == [f"https://shop.example/verify-email#token={token}"]
    assert first is not None
    assert (first["To"], first["Subject"]) == ("iva@example.bg", "Потвърдете регистрацията си")


async def test_a_stranger_writes_nothing_into_anothers_mailbox(session: AsyncSession) -> None:
    """Whoever registers somebody else's address must not use the shop's letter for words of his own."""
    registration = await a_registration(session)

    message = await MAILS.registration(session, a_mail(MailKind.REGISTRATION, registration.id))
    assert message is not None
    assert "watches.example" not in message.as_string() + body(message, "plain") + body(message, "html")


async def test_who_has_an_account_is_told_so_and_the_registration_is_forgotten(session: AsyncSession) -> None:
    await make_account(session, "iva@example.bg", at=AT)
    registration = await a_registration(session, email="IVA@example.bg")
    mail = a_mail(MailKind.REGISTRATION, registration.id, "IVA@example.bg")

    first = await MAILS.registration(session, mail)
    assert list(await session.scalars(select(Registration.id))) == []
    again = await MAILS.registration(session, mail)

    assert links(first) == links(again) == ["https://shop.example/login", "https://shop.example/forgot-password"]
    assert first is not None
    assert (first["To"], first["Subject"]) == ("iva@example.bg", "Вече имате профил при нас")


async def test_a_registration_that_is_over_is_not_mailed(session: AsyncSession) -> None:
    registration = await a_registration(session, expires_at=AT)

    assert await MAILS.registration(session, a_mail(MailKind.REGISTRATION, registration.id)) is None
    assert await MAILS.registration(session, a_mail(MailKind.REGISTRATION, uuid4())) is None


async def test_a_new_address_is_proved_by_a_link(session: AsyncSession) -> None:
    account = await make_account(session, "iva@example.bg", at=AT)
    link = await a_change(session, account.id)
    mail = a_mail(MailKind.EMAIL_CHANGE, link.id, "new@example.bg")

    message = await MAILS.email_change(session, mail)

    token = link_token(SECRET, "change_email", link.id)
    assert links(message) == [f"https://shop.example/change-email#token={token}"]
    link.used_at = AT
    await session.flush()  # the composer selects it
    assert await MAILS.email_change(session, mail) is None


async def test_an_address_in_another_spelling_is_still_ones_own(session: AsyncSession) -> None:
    account = await make_account(session, "iva@example.bg", at=AT)
    link = await a_change(session, account.id, email="Iva@example.bg")

    message = await MAILS.email_change(session, a_mail(MailKind.EMAIL_CHANGE, link.id, "Iva@example.bg"))
    assert message is not None
    assert (message["To"], message["Subject"]) == ("Iva@example.bg", "Потвърдете новия си имейл адрес")


async def test_an_address_of_another_account_is_not_offered_a_link(session: AsyncSession) -> None:
    account = await make_account(session, "iva@example.bg", at=AT)
    await make_account(session, "new@example.bg", at=AT)
    link = await a_change(session, account.id)

    message = await MAILS.email_change(session, a_mail(MailKind.EMAIL_CHANGE, link.id, "new@example.bg"))
    assert links(message) == ["https://shop.example/login", "https://shop.example/forgot-password"]


async def test_notices_go_where_they_were_promised_to_though_the_account_is_gone(session: AsyncSession) -> None:
    changed = await MAILS.email_changed(session, a_mail(MailKind.EMAIL_CHANGED, uuid4(), "old@example.bg"))
    closed = await MAILS.account_closed(session, a_mail(MailKind.ACCOUNT_CLOSED, uuid4()))

    assert (changed["To"], changed["Subject"]) == ("old@example.bg", "Имейл адресът Ви е сменен")
    assert (closed["To"], closed["Subject"]) == ("iva@example.bg", "Профилът Ви е закрит")
