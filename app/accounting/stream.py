"""The one line of requests to the books: a lock over all processes, and a number that only rises."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from app.accounting.ports import BooksUnavailable, Stream
from app.core.clock import Clock

NEXT = """
    INSERT INTO icash_nonces (api_key_hash, last) VALUES (%s, %s)
    ON CONFLICT (api_key_hash) DO UPDATE SET last = GREATEST(icash_nonces.last + 1, EXCLUDED.last)
    RETURNING last
"""
CONNECT_SECONDS = 10


class PostgresStream:
    """A `RequestStream` kept in PostgreSQL; `dsn` is libpq's and leads to the server itself, past any pooler.

    The lock belongs to the connection that also hands out the numbers: once it is lost, no number comes any more.
    """

    def __init__(self, dsn: str, api_key: str, clock: Clock, *, wait_seconds: float = 60) -> None:
        self._dsn = dsn
        self._key = hashlib.sha256(api_key.encode()).hexdigest()
        self._clock = clock
        self._wait = round(wait_seconds * 1000)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Stream]:
        connection = await self._connect()
        try:
            try:
                # The lock is the session's, not a transaction's: each number is committed at once, as it is given.
                await connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"icash:{self._key}"])
            except psycopg.OperationalError as fault:
                busy = isinstance(fault, psycopg.errors.LockNotAvailable)
                raise BooksUnavailable("stream", "busy" if busy else "database") from None
            yield _PostgresNonces(connection, self._key, self._clock)
        finally:
            await connection.close()

    async def _connect(self) -> psycopg.AsyncConnection[tuple[int]]:
        # The database's own timeouts are meant for requests; here waiting one's turn is normal, within a bound.
        options = f"-c lock_timeout={self._wait} -c statement_timeout={self._wait + 1000}"
        # When our machine is lost the server must notice: until then the lock is held, and nobody speaks to the books.
        options += " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
        try:
            return await psycopg.AsyncConnection.connect(
                self._dsn, autocommit=True, options=options, connect_timeout=CONNECT_SECONDS
            )
        except psycopg.OperationalError:
            raise BooksUnavailable("stream", "database") from None


class _PostgresNonces:
    def __init__(self, connection: psycopg.AsyncConnection[tuple[int]], key: str, clock: Clock) -> None:
        self._connection, self._key, self._clock = connection, key, clock

    async def next_nonce(self) -> int:
        now = int(self._clock.now().timestamp())
        try:
            found = await (await self._connection.execute(NEXT, [self._key, now])).fetchone()
        except psycopg.OperationalError:
            raise BooksUnavailable("stream", "lost") from None
        assert found is not None
        return found[0]
