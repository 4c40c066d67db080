"""Reads every page of every table, of what is stored aside of it, and of its indexes.

A page whose checksum differs is refused by PostgreSQL, which names the block; the scan then goes on behind it. Each
index is walked from end to end and must find as many rows as its table has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.upkeep.integrity.findings import Check
from app.upkeep.integrity.reading import Damage, Reader, adjust, damage_of

TABLES = """
    SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""
FILES = """
    SELECT pg_relation_filepath(c.oid), coalesce(owner.relname, indexed.relname, c.relname), c.relname, c.relkind::text
    FROM pg_class c
    LEFT JOIN pg_index i ON i.indexrelid = c.oid
    LEFT JOIN pg_class owner ON owner.reltoastrelid IN (c.oid, i.indrelid)
    LEFT JOIN pg_class indexed ON indexed.oid = i.indrelid
    WHERE c.relkind IN ('r', 't', 'i', 'm')
"""
INDEXES = """
    SELECT c.relname, t.relname, am.amname, i.indisvalid, pg_get_expr(i.indpred, i.indrelid),
        (SELECT array_agg(pg_get_indexdef(i.indexrelid, k, true)
            || CASE WHEN i.indoption[k - 1] & 1 = 1 THEN ' DESC' ELSE '' END
            || CASE WHEN i.indoption[k - 1] & 2 = 2 THEN ' NULLS FIRST' ELSE ' NULLS LAST' END ORDER BY k)
         FROM generate_series(1, i.indnkeyatts) AS k),
        (SELECT array_agg(pg_get_indexdef(i.indexrelid, k, true) ORDER BY k)
         FROM generate_series(1, i.indnkeyatts) AS k)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_am am ON am.oid = c.relam
    WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' ORDER BY t.relname, c.relname
"""
FAILURES = "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"
BY_TABLE = {"enable_indexscan": "off", "enable_indexonlyscan": "off", "enable_bitmapscan": "off"}
BY_INDEX = {"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_sort": "off", "enable_incremental_sort": "off"}
SERIAL = {"max_parallel_workers_per_gather": "0"}
MOST_BLOCKS = 20
"""Damaged blocks of one table that are named one by one."""


async def read_pages(reader: Reader) -> Check:
    """Read every table whole, the values stored aside of it too."""
    check = Check("pages")
    [[checksums]] = await reader.rows("SHOW data_checksums")
    if checksums != "on":
        check.cannot("this server keeps no data checksums: a page is read, but only a broken form is noticed")
    [[before]] = await reader.rows(FAILURES)
    files = {path: (table, name) for path, table, name, _ in await reader.rows(FILES)}
    for oid, table in await reader.rows(TABLES):
        await _read_table(reader, check, table, int(oid), files)
        reader.watch.tell(f"pages: {table}")
    [[after]] = await reader.rows(FAILURES)
    if after > before and not check.findings:
        check.find("pg_stat_database", f"{after - before} pages failed their checksum while others read")
    check.remarks.append("pages that the server has in its memory are not read from the medium again")
    return check


async def _read_table(reader: Reader, check: Check, table: str, oid: int, files: dict[str, tuple[str, str]]) -> None:
    """Read a table to its end, from behind each block that cannot be read."""
    statement = (
        f'SELECT count(*), sum(octet_length(t::text)) FROM ONLY public."{table}" AS t'  # noqa: S608 - a name of the catalogue
        " WHERE ctid >= CAST(:start AS tid)"
    )
    start = 0
    for _ in range(MOST_BLOCKS):
        try:
            async with reader.reading(**SERIAL, **BY_TABLE) as session:
                found = await session.execute(text(statement), {"start": f"({start},0)"})
                check.examined += int(found.one()[0])
        except DBAPIError as problem:
            damage = damage_of(problem)
            if damage is None:
                raise
            own = await _name(reader, check, table, oid, damage, files)
            if not own or damage.block is None:
                return
            start = damage.block + 1
        else:
            return
    check.remarks.append(f"{table}: more blocks may be damaged than the {MOST_BLOCKS} that are named")


async def _name(
    reader: Reader, check: Check, table: str, oid: int, damage: Damage, files: dict[str, tuple[str, str]]
) -> bool:
    """Put down what is damaged; says whether it is the table itself, which can be read on behind the block."""
    [[path]] = await reader.rows("SELECT pg_relation_filepath(CAST(:oid AS oid))", oid=oid)
    named, relation = files.get(damage.path or "", (table, table))
    aside = "" if relation == named else f" (in {relation})"
    check.find(named, f"{damage}{aside}", damage.block)
    return bool(damage.path == path)


@dataclass(frozen=True, slots=True)
class Index:
    """A B-tree as the catalogue has it."""

    name: str
    table: str
    predicate: str | None
    order: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def through(self) -> str:
        """A count for which the index is walked."""
        return (
            f"SELECT count(*) FROM (SELECT {', '.join(self.keys)} FROM {self.rows}"  # noqa: S608 - of the catalogue
            f" ORDER BY {', '.join(self.order)} OFFSET 0) AS walked"
        )

    @property
    def whole(self) -> str:
        """A count of what it is to have an entry for."""
        return f"SELECT count(*) FROM {self.rows}"  # noqa: S608 - of the catalogue

    @property
    def rows(self) -> str:
        return f'ONLY public."{self.table}"{f" WHERE {self.predicate}" if self.predicate else ""}'


async def walk_indexes(reader: Reader) -> Check:
    """Walk every B-tree from end to end, and compare what it finds with its table."""
    check = Check("indexes")
    trees = []
    for name, table, method, valid, predicate, order, keys in await reader.rows(INDEXES):
        if not valid:
            check.find(table, f"index {name} is marked invalid")
        if method == "btree":
            trees.append(Index(name, table, predicate, tuple(order), tuple(keys)))
        else:
            check.remarks.append(f"{name} is a {method} index: not walked")
    for _, of_table in groupby(trees, key=attrgetter("table")):
        left = list(of_table)
        while damaged := await _walk(reader, check, left):
            left.remove(damaged)
    reader.watch.tell(f"indexes: {check.examined} walked")
    return check


async def _walk(reader: Reader, check: Check, indexes: Sequence[Index]) -> Index | None:
    """Walk the indexes of a table; returns one that cannot be read: the others are then to be walked again."""
    entries: dict[Index, int | None] = {}
    of_table: dict[str, int] = {}
    index: Index | None = None
    try:
        async with reader.reading(**SERIAL, **BY_INDEX) as session:
            for index in indexes:
                plan = (await session.execute(text("EXPLAIN (FORMAT JSON) " + _plain(index.through)))).scalar_one()
                used = index.name in _indexes_of(plan)
                entries[index] = await session.scalar(text(_plain(index.through))) if used else None
            await adjust(session, {**dict.fromkeys(BY_INDEX, "on"), **BY_TABLE})
            for index in indexes:
                if index.whole not in of_table:
                    of_table[index.whole] = await session.scalar(text(_plain(index.whole)))
    except DBAPIError as problem:
        if index is None or (damage := damage_of(problem)) is None:
            raise
        check.find(index.table, f"index {index.name}: {damage}", damage.block)
        return index
    for index, found in entries.items():
        if found is None:
            check.remarks.append(f"{index.name}: another index answered for it")
            continue
        check.examined += 1
        if found != of_table[index.whole]:
            check.find(index.table, f"index {index.name} finds {found} rows of {of_table[index.whole]}")
    return None


def _plain(statement: str) -> str:
    """Keep SQLAlchemy from taking the colon of a cast in an index's expression for a parameter."""
    return statement.replace(":", "\\:")


def _indexes_of(plan: Any) -> set[str]:
    if isinstance(plan, list):
        return set().union(*map(_indexes_of, plan))
    if not isinstance(plan, dict):
        return set()
    below = set().union(*map(_indexes_of, plan.values()))
    return below | {plan["Index Name"]} if "Index Name" in plan else below


async def ask_amcheck(reader: Reader) -> Check:
    """Have PostgreSQL's own amcheck look at tables and indexes, where the server has it and this role may."""
    check = Check("amcheck")
    functions = await _amcheck_functions(reader)
    if not functions:
        [[installable]] = await reader.rows("SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'")
        check.cannot(
            "amcheck is there but not for this role: CREATE EXTENSION amcheck; GRANT EXECUTE ON its functions"
            if installable
            else "this server has no amcheck"
        )
        return check
    if verify := functions.get("verify_heapam"):
        for oid, table in await reader.rows(TABLES):
            for block, what in await reader.rows(f"SELECT blkno, msg FROM {verify}(CAST(:oid AS regclass))", oid=oid):  # noqa: S608 - of the catalogue
                check.find(table, _sentence(what), block)
            check.examined += 1
    if look := functions.get("bt_index_check"):
        await _check_trees(reader, check, look)
    return check


async def _check_trees(reader: Reader, check: Check, look: str) -> None:
    trees = """
        SELECT i.indexrelid, c.relname, t.relname FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid JOIN pg_am am ON am.oid = c.relam
        WHERE t.relnamespace = 'public'::regnamespace AND am.amname = 'btree' AND i.indisvalid
    """
    for oid, index, table in await reader.rows(trees):
        try:
            await reader.rows(f"SELECT {look}(CAST(:oid AS regclass), true)", oid=oid)
        except DBAPIError as problem:
            if (damage := damage_of(problem)) is None:
                raise
            check.find(table, f"index {index}: amcheck finds it damaged (SQLSTATE {damage.code})", damage.block)
        check.examined += 1


async def _amcheck_functions(reader: Reader) -> dict[str, str]:
    found = await reader.rows(
        "SELECT DISTINCT ON (proname) proname, pronamespace::regnamespace || '.' || proname FROM pg_proc"
        " WHERE proname IN ('bt_index_check', 'verify_heapam') AND has_function_privilege(oid, 'EXECUTE')"
        " ORDER BY proname"
    )
    return {str(name): str(called) for name, called in found}


def _sentence(what: str) -> str:
    """Keep amcheck's sentence: it speaks of offsets and transactions, never of values."""
    return what.partition("\n")[0][:200]
