"""A real HTTP server on a loopback port, for the simulators: one that can cut a connection in the middle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.types import ASGIApp, Receive, Scope
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

HOST = "127.0.0.1"


class _Connection(HttpToolsProtocol):
    """uvicorn's protocol, which hands its transport to the application."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn itself
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


@asynccontextmanager
async def serve(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Serve on a loopback port, a free one by default, and yield the address; no signal is touched."""
    config = Config(app, lifespan="off", ws="none", log_config=None, access_log=False)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(config, state, {}), HOST, port)
    try:
        yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.gather(*state.tasks, return_exceptions=True)


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Cut the connection without a word."""
    scope["state"]["transport"].abort()
    await gone(receive)


async def keep_waiting(receive: Receive, seconds: float, let_go: asyncio.Event) -> bool:
    """Keep the other side waiting so long, or until it is let go; tells whether it still waits."""
    left, free = asyncio.ensure_future(gone(receive)), asyncio.ensure_future(let_go.wait())
    try:
        await asyncio.wait({left, free}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return not left.done()
    finally:
        left.cancel()
        free.cancel()


async def wait(seconds: float, let_go: asyncio.Event) -> None:
    """Wait so long, or until it is let go."""
    with suppress(TimeoutError):
        await asyncio.wait_for(let_go.wait(), seconds)


async def gone(receive: Receive) -> None:
    """Wait until the other side, or `hang_up`, has ended the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
