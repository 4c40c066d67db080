"""Long answers: read and written whole into a file without a name, then sent, with nothing held that others need."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from os import SEEK_END
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from app.core.db import require_empty_handed
from app.core.turns import Turns

IN_MEMORY = PIECE = 256 * 1024
READING = Turns(2)
"""Each has a connection while it reads what it writes."""

Spool = IO[bytes]


async def get_spool(request: Request) -> AsyncIterator[Spool]:
    folder: Path | None = request.app.state.spool_folder
    with SpooledTemporaryFile(IN_MEMORY, dir=str(folder) if folder else None) as spool:
        yield spool


def sha256_of(spool: Spool) -> str:
    digest = sha256()
    spool.seek(0)
    while piece := spool.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


# "request": it is there until the answer was sent, or was given up; a file without a name outlives no process.
SpoolDep = Annotated[Spool, Depends(get_spool, scope="request")]


class FileAnswer(Response):
    """Sends what was spooled; who reads too slowly is cut off by `core.connections`."""

    def __init__(self, spool: Spool, *, media_type: str, filename: str) -> None:
        self._spool = spool
        headers = {
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Content-Length": str(spool.seek(0, SEEK_END)),
            "Cache-Control": "no-store",
        }
        super().__init__(media_type=media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        require_empty_handed()
        self._spool.seek(0)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        leaving = asyncio.create_task(_leaves(receive))
        try:
            while not leaving.done() and (piece := await run_in_threadpool(self._spool.read, PIECE)):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if not leaving.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            leaving.cancel()


async def _leaves(receive: Receive) -> None:
    """Wait until the client is gone: nobody is told by sending."""
    while (await receive())["type"] != "http.disconnect":
        pass
