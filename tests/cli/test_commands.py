"""The commands `shop api`, `shop migrate` and `shop openapi` do what operators are told they do."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import make_url
from typer.main import get_command
from typer.testing import CliRunner

from app.auth.keys import KeyRing
from app.cli import PLACES, main, shop
from app.cli.dev import wishes_of_a_demo
from tests.processes import PATIENCE, free_port, wait_until
from tests.production import GIVEN
from tests.shop import as_lesser

SHOP = [sys.executable, "-m", "app.cli"]


def tables(url: str) -> set[str]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        return {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def test_migrate_brings_an_empty_database_up_and_does_nothing_the_second_time(empty: str) -> None:
    lesser = as_lesser(empty)
    environment = {**os.environ, "SHOP_DATABASE_URL": lesser, "SHOP_OWNER_DATABASE_URL": empty}
    first = subprocess.run([*SHOP, "migrate"], env=environment, capture_output=True, text=True, check=True)
    assert first.stdout == "The database has the newest schema.\n"
    assert "Running upgrade  -> 0001" in first.stderr
    assert {"alembic_version", "procrastinate_jobs"} <= tables(empty)
    with psycopg.connect(make_url(lesser).set(drivername="postgresql").render_as_string()) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("ALTER TABLE audit_entries DISABLE TRIGGER USER")

    second = subprocess.run([*SHOP, "migrate"], env=environment, capture_output=True, text=True, check=True)
    assert second.stdout == "The database has the newest schema.\n"
    assert "Running upgrade" not in second.stderr


def test_the_api_answers_says_nothing_of_its_server_and_stops_when_asked(database: str, tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "SHOP_DATABASE_URL": database, "SHOP_FOLDER": str(tmp_path)}
    process = subprocess.Popen([*SHOP, "api", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port))
        answer = httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=PATIENCE)
        assert answer.status_code == 200
        assert "server" not in answer.headers
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) in {0, -signal.SIGTERM}  # uvicorn passes the signal on once it has stopped


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow  # the checks before the tests run the command; this one makes the contract three times
def test_the_contract_is_written_compared_and_found_different(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    missing = run(shop, ["openapi", "--check"])
    assert missing.exit_code == 1
    assert missing.stderr == "openapi.yaml is not what the code says; rewrite it with: make openapi\n"

    assert run(shop, ["openapi"]).exit_code == 0
    assert run(shop, ["openapi", "--check"]).exit_code == 0

    contract = tmp_path / "openapi.yaml"
    contract.write_text(contract.read_text() + "x-more: true\n")
    assert run(shop, ["openapi", "--check"]).exit_code == 1


@pytest.mark.slow
def test_each_command_loads_by_itself_every_table_that_it_may_meet() -> None:
    """A command is loaded alone; a foreign key to a table that nobody loaded fails where rows are joined or written."""
    said = """
import importlib, os, sys
from sqlalchemy.orm import configure_mappers
from app.cli import PLACES
from app.core.db import Base
for module in sorted({place.partition(":")[0] for place in PLACES.values()}):
    if child := os.fork():
        os.waitpid(child, 0)
        continue
    importlib.import_module(f"app.cli.{module}")
    if "app.wiring.values" in sys.modules:
        configure_mappers()
        [key.column for table in Base.metadata.tables.values() for key in table.foreign_keys]
        print(module, flush=True)
    os._exit(0)
"""
    told = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    without_database = {"demo", "demo_logins", "dev", "serve"}
    assert {*told.stdout.split()} == {place.partition(":")[0] for place in PLACES.values()} - without_database


def test_every_command_is_explained() -> None:
    listing = CliRunner().invoke(shop, ["--help"])
    assert listing.exit_code == 0
    for name in PLACES:
        assert get_command(shop).get_command(None, name).help, name  # type: ignore[attr-defined] # typer names its base
        assert name in listing.output


def test_a_shop_that_is_not_fit_for_production_says_so_in_a_line() -> None:
    environment = {**os.environ, "SHOP_ENVIRONMENT": "production"}
    refused = subprocess.run([*SHOP, "api"], env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("not fit for production: ")
    assert refused.stderr.count("\n") == 1


def said_by(monkeypatch: pytest.MonkeyPatch, words: list[str], settings: dict[str, str]) -> str:
    """Call the command as it is installed, with these settings and no other; gives what it ends with."""
    for name in os.environ:
        if name.startswith("SHOP_"):
            monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["shop", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return str(ended.value.code)


def test_what_is_wrong_in_development_is_said_in_a_line_without_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"SHOP_SELLER_IBAN": "BG00XXXX", "SHOP_SMTP_PORT": "a secret"}
    assert said_by(monkeypatch, ["jobs", "list"], settings) == (
        "SHOP_SELLER_IBAN: Not an IBAN: its length or check digits differ; "
        "SHOP_SMTP_PORT: Input should be a valid integer, unable to parse string as an integer"
    )


def test_the_first_key_is_made_before_there_are_any_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said_by(monkeypatch, ["keys", "new"], {"SHOP_ENVIRONMENT": "production"}) == "0"
    assert KeyRing.from_json(capsys.readouterr().out).public()["keys"]


def test_migrating_in_production_needs_the_address_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {f"SHOP_{name}": value for name, value in GIVEN.items() if name != "DATABASE_URL"}
    said = said_by(monkeypatch, ["migrate"], settings)
    assert said == "not fit for production: SHOP_DATABASE_URL is not set"


def test_without_an_address_the_embedded_database_is_migrated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"SHOP_FOLDER": str(tmp_path / "var")}
    assert said_by(monkeypatch, ["migrate"], settings) == "0"
    assert said_by(monkeypatch, ["jobs", "list"], settings) == "0"
    assert capsys.readouterr().out == "The database has the newest schema.\nNothing waits for a person.\n"


def test_a_demo_takes_what_is_set_and_wishes_the_rest() -> None:
    own = {"SHOP_SELLER_IBAN": "BG18RZBB91550123456789", "SHOP_ORDERS_PER_HOUR": "7", "SHOP_CARTS_PER_HOUR": "8"}
    assert wishes_of_a_demo(own) == {
        "SHOP_TRACKING_CRON": "* * * * * */3",
        "SHOP_RETRY_FIRST_SECONDS": "2",
        "SHOP_RETRY_MOST_SECONDS": "30",
        "SHOP_MAILS_AT_ONCE": "100000",
        "SHOP_OPEN_ORDERS_BY_ORIGIN": "100000",
    }
    assert wishes_of_a_demo({})["SHOP_SELLER_IBAN"] == "BG80BNBG96611020345678"
    assert wishes_of_a_demo({})["SHOP_SELLER_BIC"] == "BNBGBGSD"
