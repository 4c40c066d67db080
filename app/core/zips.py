"""A ZIP that is sent while it is written."""

from datetime import datetime
from typing import Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

from app.core.clock import SOFIA

ZIP = "application/zip"


class Taker(Protocol):
    """Takes bytes, one after the other: a file, or an answer under way."""

    def write(self, content: bytes, /) -> int: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


class Outlet:
    """Holds what a ZIP has written until it is taken away; nobody goes back in it."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, content: bytes) -> int:
        self._written += content
        return len(content)

    def flush(self) -> None:
        """Do nothing: what is written waits for `take`."""

    def close(self) -> None:
        """Do nothing: as above."""

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def named(name: str, at: datetime, *, packed: bool = True) -> ZipInfo:
    """Name a file in a ZIP, dated as in Bulgaria; what is packed already is stored as it is."""
    entry = ZipInfo(name, at.astimezone(SOFIA).timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
    entry.external_attr = 0o600 << 16  # personal data: for its owner alone, once unpacked
    return entry
