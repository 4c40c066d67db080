"""The processes under measurement: started, waited for, and what they cost by the kernel's own books."""

import asyncio
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.core.processes import tied
from benchmarks.driver import HOST

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
START_SECONDS = 120
ADOPTED: set[int] = set()
"""Processes of ours that are not our children: PostgreSQL's first."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


async def start(module: str, *arguments: str, environment: Mapping[str, str], log: Path) -> Process:
    """Start a module of ours, tied to our life."""
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *tied([sys.executable, "-m", module, *arguments], signal.SIGTERM),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **environment},
            start_new_session=True,
        )


@asynccontextmanager
async def running(module: str, *arguments: str, environment: Mapping[str, str], log: Path) -> AsyncIterator[int]:
    """Run a module of ours and give the number of its process; it is stopped at the end."""
    process = await start(module, *arguments, environment=environment, log=log)
    try:
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


async def answering(port: int) -> None:
    """Wait until somebody listens on the port."""
    for _ in range(START_SECONDS * 10):
        with suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, port)
            writer.close()
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"nobody listens on port {port}")


def family(root: int) -> list[int]:
    """List a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for process in found:
        found.extend(children.get(process, []))
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """Sum the CPU time of these processes and their descendants, the buried ones included."""
    counted = {process for root in roots for process in family(root)}
    return sum(int(part) for process in counted for part in _stat(process)[11:15]) / TICKS


def own_seconds(processes: Iterable[int]) -> float:
    """Sum the CPU time of just these processes, which live, to the nanosecond; the kernel's books count hundredths."""
    return sum(time.clock_gettime(~process << 3 | 2) for process in processes)  # clock_getcpuclockid(3) of another


def resident(process: int) -> float:
    """Return the resident memory of one process in MiB; nothing of one that has ended meanwhile."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE / 2**20
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


@dataclass(frozen=True)
class Share:
    """What part of the machine's processors others took meanwhile: other processes, and the host."""

    foreign: float
    stolen: float

    @property
    def whole(self) -> float:
        return self.foreign + self.stolen


@dataclass(frozen=True)
class Books:
    """What the kernel has counted until now, of all processors together."""

    whole: int
    busy: int
    stolen: int
    ours: float

    @classmethod
    def now(cls) -> Self:
        user, nice, system, idle, waiting, hard, soft, stolen = _processors()
        busy = user + nice + system
        return cls(busy + idle + waiting + hard + soft + stolen, busy, stolen, cpu_seconds([os.getpid(), *ADOPTED]))

    def since(self) -> Share:
        """Say what others took since these were read."""
        now = self.now()
        whole = max(1, now.whole - self.whole)
        foreign = now.busy - self.busy - (now.ours - self.ours) * TICKS
        return Share(max(0.0, foreign / whole), (now.stolen - self.stolen) / whole)


def _processors() -> list[int]:
    return [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]


def _stat(process: int) -> list[str]:
    """Read what the kernel says of a process, from its state on; nothing when it has gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
