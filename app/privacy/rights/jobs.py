"""What the rights desk promises to the outside."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.jobs import Job, Promise, defer
from app.privacy.rights.models import RightsRequest


@dataclass(frozen=True)
class DrawLetter(Job):
    """Draw and keep the letter that tells of an event of a case file, and mail it."""

    name: ClassVar[str] = "draw_rights_letter"

    event_id: UUID


async def promise_letter(session: AsyncSession, request: RightsRequest, event_id: UUID) -> None:
    """Promise the letter about an event; letters of one request are drawn in the order of what they tell."""
    await defer(session, Promise(DrawLetter(event_id), lock=f"rights:{request.id}"))
