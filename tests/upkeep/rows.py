"""What a test compares of a database, and the upkeep of a test's shop."""

import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from app.upkeep.backing_up import Backups
from app.upkeep.dumping import SEQUENCES, TABLES, connected, digest_of
from app.upkeep.erasures import FILE
from app.upkeep.keeping import Vault
from app.upkeep.watching import Watch
from app.wiring import upkeep as wiring
from tests.shop import Shop

RECORDS = {"backup_runs", "backup_events"}
"""Written after the snapshot was taken: they tell of it."""


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def digests(url: str) -> dict[str, Any]:
    """Read every table whole: rows and SHA-256, by name; and every sequence."""
    with connected(plain(url)) as connection:
        tables: dict[str, Any] = {
            name: digest_of(connection, name, oid, Watch()) for name, oid in connection.execute(TABLES).fetchall()
        }
        for (name,) in connection.execute(SEQUENCES).fetchall():
            asked = sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name))
            tables[name] = connection.execute(asked).fetchone()
    return tables


def ask(url: str, statement: Any, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(plain(url), autocommit=True) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def backups(shop: Shop) -> Backups:
    return wiring.backups(shop.settings, shop.sessions, shop.clock)


def vault(shop: Shop) -> Vault:
    return wiring.vault(shop.settings)


def files(folder: Path) -> list[str]:
    """List the files of backups; the list of the erased lies beside them."""
    return sorted(path.name for path in folder.iterdir() if path.name != FILE) if folder.exists() else []


async def backup_path(shop: Shop) -> Path:
    """Make a backup; gives its file."""
    run = await backups(shop).take(Watch())
    assert run.file
    return vault(shop).folder / run.file


def run(*command: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)
