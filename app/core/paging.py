"""Keyset lists: `?limit=&cursor=` → `{"items": […], "next_cursor": "…"|null}`; never an offset."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict

from app.core.errors import ShopError
from app.core.language import Text

LARGEST_PAGE = 100

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many at most")]
ListedId = Annotated[UUID, Path(description="As its list names it", examples=["019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"])]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before")]
Item = TypeVar("Item")


class CursorUnknown(ShopError):
    status = 422
    title = Text("Непозната страница", "Unknown cursor")
    advice = Text(
        "Подайте next_cursor от предишния отговор, без промяна, или започнете без него.",
        "Send next_cursor of the answer before, unchanged, or start without one.",
    )


class Page(BaseModel, Generic[Item]):
    """One page of a list and where the next one starts."""

    model_config = ConfigDict(from_attributes=True)

    items: list[Item]
    next_cursor: str | None


def write_cursor(*key: Any) -> str:
    """Make an opaque cursor of the last row's sort key."""
    return base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *parts: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """Read the sort key back, each part by its reader; refuses with CursorUnknown what `write_cursor` did not write."""
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not all(str(value).isprintable() for value in key):  # NUL and lone surrogates are no text to PostgreSQL
            raise CursorUnknown
        return tuple(part(value) for part, value in zip(parts, key, strict=True))
    except (ValueError, TypeError, ArithmeticError, AttributeError, binascii.Error, RecursionError):
        raise CursorUnknown from None
