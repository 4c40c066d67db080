"""Looks whether the rows are what the constraints say, and whether constraints and guards are in force at all."""

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from app.upkeep.integrity.findings import Check
from app.upkeep.integrity.reading import Reader

FOREIGN_KEYS = """
    SELECT con.conname, child.relname, con.conrelid::regclass::text, con.confrelid::regclass::text,
        (SELECT array_agg(quote_ident(a.attname) ORDER BY k.place)
         FROM unnest(con.conkey) WITH ORDINALITY AS k(n, place)
         JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.n),
        (SELECT array_agg(quote_ident(a.attname) ORDER BY k.place)
         FROM unnest(con.confkey) WITH ORDINALITY AS k(n, place)
         JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.n)
    FROM pg_constraint con JOIN pg_class child ON child.oid = con.conrelid
    WHERE con.contype = 'f' AND con.connamespace = 'public'::regnamespace ORDER BY 2, 1
"""
CHECKS = """
    SELECT con.conname, c.relname, con.conrelid::regclass::text, pg_get_expr(con.conbin, con.conrelid)
    FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid
    WHERE con.contype = 'c' AND con.connamespace = 'public'::regnamespace ORDER BY 2, 1
"""
UNIQUES = """
    SELECT c.relname, t.relname, i.indrelid::regclass::text, pg_get_expr(i.indpred, i.indrelid), i.indnullsnotdistinct,
        (SELECT array_agg(pg_get_indexdef(i.indexrelid, k, true) ORDER BY k)
         FROM generate_series(1, i.indnkeyatts) AS k)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE i.indisunique AND t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' ORDER BY 2, 1
"""
UNCHECKED = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE NOT convalidated AND connamespace = 'public'::regnamespace ORDER BY 1, 2
"""
SLEEPING = """
    SELECT c.relname, tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
    WHERE tgenabled NOT IN ('O', 'A') AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2
"""
# The rows themselves are asked, not the indexes that keep them unique.
BY_TABLE = {"enable_indexscan": "off", "enable_indexonlyscan": "off", "enable_bitmapscan": "off"}


@dataclass(frozen=True, slots=True)
class Question:
    """Counts the rows of a table that break one of its constraints."""

    table: str
    broken: str
    count: str


async def check_constraints(reader: Reader) -> Check:
    """Ask each foreign key, CHECK and unique key of the rows again, as if none had ever been enforced."""
    check = Check("constraints")
    questions = sorted(await _questions(reader), key=attrgetter("table"))
    for table, of_table in groupby(questions, key=attrgetter("table")):
        async with reader.reading(**BY_TABLE) as session:
            connection = await session.connection()
            for question in of_table:
                found: Any = await connection.exec_driver_sql(question.count.replace("%", "%%"))
                if broken := int(found.scalar_one()):
                    check.find(table, f"{broken} rows {question.broken}")
                check.examined += 1
    for table, name in await reader.rows(UNCHECKED):
        check.find(table, f"{name} was never checked against the rows that were there before it")
    reader.watch.tell(f"constraints: {check.examined}")
    return check


async def _questions(reader: Reader) -> list[Question]:
    questions = []
    for name, table, child, parent, columns, keys in await reader.rows(FOREIGN_KEYS):
        given = " AND ".join(f"child.{column} IS NOT NULL" for column in columns)
        same = " AND ".join(f"parent.{key} = child.{column}" for key, column in zip(keys, columns, strict=True))
        count = (
            f"SELECT count(*) FROM ONLY {child} AS child WHERE {given}"  # noqa: S608 - of the catalogue
            f" AND NOT EXISTS (SELECT FROM {parent} AS parent WHERE {same})"
        )
        questions.append(Question(table, f"of {name} have no row that they refer to", count))
    for name, table, of, rule in await reader.rows(CHECKS):
        count = f"SELECT count(*) FROM ONLY {of} WHERE NOT ({rule})"  # noqa: S608 - of the catalogue
        questions.append(Question(table, f"break {name}", count))
    for name, table, of, predicate, nulls_alike, keys in await reader.rows(UNIQUES):
        conditions = [predicate] if predicate else []
        conditions += [] if nulls_alike else [f"({key}) IS NOT NULL" for key in keys]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        count = (
            f"SELECT coalesce(sum(count), 0) FROM (SELECT count(*) FROM ONLY {of} {where}"  # noqa: S608 - of the catalogue
            f" GROUP BY {', '.join(keys)} HAVING count(*) > 1) AS alike"
        )
        questions.append(Question(table, f"share a key with another, in spite of {name}", count))
    return questions


async def check_guards(reader: Reader) -> Check:
    """Look whether every trigger is awake: those that keep records from being changed, and that link the audit log."""
    check = Check("guards")
    [[check.examined]] = await reader.rows(
        "SELECT count(*) FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
        " WHERE NOT tgisinternal AND c.relnamespace = 'public'::regnamespace"
    )
    for table, name in await reader.rows(SLEEPING):
        check.find(table, f"trigger {name} is switched off")
    reader.watch.tell(f"guards: {check.examined}")
    return check
