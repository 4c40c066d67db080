"""When a session, or a machine client, was last used."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from app.auth.models import Client, LoginSession
from app.core.db import Sessions, alone

NOTED_EVERY = timedelta(minutes=1)


async def note_use(
    lookups: Sessions, used: type[Client | LoginSession], which: str | UUID, *, last: datetime | None, at: datetime
) -> None:
    """Remember that it was used, at most once a minute, waiting for nobody who is noting the same.

    By itself: in the request's transaction the row would be held while that waits for what is locked before it.
    """
    if last and timedelta() <= at - last < NOTED_EVERY:
        return
    free = select(used.id).where(used.id == which).with_for_update(skip_locked=True).correlate(None)
    noted = update(used).where(used.id == free.scalar_subquery()).values(last_used_at=at)
    async with alone(lookups) as session:
        await session.execute(noted, execution_options={"synchronize_session": False})
