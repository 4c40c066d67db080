"""Clients that ask one thing after another over kept connections; light, because they share the machine."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, cast

HOST = "127.0.0.1"
END = b"\r\n\r\n"
LENGTH = b"content-length: "


class Refused(Exception):
    """An answer that the benchmark did not expect; the text is the answer."""


class Connection(asyncio.Protocol):
    """One kept connection, one request under way; reads answers of a stated length."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[tuple[int, bytes]] | None = None
        self._received = b""
        self._whole = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._whole:
            head, end, _ = self._received.partition(END)
            if not end:
                return
            at = head.find(LENGTH)
            length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self._whole = len(head) + len(END) + length
        if len(self._received) >= self._whole and self._answered:
            answer, self._received = self._received[: self._whole], self._received[self._whole :]
            self._whole = 0
            self._answered.set_result((int(answer[9:12]), answer))

    def connection_lost(self, reason: Exception | None) -> None:
        if self._answered and not self._answered.done():
            self._answered.set_exception(reason or ConnectionResetError())

    async def ask(self, request: bytes, expected: int) -> bytes:
        """Send a request and return the body of its answer."""
        assert self._transport
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        status, answer = await self._answered
        _, _, body = answer.partition(END)
        if status != expected:
            raise Refused(f"{status} instead of {expected}: {body[:500].decode(errors='replace')}")
        return body

    def close(self) -> None:
        if self._transport:
            self._transport.close()


def request(method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"host: {HOST}"]
    of_body = {} if body is None else {"content-type": "application/json", "content-length": len(body)}
    lines += [f"{name}: {value}" for name, value in {**of_body, **(headers or {})}.items()]
    return "\r\n".join(lines).encode() + END + (body or b"")


async def connect(port: int) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(Connection, HOST, port)
    return connection


Operation = Callable[[Connection], Coroutine[Any, Any, object]]


@dataclass(frozen=True)
class Load:
    """What a run of an operation came to; latencies in milliseconds, sorted."""

    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))]


async def drive(port: int, clients: int, seconds: float, operation: Operation, *, most: int | None = None) -> Load:
    """Run the operation over and over by so many clients at once, for that long or that often."""
    left = iter(range(most)) if most is not None else count()
    connections = [await connect(port) for _ in range(clients)]
    latencies: list[float] = []
    began = time.perf_counter()
    until = began + seconds

    async def client(connection: Connection) -> None:
        started = time.perf_counter()
        while started < until and next(left, None) is not None:
            await operation(connection)
            ended = time.perf_counter()
            latencies.append((ended - started) * 1000)
            started = ended

    try:
        async with asyncio.TaskGroup() as together:
            for connection in connections:
                together.create_task(client(connection))
    finally:
        for connection in connections:
            connection.close()
    return Load(time.perf_counter() - began, tuple(sorted(latencies)))


def repeat(wanted: bytes, expected: int = 200) -> Operation:
    """Make an operation of one request that is always the same."""

    async def operation(connection: Connection) -> None:
        await connection.ask(wanted, expected)

    return operation


def addresses() -> Iterator[str]:
    """Name ever new shoppers: what one address may do in an hour is limited."""
    return (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count(1))
