"""A process that issues invoices and is meant to be killed: `python -m tests.faults.issuing DATABASE NAME`.

Every third transaction fails once it has its number; every one rests between number and commit, where death is worst.
"""

import asyncio
import random
import sys
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.db import Pool, Sessions, make_engine, make_sessions
from app.invoices import service as invoices
from app.invoices.errors import SeriesAhead
from app.invoices.service import Issuer, Occasion
from app.orders import queries as orders
from app.settings import Settings
from app.wiring import values as wiring
from tests.dice import dice
from tests.processes import PATIENCE

WITHOUT = text("SELECT id FROM orders WHERE NOT EXISTS (SELECT FROM documents WHERE order_id = orders.id)")
NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
REST_SECONDS = 0.02


class Mishap(Exception):
    """A transaction that fails for a reason of its own."""


async def issue(sessions: Sessions, order_id: UUID, issuer: Issuer, luck: random.Random) -> None:
    at = NOON + timedelta(hours=luck.choice([-24, 0, 24, 24]))  # a clock that is set back now and then, and has to wait
    async with sessions.begin() as session:
        order = await orders.lock_order(session, order_id)
        lines = await orders.list_lines(session, order_id)
        await invoices.issue_invoice(session, order, lines, issuer, Occasion(date(2026, 11, 23), None), at=at)
        await session.flush()  # the number is taken; only the commit is missing
        await asyncio.sleep(luck.uniform(0, REST_SECONDS))
        if luck.random() < 1 / 3:
            raise Mishap


async def run(database: str, name: str) -> None:
    # All want one row; a patient pool, for who waits long on a busy machine is not at fault.
    patient = Pool(wait_seconds=PATIENCE, lock_timeout_ms=round(1000 * PATIENCE), statement_timeout_ms=0)
    luck, engine = dice(name), make_engine(database, patient)
    sessions, issuer = make_sessions(engine), wiring.issuer(Settings())
    while True:
        async with sessions() as session:
            waiting = list(await session.scalars(WITHOUT))
        if not waiting:
            break
        luck.shuffle(waiting)
        chosen = waiting[:8]
        ends = await asyncio.gather(*(issue(sessions, one, issuer, luck) for one in chosen), return_exceptions=True)
        for end in ends:
            if end is not None and not isinstance(end, (Mishap, IntegrityError, SeriesAhead)):
                raise end
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2]))
