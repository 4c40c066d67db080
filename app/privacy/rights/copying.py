"""Gives copies of somebody's data, each made when it is asked for; what was given is kept in the case file."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.db import let_go
from app.core.holders import Person
from app.core.spooling import FileAnswer, Spool, sha256_of
from app.core.throttle import HOUR, Throttle
from app.privacy import copies, copy_files
from app.privacy.disclosing import sends_nothing
from app.privacy.notice import Stated
from app.privacy.rights import queries
from app.privacy.rights.casefile import log
from app.privacy.rights.errors import CopyNotGranted
from app.privacy.rights.executing import COPIED, Executors, person_of
from app.privacy.rights.models import EventKind, RequestKind, RightsRequest
from app.privacy.rights.views import copy_until

MOST_AN_HOUR = 5
MEDIA_TYPE = "application/zip"
ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The copy",
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def slow_down(throttle: Throttle, request_id: UUID, *, at: datetime) -> None:
    """Refuse one copy after another of the same request, before anything is gathered; asked of who may have it."""
    await throttle.take(f"rights-copy:{request_id}", limit=MOST_AN_HOUR, per_seconds=HOUR, at=at)


async def give_copy(
    session: AsyncSession,
    request: RightsRequest,
    executors: Executors,
    facts: Stated,
    spool: Spool,
    *,
    at: datetime,
    by: str,
) -> FileAnswer:
    """Make the copy that was granted, and record what it held: tables, counts, the hash."""
    person = await _entitled(session, request, at=at)
    copy = await copies.gather(session, executors.holders, person, request.language, at=at)
    await let_go(session)
    if request.kind is RequestKind.PORTABILITY:
        copy_files.write_portable_zip(copy, spool)
    else:
        await copy_files.write_access_zip(copy, facts, request.language, spool)
    details = {"sha256": sha256_of(spool), "tables": copy.counts}
    request = await queries.lock_request(session, request.id)
    await _entitled(session, request, at=at)  # still: nothing was held while it was drawn
    if not sends_nothing(session):
        log(session, request, EventKind.COPY_GIVEN, at=at, by=by, details=details)
    return FileAnswer(spool, media_type=MEDIA_TYPE, filename=f"{request.kind}-{legal_date(at):%Y-%m-%d}.zip")


async def _entitled(session: AsyncSession, request: RightsRequest, *, at: datetime) -> Person:
    """Find whose copy was granted, for as long as it may be downloaded."""
    until = await copy_until(session, request) if request.kind in COPIED else None
    person = await person_of(session, request)
    if until is None or person is None or legal_date(at) > until:
        raise CopyNotGranted
    return person
