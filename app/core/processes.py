"""Processes that we start: as whom they run, and that none outlives us."""

import asyncio
import ctypes
import fcntl
import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import IO, TypeVar

from app.core.db import require_empty_handed

A = TypeVar("A")
R = TypeVar("R")

PR_SET_PDEATHSIG = 1


def tied(command: Sequence[str], end: signal.Signals) -> list[str]:
    """Prefix a command so that the kernel sends it the signal when the process that starts it dies, however it dies."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", end.name.removeprefix("SIG"), *command] if setpriv else [*command]


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that started it dies; for children that we only compute in."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        os._exit(1)  # it died before the kernel knew of our wish


class Computers:
    """Child processes that compute for us; when one is killed all are replaced, and what they were at has failed."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        # Spawned, not forked: a child must not share our connections. It ends with us, however we end.
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(max_workers=self._count, mp_context=spawn, initializer=die_with_parent)

    async def run(self, function: Callable[[A], R], argument: A) -> R:
        require_empty_handed()
        pool = self._pool
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, function, argument)
        except BrokenProcessPool:
            if pool is self._pool:
                self._pool = self._start()
                pool.shutdown(wait=False)
            raise

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def system_user(name: str) -> pwd.struct_passwd:
    """Find a system user, creating it when it is missing; for root only."""
    # One at a time: of two that create a user at once, the second replaces the number that the first already uses.
    folder = os.open("/etc", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        return pwd.getpwnam(name)
    except KeyError:
        add = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
        subprocess.run(add, check=True, capture_output=True)  # noqa: S603 - constant words
        return pwd.getpwnam(name)
    finally:
        os.close(folder)


def open_the_way(folder: Path) -> None:
    """Let other users pass through the folders above, no more: without it the server cannot reach its own files."""
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if not mode & 0o001:
            step.chmod(mode | 0o001)


def run_as(account: pwd.struct_passwd, command: Sequence[str], output: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - constant words and our own paths
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd="/",  # the account may have no right to be where we are
        env={**os.environ, "LC_ALL": "C"},
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[] if os.geteuid() == 0 else None,
        start_new_session=True,  # Ctrl-C in a terminal is ours to handle
    )
