"""`shop backup`, `restore`, `integrity`, `dependencies`: by hand what a worker does by itself, and the way back."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.database import in_transaction, with_sessions
from app.cli.saying import say_aside
from app.core.clock import SystemClock
from app.core.db import Sessions, url_of
from app.settings import Settings
from app.upkeep import queries
from app.upkeep.dependencies import report_dependencies
from app.upkeep.erasures import beside
from app.upkeep.faults import UpkeepFailed
from app.upkeep.integrity.findings import Finding
from app.upkeep.integrity.running import check_integrity
from app.upkeep.models import BackupRun, DependencyReport, IntegrityReport, Soundness
from app.upkeep.recovering import Recovery, Source
from app.upkeep.restoring import RestoreRefused, create_database
from app.upkeep.sealed_files import FileUnsound
from app.upkeep.watching import Watch
from app.wiring import upkeep as wiring
from app.wiring.owning import owned_database

T = TypeVar("T")
BackupFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="shop-….backup")]
RESTORED = "shop_restored_{:%Y%m%d_%H%M%S}"

backup = typer.Typer(invoke_without_command=True, help="Make a backup, encrypted and read back; see also its commands.")


def _refused(problem: Exception) -> typer.Exit:
    typer.echo(str(problem), err=True)
    return typer.Exit(1)


def _do(work: Callable[[Sessions], Awaitable[T]]) -> T:
    try:
        return with_sessions(work)
    except (UpkeepFailed, FileUnsound, RestoreRefused) as problem:
        raise _refused(problem) from None


@backup.callback()
def take(
    context: typer.Context,
    to: Annotated[Path | None, typer.Option(file_okay=False, help="A folder of another medium; kept as long")] = None,
) -> None:
    """Make a backup of the whole database, encrypted, and read it back; older ones go when their days are over."""
    if context.invoked_subcommand:
        return

    async def work(sessions: Sessions) -> BackupRun:
        return await wiring.backups(Settings(), sessions, SystemClock()).take(
            Watch(say_aside), folder=to.absolute() if to else None
        )

    run = _do(work)
    print(f"{run.file}: {run.bytes} bytes, {run.rows} rows, schema {run.revision}\nsha256 {run.sha256}")


@backup.command("verify")
def verify(file: BackupFile) -> None:
    """Read a backup whole: checksum, the seal of every chunk, the digest of every table; names what is wrong."""

    async def work(sessions: Sessions) -> int:
        return (await wiring.backups(Settings(), sessions, SystemClock()).verify(file, Watch(say_aside))).rows

    print(f"{file.name}: {_do(work)} rows, intact")


@backup.command("rehearse")
def rehearse() -> None:
    """Restore the newest backup into a scratch database, compare every table, and drop it again."""

    async def work(sessions: Sessions) -> BackupRun | None:
        return await wiring.backups(Settings(), sessions, SystemClock()).rehearse(Watch(say_aside))

    run = _do(work)
    if run is None:
        raise _refused(RestoreRefused("there is no backup yet: shop backup"))
    print(f"{run.file}: restored aside, every table as it was")


@backup.command("list")
def list_runs() -> None:
    """Print the register: what was made, read back, rehearsed and removed when."""

    async def work(session: AsyncSession, _at: object) -> list[str]:
        return [_line(each) for each in await queries.list_backups(session)]

    lines = in_transaction(work)
    print("\n".join(lines) if lines else "No backup has been made yet.")


def _line(backup: queries.Backup) -> str:
    moments = {"verified": backup.verified_at, "rehearsed": backup.rehearsed_at, "removed": backup.removed_at}
    done = [f"{what} {at:%Y-%m-%d %H:%M}" for what, at in moments.items() if at]
    run = backup.run
    said = [f"{run.started_at:%Y-%m-%d %H:%M}", run.outcome, run.file or run.failure or "", *done, backup.fault or ""]
    return "  ".join(word for word in said if word)


def restore(
    file: BackupFile,
    into: Annotated[str | None, typer.Option(help="Address of an empty database: postgresql+psycopg://…")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Into a new database beside the shop's")] = False,
    here: Annotated[bool, typer.Option("--here", help="Into the shop's own database, which must be empty")] = False,
    erasures: Annotated[Path | None, typer.Option(exists=True, help="The list of who was erased since")] = None,
    without_erasures: Annotated[bool, typer.Option("--without-erasures", help="There is no such list")] = False,
) -> None:
    """Restore a backup into an empty database, erase again whom the shop has erased since, and check the whole."""
    if [into is not None, fresh, here].count(True) != 1:
        raise typer.BadParameter("say where to, by one of --into, --fresh and --here")
    settings = Settings()
    listed = erasures or beside(file, wiring.vault(settings).folder)
    if listed is None and not without_erasures:
        raise typer.BadParameter(
            "no erasures.list is beside it: name it by --erasures, or say --without-erasures if nobody was erased since"
        )
    database = owned_database(settings)
    try:
        restored = database.at(into or (_fresh(database.url) if fresh else database.url))
        restored.prepare()
        recovery = _recover(settings, restored.url, Source(file, None if without_erasures else listed))
        restored.settle()
    finally:
        database.close()
    _say(recovery, str(make_url(restored.url).database))


def _fresh(url: str) -> str:
    return create_database(url, RESTORED.format(SystemClock().now()))


def _recover(settings: Settings, url: str, source: Source) -> Recovery:
    try:
        return asyncio.run(wiring.recoveries(settings, SystemClock()).recover(url, source, Watch(say_aside)))
    except (RestoreRefused, FileUnsound) as problem:
        raise _refused(problem) from None


def _say(recovery: Recovery, name: str) -> None:
    head = recovery.manifest.head
    print(f"{recovery.manifest.rows} rows of {head.taken_at}, schema {head.revision}, are in the database {name}.")
    print(f"Erased again: {recovery.erased}. Everybody has to log in anew.")
    _show(recovery.report)
    if recovery.report.outcome is Soundness.UNSOUND:
        raise typer.Exit(1)


def integrity(
    last: Annotated[bool, typer.Option("--last", help="Print the last report; check nothing")] = False,
) -> None:
    """Check the whole database: every page, constraints, ledgers, hashes; keeps the report, ends with 1 if unsound."""

    async def check(sessions: Sessions) -> IntegrityReport | None:
        settings = Settings()
        return await check_integrity(
            url_of(sessions), sessions, SystemClock(), wiring.alarms(settings), Watch(say_aside)
        )

    async def look(sessions: Sessions) -> IntegrityReport | None:
        async with sessions() as session:
            return next(iter(await queries.list_integrity_reports(session, limit=1)), None)

    report = _do(look if last else check)
    if report is None:
        print("The database has not been checked yet.")
        return
    _show(report)
    if report.outcome is Soundness.UNSOUND:
        raise typer.Exit(1)


def _show(report: IntegrityReport) -> None:
    print(f"{report.ended_at:%Y-%m-%d %H:%M}  {report.outcome}")
    for check in report.checks:
        print(f"{check['name']}: {check['outcome']}, {check['examined']} examined")
        for finding in check["findings"]:
            print(f"  {Finding(**finding)}")
        if check["untold"]:
            print(f"  and {check['untold']} more")
        for remark in check["remarks"]:
            print(f"  ({remark})")


def dependencies() -> None:
    """Put down which versions run here, how they differ from the locked ones and from the report before."""

    async def work(sessions: Sessions) -> DependencyReport:
        async with sessions.begin() as session:
            return await report_dependencies(session, wiring.lock(), at=SystemClock().now())

    report = _do(work)
    print(f"Python {report.python}, PostgreSQL {report.postgresql}, {len(report.packages)} packages")
    print(f"these versions and this lock since {report.lock_changed_at:%Y-%m-%d}")
    for each in report.drift:
        print(f"  {each['package']} {each['installed']}, locked {each['locked'] or 'not at all'}")
    for each in report.changes:
        print(f"  {each['package']}: {each['before'] or 'absent'} → {each['now'] or 'absent'}")
