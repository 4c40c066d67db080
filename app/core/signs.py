"""Signs of life that a process gives to its own machine; `python -m app.core.signs FOLDER` looks for them.

A worker touches a file while its engine works, and holds it locked for as long as it lives. Who looks takes a lock that
is free for the mark of a process that is gone, however it ended. One that lives and is silent does not come to itself
again: it is killed, so that whoever watches over it (Docker) starts it anew. The module loads nothing of the shop: it
is run twice a minute, and the command `shop` alone takes seconds to load.
"""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

AGAIN_SECONDS = 15.0
"""Before the second look: after a machine stood still everybody was silent."""


class SignOfLife:
    """The file of this process."""

    def __init__(self, folder: Path, *, silent_for: float) -> None:
        """Begin with a sign; who is silent for longer than said counts as gone."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / str(os.getpid())
        self._file = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with suppress(OSError):  # on a full disk it works all the same, and nobody ends it for its silence
            os.write(self._file.fileno(), str(silent_for).encode())

    def give(self) -> None:
        os.utime(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)
        self._file.close()


@dataclass(frozen=True, slots=True)
class Sign:
    """What a living process last gave."""

    pid: int
    is_silent: bool


def find_signs(folder: Path) -> Iterator[Sign]:
    """Find the processes that live; files of others stay until their number is given again."""
    for path in folder.glob("[0-9]*"):
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                silent_for = float(file.read() or "inf")
                # A sign of the future is one of a clock that ran ahead: who lives gives another one soon.
                yield Sign(int(path.name), abs(time.time() - os.fstat(file.fileno()).st_mtime) > silent_for)


def look(folder: Path, *, again: float = AGAIN_SECONDS) -> str | None:
    """Say what is wrong with the processes of a folder, if anything; one that stays silent is killed."""
    if any(sign.is_silent for sign in find_signs(folder)):
        time.sleep(again)
    signs = [*find_signs(folder)]
    silent = [sign.pid for sign in signs if sign.is_silent]
    for pid in silent:
        os.kill(pid, signal.SIGKILL)
    if silent:
        return f"no sign of life, killed: {', '.join(map(str, silent))}"
    return None if signs else "no process is there"


if __name__ == "__main__":
    sys.exit(look(Path(sys.argv[1])))
