"""The check of the database finds what is wrong, names it, and holds nobody up."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from app.upkeep.integrity.findings import Finding
from app.upkeep.integrity.running import check_integrity
from app.upkeep.models import IntegrityReport, Soundness
from app.upkeep.watching import Watch
from app.wiring import upkeep as wiring
from tests.fulfilment import story
from tests.shop import Shop
from tests.upkeep.rows import ask, backup_path, plain

CHECKS = ["pages", "indexes", "amcheck", "constraints", "guards", "ledgers", "hashes", "audit", "backups"]


async def check(shop: Shop, tell: Callable[[str], None] = lambda _what: None) -> IntegrityReport:
    return await check_integrity(shop.database, shop.sessions, shop.clock, wiring.alarms(shop.settings), Watch(tell))


def found(report: IntegrityReport) -> dict[str, list[str]]:
    return {
        each["name"]: [str(Finding(**finding)) for finding in each["findings"]]
        for each in report.checks
        if each["findings"]
    }


async def lived_in(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, order)
    await shop.run_jobs()
    await shop.ordered()
    await shop.account()


async def test_a_sound_database_is_said_to_be_so_and_what_could_not_be_checked_is_named(shop: Shop) -> None:
    await lived_in(shop)
    await backup_path(shop)
    told: list[str] = []
    report = await check(shop, told.append)
    assert (report.outcome, found(report)) == (Soundness.SOUND, {})
    checks = {each["name"]: each for each in report.checks}
    assert list(checks) == CHECKS
    assert {name for name, each in checks.items() if each["outcome"] == "unavailable"} == {"amcheck"}
    assert checks["amcheck"]["remarks"] == ["this server has no amcheck"]
    tables = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    rows = sum([await shop.count(f'"{name}"') for (name,) in await shop.rows(tables)])
    # The report itself, and what followed it, came after the pages were read.
    assert checks["pages"]["examined"] == rows - 1
    assert f"pages: {'orders'}" in told
    indexes = await shop.rows("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'")
    passed_over = [line for line in checks["indexes"]["remarks"] if line.endswith("another index answered for it")]
    assert [line for line in checks["indexes"]["remarks"] if line not in passed_over] == [
        "ix_orders_words is a gin index: not walked"
    ]
    assert checks["indexes"]["examined"] + len(passed_over) + 1 == indexes[0][0]
    assert len(passed_over) <= 8, passed_over
    [(kept,)] = await shop.rows("SELECT outcome FROM integrity_reports")
    assert kept == "sound"
    assert await shop.rows("SELECT count(*) FROM mails WHERE kind = 'upkeep_alarm'") == [(0,)]


# Two databases: in the second a number is missing from the series whose counter runs away in the first.
FAULTS: dict[str, tuple[tuple[str, ...], dict[str, list[str]]]] = {
    "ledgers and files": (
        (
            "UPDATE stock SET available = available + 3 WHERE sku = 'ION-SET-1'",
            "UPDATE variants SET price = 1 WHERE sku = 'ION-SET-1'",
            "UPDATE document_series SET last = 9",
            "UPDATE orders SET total = total + 1 WHERE number = 100000002",
            "UPDATE orders SET status = 'delivered' WHERE number = 100000002",
            "UPDATE document_files SET pdf = pdf || '\\x00'",
        ),
        {
            "ledgers": [
                "stock: ION-SET-1: 103 on hand, the ledger adds up to 100",
                "prices: ION-SET-1: the price of now is not the last one of its history",
                "document_series: series {series}: its counter says 9, its last document is 1",
                "orders: order 100000002: its lines do not add up to its total",
                "order_events: order 100000002: its status is not the last one of its history",
            ],
            "hashes": [
                "document_files: {series} 0000000001: the file is not the one that was issued, its SHA-256 differs"
            ],
        },
    ),
    "a number that was left out, and constraints that were taken off and put back unchecked": (
        (
            "UPDATE documents SET number = '0000000003' WHERE number = '0000000001'",
            "INSERT INTO documents SELECT gen_random_uuid(), series, '0000000001', 'credit_note', order_id, issued_at,"
            " issued_on, base, vat, total, snapshot FROM documents",
            "UPDATE document_series SET last = 3",
            "ALTER TABLE shipments DROP CONSTRAINT fk_shipments_order_id",
            "UPDATE shipments SET order_id = '019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11'"
            " WHERE order_id = (SELECT id FROM orders WHERE number = 100000002)",
            "ALTER TABLE shipments ADD CONSTRAINT fk_shipments_order_id FOREIGN KEY (order_id) REFERENCES orders (id)"
            " NOT VALID",
            "ALTER TABLE stock DROP CONSTRAINT ck_stock_ck_stock_available",
            "UPDATE stock SET available = -1 WHERE sku = 'ION-SET-1'",
            "INSERT INTO stock_movements (sku, change, reason, at) VALUES ('ION-SET-1', -101, 'correction', now())",
            "SET CONSTRAINTS ALL IMMEDIATE",
            "ALTER TABLE stock ADD CONSTRAINT ck_stock_ck_stock_available CHECK (available >= 0) NOT VALID",
        ),
        {
            "ledgers": ["documents: series {series}: 1 numbers between the first and the last are missing"],
            "constraints": [
                "shipments: 1 rows of fk_shipments_order_id have no row that they refer to",
                "stock: 1 rows break ck_stock_ck_stock_available",
                "shipments: fk_shipments_order_id was never checked against the rows that were there before it",
                "stock: ck_stock_ck_stock_available was never checked against the rows that were there before it",
            ],
        },
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_what_was_changed_behind_the_shops_back_is_named(shop: Shop, name: str) -> None:
    await lived_in(shop)
    [[series]] = await shop.rows("SELECT key FROM document_series")
    statements, expected = FAULTS[name]
    with psycopg.connect(plain(shop.database)) as connection:
        for table in ("documents", "document_files"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            connection.execute(statement)
        for table in ("documents", "document_files"):
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    report = await check(shop)
    wanted = {kind: [line.format(series=series) for line in lines] for kind, lines in expected.items()}
    assert {kind: sorted(lines) for kind, lines in found(report).items()} == {
        kind: sorted(lines) for kind, lines in wanted.items()
    }
    assert report.outcome is Soundness.UNSOUND


async def test_texts_that_were_accepted_are_compared_with_those_that_were_published(shop: Shop) -> None:
    await lived_in(shop)
    [[accepted]] = await shop.rows("SELECT id FROM acceptances ORDER BY id LIMIT 1")
    ask(shop.database, "ALTER TABLE acceptances DISABLE TRIGGER USER")
    ask(shop.database, "UPDATE acceptances SET text_sha256 = repeat('0', 64) WHERE id = %s", accepted)
    report = await check(shop)
    assert found(report) == {
        "guards": [
            "acceptances: trigger acceptances_is_kept is switched off",
            "acceptances: trigger acceptances_is_record is switched off",
        ],
        "hashes": [f"acceptances: {accepted}: what was accepted is not the text of its declaration"],
    }


async def test_an_audit_log_that_was_rewritten_is_found_and_told_to_the_responsible_person(shop: Shop) -> None:
    await lived_in(shop)
    headers = await shop.account("maria@example.bg")
    await shop.http.request("DELETE", "/v1/me", headers=headers)
    last = (await shop.rows("SELECT max(sequence) FROM audit_entries"))[0][0]
    ask(shop.database, "ALTER TABLE audit_entries DISABLE TRIGGER USER")
    ask(shop.database, "UPDATE audit_entries SET actor = 'operator' WHERE sequence = %s", last)
    ask(shop.database, "ALTER TABLE audit_entries ENABLE TRIGGER USER")
    report = await check(shop)
    assert found(report)["audit"] == [f"audit_entries: entry {last} was altered"]
    await shop.run_jobs()
    [letter] = story.letters(shop, "проверката на базата данни намери грешки")
    assert letter["To"] == shop.settings.seller_email
    body = letter.get_body(("plain",))
    assert body is not None
    assert f"audit_entries: entry {last} was altered" in body.get_content()


async def test_a_backup_that_is_overdue_or_does_not_hold_is_a_finding(shop: Shop) -> None:
    path = await backup_path(shop)
    shop.clock.advance(days=36)
    assert found(await check(shop)) == {"backups": ["backup_runs: the last backup is of 2026-11-23"]}
    ask(
        shop.database,
        "INSERT INTO backup_events (id, run_id, act, at, fault) SELECT gen_random_uuid(), id, 'verified', %s, 'rotten'"
        " FROM backup_runs",
        shop.clock.now(),
    )
    assert path.exists()
    assert found(await check(shop))["backups"][1] == "backup_events: the last backup does not hold: rotten"


async def test_it_writes_nothing_but_its_report_and_waits_for_no_lock_for_long(shop: Shop) -> None:
    """Somebody holds a table; the check gives up on it, and nobody queues behind the check."""
    await lived_in(shop)
    with psycopg.connect(plain(shop.database)) as holder:
        holder.execute("LOCK TABLE carts IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Exception, match="LockNotAvailable"):
            await check(shop)
    assert await shop.count("integrity_reports") == 0

    locks: list[Any] = []
    report = await check(shop, lambda _what: locks.extend(ask(shop.database, LOCKS)))
    assert report.outcome is Soundness.SOUND
    assert {mode for (mode,) in locks} <= {"AccessShareLock"}


LOCKS = """
    SELECT mode FROM pg_locks JOIN pg_database d ON d.oid = database
    WHERE datname = current_database() AND relation >= 16384 AND pid <> pg_backend_pid()
"""


AMCHECK = (
    "CREATE SCHEMA tools",
    """
    CREATE FUNCTION tools.bt_index_check(index regclass, heapallindexed boolean = false) RETURNS void LANGUAGE plpgsql
    AS $$ BEGIN
        IF index = 'pk_orders'::regclass AND heapallindexed THEN
            RAISE EXCEPTION 'item order invariant violated for index "pk_orders"' USING ERRCODE = 'index_corrupted';
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION tools.verify_heapam(relation regclass)
    RETURNS TABLE (blkno bigint, offnum int, attnum int, msg text) LANGUAGE sql AS $$
        SELECT 7::bigint, 1, 2, 'attribute ends beyond the tuple' WHERE relation = 'carts'::regclass
    $$
    """,
)


async def test_amcheck_is_asked_where_this_role_may(shop: Shop) -> None:
    """The embedded server has none: functions of its names stand in for it, as PostgreSQL 15 to 18 have them."""
    for statement in AMCHECK:
        ask(shop.database, statement)
    report = await check(shop)
    amcheck = report.checks[2]
    tables, trees = (
        await shop.rows(
            "SELECT count(*) FILTER (WHERE relkind = 'r'), count(*) FILTER (WHERE relkind = 'i' AND amname = 'btree')"
            " FROM pg_class LEFT JOIN pg_am ON pg_am.oid = relam WHERE relnamespace = 'public'::regnamespace"
        )
    )[0]
    assert (amcheck["outcome"], amcheck["examined"]) == ("unsound", tables + trees)
    assert found(report)["amcheck"] == [
        "carts, block 7: attribute ends beyond the tuple",
        "orders: index pk_orders: amcheck finds it damaged (SQLSTATE XX002)",
    ]
