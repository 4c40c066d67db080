"""What the database itself keeps of a breach, whoever asks it to forget."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.privacy.breaches.story import WORDS, Desk, watch
from tests.privacy.breaches.test_telling import affected
from tests.shop import Shop

FIXED = [
    "UPDATE breaches SET discovered_at = discovered_at + interval '1 hour'",
    "UPDATE breaches SET summary = 'нищо'",
    "UPDATE breaches SET drill = true",
    "DELETE FROM breaches",
    "TRUNCATE breaches CASCADE",
    "UPDATE breach_entries SET text = 'нищо'",
    "DELETE FROM breach_entries",
    "TRUNCATE breach_entries CASCADE",
    "DELETE FROM breach_searches",
    "UPDATE breach_wordings SET nature = 'нищо'",
    "DELETE FROM breach_people",
    "UPDATE breach_people SET found_at = now()",
    "TRUNCATE breach_people",
    "UPDATE breach_notifications SET text = 'нищо'",
    "UPDATE breach_notifications SET pdf = 'x'::bytea",
    "UPDATE breach_notifications SET sent_at = now()",
    "UPDATE breach_notifications SET sent_at = NULL, sent_by = NULL, means = NULL",
    "DELETE FROM breach_notifications",
]


async def test_s80_no_part_of_the_record_is_changed_or_deleted(shop: Shop) -> None:
    desk, _ = await told_and_notified(shop)
    before = await record(shop)
    for statement in FIXED:
        with pytest.raises(DBAPIError) as refusal:
            async with shop.sessions.begin() as session:
                await session.execute(text(statement))
        assert getattr(refusal.value.orig, "sqlstate", None) == "23001", statement
    assert await record(shop) == before
    assert desk.shop is shop


async def told_and_notified(shop: Shop) -> tuple[Desk, str]:
    desk, breach = await affected(shop, "iva")
    await desk.notify(breach)
    await desk.do("POST", f"{breach}/letters", **WORDS)
    await watch(shop)
    return desk, breach


async def record(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    tables = ("breaches", "breach_entries", "breach_searches", "breach_people", "breach_wordings")
    kept = {table: await shop.rows(f"SELECT * FROM {table}") for table in (*tables, "breach_notifications")}  # noqa: S608 - names of ours
    assert all(kept.values())
    return kept


async def test_the_named_way_of_erasure_is_open_when_the_term_is_over(shop: Shop) -> None:
    await told_and_notified(shop)
    async with shop.sessions.begin() as session:
        await session.execute(text("SELECT set_config('shop.erasure', 'named', true)"))
        await session.execute(text("DELETE FROM breach_people"))
    assert await shop.count("breach_people") == 0
