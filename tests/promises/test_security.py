"""Protection from unauthorised access, disclosure, alteration and destruction (S40), played from outside.

Every route and every kind of caller is in tests/security.
"""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.auth.models import StaffRole
from app.core.personal import Recipient
from tests.accounts.registering import PASSWORD
from tests.auth.members import of_role
from tests.cli.test_operate import Terminal
from tests.fulfilment.story import TRANSFER, end_agreement, guest, own_pdf, parked, pay
from tests.privacy.scanning import traces
from tests.promises.test_accounts import log_in, registered
from tests.security.test_records import SOME_COLUMN
from tests.shop import Shop

R = StaffRole
SEARCH: dict[str, dict[str, Any]] = {"/v1/staff/customers/searches": {"json": {"email": "iva@example.bg"}}}
ALLOWED = {
    "/v1/staff/orders": {R.SUPPORT, R.WAREHOUSE, R.PRIVACY_OFFICER, R.OWNER},
    "/v1/staff/customers/searches": {R.SUPPORT, R.PRIVACY_OFFICER, R.OWNER},
    "/v1/accounting/documents?month=2026-11": {R.ACCOUNTANT, R.OWNER},
    "/v1/staff/breaches": {R.PRIVACY_OFFICER, R.OWNER},
    "/v1/staff/audit": {R.PRIVACY_OFFICER, R.OWNER},
    "/v1/staff/clients": {R.OWNER},
}


async def ask(shop: Shop, path: str, headers: dict[str, str]) -> int:
    verb = "POST" if path in SEARCH else "GET"
    return (await shop.http.request(verb, path, headers=headers, **SEARCH.get(path, {}))).status_code


async def test_s40_nobody_reaches_a_customers_data_whose_work_does_not_need_them(shop: Shop) -> None:
    await shop.ordered()
    shopper = await shop.account("boris@example.bg")
    for path in ALLOWED:
        assert await ask(shop, path, {}) == httpx.codes.UNAUTHORIZED, path
        assert await ask(shop, path, shopper) == httpx.codes.FORBIDDEN, path
    for role in StaffRole:
        headers = await shop.staff(role)
        for path, roles in ALLOWED.items():
            expected = httpx.codes.OK if role in roles else httpx.codes.FORBIDDEN
            assert await ask(shop, path, headers) == expected, f"{role} at {path}"


async def test_s40_s44_without_a_training_not_even_the_owner_sees_a_customer(shop: Shop) -> None:
    await shop.ordered()
    untrained = await shop.staff(R.OWNER, trained=False)
    for path in ("/v1/staff/orders", "/v1/staff/customers/searches", "/v1/staff/breaches"):
        assert await ask(shop, path, untrained) == httpx.codes.FORBIDDEN
    assert await shop.rows("SELECT action FROM audit_entries") == [("logged_in",)]


async def test_s40_a_strangers_order_is_not_found(shop: Shop) -> None:
    hers, his = await shop.ordered(), await shop.ordered()
    for headers in ({}, guest(his), await shop.account("boris@example.bg")):
        for path in (hers["links"]["self"], hers["links"]["documents"]):
            answer = await shop.http.get(path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert (await shop.http.get(hers["links"]["self"], headers=guest(hers))).status_code == httpx.codes.OK


async def test_s40_who_takes_a_copy_of_the_database_can_log_in_as_nobody(shop: Shop) -> None:
    """Passwords are argon2id hashes; a token stands in no table, not even of a guest."""
    await registered(shop)
    login = (await log_in(shop)).json()
    order = await shop.ordered()
    refreshing = login["refresh_token"]
    assert await traces(shop, PASSWORD, login["access_token"], refreshing, order["access_token"]) == []
    [[kept]] = await shop.rows("SELECT password_hash FROM accounts")
    assert kept.startswith("$argon2id$")


async def test_s40_each_look_at_a_customer_is_on_record_with_who_looked(shop: Shop) -> None:
    order = await shop.ordered()
    support, actor = await of_role(shop, R.SUPPORT)
    await shop.http.get(f"/v1/staff/orders/{order['number']}", headers=support)
    await shop.http.post("/v1/staff/orders/searches", json={"email": "iva@example.bg"}, headers=support)
    noted = await shop.rows(
        "SELECT actor, action, subject, detail FROM audit_entries WHERE action <> 'logged_in' ORDER BY sequence"
    )
    read = "personal_data_read"
    assert noted[0] == (actor, read, f"read_order_as_staff number:{order['number']}", None)
    assert sorted(noted[1:], key=str) == [
        (actor, read, "search_orders", f"order:{order['number']}"),
        (actor, read, "search_orders", None),
    ]
    # Nobody's name or address stands in the log itself.
    assert not [column for column in await traces(shop, "iva@example.bg", "Петрова") if "audit" in column]


async def test_s40_the_log_of_looks_is_not_altered_unnoticed(shop: Shop, tmp_path: Path) -> None:
    order = await shop.ordered()
    support = await shop.staff(R.SUPPORT)
    for _ in range(3):
        await shop.http.get(f"/v1/staff/orders/{order['number']}", headers=support)
    terminal = Terminal(shop, tmp_path)
    assert (await terminal.done("audit", "verify")).startswith("4 entries, intact")
    async with shop.sessions.begin() as session:  # as the owner of the tables can
        await session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        await session.execute(text("UPDATE audit_entries SET actor = 'operator' WHERE sequence = 2"))
    assert await terminal.run("audit", "verify") == (1, "entry 2 was altered")


@pytest.mark.parametrize("table", ["documents", "document_files", "acceptances", "disclosures", "audit_entries"])
async def test_s40_what_was_issued_or_recorded_is_neither_altered_nor_destroyed(shop: Shop, table: str) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order)
    await shop.run_jobs()
    await shop.http.get(f"/v1/staff/orders/{order['number']}", headers=await shop.staff(R.SUPPORT))
    pdf = await own_pdf(shop, order)
    [[column]] = await shop.rows(SOME_COLUMN, table=table)
    before = await shop.count(table)
    assert before
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608 - names of ours
        with pytest.raises(DBAPIError, match="table of record"):
            async with shop.sessions.begin() as session:
                await session.execute(text(statement))
    assert await shop.count(table) == before
    assert await own_pdf(shop, order) == pdf


async def test_s40_nothing_is_disclosed_to_whom_nothing_is_agreed_with(shop: Shop) -> None:
    await end_agreement(shop, Recipient.ICASH)
    await shop.ordered()
    await shop.run_jobs()
    assert await parked(shop) == ["post_sale"]
    assert await shop.rows("SELECT recipient FROM disclosures") == [("speedy",)]
    await end_agreement(shop, Recipient.SPEEDY)
    await shop.ordered()
    await shop.run_jobs()
    assert len(shop.speedy.shipments) == 1
    assert sorted(await parked(shop)) == ["book_shipment", "post_sale"]
    assert await shop.count("disclosures") == 1


async def test_s40_a_session_that_is_ended_opens_nothing_any_more(shop: Shop) -> None:
    support = await shop.staff(R.SUPPORT)
    await shop.ordered()
    assert await ask(shop, "/v1/staff/orders", support) == httpx.codes.OK
    owner, _ = await of_role(shop, R.OWNER)
    [[member]] = await shop.rows("SELECT id FROM staff WHERE role = 'support'")
    changed = await shop.http.patch(f"/v1/staff/members/{member}", json={"disabled": True}, headers=owner)
    assert changed.is_success, changed.text
    assert await ask(shop, "/v1/staff/orders", support) == httpx.codes.UNAUTHORIZED
