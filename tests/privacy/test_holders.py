"""Each table with personal data has one holder that answers for it, or stands here with the reason why none does."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.db import Sessions
from app.core.holders import Person, named_erasure
from app.privacy.erasing import LIST, erase_person
from app.privacy.storage_terms import StorageTerms
from app.wiring import values as wiring
from tests.checkout.watching import contents
from tests.factories.privacy import make_acceptance, make_evidence
from tests.shop import Shop, settings_of
from tests.test_personal_columns import every_table

STAFFS_OWN = {
    "staff": "of employment, not of a customer: erased when it ends, by its own terms",
    "recovery_codes": "goes with its member of staff",
}
FORGET = text("DELETE FROM acceptances")
TERMS = StorageTerms(books_years=11, claims_years=5, evidence_years=5, cancelled_years=1, guarantee_years=2)


def test_each_table_with_personal_data_has_one_holder(tmp_path: Path) -> None:
    answered = [table for holder in wiring.holders(settings_of(tmp_path)) for table in sorted(holder.tables)]
    personal = {table.name for table in every_table() if any(column.info.get("personal") for column in table.columns)}

    assert len(answered) == len({*answered}), "two holders answer for one table"
    assert personal - {*answered} == {*STAFFS_OWN}
    assert {*answered} <= {table.name for table in every_table()}


@pytest.mark.parametrize(
    ("day", "books", "claims", "cancelled"),
    [
        (date(2026, 1, 1), date(2037, 12, 31), date(2031, 1, 1), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2037, 12, 31), date(2031, 12, 31), date(2027, 12, 31)),
        (date(2028, 2, 29), date(2039, 12, 31), date(2033, 2, 28), date(2029, 2, 28)),
    ],
)
def test_s46_terms_end_on_the_day_that_the_fact_sheet_computes(
    day: date, books: date, claims: date, cancelled: date
) -> None:
    assert TERMS.of_books(day) == books
    assert (TERMS.of_claims(day), TERMS.of_evidence(day), TERMS.of_cancelled(day)) == (claims, claims, cancelled)


async def test_tables_of_record_open_for_an_erasure_and_close_behind_it(sessions: Sessions) -> None:
    async with sessions() as session:
        await make_acceptance(session)
        async with named_erasure(session):
            await session.execute(FORGET)
        await make_acceptance(session)
        with pytest.raises(DBAPIError, match="table of record: DELETE on acceptances is refused"):
            await session.execute(FORGET)


async def test_a_guest_owns_no_more_than_what_has_the_address(shop: Shop) -> None:
    await shop.account("petar@example.bg")
    for email in ("iva@example.bg", "petar@example.bg"):
        await shop.http.post("/v1/auth/forgot-password", json={"email": email})
        await shop.cart()
    order = await shop.ordered()
    before = await contents(shop)
    async with shop.sessions.begin() as session:
        done = await erase_person(
            session,
            shop.app.state.holders,
            Person("IVA@example.bg"),
            make_evidence(),
            sealer=shop.app.state.sealer,
        )
    erasure = done.erasure

    after = await contents(shop)
    assert [what.en for what in erasure.erased] == ["The address in the letters that were sent"]
    assert [(kept.what.en, kept.until) for kept in erasure.kept] == [
        (f"Orders under way: {order['number']}", None),
        (LIST.en, date(2027, 2, 20)),
    ]
    assert {table: after[table][1] - count for table, (_, count) in before.items() if after[table][1] != count} == {
        "mail_links": -1,
        "mails": -1,
        "erasures": 1,
    }


def test_a_person_is_not_printed() -> None:
    assert "iva@example.bg" not in repr(Person("iva@example.bg"))
