"""Tables of record refuse UPDATE, DELETE and TRUNCATE, whoever asks."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.auth.models import StaffRole
from app.integrations.speedy.simulator.shipments import State
from tests.fulfilment.story import TRANSFER, pay, scan
from tests.privacy.breaches.test_records import told_and_notified
from tests.privacy.rights.asking import ask
from tests.returns.stating import state
from tests.security.records import with_books, with_choice, with_records
from tests.shop import Shop

OF_RECORD = {
    "acceptances",
    "ad_hoc_disclosures",
    "agreements",
    "announcements",
    "annulments",
    "audit_entries",
    "audit_head",
    "backup_events",
    "backup_runs",
    "breach_entries",
    "breach_searches",
    "breach_wordings",
    "closed_months",
    "consents",
    "cookie_consents",
    "credited_lines",
    "declarations",
    "dependency_reports",
    "disclosures",
    "document_files",
    "document_reports",
    "documents",
    "integrity_reports",
    "invoice_issuers",
    "labels",
    "late_documents",
    "month_entries",
    "order_events",
    "order_lines",
    "prices",
    "reconciliation_findings",
    "reconciliations",
    "receipt_settlements",
    "receipts",
    "refunded_lines",
    "refunds",
    "retired_documents",
    "rights_events",
    "rights_letters",
    "stock_movements",
    "tracking_records",
    "trainings",
    "withdrawals",
}
EMPTIED = {"acceptances"}
CHANGES = (
    "acceptances SET id = gen_random_uuid()",
    "acceptances SET text_sha256 = repeat('0', 64)",
    "acceptances SET accepted_at = now()",
    "acceptances SET ip = '192.0.2.1'",
    "acceptances SET user_agent = NULL, means = 'web'",
    "breaches SET summary = 'another'",
    "breach_people SET found_at = now()",
    "breach_notifications SET text = 'another'",
)
"""What not even erasure may do, of tables that it or their course may change in another way."""
AD_HOC = {
    "kind": "authority",
    "recipient": "ОДМВР – Пловдив",
    "ground": "legal_obligation",
    "reference": "Искане № 1234/20.11.2026",
    "reason": "Проверка по преписка",
    "fields": ["orders.phone"],
}
GUARDED = """
    SELECT tgrelid::regclass::text, array_agg(tgname::text ORDER BY tgname) FROM pg_trigger
    WHERE tgfoid = 'refuse_change_of_record'::regproc AND tgenabled <> 'D' GROUP BY 1
"""
SOME_COLUMN = (
    "SELECT column_name FROM information_schema.columns WHERE table_name = :table AND is_identity = 'NO'"
    " ORDER BY ordinal_position LIMIT 1"
)


NAMED = "SELECT set_config('shop.erasure', 'named', true)"


async def refused(shop: Shop, statement: str, *, named: bool = False) -> str | None:
    """Give the code of PostgreSQL's refusal."""
    async with shop.sessions() as session:
        if named:
            await session.execute(text(NAMED))
        with pytest.raises(DBAPIError) as refusal:
            await session.execute(text(statement))
    code: str | None = getattr(refusal.value.orig, "sqlstate", None)
    return code


async def test_the_tables_of_record_are_these(shop: Shop) -> None:
    found = dict(await shop.rows(GUARDED))
    assert found == {table: [f"{table}_is_kept", f"{table}_is_record"] for table in OF_RECORD}


async def test_a_table_of_record_refuses_every_change(shop: Shop) -> None:
    await fill(shop)
    for table in sorted(OF_RECORD):
        before = await shop.rows(f"SELECT * FROM {table}")  # noqa: S608 - names of ours
        assert before, f"{table} is empty, so that nothing would be proved"
        [[column]] = await shop.rows(SOME_COLUMN, table=table)
        update = f'UPDATE {table} SET "{column}" = "{column}"'  # noqa: S608 - as above
        assert await refused(shop, update) == "23001", table
        # Erasure by its named way deletes; it empties what `EMPTIED` names and changes nothing else.
        assert table in EMPTIED or await refused(shop, update, named=True) == "23001", table
        assert await refused(shop, f"DELETE FROM {table}") == "23001", table  # noqa: S608 - as above
        assert await refused(shop, f"TRUNCATE {table} CASCADE") == "23001", table
        assert await shop.rows(f"SELECT * FROM {table}") == before  # noqa: S608 - as above
    for change in CHANGES:
        assert await refused(shop, f"UPDATE {change}", named=True) == "23001", change
    async with shop.sessions.begin() as session:
        await session.execute(text(NAMED))
        await session.execute(text("UPDATE acceptances SET ip = NULL, origin = NULL, user_agent = NULL"))


async def fill(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER, consents=["newsletter"])
    await pay(shop, order)
    await shop.run_jobs()
    await scan(shop, order, State.IN_TRANSIT)
    await shop.staff(StaffRole.SUPPORT)
    officer, wish = await shop.staff(StaffRole.PRIVACY_OFFICER), {**AD_HOC, "order_number": order["number"]}
    assert (await shop.http.post("/v1/staff/ad-hoc-disclosures", headers=officer, json=wish)).status_code == 201
    await ask(shop, await shop.account(), "objection", against="marketing")
    await shop.run_jobs()
    await told_and_notified(shop)
    await with_records(shop)
    await with_books(shop)
    await with_choice(shop)
    await state(shop)


async def test_the_way_of_erasure_does_not_empty_a_table(shop: Shop) -> None:
    async with shop.sessions() as session:
        await session.execute(text(NAMED))
        with pytest.raises(DBAPIError, match="TRUNCATE on prices is refused"):
            await session.execute(text("TRUNCATE prices"))
    # And it is for its own transaction alone.
    async with shop.sessions.begin() as session:
        await session.execute(text(NAMED))
    assert await refused(shop, "DELETE FROM prices") == "23001"
