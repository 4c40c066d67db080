"""Endpoints of the registers, for the responsible person and the owner; every look and every export is audited."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, audit_insert
from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.backoffice.errors import TooLongForPaper
from app.backoffice.exporting import dated, draw_pdf, read_for_paper, write_csv
from app.backoffice.register import Reading, Register, RegisterName
from app.backoffice.schemas import EntryView, RegistersView, RegisterView, SearchRegister
from app.core.clock import At
from app.core.db import SessionDep, let_go, write_last
from app.core.errors import Invalid
from app.core.files import PDF, pdf_responses
from app.core.language import Speaks
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.core.spooling import READING, FileAnswer, SpoolDep

router = Router(prefix="/staff/registers", tags=["registers"])
Keeper = Annotated[Person, staff_with(Right.READ_REGISTERS)]
Name = Annotated[RegisterName, Path(description="As the list of registers names it", examples=["clients"])]
CSV = "text/csv"


async def get_reading(request: Request, session: SessionDep, at: At) -> Reading:
    return Reading(session, request.app.state.stated, at)


async def get_registers(request: Request) -> Mapping[RegisterName, Register]:
    registers: Mapping[RegisterName, Register] = request.app.state.registers
    return registers


async def get_register(
    name: Name, registers: Annotated[Mapping[RegisterName, Register], Depends(get_registers)]
) -> Register:
    return registers[name]


Registers = Annotated[Mapping[RegisterName, Register], Depends(get_registers)]
RegisterDep = Annotated[Register, Depends(get_register)]
ReadingDep = Annotated[Reading, Depends(get_reading, scope="function")]


@router.get("", responses=problems(*STAFF_REFUSALS))
async def list_registers(_: Keeper, registers: Registers, language: Speaks) -> RegistersView:
    """List the registers and their columns."""
    return RegistersView(items=[RegisterView.of(register, language) for register in registers.values()])


@router.get("/{name}", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def read_register(
    register: RegisterDep,
    caller: Keeper,
    reading: ReadingDep,
    language: Speaks,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[EntryView]:
    """Show a register as it stands now, newest first; whose rows were shown is audited."""
    return await _page(register, None, caller, reading, language, limit, cursor)


@router.post("/{name}/searches", responses=problems(*STAFF_REFUSALS, CursorUnknown, BodyUnreadable, Invalid))
async def search_register(
    register: RegisterDep,
    wish: SearchRegister,
    caller: Keeper,
    reading: ReadingDep,
    language: Speaks,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[EntryView]:
    """Show the rows of a number, an address or a name: of `disclosures`, say, all that went out of one person."""
    return await _page(register, wish.words, caller, reading, language, limit, cursor)


async def _page(
    register: Register,
    words: str | None,
    caller: Person,
    reading: Reading,
    language: Any,
    limit: int,
    cursor: str | None,
) -> Page[EntryView]:
    after = read_cursor(cursor, *register.key)
    entries = await register.list_entries(reading, words=words, after=after, limit=limit + 1)
    page = entries[:limit]
    whose = " ".join(dict.fromkeys(entry.subject for entry in page if entry.subject))
    if whose:
        _note(reading.session, Action.PERSONAL_DATA_READ, caller, f"register:{register.name}", whose, reading.at)
    return Page(
        items=[EntryView.of(entry, language) for entry in page],
        next_cursor=write_cursor(*page[-1].key) if len(entries) > limit else None,
    )


def _note(session: AsyncSession, action: Action, caller: Person, subject: str, detail: str, at: datetime) -> None:
    write_last(session, audit_insert(action, actor=caller.actor, subject=subject, detail=detail, at=at))


@router.get(
    "/{name}/export.csv",
    response_class=Response,
    responses={
        200: {"description": "The whole register", "content": {CSV: {"schema": {"type": "string"}}}},
        **problems(*STAFF_REFUSALS, Invalid),
    },
)
async def export_register_as_csv(
    register: RegisterDep, caller: Keeper, reading: ReadingDep, spool: SpoolDep, language: Speaks
) -> FileAnswer:
    """Download a whole register as a dated table; the audit has how many rows, and the hash of the file."""
    await let_go(reading.session)
    async with READING.one():
        sheet = await write_csv(register, reading, language, spool)
        detail = f"format: csv rows: {sheet.rows} sha256: {sheet.sha256}"
        _note(reading.session, Action.REGISTER_EXPORTED, caller, f"register:{register.name}", detail, reading.at)
        await let_go(reading.session)
    return FileAnswer(spool, media_type=CSV, filename=dated(register, reading, "csv"))


@router.get(
    "/{name}/export.pdf",
    response_class=Response,
    responses={**pdf_responses("The register on A4"), **problems(*STAFF_REFUSALS, TooLongForPaper, Invalid)},
)
async def export_register_as_pdf(
    register: RegisterDep, caller: Keeper, reading: ReadingDep, spool: SpoolDep, language: Speaks
) -> FileAnswer:
    """Download a register on A4, dated; the audit has how many rows it has."""
    entries = await read_for_paper(register, reading)
    await let_go(reading.session)
    spool.write(await draw_pdf(register, reading, entries, language))
    detail = f"format: pdf rows: {len(entries)}"
    _note(reading.session, Action.REGISTER_EXPORTED, caller, f"register:{register.name}", detail, reading.at)
    return FileAnswer(spool, media_type=PDF, filename=dated(register, reading, "pdf"))
