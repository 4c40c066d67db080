"""Powers of attorney and papers of identity: known by their content, kept sealed, gone with the decision."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.files import PDF, is_pdf
from app.core.sealing import Sealer
from app.privacy.rights import queries
from app.privacy.rights.asking import take_answer
from app.privacy.rights.casefile import log
from app.privacy.rights.clock import Terms
from app.privacy.rights.errors import AttachmentRefused, RequestDecided, TooManyAttachments
from app.privacy.rights.models import AttachmentKind, EventKind, RightsAttachment, RightsRequest

LARGEST = 2 * 1024 * 1024
MOST = 5
ROUTES = re.compile(r"/v1/(staff/)?privacy/requests/[0-9A-Fa-f-]{36}/attachments")
"""The routes that take more than others do."""
# What a file begins with; what it is called, and what its sender says it is, count for nothing.
PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
KINDS = (PDF, *PICTURES.values())


@dataclass(frozen=True, slots=True)
class Paper:
    """What somebody sent, and what they say it is."""

    kind: AttachmentKind
    content: bytes = field(repr=False)


def kind_of(content: bytes) -> str | None:
    if is_pdf(content):
        return PDF
    return next((kind for magic, kind in PICTURES.items() if content.startswith(magic)), None)


async def attach(
    session: AsyncSession,
    request: RightsRequest,
    paper: Paper,
    sealer: Sealer,
    terms: Terms,
    *,
    at: datetime,
    by: str,
) -> RightsAttachment:
    """Keep a paper, sealed, and note that the person answered."""
    if request.is_decided:
        raise RequestDecided
    media_type = kind_of(paper.content)
    if media_type is None:
        raise AttachmentRefused
    if len(await queries.list_attachments(session, request.id)) >= MOST:
        raise TooManyAttachments(most=MOST)
    attachment = RightsAttachment(
        request_id=request.id,
        kind=paper.kind,
        media_type=media_type,
        size=len(paper.content),
        sha256=sha256(paper.content).hexdigest(),
        sealed=sealer.seal(paper.content),
        received_at=at,
    )
    session.add(attachment)
    await session.flush()  # its id is shown
    log(session, request, EventKind.ATTACHED, at=at, by=by, details=_told(attachment))
    if paper.kind is AttachmentKind.POWER_OF_ATTORNEY:
        request.has_power_of_attorney = True
    await take_answer(session, request, terms, at=at, by=by)
    return attachment


async def delete_attachments(session: AsyncSession, request: RightsRequest, *, at: datetime, by: str) -> None:
    """Delete the papers of a request that needs them no more; what was deleted stays on record, the paper does not."""
    for attachment in await queries.list_attachments(session, request.id):
        log(session, request, EventKind.ATTACHMENT_DELETED, at=at, by=by, details=_told(attachment))
    await session.execute(delete(RightsAttachment).where(RightsAttachment.request_id == request.id))


def _told(attachment: RightsAttachment) -> dict[str, str]:
    return {"attachment_id": str(attachment.id), "kind": attachment.kind, "sha256": attachment.sha256}
