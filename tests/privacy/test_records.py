"""Tables of record: added to, never changed, but for the erasure that is named."""

import pytest
from sqlalchemy import func, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Sessions, together
from app.core.ids import uuid7
from app.core.personal import Ground, Purpose, Recipient
from app.privacy import disclosing, queries
from app.privacy.models import DeclarationPurpose, Handing
from app.privacy.service import NEWSLETTER_BY_EMAIL, consent_insert
from tests.factories.privacy import AT, WHOSE, make_acceptance, make_agreements, make_evidence

RECORDS = ["acceptances", "consents", "agreements", "disclosures"]
TO_SPEEDY = disclosing.HandingOver(Recipient.SPEEDY, "shipment", Purpose.SALE, Ground.CONTRACT, Handing.PUSH)


@pytest.fixture
async def kept(sessions: Sessions) -> Sessions:
    """Give a database where each table of record holds one row."""
    async with sessions.begin() as session:
        await make_acceptance(session)
        await make_agreements(session, Recipient.SPEEDY)
        wording = await queries.get_current(session, DeclarationPurpose.NEWSLETTER, at=AT)
        await session.execute(
            together(consent_insert(NEWSLETTER_BY_EMAIL, wording, make_evidence(), email="iva@example.bg"))
        )
        await disclosing.disclose(session, TO_SPEEDY, [disclosing.Sent(uuid7(), WHOSE)], at=AT)
    return sessions


async def rows_of(session: AsyncSession, name: str) -> int:
    return await session.scalar(select(func.count()).select_from(table(name))) or 0


@pytest.mark.parametrize("name", [*RECORDS, "declarations"])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_a_record_refuses_to_change(kept: Sessions, name: str, act: str) -> None:
    async with kept() as session:
        before = await rows_of(session, name)
    with pytest.raises(DBAPIError, match=r"table of record: .* is refused"):
        async with kept.begin() as session:
            await session.execute(text(act.format(name)))

    async with kept() as session:
        assert await rows_of(session, name) == before > 0


@pytest.mark.parametrize("name", RECORDS)
async def test_the_named_erasure_may_delete_in_its_own_transaction_alone(kept: Sessions, name: str) -> None:
    async with kept.begin() as session:
        await session.execute(text("SET LOCAL shop.erasure = 'named'"))
        await session.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - a name of this file
    async with kept() as session:
        assert await rows_of(session, name) == 0
        with pytest.raises(DBAPIError, match="table of record: DELETE on declarations is refused"):
            await session.execute(text("DELETE FROM declarations"))


async def test_not_even_the_named_erasure_empties_a_table(kept: Sessions) -> None:
    async with kept() as session:
        await session.execute(text("SET LOCAL shop.erasure = 'named'"))
        with pytest.raises(DBAPIError, match="table of record: TRUNCATE on disclosures is refused"):
            await session.execute(text("TRUNCATE disclosures"))
