"""Migrations go up, down and up again, and leave nothing that the models do not say."""

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url, pool

from tests.conftest import ROOT, migrate

VERSIONS = sorted(path.stem.partition("_")[0] for path in (ROOT / "migrations/versions").glob("*.py"))


def test_there_is_one_head_and_one_line() -> None:
    script = ScriptDirectory(str(ROOT / "migrations"))
    assert [step.revision for step in script.walk_revisions()][::-1] == VERSIONS


@pytest.fixture
def empty(server: str) -> str:
    name = "stepwise"
    plain = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS stepwise WITH (FORCE)")
        connection.execute("CREATE DATABASE stepwise")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def test_each_step_goes_up_down_and_up_again(empty: str) -> None:
    for revision in VERSIONS:
        migrate(empty, revision)
        before = tables(empty)
        config = Config(ROOT / "alembic.ini")
        config.set_main_option("sqlalchemy.url", empty.replace("%", "%%"))
        command.downgrade(config, "-1")
        migrate(empty, revision)
        assert tables(empty) == before
    migrate(empty, "base")
    assert tables(empty) == {"alembic_version"}


def test_the_models_say_what_the_database_has(database: str) -> None:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", database.replace("%", "%%"))
    command.check(config)


# Few rows, or rows that never go.
NEVER_FORGOTTEN = {"breach_entries", "declarations", "recipients", "staff", "stock", "variants"}
UNINDEXED = """
    SELECT conrelid::regclass || '.' || attname, confrelid::regclass::text FROM pg_constraint
    JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
    WHERE contype = 'f' AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1])
"""


def test_what_refers_to_rows_that_are_forgotten_is_found_by_an_index(database: str) -> None:
    plain = make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        unindexed = connection.execute(UNINDEXED).fetchall()
    assert [column for column, referred in unindexed if referred not in NEVER_FORGOTTEN] == []


def tables(url: str) -> set[str]:
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row[0] for row in found}
