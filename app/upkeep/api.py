"""The reports of upkeep, for the officer: backups, integrity, versions."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from fastapi import Request

from app.auth.errors import InsufficientScope, RoleInsufficient, Unauthenticated
from app.auth.guards import staff_with
from app.auth.roles import Right
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.paging import Cursor, CursorUnknown, Limit, ListedId, Page, read_cursor, write_cursor
from app.core.problems import problems
from app.core.routing import Router
from app.upkeep import queries
from app.upkeep.finding_standstills import find_standstills
from app.upkeep.schemas import BackupView, DependencyReportView, IntegrityReportView, StandstillView

router = Router(prefix="/staff/upkeep", tags=["staff"], dependencies=[staff_with(Right.READ_UPKEEP)])
REFUSALS = (Unauthenticated, InsufficientScope, RoleInsufficient)
LIST = problems(*REFUSALS, CursorUnknown, Invalid)
ONE = problems(*REFUSALS, NotFound, Invalid)
Row = TypeVar("Row")
Shown = TypeVar("Shown", BackupView, IntegrityReportView, DependencyReportView)


def _before(cursor: str | None) -> queries.Key | None:
    key = read_cursor(cursor, _moment, UUID)
    return (key[0], key[1]) if key else None


def _moment(written: str) -> datetime:
    at = datetime.fromisoformat(written)
    if at.tzinfo is None:
        raise ValueError("a moment without its zone")
    return at


def _page(
    rows: Sequence[Row], limit: int, view: Callable[[Row], Shown], key: Callable[[Row], queries.Key]
) -> Page[Shown]:
    shown = rows[:limit]
    return Page(
        items=[view(row) for row in shown],
        next_cursor=write_cursor(key(shown[-1])[0].isoformat(), key(shown[-1])[1]) if len(rows) > limit else None,
    )


@router.get("/backups", responses=LIST)
async def list_backups(session: SessionDep, limit: Limit = 50, cursor: Cursor = None) -> Page[BackupView]:
    """List the backups that were made or tried, newest first, with what their checks found (S43)."""
    rows = await queries.list_backups(session, before=_before(cursor), limit=limit + 1)
    return _page(rows, limit, BackupView.of, lambda row: (row.run.started_at, row.run.id))


@router.get("/backups/{backup_id}", responses=ONE)
async def read_backup(backup_id: ListedId, session: SessionDep) -> BackupView:
    """Show one backup."""
    return BackupView.of(await queries.get_backup(session, backup_id))


@router.get("/integrity", responses=LIST)
async def list_integrity_reports(
    session: SessionDep, limit: Limit = 50, cursor: Cursor = None
) -> Page[IntegrityReportView]:
    """List the checks of the database, newest first (S41)."""
    rows = await queries.list_integrity_reports(session, before=_before(cursor), limit=limit + 1)
    return _page(rows, limit, IntegrityReportView.model_validate, lambda row: (row.started_at, row.id))


@router.get("/integrity/{report_id}", responses=ONE)
async def read_integrity_report(report_id: ListedId, session: SessionDep) -> IntegrityReportView:
    """Show one check of the database."""
    return IntegrityReportView.model_validate(await queries.get_integrity_report(session, report_id))


@router.get("/dependencies", responses=LIST)
async def list_dependency_reports(
    session: SessionDep, limit: Limit = 50, cursor: Cursor = None
) -> Page[DependencyReportView]:
    """List the reports of what runs here in which version, newest first (S42)."""
    rows = await queries.list_dependency_reports(session, before=_before(cursor), limit=limit + 1)
    return _page(rows, limit, DependencyReportView.of, lambda row: (row.made_at, row.id))


@router.get("/dependencies/{report_id}", responses=ONE)
async def read_dependency_report(report_id: ListedId, session: SessionDep) -> DependencyReportView:
    """Show one report of what runs here."""
    return DependencyReportView.of(await queries.get_dependency_report(session, report_id))


@router.get("/standstills", responses=problems(*REFUSALS))
async def list_standstills(request: Request, session: SessionDep, at: At) -> list[StandstillView]:
    """List what stands still now: workers, the queue, jobs and orders that wait for a person."""
    found = await find_standstills(session, request.app.state.standstill_limits, at=at)
    known = await queries.find_noticed(session)
    return [StandstillView.of(each, known.get((each.kind, each.subject))) for each in found]
