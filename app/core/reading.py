"""The session of what only reads."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import LookupsDep, alone


async def get_reading(lookups: LookupsDep) -> AsyncIterator[AsyncSession]:
    async with alone(lookups) as session:
        yield session


# For what only reads: BEGIN and COMMIT around a select cost as much as the select. Statements of one request see what
# was kept until each began, as they do in a transaction of ours (READ COMMITTED); what writes takes the request's own.
ReadingDep = Annotated[AsyncSession, Depends(get_reading, scope="function")]
