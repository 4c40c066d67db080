"""The processes under measurement: started, waited for, and what they cost by the kernel's own books."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from app.core.processes import tied
from benchmarks.driver import HOST

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
START_SECONDS = 60


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
    ticks = 0
    for root in roots:
        for process in family(root):
            ticks += sum(int(part) for part in _stat(process)[11:15])
    return ticks / TICKS


def resident(process: int) -> float:
    """Return the resident memory of one process in MiB."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE / 2**20


def _stat(process: int) -> list[str]:
    """Read what the kernel says of a process, from its state on; nothing when it has gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
