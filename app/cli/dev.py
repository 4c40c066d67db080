"""`shop dev`, what `make run` starts: database, migrations, demo catalogue, both simulators, one worker, the API."""

import asyncio
import fcntl
import http.client
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from app.cli.demo_logins import Login
from app.cli.saying import say, say_aside
from app.cli.supervisor import Child, StepFailed, Supervisor, python
from app.core.embedded import LESSER, EmbeddedServer, EmbeddedServerFailed

HOST = "127.0.0.1"
STOP_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
SPEEDY_PORT = 8101
ICASH_PORT = 8102
READY_SECONDS = 60
GRACEFUL_SECONDS = 4
"""What the API gives requests under way; with it, the worker and PostgreSQL everything ends within ten seconds."""


class CannotRun(Exception):
    """Something is in the way; the text says what to do about it."""


@dataclass(frozen=True)
class Addresses:
    """Where the parts of the running shop are; kept in `run.json` for `make demo`."""

    api: str
    speedy: str
    icash: str
    database: str


@dataclass(frozen=True)
class Database:
    """The database of this run, and the server if it is ours."""

    url: str
    server: EmbeddedServer | None
    owner: Mapping[str, str] = field(default_factory=dict)
    """What `shop migrate` is told of the role that owns it."""


def dev(
    port: Annotated[int, typer.Option(help="Port of the API on 127.0.0.1", min=1, max=65535)] = 8000,
    folder: Annotated[Path, typer.Option(help="Where everything is kept", envvar="SHOP_FOLDER")] = Path("var"),
) -> None:
    """Run the whole shop on this machine until Ctrl-C; the data stay."""
    _on_signals(_interrupted)
    folder = folder.absolute()
    try:
        _refuse_taken(port)
        with _alone(folder), _database(folder) as database:
            asyncio.run(_run(folder, database, port))
            _on_signals(signal.SIG_IGN)  # the database is stopped in peace
    except (CannotRun, StepFailed, EmbeddedServerFailed) as problem:
        say_aside(str(problem))
        raise typer.Exit(1) from None
    say("Stopped; the data stay in var/.")


def _on_signals(handler: Callable[[int, Any], Any] | signal.Handlers) -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, handler)


def _interrupted(number: int, _frame: object) -> NoReturn:
    """Leave through the context managers, which stop what has been started; further signals do not disturb them."""
    _on_signals(signal.SIG_IGN)
    raise SystemExit(128 + number)


def _refuse_taken(port: int) -> None:
    if not _is_free(port):
        raise CannotRun(f"Port {port} is taken. Choose another one: make run PORT={port + 1}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port(wished: int) -> int:
    if _is_free(wished):
        return wished
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second shop off the same folder; the kernel frees the lock however we end."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(f"A shop already runs on {folder}. Stop it first, or try it with: make demo") from None
        yield


@contextmanager
def _database(folder: Path) -> Iterator[Database]:
    if given := os.environ.get("SHOP_DATABASE_URL"):
        say("Database: the one that SHOP_DATABASE_URL names")
        yield Database(given, None)
        return
    say(f"Database: PostgreSQL in {folder / 'postgres'}")
    with EmbeddedServer.start(folder / "postgres") as server:
        yield Database(server.url(role=LESSER), server, {"SHOP_OWNER_DATABASE_URL": server.url()})


async def _run(folder: Path, database: Database, port: int) -> None:
    """Open the shop and keep it open until a signal asks to stop."""
    work = asyncio.create_task(_open(folder, database, port))
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, _stop, work)
    with suppress(asyncio.CancelledError):
        await work


def _stop(work: "asyncio.Task[None]") -> None:
    # A second signal must not disturb the stopping that the first one began.
    if work.cancelling() == 0:
        say("\nStopping …")
        work.cancel()


async def _open(folder: Path, database: Database, port: int) -> None:
    speedy, icash = _free_port(SPEEDY_PORT), _free_port(ICASH_PORT)
    at = Addresses(
        api=f"http://{HOST}:{port}",
        speedy=f"http://{HOST}:{speedy}",
        icash=f"http://{HOST}:{icash}",
        database=database.url,
    )
    environment = {
        "PYTHONUNBUFFERED": "1",
        "SHOP_ENVIRONMENT": "development",
        "SHOP_FOLDER": str(folder),
        "SHOP_PUBLIC_URL": at.api,
        "SHOP_DATABASE_URL": database.url,
        "SHOP_SPEEDY_URL": f"{at.speedy}/v1",
        "SHOP_ICASH_URL": at.icash,
        **wishes_of_a_demo(os.environ),
    }
    async with Supervisor(environment, folder / "log", say) as supervisor:
        say("Migrations")
        await supervisor.run(Child("migrate", python("app.cli", "migrate"), database.owner))
        say("Demo catalogue and staff")
        printed = await supervisor.run(Child("demo-data", python("app.cli", "demo-data")))
        logins = [Login(**login) for login in json.loads(printed.splitlines()[-1])]
        for child in _children(folder, port, speedy, icash):
            say(f"Starting {child.name}")
            supervisor.keep(child)
        await _wait_until_ready(port)
        _write(folder / "run.json", {**asdict(at), "logins": [asdict(login) for login in logins]})
        say(_greeting(at, logins, folder))
        while not (database.server and database.server.ended):  # noqa: ASYNC110 - a process that ends sets no event
            await asyncio.sleep(0.5)
        raise CannotRun("PostgreSQL ended by itself; make run starts it again and goes on with the same data")


def wishes_of_a_demo(given: Mapping[str, str]) -> dict[str, str]:
    """Say what a demo needs where nothing else was asked for; an account is of one bank, so both or neither."""
    account = {"SHOP_SELLER_IBAN": "BG80BNBG96611020345678", "SHOP_SELLER_BIC": "BNBGBGSD"}
    # What nobody waits for at the counter of a demo: tracking, retries, many orders of one address.
    wished = {
        "SHOP_TRACKING_CRON": "* * * * * */3",
        "SHOP_RETRY_FIRST_SECONDS": "2",
        "SHOP_RETRY_MOST_SECONDS": "30",
        "SHOP_ORDERS_PER_HOUR": "100000",
        "SHOP_CARTS_PER_HOUR": "100000",
        "SHOP_MAILS_AT_ONCE": "100000",
        "SHOP_OPEN_ORDERS_BY_ORIGIN": "100000",
        **({} if given.get("SHOP_SELLER_IBAN") else account),
    }
    return {name: value for name, value in wished.items() if not given.get(name)}


def _children(folder: Path, port: int, speedy: int, icash: int) -> list[Child]:
    def simulator(name: str, port: int) -> list[str]:
        state = str(folder / f"{name}.jsonl")
        return [*python(f"app.integrations.{name}.simulator", "--port", str(port), "--state", state)]

    api = python("app.cli", "api", "--host", HOST, "--port", str(port), "--graceful-seconds", str(GRACEFUL_SECONDS))
    return [
        Child("Speedy", simulator("speedy", speedy)),
        Child("I-Cash", simulator("icash", icash)),
        Child("worker", python("app.cli", "worker")),
        Child("API", api),
    ]


async def _wait_until_ready(port: int) -> None:
    for _ in range(READY_SECONDS * 5):
        if await asyncio.to_thread(_answers, port):
            return
        await asyncio.sleep(0.2)
    raise CannotRun(f"The API is not ready after {READY_SECONDS} s: see var/log/api.log")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _write(file: Path, content: dict[str, Any]) -> None:
    draft = file.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    draft.replace(file)


def _greeting(at: Addresses, logins: list[Login], folder: Path) -> str:
    lines = [
        "",
        "Магазинът е отворен. The shop is open.",
        f"  API               {at.api}/v1, its pages {at.api}/docs",
        f"  Speedy simulator  {at.speedy}",
        f"  I-Cash simulator  {at.icash}",
        f"  Logs              {folder / 'log'}",
        "",
        "Demo logins",
        *map(_shown, logins),
        "  Staff log in with e-mail, password and a code of an authenticator app, which takes the key shown last;",
        "  without an app, .venv/bin/shop demo-code owner prints the code.",
        "",
        "In a second terminal: make demo. Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def _shown(login: Login) -> str:
    key = f" / {login.totp}" if login.totp else ""
    return f"  {login.who:<21}  {login.login} / {login.password}{key}  {login.purpose}"
