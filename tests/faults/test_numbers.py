"""The series of invoices stays dense whatever dies between a number and its commit (complaints 7 and 8)."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.invoices.verifying import check_series
from tests.dice import dice
from tests.factories.catalog import make_variant
from tests.faults.accounts import dense
from tests.faults.issuing import NOON
from tests.processes import PATIENCE, Process, all_ended, until
from tests.shop import Shop

SLOW = pytest.mark.slow
LAST_DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("orders", "deaths"),
    [(50, 2), pytest.param(200, 2, marks=SLOW), pytest.param(150, 12, marks=SLOW)],
    ids=["fifty", "two hundred", "often"],
)
async def test_complaint_8_a_series_is_dense_though_those_who_issue_are_killed(
    shop: Shop, tmp_path: Path, orders: int, deaths: int
) -> None:
    async with shop.sessions.begin() as session:
        await make_variant(session, sku="PLENTY", stock=orders)
    for _ in range(orders):
        await shop.ordered({"PLENTY": 1})
    luck = dice()
    issuers = {name: _issuer(name, shop.database, tmp_path) for name in ("one", "two", "three")}
    with all_ended(issuers):
        for process in issuers.values():
            process.start()
        for death in range(deaths):
            await _issued(shop, (death + 1) * orders // (2 * deaths))
            victim = issuers[luck.choice(sorted(issuers))]
            await asyncio.sleep(luck.uniform(0, 0.05))
            if victim.is_alive:
                victim.kill()
            victim.start()
        for process in issuers.values():
            assert await asyncio.to_thread(process.ended, 5 * PATIENCE) == 0, process.log.read_text()[-2000:]
    rows = await shop.rows("SELECT number, order_id, issued_on FROM documents ORDER BY number")
    assert len(rows) == orders
    assert len({order_id for _, order_id, _ in rows}) == orders
    dense([number for number, _, _ in rows])
    dates = [issued_on for *_, issued_on in rows]
    assert dates == sorted(dates)
    # The issuers' clocks run apart by days; where the first one of all was on the last day, so are those after it.
    assert len(set(dates)) > 1 or dates[0] == LAST_DAY
    assert await shop.rows("SELECT last FROM document_series") == [(orders,)]
    async with shop.sessions() as session:
        proof = await check_series(session, "invoices", at=NOON + timedelta(days=1))  # on the last of these days
    assert proof is not None
    # Nobody draws here, which the proof says of those that are of the first of these days.
    assert [fault for fault in proof.faults if "has no PDF" not in fault] == []
    assert proof.issued == orders


def _issuer(name: str, database: str, folder: Path) -> Process:
    return Process(name, ["tests.faults.issuing", database, name], {}, folder / f"{name}.log")


async def _issued(shop: Shop, number: int) -> None:
    async def issued() -> bool:
        return await shop.count("documents") >= number

    await until(issued)
