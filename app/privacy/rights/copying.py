"""Gives copies of somebody's data, each made when it is asked for; what was given is kept in the case file."""

import math
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.throttle import TooManyRequests
from app.mail.writing import Trader
from app.privacy import copies
from app.privacy.rights import queries
from app.privacy.rights.casefile import log
from app.privacy.rights.errors import CopyNotGranted
from app.privacy.rights.executing import COPIED, Executors, person_of
from app.privacy.rights.models import EventKind, RequestKind, RightsRequest
from app.privacy.rights.views import copy_until

HOUR = timedelta(hours=1)
MOST_AN_HOUR = 5
MEDIA_TYPE = "application/zip"
ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The copy",
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Given(NamedTuple):
    content: bytes
    filename: str


async def give_copy(
    session: AsyncSession, request: RightsRequest, executors: Executors, trader: Trader, *, at: datetime, by: str
) -> Given:
    """Make the copy that was granted, and record what it held: tables, counts, the hash."""
    until = await copy_until(session, request) if request.kind in COPIED else None
    person = await person_of(session, request)
    if until is None or person is None or legal_date(at) > until:
        raise CopyNotGranted
    await _slow_down(session, request, at=at)
    copy = await copies.gather(session, executors.holders, person, at=at)
    if request.kind is RequestKind.PORTABILITY:
        content = copies.portable_zip(copy)
    else:
        content = await copies.access_zip(copy, trader, request.language)
    details = {"sha256": sha256(content).hexdigest(), "tables": copy.counts}
    log(session, request, EventKind.COPY_GIVEN, at=at, by=by, details=details)
    return Given(content, f"{request.kind}-{legal_date(at):%Y-%m-%d}.zip")


async def _slow_down(session: AsyncSession, request: RightsRequest, *, at: datetime) -> None:
    """Refuse one copy after another of the same request; counted in its own log, where no stranger uses it up."""
    made = await queries.list_moments(session, request.id, EventKind.COPY_GIVEN, since=at - HOUR)
    if len(made) >= MOST_AN_HOUR:
        raise TooManyRequests(retry_after=max(1, math.ceil((made[0] + HOUR - at).total_seconds())))


def zip_response(given: Given) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{given.filename}"'}
    return Response(given.content, media_type=MEDIA_TYPE, headers=headers)
