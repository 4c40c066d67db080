"""Writes the log of a case file: who did what, when, in whose words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import uuid7
from app.privacy.rights.models import EventKind, RightsEvent, RightsRequest

PERSON = "person"
SYSTEM = "system"


def log(
    session: AsyncSession,
    request: RightsRequest,
    kind: EventKind,
    *,
    at: datetime,
    by: str,
    words: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> UUID:
    """Add a line to the log; returns its id, by which a letter is known that tells of it."""
    event_id = uuid7()
    session.add(
        RightsEvent(
            id=event_id, request_id=request.id, at=at, actor=by, kind=kind, words=words, details=dict(details or {})
        )
    )
    return event_id
