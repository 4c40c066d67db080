"""Real processes for tests that kill them, and what it takes to leave none behind."""

import asyncio
import multiprocessing
import os
import random
import runpy
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

PATIENCE = 60.0
"""Seconds that anything may take on a machine with much else to do; nothing waits so long where all is well."""

LOGS: list[Path] = []
"""What the processes of the test under way write to; kept when it fails."""

_FORKS = multiprocessing.get_context("forkserver")
"""Importing the shop takes three seconds of a processor: it is done once, and each process begins as a copy of that."""
_FORKS.set_forkserver_preload(
    [
        *("app.cli.serve", "app.main", "app.wiring.outside", "app.wiring.work"),
        *("app.integrations.speedy.simulator", "app.integrations.icash.simulator"),
    ]
)


@dataclass
class Process:
    """One process of the shop: started, killed, frozen and started again; it leads a session of its own.

    `command` is what would stand behind `python -m`: a module and its arguments.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    output: Path | None = None
    """Where it writes to instead of its log, such as a disk that is full."""
    running: ForkServerProcess | None = None
    leaders: list[int] = field(default_factory=list)
    begun: list[str | None] = field(default_factory=list)
    """When each of the leaders began: numbers of the dead are given again."""

    def start(self) -> None:
        LOGS.append(self.log)
        self.log.touch()
        given = (self.command, {**os.environ, **self.environment}, self.output or self.log)
        made = _FORKS.Process(target=_become, args=given, daemon=False)
        made.start()
        assert made.pid is not None
        self.running = made
        self.leaders.append(made.pid)
        self.begun.append(begin_of(made.pid))

    @property
    def is_alive(self) -> bool:
        return self.running is not None and self.running.is_alive()

    def send(self, number: signal.Signals) -> None:
        """Send a signal; one that ended by itself just now gets none."""
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.kill(self.leaders[-1], number)

    def kill(self) -> None:
        """End it as a power cut does: it learns nothing of it."""
        self.send(signal.SIGKILL)
        self.ended()

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send(signal.SIGCONT)

    def terminate(self, within: float = PATIENCE) -> int:
        """Ask it to stop; returns its exit code."""
        self.send(signal.SIGTERM)
        return self.ended(within)

    def ended(self, within: float = PATIENCE) -> int:
        """Wait for its end; returns its exit code, less than 0 for a signal."""
        assert self.running is not None
        self.running.join(within)
        assert self.running.exitcode is not None, f"{self.name} did not end within {within:.0f} s"
        return self.running.exitcode

    def left_behind(self) -> list[int]:
        """List the processes that outlived their leader."""
        return [pid for pid in processes() if session_of(pid) in self.leaders and not self.is_alive]

    def end(self) -> None:
        """Make sure nothing is left, whatever became of it."""
        for leader, begun in zip(self.leaders, self.begun, strict=True):
            if begin_of(leader) in {None, begun}:  # else the number is another's, and nothing of ours is left
                with suppress(ProcessLookupError):
                    os.killpg(leader, signal.SIGKILL)
        self.send(signal.SIGKILL)  # it may not lead its session yet
        if self.running is not None:
            self.ended()


def _become(command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Run a module in this copy as `python -m` does in a new process of its own session, output and environment.

    Unlike there everything is imported already, and what is registered with `atexit` is not done; the processes of
    `make run` and the commands of tests/cli begin from nothing.
    """
    os.setsid()
    with log.open("ab") as output:
        for number in (1, 2):
            os.dup2(output.fileno(), number)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr] # they are files
    os.environ.clear()
    os.environ.update(environment)
    module, *arguments = command
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        # As Python ends: first what threads are at. multiprocessing would first close the queues by which one of them
        # tells a pool's processes to end, and then wait for these processes for ever.
        threading._shutdown()  # type: ignore[attr-defined] # there is no public name for it


def processes() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def session_of(pid: int) -> int | None:
    """Return the session of a process that lives; one that is dead and only not yet buried has none."""
    told = _told_of(pid)
    return None if told is None or told[0] == "Z" else int(told[3])


def begin_of(pid: int) -> str | None:
    """Return when a process began, in ticks since the machine did."""
    told = _told_of(pid)
    return told[19] if told else None


def _told_of(pid: int) -> list[str] | None:
    """Read what the system says of a process behind its name, as proc(5) counts it from the third on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def is_running(pid: int) -> bool:
    # By its state, not its command line: that one is empty, too, while a process becomes another program.
    return session_of(pid) is not None


async def until(holds: Callable[[], Awaitable[bool] | bool], within: float = PATIENCE, *, every: float = 0.05) -> None:
    """Look until something holds; fails when it never does."""
    deadline = time.monotonic() + within
    while not (answer if isinstance(answer := holds(), bool) else await answer):
        assert time.monotonic() < deadline, f"not within {within:.0f} s"
        await asyncio.sleep(every)


def wait_until(holds: Callable[[], bool], within: float = PATIENCE, *, every: float = 0.05) -> None:
    """Look until something holds, where there is no loop; fails when it never does."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"not within {within:.0f} s"
        time.sleep(every)


def free_port() -> int:
    """Choose a port that is free now, and that no outgoing connection will be given while its server starts."""
    while True:
        port = random.randrange(15_000, 32_000)  # below what the system gives out by itself
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def all_ended(processes: Mapping[str, Process]) -> Iterator[None]:
    """Leave no process behind, whatever happens."""
    with ExitStack() as ending:
        try:
            yield
        finally:
            for process in processes.values():
                ending.callback(process.end)
