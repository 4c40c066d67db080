"""The endpoint of the inspection pack."""

from typing import Annotated

from fastapi import Depends, Query, Response

from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.backoffice.api import ReadingDep, Registers
from app.backoffice.pack import pack_name
from app.backoffice.packing import make_pack
from app.backoffice.sections import sections
from app.backoffice.statistics import Statistics, count_month
from app.backoffice.statistics_schemas import Month, StatisticsView
from app.core.clock import At
from app.core.db import SessionDep, SessionsDep, let_go
from app.core.errors import Invalid
from app.core.problems import problems
from app.core.routing import Router
from app.core.spooling import FileAnswer, SpoolDep
from app.core.zips import ZIP

router = Router(prefix="/staff", tags=["registers"])
KEEPER = staff_with(Right.READ_REGISTERS)


@router.get(
    "/inspection-pack.zip",
    response_class=Response,
    responses={
        200: {
            "description": "Registers, record of processing, declarations with versions, agreements, access, audit",
            "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(*STAFF_REFUSALS, Invalid),
    },
)
async def make_inspection_pack(
    caller: Annotated[Person, KEEPER],
    sessions: SessionsDep,
    reading: ReadingDep,
    spool: SpoolDep,
    registers: Registers,
    at: At,
    paper: Annotated[bool, Query(description="No: each register as a table alone, which is made at once")] = True,  # noqa: FBT002 - a query parameter
) -> FileAnswer:
    """Make the pack for the КЗЛД: all of one moment, each file with its hash on the cover page; sent when it is whole.

    That it was asked for is in the audit before it is made, and that it is whole, before it is sent.
    """
    await let_go(reading.session)
    made = make_pack(
        sessions, reading.stated, sections(registers.values(), paper=paper), spool, actor=caller.actor, at=at
    )
    async for _ in made:
        pass
    return FileAnswer(spool, media_type=ZIP, filename=pack_name(at))


@router.get("/statistics", dependencies=[Depends(KEEPER.dependency)], responses=problems(*STAFF_REFUSALS, Invalid))
async def read_statistics(month: Month, session: SessionDep) -> StatisticsView:
    """Count a month's orders, accounts, consents, disclosures and requests: no identifiers, no small numbers (C5)."""
    found: Statistics = await count_month(session, month)
    return StatisticsView.model_validate(found)
