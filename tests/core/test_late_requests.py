"""Half a request keeps neither a connection nor its task: headers and body come in time or not at all."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from app.core import problems
from app.core.connections import Connection
from app.core.http import Frame, Net
from tests.problems import PUBLIC_URL, of_kind
from tests.processes import PATIENCE, until
from tests.serving import serving

TOO_SLOW = {
    **of_kind("body-too-slow"),
    "title": "The request did not arrive",
    "status": 408,
    "detail": "Nothing was changed. Send it again.",
}


def make_app(body_seconds: float, body_limit: int = 1024) -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.state.public_url = PUBLIC_URL
    app.add_middleware(Net, body_limit=body_limit, body_seconds=body_seconds)
    app.add_middleware(Frame)

    @app.post("/length")
    async def tell_length(request: Request) -> dict[str, int]:
        return {"length": len(await request.body())}

    @app.post("/unread")
    async def answer_at_once() -> dict[str, Any]:
        return {}

    return app


async def read_all(port: int, *sent: bytes) -> bytes:
    """Send this and no more; returns what comes until the other side ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in sent:
        writer.write(part)
        await writer.drain()
    try:
        return await asyncio.wait_for(reader.read(), PATIENCE)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


HALF = [
    b"",
    b"\r\n",
    b"POST /length HTTP/1.1\r\nhost: shop.test\r\nx-more",
    b"POST /length HTTP/1.1\r\n" + b"a: b\r\n" * 9,
]


@pytest.mark.parametrize("half", HALF, ids=["nothing", "a line", "half a header", "headers without end"])
async def test_headers_that_do_not_come_end_the_connection(monkeypatch: pytest.MonkeyPatch, half: bytes) -> None:
    monkeypatch.setattr(Connection, "head_seconds", 0.05)
    async with serving(make_app(body_seconds=PATIENCE)) as (port, state):
        assert await read_all(port, half) == b""
        await until(lambda: not state.connections and not state.tasks, every=0.01)


async def test_nor_does_a_second_request_that_never_comes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uvicorn's time for idle connections ends with any byte, so that a drop now and then kept it open."""
    whole = b"POST /unread HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 0\r\n\r\n"
    async with serving(make_app(body_seconds=PATIENCE)) as (port, state):
        monkeypatch.setattr(Connection, "timeout_keep_alive_handler", lambda _: None)
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(whole)
            await until(lambda: state.total_requests == 1, every=0.01)
            monkeypatch.setattr(Connection, "head_seconds", 0.05)
            client.sendall(b"\r\n")
            await until(lambda: not state.connections, every=0.01)


@pytest.mark.parametrize("announced", [b"content-length: 9", b"transfer-encoding: chunked"])
async def test_a_body_that_does_not_come_is_told_and_ends_the_connection(announced: bytes) -> None:
    head = b"POST /length HTTP/1.1\r\nhost: shop.test\r\naccept-language: en\r\n" + announced + b"\r\n\r\n"
    async with serving(make_app(body_seconds=0.05)) as (port, state):
        answer = await read_all(port, head, b"1\r\n" if b"chunked" in announced else b"1")
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in answer
        await until(lambda: not state.connections and not state.tasks, every=0.01)


async def test_the_refusal_is_a_problem_like_any_other() -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"1"
        await asyncio.Event().wait()

    transport = httpx.ASGITransport(make_app(body_seconds=0.05))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as http:
        answer = await http.post("/length", content=never(), headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.json()) == (408, TOO_SLOW)
        assert (await http.post("/length", content=b"12345")).json() == {"length": 5}


@pytest.mark.parametrize("length", [33_000, 2**22])
@pytest.mark.parametrize("head", [b"GET /%s HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nx: %s\r\n", b"GET / HTTP/1.1\r\n%s"])
async def test_a_head_has_a_length(head: bytes, length: int) -> None:
    """Uvicorn itself takes a line of any length, copying all of it with each part that comes."""
    long = head % (b"a" * length if b": " in head or b"/%s" in head else b"a: b\r\n" * (length // 6))
    async with serving(make_app(body_seconds=PATIENCE)) as (port, state):
        with suppress(ConnectionError):
            assert (await read_all(port, long, b"\r\n"))[:13] in {b"", b"HTTP/1.1 400 "}
        await until(lambda: not state.connections and not state.tasks, every=0.01)


async def test_who_sends_all_before_they_read_is_answered() -> None:
    """Were the connection closed with parts of the request still on their way, the answer would be lost with it."""
    body = bytes(2**20)
    head = b"POST /unread HTTP/1.1\r\nhost: shop.test\r\ncontent-length: %d\r\n\r\n" % len(body)
    async with serving(make_app(body_seconds=PATIENCE, body_limit=2 * len(body))) as (port, _):
        answer = await read_all(port, head, *[body[:4096]] * (len(body) // 4096))
        assert answer.startswith(b"HTTP/1.1 200 ")


async def test_what_was_answered_before_it_came_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.http.LINGERING_SECONDS", 0.05)
    async with serving(make_app(body_seconds=PATIENCE)) as (port, _):
        early = await read_all(port, b"POST /unread HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 900\r\n\r\n", b"1")
        assert early.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in early
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as http:
            whole = await http.post("/length", content=b"12345")
            assert (whole.json(), whole.headers.get("connection")) == ({"length": 5}, None)
