"""Who does not take an answer is cut off, on real sockets; who takes it gets all of it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from app.core.connections import Connection
from tests.processes import PATIENCE, until

LARGE = 64 * 2**20
"""More than the system keeps for a socket."""
ASK = b"GET /%s HTTP/1.1\r\nhost: shop.test\r\n%s\r\n"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with so many bytes, in pieces or in one."""
    _, length, pieces = scope["path"].split("/")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length.encode())]})
    piece = b"x" * (int(length) // int(pieces))
    for left in reversed(range(int(pieces))):
        await send({"type": "http.response.body", "body": piece, "more_body": left > 0})


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[int, ServerState]]:
    config = Config(answer, http=Connection, lifespan="off", ws="none", log_config=None, access_log=False)
    config.load()
    config.timeout_keep_alive = 0
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(config, state, {}), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], state
    finally:
        server.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "reader_seconds", 0.05)


@pytest.mark.parametrize("pieces", [1, 256])
@pytest.mark.parametrize("closing", [b"", b"connection: close\r\n"])
@pytest.mark.usefixtures("impatient")
async def test_who_does_not_read_is_cut_off_and_nothing_is_kept_for_them(pieces: int, closing: bytes) -> None:
    async with serving() as (port, state):
        with socket.create_connection(("127.0.0.1", port)) as reader:
            reader.sendall(ASK % (b"%d/%d" % (LARGE, pieces), closing))
            await until(lambda: bool(state.connections), every=0.01)
            await until(lambda: not state.connections and not state.tasks, every=0.01)


@pytest.mark.usefixtures("impatient")
async def test_nor_is_a_small_rest_kept_for_who_never_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is less than what makes uvicorn wait: it would close, and wait for the reader for ever."""
    monkeypatch.setattr("uvicorn.protocols.http.flow_control.FlowControl.pause_writing", lambda _: None)
    monkeypatch.setattr(Connection, "pause_writing", lambda _: None)
    async with serving() as (port, state):
        with socket.create_connection(("127.0.0.1", port)) as reader:
            reader.sendall(ASK % (b"%d/1" % LARGE, b""))
            await until(lambda: bool(state.connections), every=0.01)
            await until(lambda: not state.connections, every=0.01)


@pytest.mark.parametrize("pieces", [1, 256])
async def test_who_reads_gets_all_of_it(pieces: int) -> None:
    async with serving() as (port, _), httpx.AsyncClient(timeout=PATIENCE) as http:
        taken = await http.get(f"http://127.0.0.1:{port}/{LARGE}/{pieces}")
        assert (taken.status_code, len(taken.content)) == (200, LARGE)
