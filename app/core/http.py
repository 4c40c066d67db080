"""What happens to every request: a number, strict headers, one log line, a limit, and an answer even to a failure."""

import asyncio
import re
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Self

import structlog
from opentelemetry import trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.db import BODILESS
from app.core.errors import ShopError
from app.core.language import Text
from app.core.problems import Answer, Failure, answer

log = structlog.get_logger()

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
PRIVATE = b"no-store"
ALWAYS = (
    (b"cross-origin-resource-policy", b"same-site"),
    (b"permissions-policy", b"interest-cohort=()"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
UNLESS_SAID = (
    (b"cache-control", PRIVATE),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
NO_CONTENT = 204
LINGERING_SECONDS = 5.0
"""For what is still on its way when it was answered: a client that sends all before it reads would lose the answer."""
SLOWEST = 8192
"""Bytes a second at which a body still arrives in time, beside the seconds that every body has."""
ONCE = {
    name.lower().encode(): name
    for name in ("Authorization", "Content-Type", "Idempotency-Key", "X-Order-Token", "X-Request-Token")
}
"""Headers that say one thing."""
LONGEST_ADDRESS = 4096
"""Bytes of a path, and of what follows its question mark: ten times what our own links need."""


KIBIBYTE, MEBIBYTE = 2**10, 2**20


class BodyTooLarge(ShopError):
    status = 413
    title = Text("Твърде голяма заявка", "Request too large")
    advice = Text("Изпратете най-много {most}.", "Send at most {most}.")
    example = {"most": "64 KiB"}  # noqa: RUF012 - read only

    @classmethod
    def over(cls, limit: int) -> Self:
        """Refuse what is longer than so many bytes."""
        whole = limit % MEBIBYTE == 0
        return cls(most=f"{limit // MEBIBYTE} MiB" if whole else f"{limit // KIBIBYTE} KiB")


class AddressTooLong(ShopError):
    status = 414
    title = Text("Твърде дълъг адрес", "Address too long")
    advice = Text("Изпратете по-къс адрес, с по-малко параметри.", "Send a shorter address, with fewer parameters.")


class BodyTooSlow(ShopError):
    status = 408
    title = Text("Заявката не пристигна докрай", "The request did not arrive")
    advice = Text("Нищо не е променено. Изпратете я отново.", "Nothing was changed. Send it again.")


class HeaderRepeated(ShopError):
    """Which of two is meant, nobody can say; each reader on the way would take another."""

    status = 400
    title = Text("Повторено заглавие", "Header repeated")
    advice = Text("Изпратете заглавието {header} само веднъж.", "Send the header {header} only once.")
    example = {"header": "Idempotency-Key"}  # noqa: RUF012 - read only


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
            scope = {**scope, "method": "GET", BODILESS: True}
        number = asked if REQUEST_ID.fullmatch(asked) else secrets.token_hex(16)
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
    # Looked at by their raw names, once: each question to `headers` walks all of them, on every request.
    said = dict(headers.raw)
    kept = said.get(b"cache-control", PRIVATE)
    if kept != PRIVATE and b"origin" not in said.get(b"vary", b"").lower():
        # A shared cache must not give one origin what was allowed to another, or to none.
        headers.add_vary_header("Origin")
    headers.raw.append((b"x-request-id", number.encode()))
    headers.raw.extend(each for each in UNLESS_SAID if each[0] not in said)
    headers.raw.extend(ALWAYS)


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
    """The innermost layer: limits on addresses and bodies, and an answer even to what nobody foresaw."""

    def __init__(
        self,
        app: ASGIApp,
        body_limit: int,
        body_seconds: float,
        roomier: Mapping[re.Pattern[str], int] = MappingProxyType({}),
        give: Answer = answer,
    ) -> None:
        self.app = app
        self.body_limit = body_limit
        self.body_seconds = body_seconds
        self.roomier = roomier
        """Paths that take a file, and how much of it."""
        self.give = give

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = next((most for path, most in self.roomier.items() if path.fullmatch(scope["path"])), self.body_limit)
        headers = Headers(scope=scope)
        arriving = Arriving(receive, headers, limit, self.body_seconds)
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start" and arriving.is_awaited:
                MutableHeaders(raw=message["headers"])["connection"] = "close"
            started = True
            if message["type"] == "http.response.body" and not message.get("more_body") and arriving.is_awaited:
                await send({**message, "more_body": True})
                await arriving.drop()
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        try:
            if refusal := _refusal(scope, arriving.announced, limit):
                await self.give(Request(scope), refusal)(scope, receive, noted)
            else:
                await self.app(scope, arriving.receive, noted)
        except ClientDisconnect:
            log.info("client_left")
        except Exception:
            # Whatever it is, the client gets an answer; core.logs keeps its class and place only.
            log.exception("request_failed")
            if not started:
                await self.give(Request(scope), Failure())(scope, receive, noted)


def _refusal(scope: Scope, announced: int, limit: int) -> ShopError | None:
    """Say what is wrong with a request before anybody looks what it is for."""
    if max(len(scope["query_string"]), len(scope["path"])) > LONGEST_ADDRESS:
        return AddressTooLong()
    if repeated := _repeated(scope):
        return HeaderRepeated(header=repeated)
    return BodyTooLarge.over(limit) if announced > limit else None


def _repeated(scope: Scope) -> str | None:
    """Name a header that is sent twice and may be sent once."""
    seen: set[bytes] = set()
    for name, _ in scope["headers"]:
        if name in seen:
            return ONCE[name]
        if name in ONCE:
            seen.add(name)
    return None


class Arriving:
    """A body on its way: no longer than allowed, and all of it before its time is up."""

    def __init__(self, receive: Receive, headers: Headers, limit: int, seconds: float) -> None:
        length = headers.get("content-length", "")
        self.announced = int(length) if length.isascii() and length.isdigit() else 0
        self.is_awaited = self.announced > 0 or "transfer-encoding" in headers
        self._receive = receive
        self._limit = limit
        self._seconds = seconds + limit / SLOWEST
        self._deadline: float | None = None
        self._received = 0
        self._is_whole = False

    async def receive(self) -> Message:
        """Receive the next part; refused with 413 or 408."""
        if self._is_whole:
            return await self._receive()  # the end of the connection, whenever that is
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow from None
        self._received += len(message.get("body", b""))
        if self._received > self._limit:
            raise BodyTooLarge.over(self._limit)
        if not message.get("more_body", False):
            self._is_whole, self.is_awaited = True, False
        return message

    async def drop(self) -> None:
        """Take what is left of a request that was answered, however much, for a moment; nothing of it is kept."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGERING_SECONDS):
                while (await self._receive()).get("more_body", False):
                    pass
