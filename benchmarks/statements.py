"""The limit of placing an order: the very statements of one order, recorded as they are sent, played by pgbench."""

import re
from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

IDS_PER_ORDER = 16
LITERAL = re.compile(r"E?'(?:[^'\\]|''|\\.)*'")
ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?![0-9a-f])")
HASH = re.compile(r"'\\x[0-9a-f]{64}'")
SKU = re.compile(r"BENCH-[0-9]{2}")
VARYING = re.compile(f"{ID.pattern}|{SKU.pattern}")

# One order of one client: `n` names its cart, and with a number behind it every other id that it needs.
VARIABLES = r"""
\set k :k + 1
\set n :first + :client_id * :carts + :k
\set a random(10, 33)
\set b random(34, 57)
"""

Statement = Sequence[str]
"""What goes in one round trip: mostly one, several where the driver sends a pipeline."""


def recording(url: str, into: list[Statement]) -> AsyncEngine:
    """Make an engine whose connections write down what they are asked, with the values in it."""

    class Cursor(psycopg.AsyncCursor[Any]):
        async def execute(self, query: Any, params: Any = None, **how: Any) -> Self:
            into.append([self._written(query, params)])
            return await super().execute(query, params, **how)

        async def executemany(self, query: Any, params_seq: Any, **how: Any) -> None:
            into.append([self._written(query, params) for params in params_seq])
            await super().executemany(query, params_seq, **how)

        def _written(self, query: Any, params: Any) -> str:
            return psycopg.AsyncClientCursor(self.connection).mogrify(query, params)

    return create_async_engine(url, connect_args={"cursor_factory": Cursor})


def script(statements: Sequence[Statement], cart: UUID, constant: Sequence[UUID]) -> str:
    """Write the statements of one order as a script that makes another order each time it is played.

    The first statement is the throttle's and stands alone; the rest is one transaction.
    """
    values = {cart.hex: "lpad(to_hex(:n::bigint), 32, '0')"}
    fixed = {id_.hex for id_ in constant}

    def varied(found: "re.Match[str]") -> str:
        """Give the expression for what changes from order to order, nothing for what does not."""
        name = found[0].replace("-", "") if ID.match(found[0]) else found[0]
        if name in fixed:
            return ""
        if name not in values:
            number = sum(("BENCH" in known) is ("BENCH" in name) for known in values)
            values[name] = f"'BENCH-' || :{'ab'[number]}::int" if "BENCH" in name else _id(number)
        return values[name]

    def literal(found: "re.Match[str]") -> str:
        escaping = "E" if found[0].startswith("E") else ""
        cut = VARYING.sub(lambda each: f"' || {value} || {escaping}'" if (value := varied(each)) else each[0], found[0])
        return found[0] if cut == found[0] else f"({cut})"

    def written(statement: str) -> str:
        one_line = " ".join(statement.rstrip("; \n").split())
        return LITERAL.sub(literal, HASH.sub("sha256(:n::bigint::text::bytea)", one_line)) + ";\n"

    first, *rest = [_sent([written(each) for each in statement]) for statement in statements]
    return VARIABLES + first + "BEGIN;\n" + "".join(rest) + "COMMIT;\n"


def _sent(lines: Sequence[str]) -> str:
    return lines[0] if len(lines) == 1 else "\\startpipeline\n" + "".join(lines) + "\\endpipeline\n"


def _id(number: int) -> str:
    return f"'a' || lpad(to_hex(:n::bigint * {IDS_PER_ORDER} + {number}), 31, '0')"
