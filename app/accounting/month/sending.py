"""Sends the files of a month as they are read, and records before it that they are handed over (S35)."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime

from fastapi.responses import StreamingResponse

from app.accounting.month import files
from app.accounting.month.archive import archive_name, make_archive
from app.accounting.month.files import FileName, Reading
from app.accounting.month.period import Month
from app.accounting.month.terms import Terms
from app.core.db import Sessions
from app.core.zips import ZIP, Outlet
from app.mail.writing import Trader


def send_archive(
    sessions: Sessions, month: Month, terms: Terms, trader: Trader, *, at: datetime, actor: str
) -> StreamingResponse:
    parts = _archive(sessions, month, terms, trader, at=at, actor=actor)
    return StreamingResponse(parts, media_type=ZIP, headers=headers_of(archive_name(month)))


async def _archive(
    sessions: Sessions, month: Month, terms: Terms, trader: Trader, *, at: datetime, actor: str
) -> AsyncIterator[bytes]:
    outlet = Outlet()
    async with sessions() as session:
        steps = make_archive(sessions, Reading(session, month, terms, at), trader, outlet, actor=actor)
        async with aclosing(steps):  # who goes away ends the reading too
            async for _ in steps:
                if ready := outlet.take():
                    yield ready


async def send_file(
    file: FileName,
    sessions: Sessions,
    month: str,
    terms: Terms,
    at: datetime,
    actor: str,
    media_type: str,
    name: str,
) -> StreamingResponse:
    """Send a file as it is read; what is refused is refused before, and what is handed over is recorded before."""
    of = Month.of(month)
    parts = _read(file, sessions, of, terms, at)
    try:
        first = await anext(parts, b"")
        async with sessions.begin() as session:
            await files.record_handing_over(Reading(session, of, terms, at), file, actor=actor)
    except BaseException:
        await parts.aclose()
        raise
    return StreamingResponse(_after(first, parts), media_type=media_type, headers=headers_of(name))


async def _read(file: FileName, sessions: Sessions, month: Month, terms: Terms, at: datetime) -> AsyncGenerator[bytes]:
    async with sessions() as session:
        await files.be_patient(session)
        async with aclosing(files.WRITERS[file](Reading(session, month, terms, at))) as parts:
            async for part in parts:
                yield part


async def _after(first: bytes, parts: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    async with aclosing(parts):
        yield first
        async for part in parts:
            yield part


def headers_of(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
