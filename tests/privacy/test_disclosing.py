"""The gate: no agreement, no data; with one, a record of each handing over."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, Table, Text, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Sessions
from app.core.jobs import Parked
from app.core.language import Language
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Recipient, personal
from app.privacy import queries
from app.privacy.disclosing import HandingOver, Sent, disclose, name_recipient, record_agreement, require_agreement
from app.privacy.errors import AgreementMissing
from app.privacy.models import Agreement, AgreementKind, Disclosure, Handing
from app.privacy.personal_columns import categories_for, fields_for
from tests.factories.privacy import AT, WHOSE, make_agreements
from tests.problems import of_kind

TO_SPEEDY = HandingOver(Recipient.SPEEDY, "shipment", Purpose.SALE, Ground.CONTRACT, Handing.PUSH)
TO_ACCOUNTANT = HandingOver(
    Recipient.ACCOUNTANT, "invoice", Purpose.ACCOUNTING, Ground.LEGAL_OBLIGATION, Handing.DOWNLOAD
)
CATEGORIES = [Category.ADDRESS, Category.NAME, Category.PHONE]
FIRST, SECOND = UUID(int=1), UUID(int=2)


async def test_each_handing_over_says_who_what_why_when_for_which_order(session: AsyncSession) -> None:
    await make_agreements(session, Recipient.SPEEDY)
    shipment = uuid4()

    await disclose(
        session, TO_SPEEDY, [Sent(FIRST, WHOSE, shipment), Sent(SECOND, WHOSE)], at=AT, categories=CATEGORIES
    )

    columns = [column for column in Disclosure.__table__.columns if column.key != "id"]
    kept = (await session.execute(select(*columns).order_by(Disclosure.order_id))).mappings().all()
    shared: dict[str, Any] = {
        "disclosed_at": AT,
        "recipient": "speedy",
        "categories": ["address", "name", "phone"],
        "purpose": "sale",
        "ground": "contract",
        "means": "push",
        "what": "shipment",
        "actor": "system",
    }
    assert [dict(row) for row in kept] == [
        {**shared, "order_id": FIRST, "reference_id": shipment},
        {**shared, "order_id": SECOND, "reference_id": None},
    ]


async def test_a_download_names_its_client(session: AsyncSession) -> None:
    await make_agreements(session, Recipient.ACCOUNTANT)

    await disclose(
        session, TO_ACCOUNTANT, [Sent(FIRST, WHOSE, SECOND)], at=AT, actor="books-client", categories=[Category.NAME]
    )

    kept = (await session.scalars(select(Disclosure))).one()
    assert (kept.actor, kept.what, kept.means, kept.ground) == (
        "books-client",
        "invoice",
        Handing.DOWNLOAD,
        Ground.LEGAL_OBLIGATION,
    )


async def test_nothing_sent_leaves_no_record_but_needs_the_agreement(session: AsyncSession) -> None:
    with pytest.raises(AgreementMissing):
        await disclose(session, TO_SPEEDY, [], at=AT, categories=CATEGORIES)
    await make_agreements(session, Recipient.SPEEDY)

    await disclose(session, TO_SPEEDY, [], at=AT, categories=CATEGORIES)

    assert await session.scalar(select(func.count()).select_from(Disclosure)) == 0


async def test_a_record_without_categories_is_refused(sessions: Sessions) -> None:
    async with sessions() as session:
        await make_agreements(session, Recipient.SPEEDY)
        await disclose(session, TO_SPEEDY, [Sent(FIRST, WHOSE)], at=AT, categories=CATEGORIES)
        row = (await session.scalars(select(Disclosure))).one()
        copy = {column.key: getattr(row, column.key) for column in Disclosure.__table__.columns}
        session.add(Disclosure(**{**copy, "id": uuid4(), "categories": []}))
        with pytest.raises(IntegrityError, match="ck_disclosures_categories"):
            await session.flush()


def test_the_refusal_parks_a_job_and_answers_a_client() -> None:
    refusal = AgreementMissing(recipient=Recipient.ICASH)

    assert isinstance(refusal, Parked)
    assert refusal.document(Language.EN) == {
        **of_kind("agreement-missing", ""),
        "title": "No agreement with the recipient",
        "status": 409,
        "detail": "Nothing was handed over. Record an agreement in force with the recipient icash and try again.",
        "recipient": "icash",
    }
    assert refusal.document(Language.BG)["detail"] == (
        "Нищо не е предадено. Впишете действащо споразумение с получателя icash и опитайте отново."
    )


@pytest.mark.parametrize(
    ("recipient", "kind"),
    [
        (Recipient.SPEEDY, AgreementKind.CONTRACT),
        (Recipient.COURIER, AgreementKind.CONTRACT),
        (Recipient.ICASH, AgreementKind.ART28),
        (Recipient.ACCOUNTANT, AgreementKind.ART28),
    ],
)
async def test_a_processor_is_bound_by_article_28_a_controller_by_contract(
    session: AsyncSession, recipient: Recipient, kind: AgreementKind
) -> None:
    await record_agreement(session, recipient, reference="7/2026", signed_on=date(2026, 11, 1), at=AT, by="owner")

    kept = (await session.scalars(select(Agreement))).one()
    assert (kept.recipient, kept.kind, kept.reference, kept.signed_on, kept.ends_on, kept.recorded_at) == (
        recipient,
        kind,
        "7/2026",
        date(2026, 11, 1),
        None,
        AT,
    )
    await require_agreement(session, recipient, at=AT)


async def in_force(session: AsyncSession, day: date) -> str | None:
    noon = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    found = await queries.find_agreement(session, Recipient.ICASH, at=noon)
    return found.reference if found else None


async def test_an_agreement_counts_from_its_signing_to_its_end(session: AsyncSession) -> None:
    async def record(reference: str, signed_on: date, ends_on: date | None, minute: int) -> None:
        moment = AT + timedelta(minutes=minute)
        await record_agreement(
            session, Recipient.ICASH, reference=reference, signed_on=signed_on, ends_on=ends_on, at=moment, by="owner"
        )

    await record("A", date(2026, 11, 20), None, 0)
    await record("B", date(2027, 2, 1), None, 1)

    assert await in_force(session, date(2026, 11, 19)) is None
    assert await in_force(session, date(2026, 11, 20)) == "A"
    assert await in_force(session, date(2027, 1, 31)) == "A"
    assert await in_force(session, date(2027, 2, 1)) == "B"

    await record("B", date(2027, 2, 1), date(2027, 6, 30), 2)

    assert await in_force(session, date(2027, 6, 30)) == "B"
    assert await in_force(session, date(2027, 7, 1)) is None


async def test_an_agreement_cannot_end_before_it_is_signed(sessions: Sessions) -> None:
    async with sessions() as session:
        with pytest.raises(IntegrityError, match="ck_agreements_ends_on"):
            await record_agreement(
                session,
                Recipient.SPEEDY,
                reference="7",
                signed_on=date(2026, 11, 2),
                ends_on=date(2026, 11, 1),
                at=AT,
                by="owner",
            )


async def test_the_register_learns_who_a_recipient_is(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await name_recipient(session, Recipient.ACCOUNTANT, legal_name="„Баланс“ ООД", contact="office@balans.example")

    async with sessions() as session:
        named = await queries.get_recipient(session, Recipient.ACCOUNTANT)
        assert (named.legal_name, named.contact) == ("„Баланс“ ООД", "office@balans.example")


def toy() -> MetaData:
    tables = MetaData()
    to_speedy, to_both = frozenset({Recipient.SPEEDY}), frozenset({Recipient.SPEEDY, Recipient.ICASH})
    Table(
        "people",
        tables,
        Column("name", Text, primary_key=True, info=personal(Category.NAME, to=to_both)),
        Column("email", Text, info=personal(Category.EMAIL)),
        Column("phone", Text, info=personal(Category.PHONE, to=to_speedy)),
        Column("colour", Text, info=IMPERSONAL),
    )
    Table(
        "addresses",
        tables,
        Column("person", Text, ForeignKey("people.name"), info=IMPERSONAL),
        Column("city", Text, info=personal(Category.ADDRESS, to=to_speedy)),
        Column("street", Text, info=personal(Category.ADDRESS, to=to_speedy)),
    )
    return tables


def test_what_a_recipient_may_get_is_read_off_the_columns() -> None:
    assert fields_for(Recipient.SPEEDY, toy()) == {"people": ["name", "phone"], "addresses": ["city", "street"]}
    assert categories_for(Recipient.SPEEDY, toy()) == [Category.ADDRESS, Category.NAME, Category.PHONE]
    assert fields_for(Recipient.ICASH, toy()) == {"people": ["name"]}
    assert categories_for(Recipient.ICASH, toy()) == [Category.NAME]
    assert fields_for(Recipient.ACCOUNTANT, toy()) == {}
    assert categories_for(Recipient.ACCOUNTANT, toy()) == []
