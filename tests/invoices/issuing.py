"""Issues invoices without drawing them, each in a transaction of its own."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from app.invoices import service as invoices
from app.invoices.models import Document
from app.invoices.numbering import Ranges, SeriesKey
from app.invoices.service import Occasion
from app.orders import queries as orders
from app.wiring import values as wiring
from tests.shop import NOON, Shop

NOTE = """
    INSERT INTO documents (id, series, number, kind, order_id, issued_at, issued_on, base, vat, total, snapshot)
    SELECT gen_random_uuid(), series, :number, 'credit_note', order_id, issued_at, issued_on, base, vat, total, snapshot
    FROM documents WHERE id = :id
"""


async def issue(shop: Shop, order_id: UUID, at: datetime = NOON, *, first: int = 1, broken: bool = False) -> Document:
    """Issue in a transaction of its own, which may break before it is kept."""
    async with shop.sessions.begin() as session:
        order = await orders.lock_order(session, order_id)
        lines = await orders.list_lines(session, order_id)
        ranges = Ranges({SeriesKey.INVOICES: first})
        issuer = replace(wiring.issuer(shop.settings), ranges=ranges)
        occasion = Occasion(date(2026, 11, 23), None)
        document = await invoices.issue_invoice(session, order, lines, issuer, occasion, at=at)
        if broken:
            await session.flush()
            raise ConnectionResetError
    return document


async def place(shop: Shop, number: int) -> list[UUID]:
    """Place that many orders; gives the ids of all orders."""
    for _ in range(number):
        await shop.ordered()
    return [order_id for (order_id,) in await shop.rows("SELECT id FROM orders ORDER BY number")]


async def add_credit_note(shop: Shop, document: Document, number: str) -> None:
    """Put a note beside an invoice, as a later release will issue it."""
    async with shop.sessions.begin() as session:
        await session.execute(text(NOTE), {"id": document.id, "number": number})
