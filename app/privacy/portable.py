"""The published schema of the portable copy: a JSON Schema, generated from the annotations of the columns."""

from typing import Any

from sqlalchemy import ARRAY, JSON, Boolean, Column, Integer, MetaData, Table

from app.core.db import Base
from app.core.money import MoneyType
from app.core.personal import Retention
from app.privacy import words
from app.privacy.owned import annotation_of, is_given, is_portable

FORMAT = "ionickiss-portable-1"
"""Changes when a column is taken away or means something else; one that is added keeps it."""


def portable_schema(tables: MetaData = Base.metadata) -> dict[str, Any]:
    """Describe the document: one list of rows for each table in which anything was given by customers."""
    described = {table.name: _table(table) for table in tables.sorted_tables if _is_customers(table)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Portable copy of a customer's data (GDPR Art. 20)",
        "type": "object",
        "required": ["format", "made_at", "tables"],
        "additionalProperties": False,
        "properties": {
            "format": {"const": FORMAT},
            "made_at": {"type": "string", "format": "date-time"},
            "tables": {"type": "object", "additionalProperties": False, "properties": described},
        },
    }


def _is_customers(table: Table) -> bool:
    said = [found for column in table.columns if (found := annotation_of(column))]
    return is_given(table) and any(each.retention is not Retention.STAFF for each in said)


def _table(table: Table) -> dict[str, Any]:
    columns = [column for column in table.columns if is_portable(column)]
    return {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": [column.name for column in columns],
            "properties": {column.name: _column(column) for column in columns},
        },
    }


def _column(column: Column[object]) -> dict[str, Any]:
    kind = _kind(column)
    described: dict[str, Any] = {"type": [kind, "null"] if column.nullable else kind}
    if (said := annotation_of(column)) is not None:
        described["description"] = words.CATEGORIES[said.category].en
        described["title"] = words.CATEGORIES[said.category].bg
    if isinstance(column.type, MoneyType):
        described["pattern"] = r"^-?[0-9]+\.[0-9]{2}$"
    return described


def _kind(column: Column[object]) -> str:
    if isinstance(column.type, MoneyType):
        return "string"
    if isinstance(column.type, Boolean):
        return "boolean"
    if isinstance(column.type, Integer):
        return "integer"
    if isinstance(column.type, ARRAY):
        return "array"
    if isinstance(column.type, JSON):
        return "object"
    return "string"
