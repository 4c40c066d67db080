"""Child processes: started, watched, started again when they die, stopped in time, none left behind."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from app.core.processes import tied

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
"""A child that has lived this long is well again: its next death is a first one."""


class StepFailed(Exception):
    """A command that had to succeed did not; the text ends with what it said last."""


@dataclass(frozen=True)
class Child:
    """A command that is to run for as long as its supervisor."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """What it is told and no other child."""


class Supervisor:
    """Keeps children running; leaving its `async with` stops them all, and its own death ends them too."""

    def __init__(
        self, environment: Mapping[str, str], logs: Path, say: Callable[[str], None], *, grace: float = 5.0
    ) -> None:
        self._environment = {**os.environ, **environment}
        self._logs = logs
        self._say = say
        self._grace = grace
        self._watches: list[asyncio.Task[None]] = []
        self._running: dict[str, Process] = {}

    async def run(self, child: Child) -> str:
        """Run a command to its end and return what it printed."""
        with self._log(child.name).open("ab") as log:
            process = await self._spawn(child, PIPE, log.fileno())
            printed, _ = await process.communicate()
        del self._running[child.name]
        if process.returncode != 0:
            raise StepFailed(f"{child.name} failed ({_ending(process)}):\n{self._last_lines(child.name)}")
        return printed.decode()

    def keep(self, child: Child) -> None:
        self._watches.append(asyncio.create_task(self._watch(child)))

    async def __aenter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.terminate()
        ends = [asyncio.create_task(process.wait()) for process in self._running.values()]
        if ends:
            await asyncio.wait(ends, timeout=self._grace)
        for process in self._running.values():
            _end_group(process)
        await asyncio.gather(*ends)

    async def _watch(self, child: Child) -> None:
        pause = FIRST_PAUSE
        while True:
            started = time.monotonic()
            with self._log(child.name).open("ab") as log:
                process = await self._spawn(child, log.fileno(), log.fileno())
            await process.wait()
            _end_group(process)
            if time.monotonic() - started > STEADY_SECONDS:
                pause = FIRST_PAUSE
            self._say(
                f"{child.name} ended by itself ({_ending(process)}), see {self._log(child.name)}; "
                f"it is started again in {pause:.0f} s"
            )
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _spawn(self, child: Child, output: int, errors: int) -> Process:
        """Start a child in a session of its own, so that Ctrl-C reaches it through us, and tied to our life."""
        process = await asyncio.create_subprocess_exec(
            *tied(child.command, signal.SIGTERM),
            stdin=DEVNULL,
            stdout=output,
            stderr=errors,
            env={**self._environment, **child.environment},
            start_new_session=True,
        )
        self._running[child.name] = process
        return process

    def _log(self, name: str) -> Path:
        return self._logs / f"{name.lower()}.log"

    def _last_lines(self, name: str) -> str:
        return "\n".join(self._log(name).read_text(errors="replace").splitlines()[-15:])


def python(*arguments: str) -> Sequence[str]:
    return [sys.executable, "-m", *arguments]


def _end_group(process: Process) -> None:
    """End what the child has left behind, such as the processes of its own pool."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _ending(process: Process) -> str:
    code = process.returncode or 0
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
