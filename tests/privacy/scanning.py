"""Looks for somebody in the whole database: every table, every column, jobs and what PDFs say included."""

import json
from typing import Any

from tests.fulfilment.story import pdf_text
from tests.shop import Shop

TABLES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    " ORDER BY table_name"
)


async def traces(shop: Shop, *words: str) -> list[str]:
    """Name the columns in which any of these words stands, letter case apart."""
    found = set()
    for (table,) in await shop.rows(TABLES):
        for (row,) in await shop.rows(f"SELECT to_jsonb(whole) FROM {table} AS whole"):  # noqa: S608 - the database's own name
            for column, value in row.items():
                said = _said(value).casefold()
                if any(word.casefold() in said for word in words):
                    found.add(f"{table}.{column}")
    return sorted(found)


def _said(value: Any) -> str:
    if isinstance(value, str) and value.startswith("\\x"):
        raw = bytes.fromhex(value[2:])
        return pdf_text(raw) if raw.startswith(b"%PDF") else raw.decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False)
