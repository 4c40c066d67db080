"""Keys by which a request is recognised when it comes again, whatever it is for."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

ONE_KEY = text("SELECT pg_advisory_xact_lock(hashtextextended('request ' || :key, 0))")


async def lock_key(session: AsyncSession, key: str) -> None:
    """Let those who send the same key look for it one after the other: each sees what was done with it before.

    What the request is for is locked before.
    """
    await session.execute(ONE_KEY, {"key": key})
