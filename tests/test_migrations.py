"""Migrations go up, down and up again, leave nothing that the models do not say, and stay as they landed."""

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from tests.conftest import ROOT

FOLDER = ROOT / "migrations/versions"
VERSIONS = sorted(path.stem.partition("_")[0] for path in FOLDER.glob("*.py"))
# What a database may have run, though its migration reads otherwise today; no `.py`, for nobody mends their style.
EARLIER = ROOT / "tests/earlier_migrations"


def test_there_is_one_head_and_one_line() -> None:
    script = ScriptDirectory(str(ROOT / "migrations"))
    assert [step.revision for step in script.walk_revisions()][::-1] == VERSIONS


def test_what_has_landed_is_as_it_was() -> None:
    """A database that ran it does not run it again: what it lacks comes with a migration of its own."""
    lines = (ROOT / "migrations/landed.sha256").read_text().splitlines()
    landed = {name: fingerprint for fingerprint, name in (line.split("  ") for line in lines)}
    found = {f"migrations/versions/{path.name}": sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.py")}
    changed = [name for name, fingerprint in landed.items() if found.get(name) != fingerprint]
    assert changed == [], "edited, renamed or gone since it landed: put it back, and write a new migration instead"
    assert sorted(found.keys() - landed) == [], "not listed: make landed adds it to migrations/landed.sha256"
    assert len(lines) == len(landed)


def test_each_step_goes_up_down_and_up_again(empty: str) -> None:
    """One run of the environment takes all steps: a run for each took several times as long."""
    config = alembic(empty)
    script = ScriptDirectory.from_config(config)
    steps = [script.get_revision(revision) for revision in VERSIONS]

    # Alembic asks for the next step when the one before is committed.
    def each(_heads: Any, _context: MigrationContext) -> Iterator[MigrationStep]:
        below = shape(watching)
        for step in steps:
            up = MigrationStep.upgrade_from_script(script.revision_map, step)
            down = MigrationStep.downgrade_from_script(script.revision_map, step)
            yield up
            above = shape(watching)
            yield down
            assert shape(watching) == below, step.revision
            yield up
            assert shape(watching) == above, step.revision
            below = above
        for step in reversed(steps):
            yield MigrationStep.downgrade_from_script(script.revision_map, step)

    with connect(empty) as watching, EnvironmentContext(config, script, fn=each):
        script.run_env()
        assert shape(watching) == []


def test_a_database_of_the_first_0022_comes_to_the_shape_of_today(empty: str, database: str, tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(EARLIER / "0022_documents.py.txt", tmp_path / "0022_documents.py")
    config = alembic(empty)
    config.set_main_option("version_locations", str(tmp_path).replace("%", "%%"))
    command.upgrade(config, "0025")
    with connect(empty) as connection:
        connection.execute(
            "INSERT INTO reconciliations (id, made_at, first, last, compared)"
            " VALUES (gen_random_uuid(), '2026-11-26 23:00+00', '2026-11-01', '2026-11-25', 7)"
        )
    command.upgrade(config, "head")
    with connect(empty) as mended, connect(database) as today:
        assert shape(mended) == shape(today)
        assert mended.execute("SELECT compared, sums FROM reconciliations").fetchall() == [(7, {})]


def test_the_models_say_what_the_database_has(database: str) -> None:
    command.check(alembic(database))


# Few rows, or rows that never go.
NEVER_FORGOTTEN = {"breach_entries", "declarations", "recipients", "staff", "stock", "variants"}
UNINDEXED = """
    SELECT conrelid::regclass || '.' || attname, confrelid::regclass::text FROM pg_constraint
    JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
    WHERE contype = 'f' AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1])
"""


def test_what_refers_to_rows_that_are_forgotten_is_found_by_an_index(database: str) -> None:
    with connect(database) as connection:
        unindexed = connection.execute(UNINDEXED).fetchall()
    assert [column for column, referred in unindexed if referred not in NEVER_FORGOTTEN] == []


# By name: a column that came later stands further back in the table, which nothing reads.
SHAPE = """
    SELECT 'column', attrelid::regclass::text, attname,
        format_type(atttypid, atttypmod), attnotnull::text, pg_get_expr(adbin, adrelid)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text,
        pg_get_indexdef(indexrelid), indisvalid::text, NULL
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text, NULL
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled::text, NULL
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'routine', NULL, oid::regprocedure::text, pg_get_functiondef(oid), NULL, NULL
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
    UNION ALL
    SELECT 'other', NULL, relname, relkind::text, relpersistence::text, pg_get_viewdef(oid)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('i', 'r')
    UNION ALL
    SELECT 'table', NULL, relname, relpersistence::text, NULL, NULL
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    ORDER BY 1, 2, 3
"""


def shape(connection: psycopg.Connection[Any]) -> list[Any]:
    """Give what the schema has, the table aside in which Alembic keeps how far it came."""
    found = connection.execute(SHAPE).fetchall()
    return [row for row in found if "alembic_version" not in (row[1], row[2])]


def connect(url: str) -> psycopg.Connection[Any]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def alembic(url: str) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
