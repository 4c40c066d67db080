"""Answers that go wrong on the way: cut, late, empty, or a proxy's page."""

import asyncio

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from app.integrations.icash.simulator.faults import Fault, FaultKind
from app.integrations.loopback import hang_up, keep_waiting

PAGE = "<html><body><h1>{status}</h1><p>nginx</p></body></html>"


class Cut(Response):
    """No answer: the TCP connection is dropped."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - nothing is sent
        await hang_up(scope, receive)


class Late(Response):
    """An answer that comes after its time, if the client is still there."""

    def __init__(self, answer: Response, seconds: float, let_go: asyncio.Event) -> None:
        super().__init__()
        self._answer, self._seconds, self._let_go = answer, seconds, let_go

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if await keep_waiting(receive, self._seconds, self._let_go):
            await self._answer(scope, receive, send)


def spoiled(fault: Fault, answer: Response, let_go: asyncio.Event) -> Response:
    """Return what becomes of an answer on its way."""
    match fault.kind:
        case FaultKind.CUT:
            return Cut()
        case FaultKind.DELAY:
            return Late(answer, fault.seconds, let_go)
        case FaultKind.EMPTY:
            return Response(b"", media_type="application/json")
        case FaultKind.HTML:
            return HTMLResponse(PAGE.format(status=200))
        case FaultKind.HTML_502:
            return HTMLResponse(PAGE.format(status=502), status_code=502)
        case _:
            return answer
