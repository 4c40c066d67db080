"""Looks at the whole database and at every statement, from outside the app."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.shop import Shop

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
ROWS = "SELECT '{0}', md5(coalesce(string_agg(kept::text, '|' ORDER BY kept::text), '')), count(*) FROM {0} AS kept"

Contents = dict[str, tuple[str, int]]


async def contents(shop: Shop) -> Contents:
    """Read the number of rows in every table, and a hash of all they hold; an attempt is counted, so not `throttle`."""
    tables = [name for (name,) in await shop.rows(TABLES) if name != "throttle"]
    found = await shop.rows(" UNION ALL ".join(ROWS.format(name) for name in tables))
    return {name: (hashed, count) for name, hashed, count in found}


async def ledger_sums(shop: Shop) -> dict[str, tuple[int, int]]:
    """Give for each SKU what its stock row says and what its movements add up to."""
    found = await shop.rows(
        "SELECT sku, available, (SELECT coalesce(sum(change), 0) FROM stock_movements AS m WHERE m.sku = stock.sku)"
        " FROM stock"
    )
    return {sku: (available, int(moved)) for sku, available, moved in found}


@contextmanager
def statements(shop: Shop) -> Iterator[list[str]]:
    """Collect the statements that the app sends; those of the job engine go past this and are not in it."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(shop.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(shop.engine.sync_engine, "before_cursor_execute", note)
