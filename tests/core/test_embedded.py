"""The embedded server starts, is shared, stops and comes back after every kind of death, whoever runs it."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.core.embedded import LONGEST_SOCKET_PATH, EmbeddedServer, EmbeddedServerFailed
from tests.processes import is_running, wait_until

OWNER = """
import sys, time
from pathlib import Path
from app.core.embedded import EmbeddedServer
server = EmbeddedServer.start(Path(sys.argv[1]), durable=False)
print(server.owned, server.url(), flush=True)
sys.stdin.read()
server.stop()
"""

UNPRIVILEGED = """
import os, pwd, sys
from pathlib import Path
import psycopg
from app.core.embedded import EmbeddedServer
if os.geteuid() == 0:
    nobody = pwd.getpwnam("nobody")
    os.chown(sys.argv[1], nobody.pw_uid, nobody.pw_gid)
    os.setgroups([]); os.setgid(nobody.pw_gid); os.setuid(nobody.pw_uid)
with EmbeddedServer.start(Path(sys.argv[1]) / "pg", durable=False) as server:
    folder = Path(sys.argv[1]) / "pg"
    print(os.geteuid() != 0, folder.stat().st_uid == os.geteuid(), server.url().startswith("postgresql+psycopg://"))
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Give a folder outside pytest's own: that one is closed to PostgreSQL's user by every pytest that starts."""
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        yield Path(folder)


def ask(url: str, query: str) -> Any:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


def start_owner(folder: Path, **environment: str) -> tuple["subprocess.Popen[str]", str]:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    assert process.stdout
    owned, url = process.stdout.readline().split()
    assert owned == "True"
    return process, url


def end(process: "subprocess.Popen[str]", how: signal.Signals) -> None:
    process.send_signal(how)
    process.communicate()


def test_a_second_start_goes_on_with_the_same_data_and_no_superuser(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    with EmbeddedServer.start(folder) as server:
        url = server.url()
        ask(url, "CREATE TABLE kept AS SELECT 'Ива' AS name")
        first = postmaster(folder)
    assert not is_running(first)
    assert not (folder / "postmaster.pid").exists()

    with EmbeddedServer.start(folder) as server:
        assert server.url() == url
        assert ask(url, "SELECT upper(name) FROM kept") == "ИВА"
        assert ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert ask(url, "SHOW fsync") == "on"
        assert ask(url, "SHOW max_connections") == "200"


def test_settings_of_a_forgetful_server_can_be_given(tmp_path: Path) -> None:
    with EmbeddedServer.start(tmp_path / "pg", durable=False, settings={"max_connections": "20"}) as server:
        assert ask(server.url(), "SHOW fsync") == "off"
        assert ask(server.url("other"), "SHOW max_connections") == "20"


def test_who_comes_second_shares_the_server_and_leaves_it_running(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    process, url = start_owner(folder)
    shared = EmbeddedServer.start(folder)
    assert not shared.owned
    assert shared.url() == url
    shared.stop()
    assert ask(url, "SELECT 1") == 1

    server = postmaster(folder)
    process.communicate("")
    assert not is_running(server)


def test_a_server_ends_with_a_killed_owner_and_starts_again(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    process, url = start_owner(folder)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS number")
    server = postmaster(folder)
    end(process, signal.SIGKILL)
    wait_until(lambda: not is_running(server))

    with EmbeddedServer.start(folder, durable=False) as again:
        assert ask(again.url(), "SELECT number FROM kept") == 7


def test_an_orphan_is_ended_by_the_next_owner(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    # Without setpriv on its path the server is not tied to its owner.
    process, url = start_owner(folder, PATH="/usr/sbin")
    ask(url, "CREATE TABLE kept AS SELECT 7 AS number")
    orphan = postmaster(folder)
    end(process, signal.SIGKILL)
    assert ask(url, "SELECT 1") == 1

    with EmbeddedServer.start(folder, durable=False) as again:
        assert not is_running(orphan)
        assert again.owned
        assert ask(again.url(), "SELECT number FROM kept") == 7


def test_a_killed_server_starts_again_though_its_number_is_a_strangers(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    server = EmbeddedServer.start(folder)
    ask(server.url(), "CREATE TABLE kept AS SELECT 7 AS number")
    killed = postmaster(folder)
    os.kill(killed, signal.SIGKILL)
    server.stop()
    note = folder / "postmaster.pid"
    note.write_text(note.read_text().replace(str(killed), str(os.getppid()), 1))

    with EmbeddedServer.start(folder) as again:
        assert ask(again.url(), "SELECT number FROM kept") == 7


def test_a_folder_too_deep_for_a_socket_works(tmp_path: Path) -> None:
    folder = tmp_path / ("глубоко и с интервал" * 4) / "pg"
    assert len(os.fsencode(folder)) > LONGEST_SOCKET_PATH
    with EmbeddedServer.start(folder, durable=False) as server:
        assert ask(server.url(), "SELECT 1") == 1
        assert server.sockets != folder
        assert server.sockets.exists()
    assert not server.sockets.exists()


def test_half_a_creation_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "pg.new").mkdir()
    (tmp_path / "pg.new" / "left").write_text("half")
    with EmbeddedServer.start(tmp_path / "pg", durable=False) as server:
        assert ask(server.url(), "SELECT 1") == 1
    assert not (tmp_path / "pg.new").exists()


def test_another_release_is_refused_in_words_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedServerFailed, match="was written by PostgreSQL 16, this release brings 18"):
        EmbeddedServer.start(folder)
    assert [found.name for found in folder.iterdir()] == ["PG_VERSION"]


def test_a_strangers_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    folder.mkdir()
    (folder / "thesis.txt").write_text("precious")
    with pytest.raises(EmbeddedServerFailed, match="is not a PostgreSQL folder"):
        EmbeddedServer.start(folder)
    assert (folder / "thesis.txt").read_text() == "precious"


def test_a_refusal_of_postgres_is_shown(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServerFailed, match="max_connections"):
        EmbeddedServer.start(tmp_path / "pg", durable=False, settings={"max_connections": "many"})


def test_the_log_does_not_repeat_what_a_refused_row_held(tmp_path: Path) -> None:
    with EmbeddedServer.start(tmp_path / "pg", durable=False) as server:
        ask(server.url(), "CREATE TABLE person (email text UNIQUE)")
        ask(server.url(), "INSERT INTO person VALUES ('iva@example.bg')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            ask(server.url(), "INSERT INTO person VALUES ('iva@example.bg')")
    log = (tmp_path / "pg.log").read_text()
    assert "duplicate key value" in log
    assert "iva@example.bg" not in log


def test_it_runs_for_a_user_who_is_not_root(tmp_path: Path) -> None:
    """As root this gives up root's rights first; the tests above then have shown the other half."""
    open_to_all = tmp_path
    if os.geteuid() == 0:
        for step in (open_to_all, *open_to_all.parents):
            step.chmod(step.stat().st_mode | 0o001)
    done = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("True True True\n", "")
