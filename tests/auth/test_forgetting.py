"""What is over is forgotten in time: logins, links, and with them what else the worker cleans away."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from app.auth.models import Realm, StaffRole
from app.auth.personal_data import logins_due
from app.auth.sessions import open_session
from app.core.db import forget
from tests.accounts.registering import asked
from tests.auth.logins import logged_in, with_account, with_staff
from tests.auth.test_own_logins import ask_for_reset
from tests.processes import PATIENCE
from tests.shop import NOON, Shop

HELD = ("mail_links", "familiar_origins", "login_sessions", "registrations", "carts", "mails", "throttle")


async def counts(shop: Shop, *tables: str) -> list[int]:
    return [await shop.count(table) for table in tables]


async def test_logins_are_forgotten_90_days_after_they_were_over(shop: Shop) -> None:
    await with_account(shop)
    ended, _ = await logged_in(shop), await logged_in(shop)
    await shop.http.post("/v1/auth/revoke", data={"token": ended["refresh_token"]})
    await ask_for_reset(shop)
    second, left = timedelta(seconds=1), []
    for over in (timedelta(days=30, hours=1), timedelta(days=90), timedelta(days=120)):
        for moment in (NOON + over, NOON + over + second):
            async with shop.sessions.begin() as session:
                for due in logins_due(moment):
                    await forget(session, due.table, due.which)
            left.append(await counts(shop, "mail_links", "login_sessions", "familiar_origins"))

    assert left == [[1, 2, 1], [0, 2, 1], [0, 2, 1], [0, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert await counts(shop, "refresh_tokens", "accounts") == [0, 1]


async def test_an_origin_is_known_while_somebody_logs_in_there(shop: Shop) -> None:
    await with_account(shop)
    seen = []
    for hours in (0, 23, 1):
        shop.clock.advance(hours=hours)
        await logged_in(shop)
        seen += await shop.rows("SELECT seen_at FROM familiar_origins")
    assert seen == [(NOON,), (NOON,), (NOON + timedelta(days=1),)]


async def test_c15_the_access_review_knows_when_staff_were_last_here(shop: Shop) -> None:
    staff_id = await with_staff(shop, StaffRole.SUPPORT)
    for hours in (0, 1):
        at = NOON + timedelta(hours=hours)
        async with shop.sessions.begin() as session:
            await open_session(session, Realm.STAFF, UUID(staff_id), device=None, idle=timedelta(days=30), at=at)
    async with shop.sessions.begin() as session:
        for due in logins_due(NOON + timedelta(days=365)):
            await forget(session, due.table, due.which)
    assert await shop.rows("SELECT created_at FROM login_sessions") == [(NOON + timedelta(hours=1),)]


async def test_the_worker_cleans_away_what_nobody_is_using_and_waits_for_nobody(shop: Shop) -> None:
    """A letter that was never sent goes, too: it names whom it was for."""
    await with_account(shop)
    await logged_in(shop)
    await ask_for_reset(shop)
    await asked(shop)
    await shop.cart()
    before = await counts(shop, *HELD)
    assert 0 not in before
    shop.clock.advance(days=200)
    [clean] = [periodic for periodic in shop.work.periodic if periodic.name == "clean"]
    async with shop.sessions.begin() as using:
        for table in HELD:
            await using.execute(text(f"SELECT FROM {table} FOR UPDATE"))
        await asyncio.wait_for(clean.run(), timeout=PATIENCE)
        assert await counts(shop, *HELD) == before

    await clean.run()

    assert await counts(shop, *HELD) == [0] * len(HELD)
