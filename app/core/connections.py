"""How the API is spoken to: uvicorn's protocol, which cuts off who does not say what they want, or does not take it."""

from asyncio import TimerHandle, Transport
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 32_768
"""Bytes of a request's first line and headers."""


class HeadTooLong(Exception):
    """uvicorn answers it with 400 and ends the connection, as it does with what is no HTTP."""


class Connection(HttpToolsProtocol):
    """A connection of one client; one that is too slow is ended, however much of its answer is unread."""

    reader_seconds: ClassVar[float] = 60
    """For some 200 KB, or for the rest of an answer; set when the process starts."""
    head_seconds: ClassVar[float] = 10
    """For the headers of a request, from the connection's or their first byte; set when the process starts."""

    _late: TimerHandle | None = None
    _unsaid: TimerHandle | None = None
    _said = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn itself
        super().connection_made(transport)
        self._await_headers()

    def data_received(self, data: bytes) -> None:
        # Of a next request, or of one that was answered before it had arrived: uvicorn's own time for idle
        # connections ends with any byte.
        if self._unsaid is None and getattr(self.cycle, "response_complete", True):
            self._await_headers()
        self._said += len(data)
        super().data_received(data)
        if self._unsaid is not None and self._said > LONGEST_HEAD:
            self.transport.abort()

    def on_headers_complete(self) -> None:
        self._forget_headers()
        if sum(len(name) + len(value) + 4 for name, value in self.headers) + len(self.url) > LONGEST_HEAD:
            raise HeadTooLong
        super().on_headers_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():  # else what is left is not to wait for ever either
            self._forget_reader()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # A small answer pauses nothing, and closing alone would wait for its reader for ever.
        if self.transport.is_closing() and self._late is None:
            self._await_reader()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        if self._late is None:
            self._await_reader()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forget_reader()
        self._forget_headers()

    def _await_headers(self) -> None:
        self._said = 0
        self._unsaid = self.loop.call_later(self.head_seconds, self.transport.abort)

    def _forget_headers(self) -> None:
        if self._unsaid is not None:
            self._unsaid.cancel()
            self._unsaid = None

    def _await_reader(self) -> None:
        self._late = self.loop.call_later(self.reader_seconds, self.transport.abort)

    def _forget_reader(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
