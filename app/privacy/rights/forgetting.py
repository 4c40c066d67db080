"""Deletes case files whose term is over: for the retention engine, which decides when that is and what holds them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.holders import named_erasure
from app.privacy.rights.models import RequestState, RightsAttachment, RightsEvent, RightsLetter, RightsRequest


async def forget_files(session: AsyncSession, request_ids: Sequence[UUID]) -> int:
    """Delete closed case files whole: request, log, letters; returns how many there were."""
    closed = (RightsRequest.state == RequestState.CLOSED) & RightsRequest.id.in_(request_ids)
    async with named_erasure(session):
        for table in (RightsLetter, RightsAttachment, RightsEvent):
            of_closed = table.request_id.in_(select(RightsRequest.id).where(closed))
            await session.execute(delete(table).where(of_closed), execution_options={"synchronize_session": False})
    gone = await session.execute(delete(RightsRequest).where(closed).returning(RightsRequest.id))
    return len(gone.all())
