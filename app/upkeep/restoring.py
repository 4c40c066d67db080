"""Puts a backup into an empty database: all of it, the same rows, or nothing at all.

The backup is read whole before anything is written. Then, in one transaction: the schema by the migrations it was made
under, the rows with the triggers off (an audit entry keeps the hash it has), every foreign key anew, and each table
read again and compared with the manifest. Only then is it kept, and the migrations that are newer follow.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from alembic import command
from psycopg import sql
from sqlalchemy import create_engine, make_url, pool

from app.core.migrating import migrations
from app.core.schema import is_known
from app.upkeep.archives import Manifest, Rows, Table, contents
from app.upkeep.dumping import AS_WRITTEN, SEQUENCES, TABLES, Connection, columns_of, digest_of
from app.upkeep.keeping import read_backup
from app.upkeep.sealed_files import FileUnsound, opened
from app.upkeep.watching import Watch

FOREIGN_KEYS: LiteralString = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 2
"""
TRIGGERS: LiteralString = """
    SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2
"""
ANYTHING: LiteralString = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
"""


class RestoreRefused(Exception):
    """Nothing was written; the text says why, and what to do."""


def restore(url: str, path: Path, secret: str, watch: Watch) -> Manifest:
    """Restore a backup into an empty database, up to the newest schema."""
    manifest = load(url, path, secret, watch)
    command.upgrade(migrations(url), "head")
    watch.tell("schema: the newest")
    return manifest


def load(url: str, path: Path, secret: str, watch: Watch) -> Manifest:
    """Restore a backup into an empty database, at the schema it was made under."""
    try:
        expected = read_backup(path, secret, watch)
    except FileUnsound as fault:
        raise RestoreRefused(f"{path.name} is not restored: {fault}") from None
    if not is_known(expected.head.revision):
        raise RestoreRefused(
            f"{path.name} has the schema {expected.head.revision}, which this release does not know: use the release"
            " that made it, or a newer one"
        )
    engine = create_engine(url, poolclass=pool.NullPool, connect_args={"options": AS_WRITTEN}, hide_parameters=True)
    with engine.begin() as connection:
        raw: Connection = connection.connection.driver_connection  # type: ignore[assignment] # psycopg's, as our URLs say
        _require_empty(raw)
        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, expected.head.revision)
        watch.tell(f"schema: {expected.head.revision}")
        _fill(raw, path, secret, expected, watch)
        _compare(raw, expected, watch)
    return expected


def _require_empty(connection: Connection) -> None:
    found = connection.execute(ANYTHING).fetchone()
    if found != (0,):
        raise RestoreRefused(
            f"the database {connection.info.dbname} is not empty: a backup is restored into a new one, never over"
            " what is there"
        )


def _fill(connection: Connection, path: Path, secret: str, expected: Manifest, watch: Watch) -> None:
    tables: dict[str, int] = dict(connection.execute(TABLES).fetchall())
    _require_same_tables(connection, tables, expected)
    keys = connection.execute(FOREIGN_KEYS).fetchall()
    triggers = connection.execute(TRIGGERS).fetchall()
    for table, name, _ in keys:
        _run(connection, "ALTER TABLE {} DROP CONSTRAINT {}", sql.SQL(table), sql.Identifier(name))
    for table in tables:
        _run(connection, "ALTER TABLE {} DISABLE TRIGGER USER", sql.Identifier(table))
    # What the migrations themselves enter, such as the first texts, is in the backup, too.
    _run(connection, "TRUNCATE {}", sql.SQL(", ").join([sql.Identifier(table) for table in tables]))
    for table, rows in _tables(path, secret):
        _copy(connection, table, rows, watch)
    for table in tables:
        _run(connection, "ALTER TABLE {} ENABLE TRIGGER USER", sql.Identifier(table))
    for table, name, rule in keys:
        _run(connection, "ALTER TABLE {} ADD CONSTRAINT {} {}", sql.SQL(table), sql.Identifier(name), sql.SQL(rule))
    for sequence in expected.sequences:
        connection.execute(
            "SELECT setval(%s::regclass, %s, %s)", [f'public."{sequence.name}"', sequence.last, sequence.called]
        )
    if triggers != connection.execute(TRIGGERS).fetchall() or keys != connection.execute(FOREIGN_KEYS).fetchall():
        raise RestoreRefused("the schema is not what it was before the rows came")


def _run(connection: Connection, statement: LiteralString, *parts: sql.Composable) -> None:
    connection.execute(sql.SQL(statement).format(*parts))


def _require_same_tables(connection: Connection, tables: dict[str, int], expected: Manifest) -> None:
    there = {name: {*columns_of(connection, oid)} for name, oid in tables.items()}
    held = {table.name: {*table.columns} for table in expected.tables}
    numbers = {name for (name,) in connection.execute(SEQUENCES).fetchall()}
    odd = [name for name in sorted({*there, *held}) if there.get(name) != held.get(name)]
    odd += sorted({sequence.name for sequence in expected.sequences} - numbers)
    if odd:
        raise RestoreRefused(
            f"the migrations up to {expected.head.revision} and the backup differ in: {', '.join(odd)}"
        )


def _tables(path: Path, secret: str) -> Iterator[tuple[Table, Iterator[bytes]]]:
    """Give each table with its rows; they are to be read before the next table is asked for."""
    with path.open("rb") as file:
        stream = contents(opened(file, secret))
        waiting: list[Any] = [next(stream)]

        def rows(table: Table) -> Iterator[bytes]:
            for content in stream:
                if not (isinstance(content, Rows) and content.table is table):
                    waiting.append(content)
                    return
                yield content.content

        while waiting:
            content = waiting.pop()
            if isinstance(content, Table):
                yield content, rows(content)
            elif not isinstance(content, Manifest):
                waiting.append(next(stream))


def _copy(connection: Connection, table: Table, rows: Iterator[bytes], watch: Watch) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("public", table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for content in rows:
                watch.breathe()
                copy.write(content)
        watch.tell(f"{table.name}: {cursor.rowcount} rows")


def _compare(connection: Connection, expected: Manifest, watch: Watch) -> None:
    oids: dict[str, int] = dict(connection.execute(TABLES).fetchall())
    for table in expected.tables:
        if digest_of(connection, table.name, oids[table.name], watch) != table:
            raise RestoreRefused(f"table {table.name} is not what it was: nothing is kept")
    watch.tell(f"{len(expected.tables)} tables, {expected.rows} rows: each as it was")


def create_database(url: str, name: str) -> str:
    """Create an empty database beside another one; returns its address. Its role needs CREATEDB."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        # template0: nobody is connected to it, which the other template suffers from.
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop_database(url: str, name: str) -> None:
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def idle_databases(url: str, prefix: str) -> list[str]:
    """List our role's own databases of this prefix that nobody is connected to."""
    with psycopg.connect(_plain(url)) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database d WHERE starts_with(datname, %s) AND datdba = current_user::regrole"
            " AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)",
            [prefix],
        ).fetchall()
        return [name for (name,) in found]
