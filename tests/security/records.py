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
