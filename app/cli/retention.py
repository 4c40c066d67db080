"""Runs the rules of retention, or counts what they would let go of."""

import asyncio
from collections.abc import Awaitable, Callable

import typer

from app.cli.saying import say
from app.core.clock import SystemClock
from app.core.db import Pool, make_engine, make_sessions
from app.core.schema import require_schema
from app.privacy.retention.running import Counted, Keeper, RunFailed
from app.settings import Settings
from app.wiring import values
from app.wiring.keeping import keeper

retention = typer.Typer(no_args_is_help=True, help="How long data are kept.")


@retention.command("dry-run")
def dry_run() -> None:
    """Count what a run would let go of now; nothing is changed."""

    async def command(kept: Keeper) -> None:
        for key, count in (await kept.count()).items():
            _tell(key, count)

    asyncio.run(_with_keeper(command))


@retention.command("run")
def run() -> None:
    """Let go of all whose time is over; the worker does it every night by itself."""

    async def command(kept: Keeper) -> None:
        try:
            run_id = await kept.run(by="operator", progress=_tell)
        except RunFailed as failure:
            raise typer.BadParameter(f"some rules failed, the others were run: {failure}") from None
        print(f"Run {run_id} is on record.")

    asyncio.run(_with_keeper(command))


def _tell(key: str, count: Counted) -> None:
    say(f"{key:<24} due {count.due:>8}  held {count.held:>6}  gone {count.gone:>8}")


async def _with_keeper(command: Callable[[Keeper], Awaitable[None]]) -> None:
    settings = Settings()
    database = values.database(settings)
    engine = make_engine(database.url, Pool(size=1))
    try:
        await require_schema(engine)
        await command(keeper(settings, make_sessions(engine), SystemClock()))
    finally:
        await engine.dispose()
        database.close()
