"""The audit log as staff read it: who may, what they see, and that the reading itself is on record."""

from typing import Any

import pytest

from app.auth.auditing.queries import find_head
from app.auth.auditing.recording import Action, note
from app.auth.models import StaffRole
from tests.fulfilment.story import TRANSFER, pay
from tests.shop import NOON, Shop

AUDIT = "/v1/staff/audit"
IVA = "account:018f3c1e-0000-7000-8000-000000000001"


@pytest.fixture
async def owner(shop: Shop) -> dict[str, str]:
    """Give the headers of the owner, whose login is the first entry; three more follow."""
    headers = await shop.staff(StaffRole.OWNER)
    async with shop.sessions.begin() as session:
        for detail in ("a", "b", "c"):
            await note(session, Action.PERSONAL_DATA_READ, actor="operator", subject=IVA, detail=detail, at=NOON)
    return headers


async def read(shop: Shop, headers: dict[str, str], **query: Any) -> dict[str, Any]:
    answer = await shop.http.get(AUDIT, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def test_entries_are_read_newest_first_page_by_page_and_each_reading_is_an_entry(
    shop: Shop, owner: dict[str, str]
) -> None:
    async with shop.sessions() as session:
        head = await find_head(session)
    assert head is not None
    first = await read(shop, owner, limit=2)
    assert first["items"][0] == {
        "sequence": 4,
        "at": "2026-11-23T10:00:00Z",
        "actor": "operator",
        "action": "personal_data_read",
        "subject": IVA,
        "detail": "c",
        "hash": head.hash.hex(),
    }
    second = await read(shop, owner, limit=2, cursor=first["next_cursor"])
    assert [entry["sequence"] for entry in first["items"] + second["items"]] == [4, 3, 2, 1]
    assert second["next_cursor"] is None

    [[staff_id]] = await shop.rows("SELECT id FROM staff")
    assert await shop.rows("SELECT sequence, actor, action, subject, detail FROM audit_entries WHERE sequence > 4") == [
        (5, f"staff:{staff_id}", "audit_read", None, "entries 4–3"),
        (6, f"staff:{staff_id}", "audit_read", None, "entries 2–1"),
    ]


async def test_entries_are_found_by_who_whom_and_what(shop: Shop, owner: dict[str, str]) -> None:
    async def found(**query: Any) -> list[int]:
        return [entry["sequence"] for entry in (await read(shop, owner, **query))["items"]]

    [[staff_id]] = await shop.rows("SELECT id FROM staff")
    assert await found(actor=f"staff:{staff_id}") == [1]
    assert await found(subject=IVA) == [4, 3, 2]
    assert await found(action="audit_read") == [6, 5]
    assert await found(subject=IVA, action="logged_in") == []
    assert (await shop.rows("SELECT detail FROM audit_entries ORDER BY sequence DESC LIMIT 1")) == [(None,)]


async def test_what_is_no_filter_and_no_cursor_is_refused_and_not_noted(shop: Shop, owner: dict[str, str]) -> None:
    for query in ({"actor": "Ива"}, {"subject": ""}, {"action": "all"}, {"cursor": "WyIxIl0"}, {"cursor": "Wy0xXQ"}):
        assert (await shop.http.get(AUDIT, params=query, headers=owner)).status_code == 422, query
    assert await shop.count("audit_entries") == 4


async def test_the_log_is_closed_to_other_roles(shop: Shop) -> None:
    support = await shop.staff(StaffRole.SUPPORT)
    refused = await shop.http.get(AUDIT, headers=support)
    assert (refused.status_code, refused.json()["code"], refused.json()["right"]) == (
        403,
        "role-insufficient",
        "read_audit",
    )
    assert await shop.rows("SELECT action FROM audit_entries") == [("logged_in",)]


async def test_an_id_stands_in_it_in_one_spelling_however_it_was_asked_for(shop: Shop) -> None:
    """Otherwise who looks for the uses of a thing would not find them all."""
    accountant = await shop.staff(StaffRole.ACCOUNTANT)
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order)
    await shop.run_jobs()
    [[document_id]] = await shop.rows("SELECT id FROM documents")
    for spelling in (str(document_id), document_id.hex.upper(), f"urn:uuid:{document_id}"):
        answer = await shop.http.get(f"/v1/accounting/documents/{spelling}.pdf", headers=accountant)
        assert answer.status_code == 200
    uses = await shop.rows("SELECT subject FROM audit_entries WHERE action = 'personal_data_read'")
    assert uses == [(f"download_document document_id:{document_id}",)] * 3
