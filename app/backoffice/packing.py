"""Makes the inspection pack from one moment of the database, and notes in the audit that it was made."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.auth.auditing.recording import Action, note
from app.backoffice.pack import COVER, Pack, Piece
from app.backoffice.register import Reading
from app.backoffice.sections import Section
from app.core.db import Sessions
from app.core.spooling import READING, Spool
from app.privacy.notice import Stated

# A large register takes its time.
PATIENT = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SET LOCAL statement_timeout = 0")


@dataclass(frozen=True, slots=True)
class Step:
    """How far the pack is: the section, and the file that was finished with this step."""

    section: str
    file: str
    sha256: str


async def make_pack(
    sessions: Sessions, stated: Stated, sections: Sequence[Section], into: Spool, *, actor: str, at: datetime
) -> AsyncGenerator[Step]:
    """Write the pack step by step; all registers in it are of one moment, and the audit has it when it is whole."""
    drawn: list[tuple[Section, Piece]] = []
    async with READING.one(), sessions() as session:
        for setting in PATIENT:
            await session.execute(text(setting))
        pack = Pack(into, Reading(session, stated, at))
        for section in sections:
            async for piece in section.write(pack.reading):
                if piece.is_drawn:
                    drawn.append((section, piece))
                else:
                    yield await _put(pack, section, piece)
    for section, piece in drawn:
        yield await _put(pack, section, piece)
    sums = await pack.close()
    detail = f"files: {len(pack.contents) + 1} sums: {sums}"
    async with sessions.begin() as session:
        await note(session, Action.INSPECTION_PACKED, actor=actor, detail=detail, at=at)
    yield Step("contents", COVER, sums)


async def _put(pack: Pack, section: Section, piece: Piece) -> Step:
    await pack.put(piece)
    return Step(section.name, piece.name, pack.contents[-1].sha256)
