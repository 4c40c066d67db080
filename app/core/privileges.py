"""Two roles: the owner of the tables, who migrates and restores, and the lesser role that the shop is at work with.

The lesser role reads and writes what the shop reads and writes. It can alter and drop nothing, put no guard of a table
of record to sleep, rewrite nothing that is in it, and delete of it only what retention lets go of, by the named way.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString, Self

import psycopg
from psycopg import errors, sql
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

Connection = psycopg.Connection[tuple[Any, ...]]

ATTRIBUTES: LiteralString = "LOGIN CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
"""CREATEDB is for the trial restore: a role that makes a database owns that one and no other."""

ROLE: LiteralString = """
    SELECT rolsuper, concat_ws(
        ' ', CASE WHEN NOT rolcanlogin THEN 'LOGIN' END, CASE WHEN NOT rolcreatedb THEN 'CREATEDB' END,
        CASE WHEN rolcreaterole THEN 'NOCREATEROLE' END, CASE WHEN rolreplication THEN 'NOREPLICATION' END,
        CASE WHEN rolbypassrls THEN 'NOBYPASSRLS' END
    ), (SELECT string_agg(roleid::regrole::text, ', ') FROM pg_auth_members WHERE member = pg_roles.oid)
    FROM pg_roles WHERE rolname = %s
"""
"""What it lacks of `ATTRIBUTES`: to name the others, even as they are, is a superuser's."""
# From version 16 on, who may make roles may change those alone that it has made or was given.
MAY_CHANGE: LiteralString = """
    SELECT rolsuper OR rolcreaterole AND (
        current_setting('server_version_num')::int < 160000 OR pg_has_role(current_user, %s, 'MEMBER WITH ADMIN OPTION')
    ) FROM pg_roles WHERE rolname = current_user
"""
MAY_TAKE_OVER: LiteralString = """
    SELECT rolsuper OR pg_has_role(current_user, %(role)s, 'MEMBER WITH ADMIN OPTION')
        OR rolcreaterole AND current_setting('server_version_num')::int < 160000
    FROM pg_roles WHERE rolname = current_user
"""
OWNS: LiteralString = """
    SELECT EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relnamespace = 'public'::regnamespace)
        OR EXISTS (SELECT FROM pg_proc WHERE proowner = pg_roles.oid AND pronamespace = 'public'::regnamespace)
        OR EXISTS (SELECT FROM pg_database WHERE datdba = pg_roles.oid AND datname = current_database())
    FROM pg_roles WHERE rolname = %(role)s
"""
# A guard without a condition refuses every DELETE (8), or every UPDATE (16), that does not come by the named way. By it
# pass the columns that the guard names, to be emptied. The key is for locks: no guard lets it change.
TABLES: LiteralString = r"""
    SELECT relname, coalesce(bool_or(tgtype & 8 <> 0), false), coalesce(bool_or(tgtype & 16 <> 0), false), ARRAY(
        SELECT attname::text FROM pg_attribute WHERE attrelid = pg_class.oid AND attnum > 0 AND (
            EXISTS (SELECT FROM pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey))
            OR EXISTS (
                SELECT FROM pg_trigger WHERE tgrelid = attrelid
                AND attname::text = ANY (string_to_array(encode(tgargs, 'escape'), '\000'))
            )
        ) ORDER BY attnum
    )
    FROM pg_class LEFT JOIN (
        SELECT tgrelid, tgtype FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE tgtype & 1 <> 0 AND (
            proname = 'refuse_change_of_record' OR (proname = 'refuse_loss' AND tgqual IS NULL)
        )
    ) AS guards ON tgrelid = pg_class.oid
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY pg_class.oid, relname ORDER BY relname
"""
AMCHECK: LiteralString = """
    SELECT pg_proc.oid::regprocedure::text FROM pg_proc JOIN pg_depend ON objid = pg_proc.oid AND deptype = 'e'
    JOIN pg_extension ON pg_extension.oid = refobjid WHERE extname = 'amcheck'
"""
OWNS_DATABASE: LiteralString = """
    SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database WHERE datname = current_database()
"""
TO_READ = frozenset({"alembic_version", "audit_head", "catalog_version"})
"""What migrations and triggers of the owner's write."""
IS_MASTER = """
    SELECT rolsuper OR rolcreaterole OR EXISTS (
        SELECT FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND pg_has_role(current_user, relowner, 'MEMBER')
    ) FROM pg_roles WHERE rolname = current_user
"""


class RoleUnfit(Exception):
    """The database's roles are not what they must be; the text says which, and what to do."""


@dataclass(frozen=True, slots=True)
class LesserRole:
    """Who the shop is at work as, by the address that it is given."""

    name: str
    password: str | None = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        parts = make_url(url)
        if not parts.username:
            raise RoleUnfit("SHOP_DATABASE_URL names no role")
        return cls(parts.username, parts.password)


def settle(owner_url: str, role: LesserRole, let_go: Collection[str]) -> None:
    """Make the role, or bring it down to what it may do, in the database that the owner's address names.

    `let_go` names the tables of record of which retention may let go. Done again it does nothing.
    """
    with _as_owner(owner_url, role) as connection:
        _require_fit(connection, role)
        _take_over(connection, role)
        _make(connection, role)
        _grant(connection, role, let_go)
    with _as_owner(owner_url, role) as connection:
        _lend_amcheck(connection, role)


def make_role(owner_url: str, role: LesserRole) -> None:
    """Make the role where it is missing: to be known to work before anything large is begun."""
    with _as_owner(owner_url, role) as connection:
        _require_fit(connection, role)
        _make(connection, role)


@contextmanager
def _as_owner(url: str, role: LesserRole) -> Iterator[Connection]:
    """Open one transaction of the owner's."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        try:
            yield connection
        except errors.InsufficientPrivilege as refused:
            raise RoleUnfit(
                f"the owner {connection.info.user} may not settle what the role {role.name} may do:"
                f" {refused.diag.message_primary}"
            ) from None


def _require_fit(connection: Connection, role: LesserRole) -> None:
    if role.name == connection.info.user:
        raise RoleUnfit(f"the role {role.name} owns the database: name another one in SHOP_DATABASE_URL")
    found = connection.execute(ROLE, [role.name]).fetchone()
    if found is None:
        return
    is_super, _lacking, memberships = found
    if is_super:
        raise RoleUnfit(f"the role {role.name} is a superuser: name another one in SHOP_DATABASE_URL")
    if memberships:
        raise RoleUnfit(f"the role {role.name} has the rights of {memberships}: take them away, or name another role")


def _make(connection: Connection, role: LesserRole) -> None:
    found = connection.execute(ROLE, [role.name]).fetchone()
    if found is None:
        _run(connection, "CREATE ROLE {} " + ATTRIBUTES, sql.Identifier(role.name))
    elif lacking := found[1]:
        _run(connection, "ALTER ROLE {} {}", sql.Identifier(role.name), sql.SQL(lacking))
    if role.password and connection.execute(MAY_CHANGE, [role.name]).fetchone() == (True,):
        # Hashed here: no log of the server ever holds it.
        kept = connection.pgconn.encrypt_password(role.password.encode(), role.name.encode(), b"scram-sha-256").decode()
        _run(connection, "ALTER ROLE {} PASSWORD {}", sql.Identifier(role.name), sql.Literal(kept))


def _take_over(connection: Connection, role: LesserRole) -> None:
    """Convert a database that was the shop's own so far: what the role owned is the owner's from now on."""
    named, owner, name = {"role": role.name}, connection.info.user, sql.Identifier(role.name)
    if connection.execute(OWNS, named).fetchone() != (True,):
        return
    if connection.execute(MAY_TAKE_OVER, named).fetchone() != (True,):
        raise RoleUnfit(
            f"the owner {owner} may not take over what the role {role.name} owns: as a superuser, run"
            f" GRANT {role.name} TO {owner} WITH ADMIN OPTION"
        )
    _run(connection, "GRANT {} TO CURRENT_USER", name)  # else it may not take over
    _run(connection, "GRANT CREATE ON SCHEMA public TO CURRENT_USER")  # as a function's new owner must have it
    _run(connection, "REASSIGN OWNED BY {} TO CURRENT_USER", name)


def _grant(connection: Connection, role: LesserRole, let_go: Collection[str]) -> None:
    if connection.execute(OWNS_DATABASE).fetchone() != (True,):
        raise RoleUnfit(f"the role {connection.info.user} does not own the database {connection.info.dbname}")
    name = sql.Identifier(role.name)
    database = sql.Identifier(connection.info.dbname)
    _run(connection, "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {}", name)
    _run(connection, "GRANT USAGE ON SCHEMA public TO {}", name)
    _run(connection, "REVOKE CREATE, TEMPORARY ON DATABASE {} FROM PUBLIC, {}", database, name)
    _run(connection, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {}", name)
    _run(connection, "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {}", name)
    _run(connection, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}", name)
    for table, keeps, stays, passing in connection.execute(TABLES).fetchall():
        granted = sql.SQL(", ").join(_privileges(table, let_go, keeps=keeps, stays=stays, passing=passing))
        _run(connection, "GRANT {} ON {} TO {}", granted, sql.Identifier("public", table), name)


def _privileges(
    table: str, let_go: Collection[str], *, keeps: bool, stays: bool, passing: Collection[str]
) -> Iterator[sql.Composable]:
    yield sql.SQL("SELECT")
    if table in TO_READ:
        return
    yield sql.SQL("INSERT")
    if not stays:
        yield sql.SQL("UPDATE")
    elif table in let_go:
        # Also to lock (FOR UPDATE) what retention is about to let go of, for which one column is enough.
        yield sql.SQL("UPDATE ({})").format(sql.SQL(", ").join(map(sql.Identifier, passing)))
    if not keeps or table in let_go:
        yield sql.SQL("DELETE")


def _lend_amcheck(connection: Connection, role: LesserRole) -> None:
    """Let the check of the database ask amcheck, where the server has it; only a superuser can put it in place."""
    [is_super] = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() or [False]
    there = connection.execute("SELECT FROM pg_available_extensions WHERE name = 'amcheck'").fetchone()
    if is_super and there is not None:
        connection.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
        for (function,) in connection.execute(AMCHECK).fetchall():
            _run(connection, "GRANT EXECUTE ON FUNCTION {} TO {}", sql.SQL(str(function)), sql.Identifier(role.name))


def _run(connection: Connection, statement: LiteralString, *parts: sql.Composable) -> None:
    connection.execute(sql.SQL(statement).format(*parts))


async def require_lesser(engine: AsyncEngine) -> None:
    """Refuse to be at work as the owner: whoever got hold of such a process could rewrite what is on record."""
    async with engine.connect() as connection:
        if await connection.scalar(text(IS_MASTER)):
            raise RoleUnfit(
                "SHOP_DATABASE_URL names a superuser or the owner of the tables: name another role there, the owner in"
                " SHOP_OWNER_DATABASE_URL, and run shop migrate, which makes it"
            )
