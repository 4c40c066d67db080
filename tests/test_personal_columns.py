"""Each column says whether it holds personal data; none holds what the policy says is never collected."""

import importlib
import itertools
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import ARRAY, JSON, Column, LargeBinary, MetaData, String, Table
from sqlalchemy.dialects.postgresql import CIDR, INET, TSVECTOR

import app
from app.core.db import Base
from app.core.personal import Category, Ground, Personal, Purpose, Recipient, Retention
from app.privacy.personal_columns import categories_for

# Kinds of column in which anything about anybody could be written.
TELLING = (String, JSON, LargeBinary, INET, CIDR, TSVECTOR)

# Words of identity that the shop never collects (S19), and the personal numbers it never asks for.
NEVER = {
    "egn", "lnch", "personal_number", "passport", "identity_card", "id_card", "gender", "sex", "birth", "birthday",
    "age", "nationality", "citizenship", "ethnic", "ethnicity", "race", "religion", "religious", "health", "medical",
    "disability", "genetic", "biometric", "marital", "political", "income", "salary", "photo", "portrait",
}  # fmt: skip


def every_table() -> list[Table]:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)
    return Base.metadata.sorted_tables


def tells(kind: Any) -> bool:
    return isinstance(kind.item_type if isinstance(kind, ARRAY) else kind, TELLING)


def silent_columns(tables: list[Table]) -> Iterator[str]:
    """Name the columns that could tell something and do not say what."""
    for table in tables:
        for column in table.columns:
            said = column.info.get("personal", "nothing")
            if tells(column.type) and not (said is None or isinstance(said, Personal)):
                yield f"{table.name}.{column.name}"


def sensitive_columns(tables: list[Table]) -> Iterator[str]:
    for table in tables:
        for column in table.columns:
            words = column.name.lower().split("_")
            pairs = {f"{first}_{second}" for first, second in itertools.pairwise(words)}
            if NEVER & ({*words} | pairs):
                yield f"{table.name}.{column.name}"


def annotations(tables: list[Table]) -> Iterator[tuple[str, Personal]]:
    for table in tables:
        for column in table.columns:
            if (said := column.info.get("personal")) is not None:
                yield f"{table.name}.{column.name}", said


def test_every_column_that_could_tell_something_says_what() -> None:
    assert list(silent_columns(every_table())) == []


def test_s19_nothing_of_anybodys_identity_is_collected() -> None:
    assert list(sensitive_columns(every_table())) == []


def test_every_annotation_names_category_purpose_ground_retention_and_recipients() -> None:
    found = dict(annotations(every_table()))

    assert found
    for column, said in found.items():
        assert isinstance(said.category, Category), column
        assert isinstance(said.purpose, Purpose), column
        assert isinstance(said.ground, Ground), column
        assert isinstance(said.retention, Retention), column
        assert isinstance(said.given, bool), column
        assert all(isinstance(recipient, Recipient) for recipient in said.recipients), column


@pytest.mark.parametrize(
    ("recipient", "categories"),
    [
        (Recipient.SPEEDY, {Category.NAME, Category.PHONE, Category.ADDRESS}),
        (Recipient.COURIER, {Category.NAME, Category.PHONE, Category.ADDRESS}),
        (Recipient.ICASH, {Category.INVOICE, Category.ORDER}),
        # The invoice of a person names the address (ЗДДС чл. 114 ал. 1 т. 7).
        (Recipient.ACCOUNTANT, {Category.NAME, Category.ADDRESS, Category.INVOICE, Category.ORDER}),
    ],
)
def test_s29_s33_a_recipient_gets_no_more_than_its_purpose_needs(
    recipient: Recipient, categories: set[Category]
) -> None:
    every_table()

    assert categories_for(recipient)
    assert {*categories_for(recipient)} <= categories


@pytest.mark.parametrize("kind", [String(), JSON(), LargeBinary(), ARRAY(String()), INET()])
def test_a_silent_column_is_found(kind: Any) -> None:
    table = Table("things", MetaData(), Column("note", kind))

    assert list(silent_columns([table])) == ["things.note"]


@pytest.mark.parametrize("name", ["egn", "customer_egn", "date_of_birth", "id_card", "health_note"])
def test_a_sensitive_column_is_found(name: str) -> None:
    table = Table("things", MetaData(), Column(name, String()), Column("manager", String()))

    assert list(sensitive_columns([table])) == [f"things.{name}"]
