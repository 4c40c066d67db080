"""The one line of requests to the books: a lock over all processes, and a number that only rises."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import psycopg
from psycopg.pq import TransactionStatus

from app.accounting.ports import BooksUnavailable, Stream
from app.core.clock import Clock

NEXT = """
    INSERT INTO icash_nonces (api_key_hash, last) VALUES (%s, %s)
    ON CONFLICT (api_key_hash) DO UPDATE SET last = GREATEST(icash_nonces.last + 1, EXCLUDED.last)
    RETURNING last
"""
CONNECT_SECONDS = 10
# The lock is the session's, not a transaction's: each number is committed at once, as it is given.
LOCK = "SELECT pg_advisory_lock(hashtextextended(%s, 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"

Connection = psycopg.AsyncConnection[tuple[int]]


class PostgresStream:
    """A `RequestStream` kept in PostgreSQL; `dsn` is libpq's and leads to the server itself, past any pooler.

    The lock belongs to the connection that also hands out the numbers: once it is lost, no number comes any more.
    """

    def __init__(self, dsn: str, api_key: str, clock: Clock, *, wait_seconds: float = 60) -> None:
        self._dsn = dsn
        self._key = hashlib.sha256(api_key.encode()).hexdigest()
        self._clock = clock
        self._wait = round(wait_seconds * 1000)
        self._is_kept = False
        self._idle: Connection | None = None

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[Self]:
        """Keep one connection for the next who speaks, while this is open: to make one costs more than to use it."""
        self._is_kept = True
        try:
            yield self
        finally:
            self._is_kept = False
            if idle := self._take_idle():
                await idle.close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Stream]:
        connection = await self._locked()
        try:
            yield _PostgresNonces(connection, self._key, self._clock)
        finally:
            await self._give_back(connection)

    async def _locked(self) -> Connection:
        """Wait for the right to speak; a kept connection that broke while nobody spoke is replaced."""
        if idle := self._take_idle():
            try:
                await self._lock(idle)
            except psycopg.errors.LockNotAvailable:
                raise BooksUnavailable("stream", "busy") from None
            except psycopg.OperationalError:
                pass
            else:
                return idle
        connection = await self._connect()
        try:
            await self._lock(connection)
        except psycopg.OperationalError as fault:
            busy = isinstance(fault, psycopg.errors.LockNotAvailable)
            raise BooksUnavailable("stream", "busy" if busy else "database") from None
        return connection

    async def _lock(self, connection: Connection) -> None:
        try:
            await connection.execute(LOCK, [f"icash:{self._key}"])
        except BaseException:  # cancelled too: the server may have given the lock
            await connection.close()
            raise

    async def _give_back(self, connection: Connection) -> None:
        """Let the next one speak: only who is sure to hold the lock no more is kept."""
        is_free = False
        try:
            if self._is_kept and connection.info.transaction_status is TransactionStatus.IDLE:
                await connection.execute(UNLOCK, [f"icash:{self._key}"])
                is_free = True
        except psycopg.OperationalError:
            pass
        finally:
            if is_free and self._is_kept and self._idle is None:
                self._idle = connection
            else:
                await connection.close()

    def _take_idle(self) -> Connection | None:
        idle, self._idle = self._idle, None
        return idle

    async def _connect(self) -> Connection:
        # The database's own timeouts are meant for requests; here waiting one's turn is normal, within a bound.
        options = f"-c lock_timeout={self._wait} -c statement_timeout={self._wait + 1000}"
        # When our machine is lost the server must notice: until then the lock is held, and nobody speaks to the books.
        options += " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
        try:
            return await psycopg.AsyncConnection.connect(
                self._dsn,
                autocommit=True,
                options=options,
                connect_timeout=CONNECT_SECONDS,
                # And we when the server's is lost: a kept connection would be asked in vain for hours.
                tcp_user_timeout=1000 * CONNECT_SECONDS,
            )
        except psycopg.OperationalError:
            raise BooksUnavailable("stream", "database") from None


class _PostgresNonces:
    def __init__(self, connection: Connection, key: str, clock: Clock) -> None:
        self._connection, self._key, self._clock = connection, key, clock

    async def next_nonce(self) -> int:
        now = int(self._clock.now().timestamp())
        try:
            found = await (await self._connection.execute(NEXT, [self._key, now])).fetchone()
        except psycopg.OperationalError:
            raise BooksUnavailable("stream", "lost") from None
        assert found is not None
        return found[0]
