"""Serves an app on a loopback socket within the test's own loop, as the shop's processes do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import ServerState

from app.core.connections import Connection


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[tuple[int, ServerState]]:
    """Give the port it listens on, and the state of the server."""
    config = Config(app, http=Connection, lifespan="off", ws="none", log_config=None, access_log=False)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(config, state, {}), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], state
    finally:
        server.close()
