"""Makes the inspection pack from one moment of the database, and notes in the audit that it was made."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.auth.auditing.recording import Action, note
from app.backoffice.pack import COVER, Pack
from app.backoffice.register import Reading
from app.backoffice.sections import Section
from app.core.db import Sessions
from app.core.zips import Taker
from app.privacy.notice import Stated

# Drawing takes seconds between two statements, and a large register takes its time.
PATIENT = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL statement_timeout = 0",
)


@dataclass(frozen=True, slots=True)
class Step:
    """How far the pack is: the section, and the file that was finished with this step."""

    section: str
    file: str | None = None
    sha256: str | None = None


async def make_pack(
    sessions: Sessions, stated: Stated, sections: Sequence[Section], into: Taker, *, actor: str, at: datetime
) -> AsyncGenerator[Step]:
    """Write the pack step by step; all registers in it are of one moment, and the audit has it when it is whole."""
    async with sessions() as session:
        for setting in PATIENT:
            await session.execute(text(setting))
        pack = Pack(into, Reading(session, stated, at))
        for section in sections:
            async for piece in section.write(pack.reading):
                async for _ in pack.put(piece):
                    yield Step(section.name)
                yield Step(section.name, piece.name, pack.contents[-1].sha256)
    sums = await pack.close()
    detail = f"files: {len(pack.contents) + 1} sums: {sums}"
    async with sessions.begin() as session:
        await note(session, Action.INSPECTION_PACKED, actor=actor, detail=detail, at=at)
    yield Step("contents", COVER, sums)
