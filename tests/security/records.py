"""A record of each kind that no story of a shopper makes."""

from uuid import uuid4

from sqlalchemy import text

from tests.shop import Shop

NONE = {"functional": False, "statistics": False, "marketing": False}


async def with_choice(shop: Shop) -> str:
    """Refuse all cookies but the necessary ones."""
    cookies = (await shop.http.get("/v1/declarations/cookies")).json()
    wish = {"version": cookies["version"], "method": "reject_all", "choices": NONE}
    return str((await shop.http.post("/v1/cookie-consents", json=wish)).json()["consent_id"])


async def with_records(shop: Shop) -> str:
    """Make a record of each kind, all of one number, so that it fits every path."""
    made = {
        "backup_runs": "(id, started_at, ended_at, outcome, failure) VALUES (:id, now(), now(), 'failed', 'a test')",
        "integrity_reports": "(id, started_at, ended_at, outcome, checks) VALUES (:id, now(), now(), 'sound', '[]')",
        "dependency_reports": "(id, made_at, python, postgresql, packages, drift, changes, lock_changed_at)"
        " VALUES (:id, now(), '3.11', '18.4', '{}', '[]', '[]', now())",
        "announcements": "(id, declaration_id, key, ground, announced_at)"
        " SELECT :id, id, '\\x00', 'consent', now() FROM declarations LIMIT 1",
        "backup_events": "(id, run_id, at, act) VALUES (:id, :id, now(), 'verified')",
        "retention_holds": "(id, email, ground, until, set_at, set_by)"
        " VALUES (:id, 'petar@example.com', 'дело', '2099-01-01', now(), 'test')",
        "restrictions": "(id, email, ground, since) VALUES (:id, 'petar@example.com', 'claims', now())",
        "erasures": "(id, erased_at, order_ids, erased, kept) VALUES (:id, now(), '{}', '[]', '[]')",
        "recipient_tasks": "(id, cause_id, recipient, told, order_ids, created_at, due_on)"
        " VALUES (:id, :id, 'speedy', 'erasure', '{}', now(), '2099-01-01')",
    }
    number = uuid4()
    async with shop.sessions.begin() as session:
        for table, row in made.items():
            await session.execute(text(f"INSERT INTO {table} {row}"), {"id": number})
    return str(number)


BOOKS = {
    "credited_lines": "(document_id, position, invoice_id, quantity, gross, vat) SELECT id, 1, id, 1, 100, 17 FROM one",
    "annulments": "(document_id, protocol_id, ground, annulled_at, annulled_on, annulled_by)"
    " SELECT id, id, 'грешка', now(), now(), 'test' FROM one",
    "retired_documents": "(series, number, kind, issued_on, previous_hash, hash, retired_at)"
    " VALUES ('invoices', '0000000009', 'invoice', '2015-01-01', '', '', now())",
    "document_reports": "(id, made_at, outcome, series, faults) VALUES (gen_random_uuid(), now(), 'sound', '[]', '[]')",
    "receipt_settlements": "(id, receipt_id, outcome, amount, settled_on, recorded_at, recorded_by)"
    " SELECT gen_random_uuid(), receipts.id, 'mistaken', 1, now(), now(), 'test' FROM one, receipts",
    "refunds": "(id, order_id, amount, means, refunded_on, month, recorded_at, recorded_by)"
    " SELECT gen_random_uuid(), order_id, 100, 'account', now(), '2026-11', now(), 'test' FROM one",
    "refunded_lines": "(refund_id, position, order_id, quantity, gross, vat)"
    " SELECT refunds.id, 1, refunds.order_id, 0, 100, 17 FROM refunds JOIN one USING (order_id)",
    "closed_months": "(month, closed_at, closed_by, summary) VALUES ('2026-10', now(), 'test', '{}')",
    "month_entries": "(report, order_id, month) SELECT 'audit_file', order_id, '2026-10' FROM one",
    "late_documents": "(document_id, month) SELECT id, '2026-12' FROM one",
    "reconciliations": "(id, made_at, first, last, compared, sums) SELECT id, now(), now(), now(), 1, '{}' FROM one",
    "reconciliation_findings": """(id, reconciliation_id, "on", kind, reference)
        SELECT gen_random_uuid(), id, now(), 'doubled', '100000001' FROM one""",
}


async def with_books(shop: Shop) -> None:
    """Make a row in each table of the books that hangs on an issued document."""
    one = "WITH one AS (SELECT id, order_id FROM documents WHERE kind = 'invoice' ORDER BY number LIMIT 1)"
    async with shop.sessions.begin() as session:
        for table, row in BOOKS.items():
            await session.execute(text(f"{one} INSERT INTO {table} {row}"))
