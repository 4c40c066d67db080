"""Many values in one parameter: a select that names each of them is written, read and planned anew each time."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, any_, literal
from sqlalchemy.types import NullType


def among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Say that a column, or a text made of one, has one of these values."""
    of = Text() if isinstance(column.type, NullType) else column.type  # of a function's result
    found: ColumnElement[bool] = column == any_(literal([*values], ARRAY(of)))
    return found
