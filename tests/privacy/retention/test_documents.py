"""Documents are kept to the day of the law, then removed with a record of it; an offer is no sale."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from app.auth.models import StaffRole
from app.invoices.verifying import check_series
from app.orders.models import OrderStatus as S
from tests.fulfilment import story
from tests.privacy.retention.test_rules import ended, run
from tests.shop import NOON, Shop

YEARS_LATER = datetime(2037, 12, 31, 22, 1, tzinfo=UTC)


async def documented(shop: Shop) -> dict[str, Any]:
    """Let a company buy, return a piece, and have a note annulled: every table of documents has a row of it."""
    order = await shop.ordered(payment_method=story.TRANSFER, invoice=story.COMPANY)
    await shop.run_jobs()
    await story.pay(shop, order)
    await shop.run_jobs()
    support = await shop.staff(StaffRole.SUPPORT)
    path = f"/v1/staff/orders/{order['number']}/credit-notes"
    refund = {"means": "account", "refunded_on": "2026-11-23"}
    wish = {"ground": "Върната стока", "lines": [{"position": 1, "quantity": 1}], "refund": refund}
    note = await shop.http.post(path, json=wish, headers={**support, "Idempotency-Key": uuid4().hex})
    annulment = f"/v1/staff/documents/{note.json()['id']}/annulment"
    assert (await shop.http.post(annulment, json={"ground": "грешка"}, headers=support)).status_code == 201
    await shop.run_jobs()
    return order


async def test_s25_s46_documents_stay_to_their_date_and_leave_their_places(shop: Shop) -> None:
    await documented(shop)
    await ended(shop, S.DELIVERED, NOON)
    async with shop.sessions.begin() as session:
        await session.execute(text("INSERT INTO late_documents SELECT id, '2026-12' FROM documents LIMIT 1"))
    tables = ("documents", "document_files", "credited_lines", "annulments", "refunds", "late_documents")
    before = {table: await shop.count(table) for table in tables}
    assert before == {**dict.fromkeys(tables, 1), "documents": 4, "document_files": 4}
    shop.clock.at = datetime(2037, 12, 31, 21, 59, tzinfo=UTC)
    await run(shop)
    assert {table: await shop.count(table) for table in tables} == before
    shop.clock.at = YEARS_LATER
    assert (await run(shop))["sales"].gone == 1
    assert {table: await shop.count(table) for table in tables} == dict.fromkeys(tables, 0)
    assert await shop.rows("SELECT series, number, kind FROM retired_documents ORDER BY series, number") == [
        ("invoices", "0000000001", "invoice"),
        ("invoices", "0000000002", "credit_note"),
        ("proformas", "0000000001", "proforma"),
        ("protocols", "0000000001", "annulment_protocol"),
    ]
    [(gone,)] = await shop.rows(
        "SELECT counts -> 'sales' ->> 'gone' FROM retention_runs ORDER BY started_at DESC, id DESC LIMIT 1"
    )
    assert gone == "1"
    # The next number goes on where the series stood, and the whole of it is still proved.
    order = await shop.ordered(payment_method=story.TRANSFER, privacy_declaration=await declared(shop))
    await story.pay(shop, order)
    await shop.run_jobs()
    assert await shop.rows("SELECT number FROM documents") == [("0000000003",)]
    async with shop.sessions() as session:
        proof = await check_series(session, "invoices", at=shop.clock.now())
    assert proof is not None
    assert (proof.faults, proof.issued, proof.retired) == ([], 3, 2)


async def declared(shop: Shop) -> dict[str, Any]:
    version = (await shop.http.get("/v1/declarations/order")).json()["version"]
    return {"version": version, "accepted": True}


async def test_what_is_in_the_books_of_two_years_stays_to_the_later_date(shop: Shop) -> None:
    """Paid in December; delivered, and a part paid back, in January."""
    shop.clock.at = datetime(2026, 12, 30, 10, tzinfo=UTC)
    order = await shop.ordered(payment_method=story.TRANSFER, privacy_declaration=await declared(shop))
    await story.pay(shop, order)
    await shop.run_jobs()
    shop.clock.at = datetime(2027, 1, 4, 10, tzinfo=UTC)
    await ended(shop, S.DELIVERED, shop.clock.at)
    support = {**await shop.staff(StaffRole.SUPPORT), "Idempotency-Key": uuid4().hex}
    wish = {"amount": "1.00", "means": "card", "refunded_on": "2027-01-04"}
    path = f"/v1/staff/orders/{order['number']}/refunds"
    assert (await shop.http.post(path, json=wish, headers=support)).status_code == 201
    shop.clock.at = datetime(2038, 12, 31, 21, 59, tzinfo=UTC)
    await run(shop)
    assert (await shop.count("orders"), await shop.count("refunds")) == (1, 1)
    shop.clock.at = datetime(2038, 12, 31, 22, 1, tzinfo=UTC)
    assert (await run(shop))["sales"].gone == 1
    assert (await shop.count("orders"), await shop.count("refunds")) == (0, 0)


async def test_a_proforma_alone_does_not_keep_an_order_that_came_to_nothing(shop: Shop) -> None:
    await shop.ordered(payment_method=story.TRANSFER, invoice=story.COMPANY)
    await shop.run_jobs()
    assert await shop.rows("SELECT kind FROM documents") == [("proforma",)]
    await ended(shop, S.CANCELLED, NOON)
    shop.clock.at = datetime(2027, 11, 23, 22, 1, tzinfo=UTC)
    assert (await run(shop))["orders_without_sale"].gone == 1
    assert (await shop.count("orders"), await shop.count("documents")) == (0, 0)
    assert await shop.rows("SELECT series, number FROM retired_documents") == [("proformas", "0000000001")]
