"""Speaks I-Cash's HTTP: signed, numbered, one request after the other, the session renewed when it ends."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import structlog

from app.accounting.ports import BooksRefused, BooksUnavailable, BooksUnsure, RequestStream, Stream
from app.integrations.circuit import Circuit
from app.integrations.icash import wire
from app.integrations.icash.account import ICashAccount
from app.integrations.icash.wire import R, Value

PATH = "/clientapi/v1/"
LARGEST_PAGE = 100
MOST_PAGES = 10

log = structlog.get_logger()


class ICashClient:
    """One account; the base address of `http` is the host alone, as `https://v5.icash.bg`."""

    def __init__(self, http: httpx.AsyncClient, account: ICashAccount, stream: RequestStream, circuit: Circuit) -> None:
        self._http, self._account, self._stream, self._circuit = http, account, stream, circuit
        self._session: str | None = None

    @asynccontextmanager
    async def open(self, *, is_trial: bool = False) -> AsyncIterator["Conversation"]:
        """Hold the sole right to speak for the account."""
        async with self._stream.open() as stream:
            if is_trial:
                self._circuit.let_one_through()
            yield Conversation(self, stream)

    async def call(self, stream: Stream, endpoint: str, parameters: Mapping[str, Value]) -> Any:
        """Call with a session. One that has ended is renewed once; an expired call was not carried out."""
        if self._session is None:
            await self._login(stream)
        try:
            return await self._send(stream, endpoint, {**parameters, "ses": self._session})
        except wire.SessionExpired:
            await self._login(stream)
        try:
            return await self._send(stream, endpoint, {**parameters, "ses": self._session})
        except wire.SessionExpired:
            raise BooksUnavailable(endpoint, "session") from None

    async def _login(self, stream: Stream) -> None:
        self._session = None
        try:
            self._session = wire.parse(wire.Session, await self._send(stream, "login", {})).id
        except wire.SessionExpired:
            raise BooksUnavailable("login", "session") from None

    async def _send(self, stream: Stream, endpoint: str, parameters: Mapping[str, Value]) -> Any:
        if not self._circuit.admits():
            raise BooksUnavailable(endpoint, "circuit-open")
        nonce = await stream.next_nonce()
        try:
            content = await self._exchange(endpoint, self._signed(nonce, parameters))
            answer = wire.read(endpoint, content, nonce)
        except BooksUnavailable as fault:
            self._circuit.failed()
            log.warning("icash_unavailable", endpoint=endpoint, nonce=nonce, reason=fault.reason)
            raise
        except (BooksRefused, wire.SessionExpired) as refusal:
            self._circuit.refused()
            log.info("icash_refused", endpoint=endpoint, nonce=nonce, refusal=str(refusal))
            raise
        self._circuit.succeeded()
        return answer

    def _signed(self, nonce: int, parameters: Mapping[str, Value]) -> dict[str, Value]:
        account = self._account
        return {
            "api_key": account.api_key,
            "nonce": nonce,
            "signature": wire.signature(nonce, account.warehouse_id, account.api_key, account.secret_key),
            # The vendor's own calls carry both everywhere, though only login documents them.
            "WareHouseID": account.warehouse_id,
            "UserID": account.user_id,
            **parameters,
        }

    async def _exchange(self, endpoint: str, parameters: Mapping[str, Value]) -> bytes:
        try:
            async with asyncio.timeout(self._account.assumptions.call_seconds):
                return (await self._http.post(PATH + endpoint, data=wire.form(parameters))).content
        except TimeoutError:
            raise BooksUnavailable(endpoint, "timeout", was_asked=True) from None
        except httpx.HTTPError as fault:
            # Not chained: httpx's error holds the request, and with it the keys and the buyer.
            raise BooksUnavailable(endpoint, type(fault).__name__, was_asked=True) from None


class Conversation:
    """The calls made while the right to speak is held."""

    def __init__(self, client: ICashClient, stream: Stream) -> None:
        self._client, self._stream = client, stream

    async def call(self, endpoint: str, parameters: Mapping[str, Value]) -> Any:
        return await self._client.call(self._stream, endpoint, parameters)

    async def read(self, kind: type[R], endpoint: str, parameters: Mapping[str, Value]) -> R:
        return wire.parse(kind, await self.call(endpoint, parameters))

    async def search(self, kind: type[R], endpoint: str, filters: Mapping[str, Value]) -> list[R]:
        """Return everything a list call finds; whether it filters exactly is not documented."""
        pages = self.pages(endpoint, filters, MOST_PAGES)
        return [wire.parse(kind, record) async for page in pages for record in page.records]

    async def pages(self, endpoint: str, filters: Mapping[str, Value], most: int) -> AsyncIterator[wire.Page]:
        """Give a list page by page, to its end."""
        given = 0
        for _ in range(most):
            page = await self.read(wire.Page, endpoint, {**filters, "offset": given, "count": LARGEST_PAGE})
            yield page
            given += len(page.records)
            if given >= page.total or not page.records:
                return
        raise BooksUnsure("list-too-long")
