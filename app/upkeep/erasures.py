"""The list of who was erased, kept beside the backups: a restored database must not bring anybody back (S68).

It is sealed as a backup is, the addresses in it under the shop's other secret once more, and it forgets an erasure once
no backup of before it is left.
"""

import json
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from app.core.db import Sessions
from app.privacy.erasing import ListedErasure, list_erasures_since
from app.upkeep.keeping import Vault, whole_or_nothing
from app.upkeep.sealed_files import FileUnsound, SealedWriter, opened

log = structlog.get_logger()

FILE = "erasures.list"
MARGIN = timedelta(hours=1)
"""An erasure may have been under way when the snapshot was taken; done once more it does nothing."""


def list_path(folder: Path) -> Path:
    return folder / FILE


def read_list(path: Path, secret: str) -> list[ListedErasure]:
    with path.open("rb") as file:
        return [_read(said) for said in json.loads(b"".join(opened(file, secret)))]


async def keep_list(sessions: Sessions, vault: Vault, *, at: datetime) -> None:
    """Write the list anew when it grew or may shrink; who stands in it stays, though the database were an older one."""
    since = at - timedelta(days=vault.days) - MARGIN
    async with sessions() as session:
        known = await list_erasures_since(session, since)
    there = {each.id: each for each in _there(vault)}
    wanted = {each.id: each for each in (*there.values(), *known) if each.erased_at >= since}
    if there.keys() == wanted.keys() and list_path(vault.folder).exists():
        return
    vault.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole_or_nothing(list_path(vault.folder)) as file:
        sealed = SealedWriter(file, vault.secret)
        sealed.write(json.dumps([_written(each) for each in wanted.values()]).encode())
        sealed.close()


def _there(vault: Vault) -> list[ListedErasure]:
    """Read the list as it lies there; one that does not open is put aside, not written over."""
    path = list_path(vault.folder)
    try:
        return read_list(path, vault.secret)
    except FileNotFoundError:
        return []
    except FileUnsound as problem:
        log.exception("erasure_list_unsound", fault=str(problem))
        path.replace(path.with_name(f"{FILE}.unsound"))
        return []


def _written(each: ListedErasure) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "erased_at": each.erased_at.isoformat(),
        "account_id": str(each.account_id) if each.account_id else None,
        "order_ids": [str(order_id) for order_id in each.order_ids],
        "sealed": b64encode(each.sealed).decode(),
    }


def _read(said: dict[str, Any]) -> ListedErasure:
    return ListedErasure(
        id=UUID(said["id"]),
        erased_at=datetime.fromisoformat(said["erased_at"]),
        account_id=UUID(said["account_id"]) if said["account_id"] else None,
        order_ids=[UUID(order_id) for order_id in said["order_ids"]],
        sealed=b64decode(said["sealed"]),
    )


def beside(backup: Path, vault: Path) -> Path | None:
    """Find the list: beside the backup, or where the shop keeps its own."""
    return next((path for folder in (backup.parent, vault) if (path := list_path(folder)).is_file()), None)
