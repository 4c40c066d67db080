"""Requests and responses of registers."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from app.backoffice.register import Column, Entry, Register, RegisterName, shown
from app.core.fields import ANY_LINE, View, Wish, upto
from app.core.language import Language

CLIENT: dict[str, Any] = {
    "who": ["№ 100000001", "Ива Петрова", "iva@example.bg"],
    "categories": ["име и фамилия", "адрес на електронна поща"],
    "ordered_at": ["2026-11-23T10:00:00Z", "декларация 2026-11-22, приета 23.11.2026 12:00"],
    "term": ["до изпълнение на договора"],
    "ground": ["договор, чл. 6(1)(б)"],
    "given_to": ["куриерска фирма Спиди, 23.11.2026"],
    "rights": [],
    "authority": [],
    "restricted": False,
}


class ColumnView(View):
    key: str = Field(examples=["who"])
    title: str = Field(examples=["Клиент"])

    @staticmethod
    def of(column: Column, language: Language) -> "ColumnView":
        return ColumnView(key=column.key, title=column.title.in_(language))


class RegisterView(View):
    """A register: what it is called and what its columns are."""

    name: RegisterName
    title: str = Field(examples=["Регистър „Клиенти“"])
    columns: list[ColumnView]

    @staticmethod
    def of(register: Register, language: Language) -> "RegisterView":
        return RegisterView(
            name=register.name,
            title=register.title.in_(language),
            columns=[ColumnView.of(column, language) for column in register.columns],
        )


class RegistersView(View):
    items: list[RegisterView]


Value = str | int | bool | None


class EntryView(View):
    """One row; its cells by the keys of the columns, words in the language asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cells": CLIENT}]})

    cells: dict[str, Value | list[Value]]

    @staticmethod
    def of(entry: Entry, language: Language) -> "EntryView":
        return EntryView(cells={key: _json(shown(cell, language)) for key, cell in entry.cells.items()})


def _json(value: Any) -> Any:
    if isinstance(value, list):
        return [_json(each) for each in value]
    return value if isinstance(value, str | int | bool | None) else _moment(value)


def _moment(value: Any) -> str:
    return str(value.isoformat()).replace("+00:00", "Z")


class SearchRegister(Wish):
    """An order's number, an e-mail address, or words of a name in any order. Sent as a body: nobody logs it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"words": "iva@example.bg"}]})

    words: Annotated[str, upto(254), ANY_LINE]
