"""How often somebody may try: allowances kept in PostgreSQL, shared by all processes."""

import ipaddress
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import Row, TextClause, delete, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import At
from app.core.db import Base, Sessions, alone, forget
from app.core.errors import ShopError
from app.core.language import Text
from app.core.personal import IMPERSONAL
from app.core.routing import door
from app.core.secrets import Secret

QUARTER = 15 * 60
HOUR = 60 * 60
"""Windows of allowances, in seconds."""

# An allowance of `limit` uses that refills evenly is one moment: when it will be full again. A use moves that moment
# on by its share of the window; a use that would move it beyond the window is refused and moves nothing.
TAKE_SOME = """
        INSERT INTO throttle (key, full_at) SELECT key, :at + charge FROM wanted WHERE {which}
        ON CONFLICT (key) DO UPDATE SET full_at = greatest(throttle.full_at, :at) + (excluded.full_at - :at)
        WHERE greatest(throttle.full_at, :at) + (excluded.full_at - :at)
            <= :at + (SELECT span FROM wanted WHERE wanted.key = excluded.key)
        RETURNING key
"""


class Rank(IntEnum):
    """How many share an allowance: one that more share is used only where none that fewer share refuses."""

    ORIGIN = 0
    SITE = 1
    NETWORK = 2
    EVERYWHERE = 3


def taking(known: str) -> TextClause:
    """Make the statement that takes uses, and meanwhile looks somebody up; `known` says of them whether `is_familiar`.

    It gives what is refused beside the one row that is known, if there is one.
    """
    # Every statement takes rank by rank, each in the order of the keys: no two wait for each other.
    wanted = """
        SELECT key, charge, span, rank FROM unnest(
            CAST(:keys AS bytea[]), CAST(:charges AS interval[]), CAST(:windows AS interval[]), CAST(:ranks AS int[]),
            CAST(:familiar AS boolean[])
        ) AS given (key, charge, span, rank, familiar)
        WHERE familiar IS NULL OR familiar = EXISTS (SELECT FROM known WHERE is_familiar) ORDER BY key
    """
    parts = [
        f"known AS MATERIALIZED ({known})",
        f"wanted AS MATERIALIZED ({wanted})",
        "refused AS MATERIALIZED (SELECT key FROM wanted WHERE false)",
    ]
    refused = "refused"
    for rank in Rank:
        due = f"rank = {rank:d} AND NOT EXISTS (SELECT FROM {refused})"
        more = f"""
            SELECT key FROM {refused}
            UNION ALL SELECT key FROM wanted WHERE {due} AND key NOT IN (SELECT key FROM taken_{rank:d})
        """  # noqa: S608 - names of ours
        refused = f"refused_{rank:d}"
        parts += [f"taken_{rank:d} AS ({TAKE_SOME.format(which=due)})", f"{refused} AS MATERIALIZED ({more})"]
    return text(f"""
        WITH {", ".join(parts)}
        SELECT * FROM (
            SELECT key, wanted.charge, wanted.span, throttle.full_at
            FROM wanted JOIN {refused} USING (key) LEFT JOIN throttle USING (key)
        ) AS refusals FULL JOIN known ON true
    """)  # noqa: S608 - names of ours


TAKE = taking("SELECT false AS is_familiar WHERE false")


# A clock that ran ahead once leaves moments that no use can lead to; they would refuse for as long as it was ahead. Up
# to HELD_UP they may be true: the moment of a request is that of its beginning, and it may have been held up since.
HELD_UP = timedelta(hours=1)
CLAMP = text(
    "UPDATE throttle SET full_at = :at + CAST(:span AS interval)"
    " WHERE key = :key AND full_at > :at + CAST(:span AS interval) + :held_up"
)


class TooManyRequests(ShopError):
    status = 429
    title = Text("Твърде много опити", "Too many requests")
    advice = Text("Опитайте отново след {retry_after} секунди.", "Try again in {retry_after} seconds.")
    example = {"retry_after": 180}  # noqa: RUF012 - read only


class Allowance(Base):
    """When the allowance of one key is full again; a moment in the past says the same as no row."""

    __tablename__ = "throttle"
    # Unlogged: a crash of the server forgets it, which costs nobody anything, and writing it waits for no disk.
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy's own form

    key: Mapped[bytes] = mapped_column(primary_key=True, info=IMPERSONAL)
    full_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Use:
    """A use of one allowance, of which there are `limit` in a window."""

    key: str = field(repr=False)
    limit: int
    per_seconds: float
    cost: int = 1
    rank: Rank = Rank.ORIGIN
    familiar: bool | None = None
    """Taken only of whom the look-up finds to be familiar, or not to be; None: of everybody."""

    @property
    def window(self) -> timedelta:
        return timedelta(seconds=self.per_seconds)

    @property
    def charge(self) -> timedelta:
        return self.window * self.cost / self.limit


@dataclass(frozen=True)
class Throttle:
    """Counts in a transaction of its own, so that what was tried stays counted when the request is refused.

    To be asked before the request's own session is first used: that session then holds no connection yet, so that
    requests cannot wait for each other's second one.
    """

    sessions: Sessions
    secret: Secret = field(repr=False)

    async def take(self, key: str, *, limit: int, per_seconds: float, at: datetime, cost: int = 1) -> None:
        """Use up some of the allowance of `key`, which starts with the name of what is limited ("order:…")."""
        await self.take_all(Use(key, limit, per_seconds, cost), at=at)

    async def take_all(self, *uses: Use, at: datetime) -> None:
        """Use up some of several allowances in one round trip; one that is used up refuses, the others stay counted."""
        await self.take_knowing(TAKE, {}, *uses, at=at)

    async def take_knowing(
        self, statement: TextClause, values: Mapping[str, Any], *uses: Use, at: datetime
    ) -> Row[Any] | None:
        """Look somebody up in the same round trip (`taking`): gives the row with what is known, if anything is."""
        arguments = {
            **values,
            "keys": [self._opaque(use.key) for use in uses],
            "charges": [use.charge for use in uses],
            "windows": [use.window for use in uses],
            "ranks": [use.rank for use in uses],
            "familiar": [use.familiar for use in uses],
            "at": at,
        }
        async with alone(self.sessions) as session:
            found = (await session.execute(statement, arguments)).all()
            refused = [row for row in found if row.key is not None]
            for key, _, span, full_at, *_ in refused:
                if full_at and full_at > at + span + HELD_UP:
                    await session.execute(CLAMP, {"key": key, "span": span, "at": at, "held_up": HELD_UP})
        if refused:
            # None: another process wrote the first row of this key after our statement had begun.
            waits = [
                ((full_at if full_at and full_at <= at + span + HELD_UP else at + span) + charge - span - at)
                for _, charge, span, full_at, *_ in refused
            ]
            raise TooManyRequests(retry_after=max(1, *(math.ceil(wait.total_seconds()) for wait in waits)))
        return found[0] if found else None

    async def lift(self, session: AsyncSession, *keys: str) -> None:
        """Make allowances full again, with the transaction."""
        await session.execute(delete(Allowance).where(Allowance.key.in_([self._opaque(key) for key in keys])))

    def name(self, key: str) -> str:
        """Name a key in a record, by a digest that only this shop can make of it."""
        return self._opaque(key).hex()[:32]

    def _opaque(self, key: str) -> bytes:
        """Keep nothing personal: a plain hash of an IP address is found by trying them all."""
        return self.secret.code(f"throttle:{key}")


async def forget_full_allowances(session: AsyncSession, *, at: datetime) -> None:
    """Delete what no longer limits anybody; run now and then by the worker."""
    await forget(session, Allowance, Allowance.full_at <= at)


def origin(request: Request) -> str:
    """Name where a request comes from: an IPv4 address, or the /64 that one customer of a provider is given."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "nowhere"  # a socket of this machine
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)


def wider_networks(origin: str) -> list[str]:
    """Name the /56 and the /48 that an origin is of, which one customer may have whole; an IPv4 address is of none."""
    if ":" not in origin:
        return []
    network = ipaddress.ip_network(origin)
    return [str(network.supernet(new_prefix=length)) for length in (56, 48)]


async def get_throttle(request: Request) -> Throttle:
    throttle: Throttle = request.app.state.throttle
    return throttle


ThrottleDep = Annotated[Throttle, Depends(get_throttle)]


def limited(name: str, limit: int, per_seconds: float) -> Any:
    """Make the door that lets one origin pass `limit` times in a window; TooManyRequests after that."""

    @door
    async def limit_origin(request: Request, throttle: ThrottleDep, at: At) -> None:
        await throttle.take(f"{name}:{origin(request)}", limit=limit, per_seconds=per_seconds, at=at)

    return Depends(limit_origin)
