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
from typer.testing import CliRunner

from app.cli import shop
from tests.processes import PATIENCE, free_port, wait_until

SHOP = [sys.executable, "-m", "app.cli"]


def tables(url: str) -> set[str]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        return {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def test_migrate_brings_an_empty_database_up_and_does_nothing_the_second_time(empty: str) -> None:
    environment = {**os.environ, "SHOP_DATABASE_URL": empty}
    first = subprocess.run([*SHOP, "migrate"], env=environment, capture_output=True, text=True, check=True)
    assert first.stdout == "The database has the newest schema.\n"
    assert "Running upgrade  -> 0001" in first.stderr
    assert {"alembic_version", "procrastinate_jobs"} <= tables(empty)

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


def test_every_command_is_explained() -> None:
    listing = CliRunner().invoke(shop, ["--help"])
    assert listing.exit_code == 0
    for command in shop.registered_commands:
        assert command.callback
        assert command.callback.__doc__


def test_a_shop_that_is_not_fit_for_production_says_so_in_a_line() -> None:
    environment = {**os.environ, "SHOP_ENVIRONMENT": "production"}
    refused = subprocess.run([*SHOP, "api"], env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("not fit for production: ")
    assert refused.stderr.count("\n") == 1
