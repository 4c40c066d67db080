"""What happens to every request: a number, strict headers, one log line, a limit, and an answer even to a failure."""

import re
import time
from collections.abc import Mapping
from types import MappingProxyType
from uuid import uuid4

import structlog
from opentelemetry import trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import ShopError
from app.core.language import preferred
from app.core.problems import BodyTooLarge, Failure, respond

log = structlog.get_logger()

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
NOTHING_LOADED = "default-src 'none'; frame-ancestors 'none'"
SECURITY = {
    "cross-origin-resource-policy": "same-site",
    "permissions-policy": "interest-cohort=()",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
RAW = [(name.encode(), value.encode()) for name, value in SECURITY.items()]
PRIVATE = "no-store"
NO_CONTENT = 204


class Frame:
    """The outermost layer of the shop's own; plain ASGI, because it is paid for on every request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked, method = Headers(scope=scope).get("x-request-id", ""), scope["method"]
        if method == "HEAD":
            # Answered as GET is; the server leaves the body away.
            scope = {**scope, "method": "GET"}
        number = asked if REQUEST_ID.fullmatch(asked) else uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=number)
        started, status = time.perf_counter(), 0

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(raw=message["headers"])
                if status == NO_CONTENT:
                    del headers["content-type"]  # FastAPI names the type of a body that is not there
                _dress(headers, number)
                _forget_address()
            await send(message)

        try:
            await self.app(scope, receive, framed)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            log.info("request", method=method, operation=_operation(scope), status=status, milliseconds=milliseconds)
            structlog.contextvars.clear_contextvars()


def _dress(headers: MutableHeaders, number: str) -> None:
    headers["x-request-id"] = number
    if headers.setdefault("cache-control", PRIVATE) != PRIVATE and "origin" not in headers.get("vary", "").lower():
        # A shared cache must not give one origin what was allowed to another, or to none.
        headers.add_vary_header("Origin")
    headers.setdefault("content-security-policy", NOTHING_LOADED)
    headers.raw.extend(RAW)


def _operation(scope: Scope) -> str | None:
    """Name what was asked for as the contract does, not by the path: a path may hold what belongs to one person."""
    name: str | None = getattr(scope.get("route"), "name", None)
    return name


def _forget_address() -> None:
    """Take the path and the query out of FastAPI's span, for the same reason; its `http.route` is the template."""
    span = trace.get_current_span()
    if span.is_recording():
        span.set_attributes({"url.path": "", "url.query": ""})


class Net:
    """The innermost layer: a limit on bodies, and an answer even to what nobody foresaw."""

    def __init__(
        self, app: ASGIApp, body_limit: int, roomier: Mapping[re.Pattern[str], int] = MappingProxyType({})
    ) -> None:
        self.app = app
        self.body_limit = body_limit
        self.roomier = roomier
        """Paths that take a file, and how much of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, received = False, 0
        limit = next((most for path, most in self.roomier.items() if path.fullmatch(scope["path"])), self.body_limit)

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(BodyTooLarge.status)
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        headers = Headers(scope=scope)
        try:
            if _announced(headers) > limit:
                await _answer(BodyTooLarge(), headers)(scope, receive, send)
            else:
                await self.app(scope, limited, noted)
        except ClientDisconnect:
            log.info("client_left")
        except Exception:
            # Whatever it is, the client gets an answer; core.logs keeps its class and place only.
            log.exception("request_failed")
            if not started:
                await _answer(Failure(), headers)(scope, receive, send)


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _answer(problem: ShopError, headers: Headers) -> ASGIApp:
    return respond(problem, preferred(headers.get("accept-language")))
