"""Receipts of one mailbox: five a day at once, and what is beyond as one mail before the working day ends."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from app.mail.holding import MOST_GATHERED, BeforeTheDayEnds
from app.mail.sending import MOST_CARRIED
from tests.fulfilment.story import letters, retry
from tests.mail.letters import body
from tests.returns.stating import RECEIVED, a_statement, state
from tests.shop import Shop, open_shop

HALF_PAST_FOUR = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
PACE = BeforeTheDayEnds(time(17))


@pytest.fixture
async def shop(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """Open a shop that holds back what a real one would."""
    async with open_shop(stocked, tmp_path, mails_at_once=5) as shop:
        yield shop


async def state_many(shop: Shop, count: int) -> list[str]:
    """State so often under one address; returns the numbers of the statements."""
    stated = []
    for _ in range(count):
        shop.clock.advance(minutes=1)
        stated.append((await state(shop))["reference"])
    await shop.run_jobs()  # of two at once, the last one allowed may bring one that is held already
    return stated


async def at(shop: Shop, moment: datetime) -> None:
    shop.clock.at = moment
    await retry(shop)


def told(shop: Shop) -> str:
    """Read all that was sent."""
    return " ".join(body(letter, "plain") for letter in letters(shop, ""))


async def test_five_a_day_go_at_once_and_then_one_brings_the_others(shop: Shop) -> None:
    numbers = await state_many(shop, 8)
    assert len(letters(shop, RECEIVED)) == 5
    await at(shop, datetime(2026, 11, 23, 14, 29, tzinfo=UTC))
    assert len(letters(shop, "")) == 5
    await at(shop, HALF_PAST_FOUR)
    assert len(letters(shop, "")) == 6
    assert set(re.findall(r"ЗАЯВЛЕНИЕ №\s(\d+)", told(shop))) == {*numbers}
    assert await shop.rows("SELECT DISTINCT state FROM mails") == [("sent",)]
    await retry(shop)
    assert len(letters(shop, "")) == 6


async def test_the_next_day_has_five_of_its_own(shop: Shop) -> None:
    await state_many(shop, 6)
    await at(shop, HALF_PAST_FOUR)
    shop.clock.at = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    await state_many(shop, 6)
    assert len(letters(shop, "")) == 6 + 5


async def test_a_mailbox_is_not_flooded_by_its_tagged_forms(shop: Shop) -> None:
    for number in range(5 + MOST_GATHERED + 2):
        answer = await shop.http.post("/v1/withdrawals", json=a_statement(email=f"iva+{number}@example.bg"))
        assert answer.status_code == 201
    await shop.run_jobs()
    assert len(letters(shop, "")) == 5
    await at(shop, HALF_PAST_FOUR)
    assert len(letters(shop, "")) == 5 + MOST_GATHERED
    await at(shop, HALF_PAST_FOUR.replace(hour=15, minute=30))
    assert len(letters(shop, "")) == 5 + MOST_GATHERED
    await at(shop, HALF_PAST_FOUR.replace(day=24))
    assert len(letters(shop, "")) == 5 + MOST_GATHERED + 2
    assert await shop.rows("SELECT DISTINCT state FROM mails") == [("sent",)]


async def test_what_does_not_fit_into_one_goes_in_the_next_on_the_same_day(shop: Shop) -> None:
    for number in range(5 + MOST_CARRIED + 2):
        shop.clock.advance(minutes=1)
        answer = await shop.http.post("/v1/withdrawals", json=a_statement(order_number=f"{100_000_001 + number}"))
        assert answer.status_code == 201
    await shop.run_jobs()
    assert len(letters(shop, "")) == 5
    await at(shop, HALF_PAST_FOUR)
    await retry(shop)
    assert len(letters(shop, "")) == 5 + 2
    assert await shop.rows("SELECT DISTINCT state FROM mails") == [("sent",)]


async def test_what_a_stopped_worker_missed_goes_together_as_soon_as_one_is_there(shop: Shop) -> None:
    for _ in range(8):
        await state(shop)
    shop.clock.at = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    await shop.run_jobs()
    await retry(shop)
    assert len(letters(shop, "")) <= 8
    assert await shop.rows("SELECT DISTINCT state FROM mails") == [("sent",)]


async def test_a_statement_is_taken_while_its_receipt_is_held(shop: Shop) -> None:
    await state_many(shop, 6)
    assert await shop.rows("SELECT state, count(*) FROM mails GROUP BY 1 ORDER BY 1") == [("sent", 5), ("waiting", 1)]
    assert await shop.count("withdrawals") == 6


@pytest.mark.parametrize(
    ("promised", "goes"),
    [
        ((23, 10, 0), (23, 14, 30)),
        ((23, 14, 29), (23, 14, 30)),
        ((23, 14, 30), (23, 14, 35)),  # what comes in the last half hour goes before the end, too
        ((23, 14, 44), (23, 14, 45)),
        ((23, 14, 55), (23, 14, 59)),
        ((23, 14, 59), (23, 14, 59)),
        ((23, 15, 0), (24, 14, 30)),
        ((27, 16, 0), (30, 14, 30)),  # Friday evening
        ((28, 9, 0), (30, 14, 30)),
    ],
)
def test_what_is_held_goes_before_the_working_day_ends(
    promised: tuple[int, int, int], goes: tuple[int, int, int]
) -> None:
    assert PACE.goes_at(datetime(2026, 11, *promised, tzinfo=UTC)) == datetime(2026, 11, *goes, tzinfo=UTC)


def test_a_holiday_is_no_working_day() -> None:
    christmas_eve = datetime(2026, 12, 24, 8, 0, tzinfo=UTC)
    assert PACE.goes_at(christmas_eve) == datetime(2026, 12, 29, 14, 30, tzinfo=UTC)
