"""`shop documents`: whether every series is whole."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from app.cli.database import with_sessions
from app.cli.saying import say_aside
from app.core.clock import SystemClock
from app.core.db import Sessions
from app.invoices.models import DocumentReport, Verdict
from app.invoices.pdf_reading import shows
from app.invoices.verifying import Equal
from app.invoices.view import DocumentKind
from app.settings import Settings
from app.wiring.documents import document_watch

documents = typer.Typer(no_args_is_help=True, help="Invoices, notes and what else is issued from numbered series.")
REDRAW = [sys.executable, "-m", "app.invoices.redrawing"]


@documents.callback()
def _group() -> None:
    """Keep the commands of the group apart from it."""


@documents.command()
def verify(
    redraw: Annotated[
        bool, typer.Option(help="Draw every document again and compare the bytes; for those this release drew")
    ] = False,
) -> None:
    """Check every series: dense, unique, in order, sealed, each file its document's; faults end it with code 1.

    What it finds is kept as a report, like that of the nightly check.
    """
    if redraw:
        with _redrawing() as equal:
            _verify(equal)
    else:
        _verify(shows)


def _verify(equal: Equal) -> None:
    async def command(sessions: Sessions) -> DocumentReport:
        watch = document_watch(Settings(), sessions, SystemClock(), equal)
        report_id = await watch.check(progress=say_aside)
        async with sessions() as session:
            return await session.get_one(DocumentReport, report_id)

    report = with_sessions(command)
    for series in report.series:
        print(f"{series['key']}: {series['issued']} documents, {series['first']} to {series['last']}, {series['head']}")
    if report.outcome is Verdict.SOUND:
        print("All series are whole.")
        return
    print("\n".join(report.faults))
    raise typer.Exit(1)


@contextmanager
def _redrawing() -> Iterator[Equal]:
    """Have documents drawn again by a process of its own: who draws takes half of the memory of who does not."""
    with subprocess.Popen(REDRAW, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        asked, answered = process.stdin, process.stdout
        assert asked is not None
        assert answered is not None

        def equal(kind: DocumentKind, snapshot: dict[str, Any], pdf: bytes) -> bool:
            asked.write(json.dumps([kind, snapshot]) + "\n")
            asked.flush()
            return answered.readline().strip() == hashlib.sha256(pdf).hexdigest()

        yield equal
