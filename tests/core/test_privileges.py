"""The role that the shop is at work as: it reads and writes, and can rewrite nothing that is on record (B8)."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError

from app.cli.migrate import migrate as migrate_shop
from app.core.db import Base, make_engine
from app.core.embedded import LESSER, SUPERUSER
from app.core.privileges import LesserRole, RoleUnfit, require_lesser, settle
from app.core.schema import SchemaOutdated, require_schema
from app.settings import Settings
from app.wiring.keeping import let_go
from tests.conftest import migrate
from tests.shop import Shop, as_lesser

NUMBER = count(1)
LET_GO = let_go(Settings())
Connection = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def connected(database: str, role: str | None = None) -> Iterator[Connection]:
    url = make_url(database).set(drivername="postgresql")
    plain = (url.set(username=role) if role else url).render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


def asked(database: str, question: str, *values: object, role: str | None = None) -> list[tuple[Any, ...]]:
    with connected(database, role) as connection:
        return connection.execute(question.encode(), values).fetchall()


@pytest.fixture
def superuser(empty: str) -> Iterator[str]:
    """Give the empty database to a superuser, as Compose's owner is."""
    url = make_url(empty)
    yield url.set(username=SUPERUSER).render_as_string(hide_password=False)
    with connected(empty, SUPERUSER) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO shop").format(sql.Identifier(str(url.database))))


@pytest.fixture
def role(superuser: str) -> Iterator[LesserRole]:
    """Give a role that there is not yet; it is gone in the end."""
    name = f"at_work_{next(NUMBER)}"
    yield LesserRole(name, "correct horse")
    with connected(superuser) as connection:
        if asked(superuser, "SELECT FROM pg_roles WHERE rolname = %s", name):
            connection.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(name)))


@pytest.mark.parametrize(
    "act",
    [
        "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_is_record",
        "ALTER TABLE documents DISABLE TRIGGER USER",
        "ALTER TABLE documents ADD COLUMN more text",
        "ALTER TABLE documents OWNER TO shop_app",
        "DROP TRIGGER documents_is_record ON documents",
        "DROP TABLE stock_movements",
        "TRUNCATE throttle",
        "CREATE TABLE more (id int)",
        "CREATE INDEX ON orders (email)",
        "CREATE TRIGGER more BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION refuse_change_of_record()",
        "CREATE RULE more AS ON DELETE TO documents DO INSTEAD NOTHING",
        "CREATE OR REPLACE FUNCTION refuse_change_of_record() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "DROP FUNCTION refuse_change_of_record CASCADE",
        "ALTER FUNCTION link_audit_entry() SECURITY INVOKER",
        "SET session_replication_role = replica",
        "SET ROLE shop",
        "SET SESSION AUTHORIZATION postgres",
        "GRANT shop TO shop_app",
        "CREATE ROLE more",
        "ALTER ROLE shop PASSWORD 'mine'",
        "ALTER DATABASE {} OWNER TO shop_app",
        "UPDATE audit_entries SET actor = 'nobody'",
        "DELETE FROM audit_entries",
        "UPDATE audit_head SET sequence = 0",
        "INSERT INTO audit_head SELECT * FROM audit_head",
        "UPDATE prices SET price = 1",
        "DELETE FROM stock_movements",
        "DELETE FROM breaches",
        "UPDATE alembic_version SET version_num = '0001'",
        "SELECT setval('order_numbers', 1)",
        "COPY documents TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
    ],
)
def test_the_role_at_work_may_not(database: str, act: str) -> None:
    name = make_url(database).database
    with connected(database, LESSER) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(act.replace("{}", f'"{name}"').encode())


def test_no_guard_of_any_table_sleeps_at_its_word(database: str) -> None:
    with connected(database, LESSER) as connection:
        for (table,) in asked(database, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200"):
            for act in ("DISABLE TRIGGER ALL", "DISABLE TRIGGER USER"):
                statement = sql.SQL("ALTER TABLE {} " + act).format(sql.Identifier(str(table)))
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(statement)


GUARDED = """
    SELECT relname, ARRAY(
        SELECT attname::text FROM pg_attribute WHERE attrelid = tgrelid AND attnum > 0 AND NOT attisdropped
        AND has_column_privilege('shop_app', tgrelid, attnum, 'UPDATE') ORDER BY attnum
    ), has_table_privilege('shop_app', tgrelid, 'DELETE')
    FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid
    WHERE proname = 'refuse_change_of_record' AND tgtype & 1 <> 0 ORDER BY relname
"""


def test_of_record_it_deletes_only_what_retention_lets_go_of_and_empties_what_erasure_does(database: str) -> None:
    found = {table: (columns, deletes) for table, columns, deletes in asked(database, GUARDED)}
    assert {"audit_entries", "stock_movements", "declarations", "agreements", "backup_runs", "prices"} <= found.keys()
    assert {table for table, (_, deletes) in found.items() if deletes} == LET_GO & found.keys()
    # To lock a row, one column is enough: the key, which nobody changes.
    keys = {table: [column.name for column in Base.metadata.tables[table].primary_key] for table in found}
    assert {table: columns for table, (columns, _) in found.items() if columns} == {
        **{table: keys[table] for table in LET_GO & found.keys()},
        "acceptances": ["id", "origin", "ip", "user_agent"],
    }


@pytest.mark.parametrize(
    "act",
    [
        "order_lines SET total = 0",
        "documents SET snapshot = '{}'",
        "documents SET total = 0",
        "document_files SET pdf = ''",
        "refunds SET amount = 0",
        "acceptances SET text_sha256 = ''",
        "consents SET words = 'yes'",
        "cookie_consents SET statistics = true",
        "disclosures SET what = 'nothing'",
        "ad_hoc_disclosures SET reason = 'another'",
        "labels SET pdf = ''",
        "rights_letters SET pdf = ''",
        "rights_events SET words = 'another'",
        "tracking_records SET code = '1'",
        "order_events SET status = 'delivered'",
    ],
)
def test_not_even_by_the_named_way_does_it_rewrite_what_is_on_record(database: str, act: str) -> None:
    with connected(database, LESSER) as connection:
        connection.execute("SET shop.erasure = 'named'")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(f"UPDATE {act}".encode())


@pytest.mark.parametrize("act", ["UPDATE acceptances SET ip = NULL", "DELETE FROM order_lines"])
async def test_where_retention_passes_by_name_the_guard_is_awake_for_everything_else(shop: Shop, act: str) -> None:
    await shop.ordered()
    with pytest.raises(IntegrityError, match="table of record"):
        async with shop.engine.begin() as connection:
            await connection.exec_driver_sql(act)


def test_a_superuser_makes_the_role_and_gives_it_its_password(empty: str, superuser: str, role: LesserRole) -> None:
    migrate(superuser)
    for _ in range(2):  # done again it does nothing
        settle(superuser, role, LET_GO)
    [(kept, attributes)] = asked(
        superuser,
        "SELECT rolpassword, ARRAY[rolcanlogin, rolcreatedb, rolsuper, rolcreaterole, rolreplication, rolbypassrls]"
        " FROM pg_authid WHERE rolname = %s",
        role.name,
    )
    assert str(kept).startswith("SCRAM-SHA-256$")
    assert attributes == [True, True, False, False, False, False]
    assert asked(empty, "SELECT count(*) FROM orders", role=role.name) == [(0,)]


def test_an_owner_that_may_make_roles_is_enough(empty: str, superuser: str, role: LesserRole) -> None:
    owner = f"owner_{role.name}"
    name = str(make_url(empty).database)
    with connected(superuser) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(sql.Identifier(owner)))
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(owner)))
    try:
        url = make_url(empty).set(username=owner).render_as_string(hide_password=False)
        migrate(url)
        settle(url, role, LET_GO)
        settle(url, role, LET_GO)
        assert asked(empty, "SELECT count(*) FROM orders", role=role.name) == [(0,)]
        with connected(empty, role.name) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute("ALTER TABLE documents DISABLE TRIGGER USER")
    finally:
        with connected(superuser) as connection:
            connection.execute(sql.SQL("REASSIGN OWNED BY {} TO shop").format(sql.Identifier(owner)))
            connection.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(role.name)))
            connection.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(owner)))


def test_a_database_that_was_the_shops_own_is_converted(empty: str, superuser: str, role: LesserRole) -> None:
    with connected(superuser) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(sql.Identifier(role.name)))
        connection.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(
                sql.Identifier(str(make_url(empty).database)), sql.Identifier(role.name)
            )
        )
    migrate(make_url(empty).set(username=role.name).render_as_string(hide_password=False))
    settle(superuser, role, LET_GO)
    owned = "SELECT count(*) FROM pg_class WHERE relowner = %s::regrole AND relnamespace = 'public'::regnamespace"
    assert asked(superuser, owned, role.name) == [(0,)]
    assert asked(superuser, "SELECT rolcreaterole FROM pg_roles WHERE rolname = %s", role.name) == [(False,)]
    with connected(empty, role.name) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchall() == [(0,)]
        for act in (
            "ALTER TABLE documents DISABLE TRIGGER USER",
            "CREATE TABLE more (id int)",
            "CREATE TEMPORARY TABLE more (id int)",
            "DROP TABLE orders",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(act.encode())


def test_an_owner_that_is_no_superuser_converts_an_older_database(
    empty: str, superuser: str, role: LesserRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name = f"owner_{role.name}", str(make_url(empty).database)
    of_role, of_owner = (make_url(empty).set(username=each).render_as_string() for each in (role.name, owner))
    with connected(superuser) as connection:
        for statement in (
            "CREATE ROLE {role} LOGIN CREATEDB CREATEROLE",
            "CREATE ROLE {owner} LOGIN CREATEROLE CREATEDB",
            "ALTER DATABASE {name} OWNER TO {role}",
        ):
            identifiers = {
                key: sql.Identifier(each) for key, each in (("role", role.name), ("owner", owner), ("name", name))
            }
            connection.execute(sql.SQL(statement).format(**identifiers))
    migrate(of_role, "0034")
    monkeypatch.setenv("SHOP_DATABASE_URL", of_role)
    monkeypatch.setenv("SHOP_OWNER_DATABASE_URL", of_owner)
    try:
        told = f"the owner {owner} may not take over what the role {role.name} owns: as a superuser, run GRANT"
        with pytest.raises(RoleUnfit, match=told):
            migrate_shop()
        assert asked(empty, "SELECT version_num FROM alembic_version", role=role.name) == [("0034",)]
        with connected(superuser) as connection:
            grant = sql.SQL("GRANT {} TO {} WITH ADMIN OPTION")
            connection.execute(grant.format(sql.Identifier(role.name), sql.Identifier(owner)))
        migrate_shop()
        migrate_shop()  # done again it does nothing
        owned = "SELECT relowner::regrole::text, count(*) > 50 FROM pg_class WHERE relnamespace = 2200 GROUP BY 1"
        assert asked(superuser, owned) == [(owner, True)]
        assert asked(empty, "SELECT count(*) FROM orders", role=role.name) == [(0,)]
        with connected(empty, role.name) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute("ALTER TABLE documents DISABLE TRIGGER USER")
    finally:
        with connected(superuser) as connection:
            for each in (role.name, owner):
                connection.execute(sql.SQL("REASSIGN OWNED BY {} TO shop").format(sql.Identifier(each)))
                connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(each)))
            for each in (owner, role.name):
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(each)))


def test_a_role_that_is_more_than_it_seems_is_refused(superuser: str, role: LesserRole) -> None:
    with pytest.raises(RoleUnfit, match="the role postgres owns the database: name another one in SHOP_DATABASE_URL"):
        settle(superuser, LesserRole(SUPERUSER, None), LET_GO)
    with connected(superuser) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} SUPERUSER").format(sql.Identifier(role.name)))
        with pytest.raises(RoleUnfit, match=f"the role {role.name} is a superuser"):
            settle(superuser, role, LET_GO)
        connection.execute(sql.SQL("ALTER ROLE {} NOSUPERUSER").format(sql.Identifier(role.name)))
        connection.execute(sql.SQL("GRANT pg_write_all_data TO {}").format(sql.Identifier(role.name)))
        with pytest.raises(RoleUnfit, match="has the rights of pg_write_all_data: take them away"):
            settle(superuser, role, LET_GO)


def test_an_owner_that_may_not_make_the_role_is_told(empty: str) -> None:
    migrate(empty)
    with pytest.raises(RoleUnfit, match="the owner shop may not settle what the role nobody_there may do: permission"):
        settle(empty, LesserRole("nobody_there", None), LET_GO)


async def test_production_is_at_work_as_no_owner_and_no_superuser(database: str) -> None:
    superuser = make_url(database).set(username=SUPERUSER).render_as_string(hide_password=False)
    for url in (database, superuser):
        engine = make_engine(url)
        with pytest.raises(RoleUnfit, match="run shop migrate, which makes it"):
            await require_lesser(engine)
        await engine.dispose()
    engine = make_engine(as_lesser(database))
    await require_lesser(engine)
    await engine.dispose()


async def test_before_the_role_may_read_anything_it_is_told_to_migrate(empty: str) -> None:
    migrate(empty)
    engine = make_engine(as_lesser(empty))
    with pytest.raises(SchemaOutdated, match="run shop migrate"):
        await require_schema(engine)
    await engine.dispose()
