"""What a month costs beside its own selects, and names that differ for those who search among a hundred thousand."""

from collections.abc import Awaitable, Callable

from benchmarks.processes import cpu_seconds
from benchmarks.report import Figure
from benchmarks.stage import Stage

MOST_TIMES_SQL = 5
TIMES = 3
# As many people as letters can tell apart; triggers are off for this session alone.
NAMES = """
SET session_replication_role = replica;
UPDATE orders SET first_name = 'Желязко' || number % 97, last_name = 'Петков' || number % 499
    WHERE email NOT LIKE 'history-%';
ANALYZE orders
"""


async def against_sql(name: str, api: int, stage: Stage, ask: Callable[[], Awaitable[object]]) -> Figure:
    """Compare the CPU of the API's process and of PostgreSQL together with that of PostgreSQL: its selects' own."""
    await ask()
    server, both = cpu_seconds([stage.server]), cpu_seconds([stage.server, api])
    for _ in range(TIMES):
        await ask()
    ratio = (cpu_seconds([stage.server, api]) - both) / max(cpu_seconds([stage.server]) - server, 0.01)
    return Figure.below(f"{name}, CPU of its selects' own", ratio, MOST_TIMES_SQL, "×")


def name_differently(stage: Stage) -> None:
    with stage.superuser() as connection:
        connection.execute(NAMES)
