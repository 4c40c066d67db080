"""Files of backups: named by their moment, whole or not there at all, and forgotten when their time is over."""

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO
from uuid import UUID

from app.upkeep.archives import ArchiveWriter, Manifest, contents
from app.upkeep.dumping import dump
from app.upkeep.sealed_files import FileUnsound, SealedWriter, opened
from app.upkeep.watching import Watch

NAME = re.compile(r"shop-(\d{8}T\d{6}Z)-[0-9a-f]{8}\.backup")
MOMENT = "%Y%m%dT%H%M%SZ"
PARTIAL, CHECKSUM = ".partial", ".sha256"
PRIVATE = 0o600
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Vault:
    """Where backups are kept, for how long, and under which secret: several are the new one and those before it."""

    folder: Path
    days: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that lies in its folder."""

    path: Path
    bytes: int
    sha256: str
    manifest: Manifest


def name_of(run_id: UUID, at: datetime) -> str:
    return f"shop-{at:{MOMENT}}-{run_id.hex[-8:]}.backup"


def moment_of(path: Path) -> datetime | None:
    """Read from its name when a backup was made; None for a file that is none."""
    found = NAME.fullmatch(path.name)
    return datetime.strptime(found[1], MOMENT).replace(tzinfo=UTC) if found else None


def make_backup(dsn: str, vault: Vault, run_id: UUID, *, at: datetime, watch: Watch) -> Made:
    """Dump the database into a file of the vault; what fails or is stopped leaves nothing there."""
    path = vault.folder / name_of(run_id, at)
    vault.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole_or_nothing(path) as file:
        sealed = SealedWriter(file, vault.secret)
        archive = ArchiveWriter(sealed)
        manifest = dump(dsn, archive, taken_at=at.isoformat(), watch=watch)
        archive.close()
        # The good name appears last: whoever finds it finds its checksum, too. As `sha256sum --check` reads it.
        with whole_or_nothing(checksum_path(path)) as checksum:
            checksum.write(f"{sealed.sha256}  {path.name}\n".encode())
    return Made(path, sealed.bytes, sealed.sha256, manifest)


@contextmanager
def whole_or_nothing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that has its name only once everything is on the medium; locked until then, as long as we live."""
    draft = path.with_name(f".{path.name}{PARTIAL}")
    with open(draft, "wb", opener=lambda name, flags: os.open(name, flags, PRIVATE)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield file
            file.flush()
            os.fsync(file.fileno())
            draft.replace(path)
            _keep_names(path.parent)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def _keep_names(folder: Path) -> None:
    """Have the folder itself on the medium: without it a new name may be lost with the power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checksum_path(path: Path) -> Path:
    return path.with_name(path.name + CHECKSUM)


def clear_interrupted(folder: Path) -> list[datetime]:
    """Remove what processes that died left half written; tells when each of these backups was begun."""
    begun = []
    for draft in sorted(folder.glob(f".*{PARTIAL}")):
        with suppress(OSError), draft.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while its process lives
            draft.unlink()
            if at := moment_of(Path(draft.name.removeprefix(".").removesuffix(PARTIAL))):
                begun.append(at)
    return begun


def read_backup(path: Path, secret: str, watch: Watch) -> Manifest:
    """Read a backup whole: checksum, the seal of every chunk, the digest of every table; refuses what is unsound."""
    compare_checksum(path, watch)
    manifest = None
    with path.open("rb") as file:
        for content in contents(opened(file, secret)):
            watch.breathe()
            manifest = content if isinstance(content, Manifest) else None
    assert manifest is not None  # `contents` ends with it or refuses
    watch.tell(f"{path.name}: {len(manifest.tables)} tables, {manifest.rows} rows, as they were written")
    return manifest


def compare_checksum(path: Path, watch: Watch) -> str:
    """Compare a file with the checksum beside it, where there is one; the seal is checked in any case."""
    found = checksum_of(path, watch)
    beside = checksum_path(path)
    if not beside.exists():
        watch.tell(f"{path.name}: no {beside.name} beside it")
    elif beside.read_text(errors="replace").split()[:1] != [found]:
        raise FileUnsound(f"its SHA-256 is {found}, which is not what {beside.name} says")
    return found


def checksum_of(path: Path, watch: Watch) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            watch.breathe()
            digest.update(piece)
    return digest.hexdigest()


def rotate(vault: Vault, *, at: datetime, keep: Path, told: Callable[[Path], None]) -> None:
    """Remove backups older than their days; `keep`, the newest good one, stays however old it is."""
    for path in sorted(vault.folder.glob("shop-*.backup")):
        made = moment_of(path)
        if made is None or path == keep or made > at - timedelta(days=vault.days):
            continue
        path.unlink(missing_ok=True)
        told(path)
    for beside in vault.folder.glob(f"shop-*.backup{CHECKSUM}"):
        of = beside.with_name(beside.name.removesuffix(CHECKSUM))
        made = moment_of(of)
        # One of today may be another's, whose backup is about to have its name.
        if made and made < at - timedelta(days=1) and not of.exists():
            beside.unlink(missing_ok=True)
