"""Mails are promised once and their sending is recorded."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.language import Language
from app.mail import queries, service
from app.mail.models import Mail, MailKind, MailState
from tests.factories.mail import AT, make_mail

ORDER, INVOICE, CREDIT_NOTE = uuid7(), uuid7(), uuid7()


async def promise(
    sessions: Sessions, kind: MailKind, document_id: UUID | None = None, *, order_id: UUID = ORDER
) -> UUID | None:
    async with sessions.begin() as session:
        return await service.promise(
            session,
            kind=kind,
            address="iva@example.bg",
            language=Language.EN,
            order_id=order_id,
            document_id=document_id,
            at=AT,
        )


async def jobs(sessions: Sessions) -> list[tuple[Any, ...]]:
    async with sessions() as session:
        found = await session.execute(text("SELECT task_name, lock, args FROM procrastinate_jobs ORDER BY id"))
        return [tuple(row) for row in found]


async def read(session: AsyncSession, mail_id: UUID) -> Mail:
    return (await session.scalars(select(Mail).where(Mail.id == mail_id))).one()


async def test_a_promise_is_a_row_and_a_job_without_the_address(sessions: Sessions) -> None:
    mail_id = await promise(sessions, MailKind.INVOICE_ISSUED, INVOICE)

    assert mail_id is not None
    async with sessions() as session:
        mail = await read(session, mail_id)
        kept = {column.name: getattr(mail, column.name) for column in Mail.__table__.columns}
    assert kept == {
        "id": mail_id,
        "kind": MailKind.INVOICE_ISSUED,
        "address": "iva@example.bg",
        "language": Language.EN,
        "order_id": ORDER,
        "document_id": INVOICE,
        "about_id": None,
        "state": MailState.WAITING,
        "created_at": AT,
        "sent_at": None,
        "held_at": None,
        "carried_by": None,
        "message_id": None,
        "parts": None,
        "refusal": None,
        "deferred_at": None,
        "deferrals": 0,
        "retry_at": None,
        "alarmed_at": None,
    }
    assert await jobs(sessions) == [("send_mail", f"mail:{ORDER}", {"mail_id": str(mail_id)})]


async def test_the_same_mail_is_promised_once(sessions: Sessions) -> None:
    first = [
        await promise(sessions, MailKind.ORDER_CONFIRMATION),
        await promise(sessions, MailKind.INVOICE_ISSUED, INVOICE),
        await promise(sessions, MailKind.INVOICE_ISSUED, CREDIT_NOTE),
        await promise(sessions, MailKind.ORDER_CONFIRMATION, order_id=uuid7()),
    ]
    again = [
        await promise(sessions, MailKind.ORDER_CONFIRMATION),
        await promise(sessions, MailKind.INVOICE_ISSUED, INVOICE),
        await promise(sessions, MailKind.INVOICE_ISSUED, CREDIT_NOTE),
    ]

    assert None not in first
    assert again == [None, None, None]
    assert [args for _, _, args in await jobs(sessions)] == [{"mail_id": str(mail_id)} for mail_id in first]


async def test_a_mail_about_no_order_is_promised_once_for_what_it_is_about(sessions: Sessions) -> None:
    link_id = uuid7()

    async def about(kind: MailKind, about_id: UUID) -> UUID | None:
        async with sessions.begin() as session:
            return await service.promise(
                session, kind=kind, address="iva@example.bg", language=Language.BG, about_id=about_id, at=AT
            )

    made = [
        await about(MailKind.EMAIL_CHANGE, link_id),
        await about(MailKind.EMAIL_CHANGED, link_id),
        await about(MailKind.EMAIL_CHANGE, uuid7()),
    ]

    assert None not in made
    assert await about(MailKind.EMAIL_CHANGE, link_id) is None
    assert [args for _, _, args in await jobs(sessions)] == [{"mail_id": str(mail_id)} for mail_id in made]
    assert (await jobs(sessions))[0][1] == f"mail:{link_id}"


@pytest.mark.parametrize("of", [{}, {"order_id": ORDER, "about_id": uuid7()}])
async def test_a_mail_is_about_one_thing(session: AsyncSession, of: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="ck_mails_is_about_one_thing"):
        await service.promise(
            session, kind=MailKind.PASSWORD_CHANGED, address="iva@example.bg", language=Language.BG, at=AT, **of
        )


@pytest.mark.parametrize("document_id", [None, INVOICE])
async def test_of_many_promises_at_once_one_counts(sessions: Sessions, document_id: UUID | None) -> None:
    kind = MailKind.INVOICE_ISSUED if document_id else MailKind.ORDER_CONFIRMATION

    made = await asyncio.gather(*(promise(sessions, kind, document_id) for _ in range(20)))

    (mail_id,) = [made_id for made_id in made if made_id is not None]
    async with sessions() as session:
        assert list(await session.scalars(select(Mail.id))) == [mail_id]
    assert [args for _, _, args in await jobs(sessions)] == [{"mail_id": str(mail_id)}]


async def test_a_promise_falls_with_its_cause(sessions: Sessions) -> None:
    async with sessions() as session:
        await make_mail(session)
        await session.rollback()

    async with sessions() as session:
        assert list(await session.scalars(select(Mail.id))) == []
    assert await jobs(sessions) == []


async def test_a_mail_is_sent_once_and_the_first_record_stays(session: AsyncSession) -> None:
    mail_id = await make_mail(session)
    waiting = await queries.find_unsent(session, mail_id)
    assert waiting is not None
    assert (waiting.id, waiting.address) == (mail_id, "iva@example.bg")

    await service.mark_sent(session, [mail_id], message_id=f"<{mail_id}@shop.example>", at=AT + timedelta(minutes=1))
    await service.mark_sent(session, [mail_id], message_id="<other@shop.example>", at=AT + timedelta(minutes=9))
    await service.mark_refused(session, [mail_id], code="550 5.1.1")

    assert await queries.find_unsent(session, mail_id) is None
    session.expire_all()
    mail = await read(session, mail_id)
    assert (mail.state, mail.sent_at, mail.message_id, mail.refusal) == (
        MailState.SENT,
        AT + timedelta(minutes=1),
        f"<{mail_id}@shop.example>",
        None,
    )


async def test_a_refused_mail_can_be_sent_after_all(session: AsyncSession) -> None:
    mail_id = await make_mail(session)
    await service.mark_refused(session, [mail_id], code="550 5.1.1")
    refused = await queries.find_unsent(session, mail_id)
    assert refused is not None
    assert (refused.state, refused.refusal, refused.sent_at) == (MailState.REFUSED, "550 5.1.1", None)

    await service.mark_sent(session, [mail_id], message_id="<1@shop.example>", at=AT)

    session.expire_all()
    mail = await read(session, mail_id)
    assert (mail.state, mail.refusal, mail.sent_at) == (MailState.SENT, None, AT)


async def test_an_erased_mail_is_not_sent(session: AsyncSession) -> None:
    assert await queries.find_unsent(session, uuid7()) is None
