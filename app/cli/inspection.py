"""`shop inspect`: the pack that is handed to the КЗЛД."""

import asyncio
import os
from pathlib import Path
from typing import IO, Annotated

import typer

from app.backoffice.packing import make_pack
from app.backoffice.sections import sections
from app.cli.saying import say_aside
from app.core.clock import SystemClock
from app.core.db import Pool, make_engine, make_sessions
from app.core.schema import require_schema
from app.settings import Settings
from app.wiring import values as wiring
from app.wiring.registers import registers

inspection = typer.Typer(no_args_is_help=True, help="What an inspection is shown.")
OPERATOR = "operator"


@inspection.callback()
def _group() -> None:
    """Keep `pack` a command of its own, though it is the only one."""


@inspection.command("pack")
def pack(
    to: Annotated[Path, typer.Option(help="The ZIP to write; it must not be there yet")],
    *,
    paper: Annotated[bool, typer.Option(help="Each register on A4, too")] = True,
) -> None:
    """Write one dated ZIP: registers, record of processing, declarations, agreements, access, audit; it is audited."""
    if to.exists():
        raise typer.BadParameter(f"{to} is there already")
    unfinished = to.with_name(f".{to.name}.part")
    try:
        # Personal data: for whoever made it alone.
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            sums = asyncio.run(_write(Settings(), file, paper=paper))
        unfinished.rename(to)
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{to}: SHA256SUMS has the SHA-256 {sums}")


async def _write(settings: Settings, file: IO[bytes], *, paper: bool) -> str | None:
    database = wiring.database(settings)
    engine = make_engine(database.url, Pool(size=1))
    try:
        await require_schema(engine)
        sums = None
        steps = make_pack(
            make_sessions(engine),
            wiring.stated(settings),
            sections(registers().values(), paper=paper),
            file,
            actor=OPERATOR,
            at=SystemClock().now(),
        )
        async for step in steps:
            say_aside(f"{step.section}: {step.file}")
            sums = step.sha256
        return sums
    finally:
        await engine.dispose()
        database.close()
