"""Writes the whole database, as one snapshot saw it, into an archive; reads a table's digest in the same way.

COPY, not pg_dump: nothing has to be installed beside the shop in the version of the server, and the schema is that of
the migrations anyway. What else somebody keeps in the schema `public` is taken along, too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from app.upkeep.archives import FORMAT, ArchiveWriter, Head, Kind, Manifest, Sequence, Table, Tally
from app.upkeep.watching import Watch

Connection = psycopg.Connection[tuple[Any, ...]]

# COPY's text form depends on these; nobody waits for us for long, and no statement of ours is cut off for its length.
AS_WRITTEN = (
    "-c DateStyle=ISO -c IntervalStyle=postgres -c TimeZone=UTC -c extra_float_digits=1 -c bytea_output=hex"
    " -c client_encoding=UTF8 -c statement_timeout=0 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=0"
)
PIECE = 1 << 18

TABLES: LiteralString = """
    SELECT c.relname, c.oid FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY c.relname
"""
COLUMNS: LiteralString = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
KEY: LiteralString = """
    SELECT a.attname, a.attcollation <> 0 FROM pg_index i
    CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indrelid = %s AND i.indisprimary ORDER BY k.place
"""
SEQUENCES: LiteralString = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' ORDER BY relname"
)
ABOUT: LiteralString = "SELECT version_num, current_setting('server_version') FROM alembic_version"


@contextmanager
def connected(dsn: str, **options: Any) -> Iterator[Connection]:
    """Connect with what COPY's text form needs; the transaction is kept at the end, unless something is raised."""
    with psycopg.connect(dsn, options=AS_WRITTEN, **options) as connection:
        yield connection


def dump(dsn: str, archive: ArchiveWriter, *, taken_at: str, watch: Watch) -> Manifest:
    """Write everything as of one moment; writers go on meanwhile."""
    with connected(dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        about = connection.execute(ABOUT).fetchone()  # the first statement: the snapshot is taken here
        assert about is not None
        head = Head(FORMAT, about[0], taken_at, about[1])
        archive.say(Kind.HEAD, head)
        tables = [_table(connection, name, oid, archive, watch) for name, oid in connection.execute(TABLES).fetchall()]
        # Sequences know no snapshots: read last they have given out every number that the tables hold.
        sequences = [_sequence(connection, name) for (name,) in connection.execute(SEQUENCES).fetchall()]
        manifest = Manifest(head, tables, sequences)
        archive.say(Kind.MANIFEST, manifest)
        return manifest


def _table(connection: Connection, name: str, oid: int, archive: ArchiveWriter, watch: Watch) -> Table:
    columns = columns_of(connection, oid)
    archive.say(Kind.TABLE, Table(name, columns))
    tally = Tally()
    for piece in rows_of(connection, name, oid, watch):
        tally.add(piece)
        archive.part(Kind.ROWS, piece)
    watch.tell(f"{name}: {tally.rows} rows")
    return tally.of(name, columns)


def columns_of(connection: Connection, oid: int) -> list[str]:
    return [name for (name,) in connection.execute(COLUMNS, [oid]).fetchall()]


def rows_of(connection: Connection, name: str, oid: int, watch: Watch) -> Iterator[bytes]:
    """Give a table's rows, those of the same key in the same order whatever the database's language sorts by."""
    columns = columns_of(connection, oid)
    key: list[sql.Composable] = [
        sql.SQL('{} COLLATE "C"' if collated else "{}").format(sql.Identifier(column))
        for column, collated in connection.execute(KEY, [oid]).fetchall()
    ]
    statement = sql.SQL("COPY (SELECT {columns} FROM {table} AS t ORDER BY {key}) TO STDOUT").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        table=sql.Identifier("public", name),
        key=sql.SQL(", ").join(key or [sql.SQL('t::text COLLATE "C"')]),
    )
    watch.breathe()
    waiting = bytearray()
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in copy:
            waiting += row
            if len(waiting) >= PIECE:
                watch.breathe()
                yield bytes(waiting)
                waiting.clear()
    if waiting:
        yield bytes(waiting)


def digest_of(connection: Connection, name: str, oid: int, watch: Watch) -> Table:
    """Read a table as `dump` does, and tell what it holds."""
    tally = Tally()
    for piece in rows_of(connection, name, oid, watch):
        tally.add(piece)
    return tally.of(name, columns_of(connection, oid))


def _sequence(connection: Connection, name: str) -> Sequence:
    found = connection.execute(
        sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier("public", name))
    ).fetchone()
    assert found is not None
    return Sequence(name, *found)
