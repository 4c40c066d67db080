"""Which schema this release needs, and whether the database has it."""

from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

import app

MIGRATIONS = Path(app.__file__).parent.parent / "migrations"


class SchemaOutdated(Exception):
    """The database lacks migrations of this release: run `shop migrate` first."""


def is_known(revision: str) -> bool:
    """Say whether this release has the migrations up to there."""
    return revision in _known()


@cache
def _known() -> tuple[str, ...]:
    """List our migrations, newest first, by the names of their files: Alembic takes ten megabytes of each process."""
    files = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"), reverse=True)
    return tuple(file.stem.partition("_")[0] for file in files)


def is_behind(found: str | None) -> bool:
    """Say whether migrations are missing.

    A revision that is not ours is a newer release's: each works beside the release before it, so that processes can be
    changed one after another.
    """
    newest, *older = _known()
    return found is None or (found != newest and found in older)


async def find_revision(database: AsyncSession | AsyncConnection) -> str | None:
    """Read how far the database was migrated; None when it never was, or for another role than ours alone."""
    present = await database.scalar(text("SELECT has_table_privilege(to_regclass('alembic_version'), 'SELECT')"))
    found = await database.scalar(text("SELECT version_num FROM alembic_version")) if present else None
    return str(found) if found else None


async def require_schema(engine: AsyncEngine) -> None:
    """Refuse to start on a database that lacks what this release was written for."""
    async with engine.connect() as connection:
        found = await find_revision(connection)
    if is_behind(found):
        raise SchemaOutdated(f"the database is at {found}, this release needs {_known()[0]}: run shop migrate")
