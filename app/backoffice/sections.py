"""What is in the inspection pack: a list of sections, each a name and who writes its files. A new one is one line."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.auth.auditing.verifying import verify
from app.auth.reviewing import as_csv, read_access
from app.backoffice.errors import TooLongForPaper
from app.backoffice.exporting import Part, csv_parts, draw_pdf, read_for_paper
from app.backoffice.pack import Piece
from app.backoffice.register import Entry, Reading, Register
from app.core.language import Language, Text
from app.privacy import queries
from app.privacy.models import Declaration
from app.privacy.notice import lines
from app.privacy.notice_schemas import NoticeView

BG = Language.BG
ACCESS = Text("Преглед на достъпа: кой какво вижда", "Access review: who can see what")
NOTICE = Text("Уведомление за поверителност, както се вижда от всеки", "Privacy notice as anybody reads it")
VERIFIED = Text("Проверка на дневника: всеки запис, до последния хеш", "Verification of the audit log, to its head")
ON_PAPER = Text(" (на хартия)", " (on paper)")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the pack: what progress calls it, and who writes it."""

    name: str
    write: Callable[[Reading], AsyncIterator[Piece]]


async def _whole(content: bytes, rows: int = 0) -> AsyncIterator[Part]:
    yield Part(content, rows)


async def _drawn(register: Register, reading: Reading, entries: Sequence[Entry]) -> AsyncIterator[Part]:
    yield Part(await draw_pdf(register, reading, entries, BG), len(entries))


def _of_register(register: Register, *, paper: bool) -> Section:
    stem = f"registers/{register.name.value.replace('_', '-')}"

    async def write(reading: Reading) -> AsyncIterator[Piece]:
        yield Piece(f"{stem}.csv", register.title, csv_parts(register, reading, BG), is_table=True)
        if not paper:
            return
        try:
            entries = await read_for_paper(register, reading)
        except TooLongForPaper:
            return  # the table has all of it
        title = Text(register.title.bg + ON_PAPER.bg, register.title.en + ON_PAPER.en)
        drawn = _drawn(register, reading, entries)
        yield Piece(f"{stem}.pdf", title, drawn, is_table=True, is_drawn=True)

    return Section(register.name.value, write)


async def _declarations(reading: Reading) -> AsyncIterator[Piece]:
    """Give every text that people were ever shown, letter for letter: its hash is the one that acceptances keep."""
    in_order = (Declaration.purpose, Declaration.version)
    for each in await reading.session.scalars(select(Declaration).order_by(*in_order)):
        for language in Language:
            name = f"declarations/{each.purpose}/{each.version}.{language}.txt"
            yield Piece(name, Text(each.title_bg, each.title_en), _whole(each.text(language).encode()))


async def _notice(reading: Reading) -> AsyncIterator[Piece]:
    found = lines(reading.stated, await queries.list_recipients(reading.session))
    for language in Language:
        view = NoticeView.of(reading.stated, found, language)
        shown = json.dumps(view.model_dump(mode="json"), ensure_ascii=False, indent=2)
        yield Piece(f"notice/privacy-notice.{language}.json", NOTICE, _whole(shown.encode()))


async def _access(reading: Reading) -> AsyncIterator[Piece]:
    table = as_csv(await read_access(reading.session, at=reading.at))
    yield Piece("staff/access-review.csv", ACCESS, _whole(table))


async def _audit(reading: Reading) -> AsyncIterator[Piece]:
    found = await verify(reading.session)
    told = [f"entries: {found.checked}", f"head: {found.head}", f"intact: {'no' if found.faults else 'yes'}"]
    untold = [f"and {found.untold} more"] if found.untold else []
    yield Piece("audit/verification.txt", VERIFIED, _whole("\n".join([*told, *found.faults, *untold, ""]).encode()))


def sections(registers: Iterable[Register], *, paper: bool = True) -> Sequence[Section]:
    """List what the pack is made of, in its order; without paper it is made at once, each register as a table alone."""
    return (
        *(_of_register(register, paper=paper) for register in registers),
        Section("declarations", _declarations),
        Section("notice", _notice),
        Section("access", _access),
        Section("audit", _audit),
    )
