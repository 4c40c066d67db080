"""Which versions run here, whether they are the locked ones, and what changed since the last report (S42)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from platform import python_version
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import uuid7
from app.upkeep import queries
from app.upkeep.models import DependencyReport

LINE = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)")


@dataclass(frozen=True, slots=True)
class Lock:
    """The versions that were tested together; none when the file is not beside the program."""

    versions: Mapping[str, str]
    sha256: str | None = None

    @classmethod
    def read(cls, file: Path) -> "Lock":
        try:
            written = file.read_bytes()
        except FileNotFoundError:
            return cls({})
        lines = (LINE.match(line) for line in written.decode().splitlines())
        return cls({_one_name(line[1]): line[2] for line in lines if line}, sha256(written).hexdigest())


def _one_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, str]:
    """List every distribution that this program could import; the shop itself among them."""
    found = {_one_name(each.metadata["Name"]): each.version for each in metadata.distributions()}
    return dict(sorted(found.items()))


async def report_dependencies(session: AsyncSession, lock: Lock, *, at: datetime) -> DependencyReport:
    """Put down what runs now, and how it differs from the lock and from the last report."""
    server = str(await session.scalar(text("SELECT current_setting('server_version')")))
    last = await queries.find_last_dependencies(session, at=at)
    packages, python = installed(), python_version()
    now = {"python": python, "postgresql": server, **packages}
    before = {"python": last.python, "postgresql": last.postgresql, **last.packages} if last else None
    changes = [*_changes(before, now)] if before is not None else []
    same = last is not None and not changes and last.lock_sha256 == lock.sha256
    report = DependencyReport(
        id=uuid7(),
        made_at=at,
        python=python,
        postgresql=server,
        packages=packages,
        drift=[*_drift(lock, packages)],
        changes=changes,
        lock_sha256=lock.sha256,
        lock_changed_at=last.lock_changed_at if same and last else at,
    )
    session.add(report)
    return report


def _drift(lock: Lock, packages: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Name what is installed in another version than the lock has, or that the lock does not know."""
    if lock.sha256 is None:
        return
    for name, version in packages.items():
        locked = lock.versions.get(name)
        if locked != version and name not in UNLOCKED:
            yield {"package": name, "installed": version, "locked": locked}


UNLOCKED = frozenset({"ionickiss-shop", "pip", "setuptools", "wheel"})
"""The shop itself, and what installs it."""


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            yield {"package": name, "before": before.get(name), "now": now.get(name)}
