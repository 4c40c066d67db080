"""`shop audit`: what it prints, and its exit code."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app.auth.auditing.queries import find_head
from app.auth.auditing.recording import Action, note
from tests.cli.test_operate import Terminal
from tests.shop import NOON, Shop

IVA = "account:018f3c1e-0000-7000-8000-000000000001"


@pytest.fixture
def terminal(shop: Shop, tmp_path: Path) -> Terminal:
    return Terminal(shop, tmp_path)


async def test_the_log_is_listed_and_verified(shop: Shop, terminal: Terminal) -> None:
    async with shop.sessions.begin() as session:
        await note(session, Action.LOGGED_IN, actor=IVA, at=NOON)
        await note(session, Action.STAFF_ROLE_CHANGED, actor="operator", subject=IVA, detail="role: support", at=NOON)
        head = await find_head(session)
    assert await terminal.done("audit", "list") == (
        f"1  2026-11-23 10:00:00  {IVA}  logged_in\n"
        f"2  2026-11-23 10:00:00  operator  staff_role_changed  {IVA}  role: support"
    )
    assert (await terminal.done("audit", "list", "--last", "1")).startswith("2  ")
    assert await terminal.done("audit", "verify") == f"2 entries, intact; head {head}"
    assert await terminal.done("audit", "verify", "--against", str(head)) == f"2 entries, intact; head {head}"
    for wrong in ("2", "2:ab", "2:" + "g" * 64, ":" + "0" * 64):
        assert await terminal.refused("audit", "verify", "--against", wrong) == (
            "a head as `audit verify` and the log line audit_head print it: SEQUENCE:HASH"
        )

    async with shop.sessions.begin() as session:
        await session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        await session.execute(text("UPDATE audit_entries SET actor = 'operator' WHERE sequence = 1"))
    code, said = await terminal.run("audit", "verify", "--against", f"3:{'0' * 64}")
    assert (code, said) == (1, "entry 1 was altered\nentry 3, which was noted down, is not there")
