"""A statement is kept while it is open and for claims; then it goes, with its receipt and what was done about it."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from app.core.holders import Erasure, Person
from app.privacy.storage_terms import StorageTerms
from app.returns.personal_data import OPEN, SETTLED, StatementHolder
from tests.returns.stating import state
from tests.shop import Shop

HOLDER = StatementHolder(
    StorageTerms(books_years=11, claims_years=5, evidence_years=5, cancelled_years=1, guarantee_years=2)
)
SETTLE = text(
    "UPDATE withdrawal_cases"
    " SET settled_at = :at, settled_by = 'system', outcome = :outcome, matched_at = CAST(:matched_at AS timestamptz)"
)
SHORTLY_AFTER = datetime(2027, 12, 1, tzinfo=UTC)
LONG_AFTER = datetime(2032, 1, 1, tzinfo=UTC)


async def erase(shop: Shop, email: str, at: datetime) -> Erasure:
    async with shop.sessions.begin() as session:
        return await HOLDER.erase(session, Person(email), at=at)


async def settle(shop: Shop, outcome: str = "nothing_owed", *, is_matched: bool = True) -> None:
    at = shop.clock.now()
    async with shop.sessions.begin() as session:
        await session.execute(SETTLE, {"at": at, "outcome": outcome, "matched_at": at if is_matched else None})


async def left(shop: Shop) -> list[int]:
    return [await shop.count(table) for table in ("withdrawals", "withdrawal_cases", "mails")]


async def test_an_erasure_leaves_what_is_open_or_needed_for_claims_and_takes_the_rest(shop: Shop) -> None:
    await state(shop)
    await shop.run_jobs()
    [kept] = (await erase(shop, "Iva@example.bg", LONG_AFTER)).kept
    assert (kept.what, kept.until, kept.count) == (OPEN, None, 1)
    await settle(shop)
    [kept] = (await erase(shop, "iva@example.bg", shop.clock.now())).kept
    assert (kept.what, kept.until, kept.count) == (SETTLED, date(2031, 11, 23), 1)
    assert await left(shop) == [1, 1, 1]
    assert await erase(shop, "another@example.bg", LONG_AFTER) == Erasure([], [])
    gone = await erase(shop, "iva@example.bg", LONG_AFTER)
    assert (len(gone.erased), gone.kept) == (1, [])
    assert await left(shop) == [0, 0, 0]


@pytest.mark.parametrize(("is_settled", "stay"), [(True, 0), (False, 1)])
async def test_the_nights_run_lets_go_of_what_was_settled_long_ago(shop: Shop, is_settled: bool, stay: int) -> None:  # noqa: FBT001 - pytest's parameter
    await state(shop)
    await shop.run_jobs()
    if is_settled:
        await settle(shop)
    shop.clock.at = LONG_AFTER
    await shop.app.state.keeper.run(by="test")
    assert await left(shop) == [stay] * 3


OF_NONE = [("not_a_withdrawal", True), ("nothing_owed", False)]


@pytest.mark.parametrize(("outcome", "is_matched"), OF_NONE)
async def test_what_no_claim_rests_on_stands_against_nobodys_erasure_for_more_than_a_year(
    shop: Shop,
    outcome: str,
    is_matched: bool,  # noqa: FBT001 - pytest's parameter
) -> None:
    """A stranger may have stated it under somebody's address."""
    await state(shop)
    await shop.run_jobs()
    await settle(shop, outcome, is_matched=is_matched)
    [kept] = (await erase(shop, "iva@example.bg", shop.clock.now())).kept
    assert (kept.what, kept.until, kept.count) == (SETTLED, date(2027, 11, 23), 1)
    assert (await erase(shop, "iva@example.bg", SHORTLY_AFTER)).kept == []
    assert await left(shop) == [0, 0, 0]


@pytest.mark.parametrize(("outcome", "is_matched", "stay"), [*((*each, 0) for each in OF_NONE), ("refunded", True, 1)])
async def test_the_nights_run_lets_go_of_it_after_a_year(
    shop: Shop,
    outcome: str,
    is_matched: bool,  # noqa: FBT001 - pytest's parameter
    stay: int,
) -> None:
    await state(shop)
    await shop.run_jobs()
    await settle(shop, outcome, is_matched=is_matched)
    shop.clock.at = SHORTLY_AFTER
    await shop.app.state.keeper.run(by="test")
    assert await left(shop) == [stay] * 3
