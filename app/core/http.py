"""What happens to every request: a number, strict headers, one log line, and an answer even to a failure."""

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.language import preferred
from app.core.problems import Failure, respond

log = structlog.get_logger()

REQUEST_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
SECURITY = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-site",
    "permissions-policy": "interest-cohort=()",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
PRIVATE = "no-store"


class Frame:
    """The outermost layer of the shop's own; plain ASGI, because it is paid for on every request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = [(name.encode(), value.encode()) for name, value in SECURITY.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        number = asked if REQUEST_ID.match(asked) else uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=number)
        started, status = time.perf_counter(), 0

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(raw=message["headers"])
                headers["x-request-id"] = number
                headers.setdefault("cache-control", PRIVATE)
                headers.raw.extend(self.headers)
            await send(message)

        try:
            await self.app(scope, receive, framed)
        except Exception:
            # Whatever it is, the client gets an answer; core.logs keeps its class and place only.
            log.exception("request_failed")
            if not status:
                language = preferred(Request(scope).headers.get("accept-language"))
                await respond(Failure(), language)(scope, receive, framed)
        finally:
            self._note(scope, status, time.perf_counter() - started)
            structlog.contextvars.clear_contextvars()

    @staticmethod
    def _note(scope: Scope, status: int, seconds: float) -> None:
        # The route's template, not the path: a path may hold what belongs to one person.
        route = getattr(scope.get("route"), "path", None)
        log.info("request", method=scope["method"], route=route, status=status, milliseconds=round(seconds * 1000, 1))
