"""What `make run` starts: it opens, survives the death of its parts, refuses a second one, stops, and goes on later."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.test_demo_data import PEOPLE
from tests.processes import LOGS, PATIENCE, free_port, wait_until

OPENING = 5 * PATIENCE
"""Seconds that a whole shop may take to open: a database, its schema, a demo and six processes."""


class Shop:
    """A shop running in a folder of its own, and what it has said so far."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.said = folder.with_suffix(f".{time.monotonic_ns()}")
        LOGS.append(self.said)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")}
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "dev", "--port", str(port), "--folder", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
            )

    def words(self) -> str:
        return self.said.read_text()

    def await_words(self, words: str) -> None:
        wait_until(lambda: words in self.words() or self.process.poll() is not None, OPENING)
        assert words in self.words(), self.words()

    def stop(self, how: signal.Signals) -> None:
        """Ask it to stop, and wait until it and all that it started are gone."""
        self.process.send_signal(how)
        self.process.wait(PATIENCE)
        # The kernel ends a child that was being started just then, or what a part left behind, a moment later.
        wait_until(lambda: processes_of(self.folder) == {})

    def address(self, name: str) -> str:
        return str(json.loads((self.folder / "run.json").read_text())[name])


def processes_of(folder: Path) -> dict[int, str]:
    """Find every process that was started for this folder: it stands in its environment or among its arguments."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            environment = (entry / "environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if command and os.fsencode(folder) in command + environment:
            found[int(entry.name)] = command.replace(b"\0", b" ").decode()
    return found


def part(folder: Path, word: str) -> int:
    return next(pid for pid, command in processes_of(folder).items() if word in command)


def get(url: str) -> Any:
    return httpx.get(url, timeout=PATIENCE)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder outside pytest's own: that one is closed to PostgreSQL's user by every pytest that starts."""
    with tempfile.TemporaryDirectory(prefix="shop-") as place:
        folder = Path(place) / "var"
        yield folder
        for pid in processes_of(folder):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_the_shop_opens_mends_itself_stops_and_opens_again(folder: Path) -> None:
    port = free_port()
    shop = Shop(folder, port)
    shop.await_words("Ctrl-C stops everything.")
    assert shop.address("api") == f"http://127.0.0.1:{port}"
    assert get(shop.address("api") + "/health/ready").status_code == 200
    assert f"API               http://127.0.0.1:{port}" in shop.words()
    for kept in ("run.json", "demo-logins.json"):
        assert (folder / kept).stat().st_mode & 0o777 == 0o600
    logins = json.loads((folder / "demo-logins.json").read_text())
    assert [login["who"] for login in logins] == ["courier", "accountant", *PEOPLE]
    for login in logins:
        shown = " / ".join(filter(None, (login["login"], login["password"], login["totp"])))
        assert shown in shop.words()

    second = Shop(folder, free_port())
    assert second.process.wait(PATIENCE) == 1
    assert f"A shop already runs on {folder}" in second.words()
    assert get(shop.address("api") + "/health/ready").status_code == 200

    os.kill(part(folder, "app.cli worker"), signal.SIGKILL)
    shop.await_words("worker ended by itself (SIGKILL)")
    wait_until(lambda: any("app.cli worker" in command for command in processes_of(folder).values()))

    shop.stop(signal.SIGTERM)
    assert shop.process.returncode == 0
    written = (folder / "postgres" / "PG_VERSION").stat().st_mtime_ns

    again = Shop(folder, port)
    again.await_words("Ctrl-C stops everything.")
    assert (folder / "postgres" / "PG_VERSION").stat().st_mtime_ns == written
    assert json.loads((folder / "demo-logins.json").read_text()) == logins
    again.stop(signal.SIGINT)
    assert again.process.returncode == 0


def test_a_taken_port_is_said_and_nothing_is_started(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        shop = Shop(folder, port)
        assert shop.process.wait(PATIENCE) == 1
    assert shop.words() == f"Port {port} is taken. Choose another one: make run PORT={port + 1}\n"
    assert processes_of(folder) == {}
    assert not folder.exists()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda how: how.name)
@pytest.mark.parametrize("moment", ["Database", "Migrations", "Demo catalogue", "Starting Speedy", "Starting API"])
def test_it_stops_cleanly_at_any_moment_of_its_start(folder: Path, moment: str, how: signal.Signals) -> None:
    shop = Shop(folder, free_port())
    shop.await_words(moment)
    shop.stop(how)
    assert "Traceback" not in shop.words()


@pytest.mark.slow
def test_the_demo_tells_its_story_and_keeps_no_secret(folder: Path) -> None:
    shop = Shop(folder, free_port())
    shop.await_words("Ctrl-C stops everything.")
    demo = [sys.executable, "-m", "app.cli", "demo", "--folder", str(folder)]
    for _ in range(2):  # at once again: the codes of the first are used up
        told = subprocess.run(demo, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
    steps = re.findall(r"^(\d+)\. ", told.stdout, re.MULTILINE)
    assert steps == [str(number) for number in range(1, 16)]
    assert told.stdout.count("the same bytes") == 2
    assert re.search(r"until \d{4}-12-31: Invoices and notes", told.stdout)
    assert re.search(r"she withdrew, without a login: „Потвърждавам отказа“, statement no\. \d+\.", told.stdout)
    written = [paper for kind in ("json", "html", "txt") for paper in (folder / "demo").glob(f"*.{kind}")]
    papers = "".join(paper.read_text() for paper in written)
    for login in json.loads((folder / "demo-logins.json").read_text()):
        assert login["password"] not in papers
    assert not re.search('"(eyJ|rt_|cs_)', papers)
    assert "#view=" not in papers
    shop.stop(signal.SIGTERM)


@pytest.mark.slow
def test_after_a_kill_nothing_is_left_and_the_next_start_goes_on(folder: Path) -> None:
    port = free_port()
    shop = Shop(folder, port)
    shop.await_words("Ctrl-C stops everything.")
    shop.stop(signal.SIGKILL)

    again = Shop(folder, port)
    again.await_words("Ctrl-C stops everything.")
    again.stop(signal.SIGTERM)


@pytest.mark.slow
def test_a_killed_database_is_noticed(folder: Path) -> None:
    """The database is no child to be started again alone: its owner says so and stops, for `make run` to begin anew."""
    shop = Shop(folder, free_port())
    shop.await_words("Ctrl-C stops everything.")
    os.kill(part(folder, "bin/postgres -D"), signal.SIGKILL)
    shop.await_words("PostgreSQL ended by itself")
    assert shop.process.wait(PATIENCE) == 1
    wait_until(lambda: processes_of(folder) == {})
