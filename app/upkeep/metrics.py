"""Figures for Prometheus, counted in the database at each scrape: the same whichever worker is asked.

All but one: what a worker could not log, it alone knows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from app.core.backlog import Backlog, Workers, count_jobs, count_workers
from app.core.db import Sessions
from app.core.logs import OUTPUT
from app.orders.models import Order, OrderStatus
from app.upkeep.models import AdapterCalls

SCRAPE_SECONDS = 10.0
"""Waited for the counts; a scrape without them fails, and Prometheus says so."""


@dataclass(frozen=True, slots=True)
class Counts:
    jobs: Sequence[Backlog]
    workers: Workers
    calls: Sequence[tuple[str, str, int]]
    """Of outside systems: by adapter and outcome."""
    orders: Mapping[OrderStatus, int]


async def count_all(sessions: Sessions, *, silent_for: float) -> Counts:
    async with sessions() as session:
        orders = await session.execute(select(Order.status, func.count()).group_by(Order.status))
        calls = select(AdapterCalls.adapter, AdapterCalls.outcome, AdapterCalls.calls)
        return Counts(
            jobs=await count_jobs(session),
            workers=await count_workers(session, silent_for=silent_for),
            calls=[(adapter, outcome, count) for adapter, outcome, count in await session.execute(calls)],
            orders={status: count for status, count in orders},  # noqa: C416 - rows, not pairs
        )


OF_JOBS: Mapping[str, tuple[str, Callable[[Backlog], float]]] = {
    "shop_queue_length": ("Jobs whose time has come", lambda jobs: jobs.waiting),
    "shop_queue_age_seconds": ("How long the oldest of them has been waiting", lambda jobs: jobs.seconds),
    "shop_jobs_under_way": ("Jobs that a worker is at", lambda jobs: jobs.doing),
    "shop_jobs_parked": ("Jobs that wait for a person", lambda jobs: jobs.parked),
    "shop_jobs_attempts": ("Attempts at the jobs that are not done", lambda jobs: jobs.attempts),
}


def figures_of(counts: Counts, kinds: Iterable[str]) -> Iterator[Metric]:
    """Make the figures; of these kinds of jobs also when there are none, so that no line breaks off."""
    jobs = {kind: Backlog(kind, 0, 0, 0, 0, 0) for kind in kinds} | {each.kind: each for each in counts.jobs}
    for name, (what, of) in OF_JOBS.items():
        yield _gauge(name, what, "kind", {kind: of(each) for kind, each in sorted(jobs.items())})
    workers = {"alive": counts.workers.alive, "silent": counts.workers.silent}
    yield _gauge("shop_workers", "Workers by whether they give a sign of life", "state", workers)
    orders = {status.value: counts.orders.get(status, 0) for status in OrderStatus}
    yield _gauge("shop_orders", "Orders by their state", "status", orders)
    calls = CounterMetricFamily("shop_adapter_calls", "Calls to outside systems", labels=["adapter", "outcome"])
    for adapter, outcome, count in sorted(counts.calls):
        calls.add_metric([adapter, outcome], count)
    yield calls
    yield CounterMetricFamily("shop_lost_log_lines", "Lines of its log that this worker could not write", OUTPUT.lost)


def _gauge(name: str, what: str, label: str, values: Mapping[str, float]) -> Metric:
    gauge = GaugeMetricFamily(name, what, labels=[label])
    for each, value in values.items():
        gauge.add_metric([each], value)
    return gauge


class _Figures(Collector):
    """Asked in a thread of the server's; counts on the loop of the worker."""

    def __init__(self, count: Callable[[], Awaitable[Counts]], kinds: Sequence[str]) -> None:
        self._count, self._kinds, self._loop = count, kinds, asyncio.get_running_loop()

    def collect(self) -> Iterable[Metric]:
        async def counted() -> Counts:
            return await self._count()

        counts = asyncio.run_coroutine_threadsafe(counted(), self._loop).result(SCRAPE_SECONDS)
        return figures_of(counts, self._kinds)

    def describe(self) -> Iterable[Metric]:
        """Count nothing when the server starts."""
        return ()


@contextmanager
def serve(host: str, port: int, count: Callable[[], Awaitable[Counts]], kinds: Sequence[str]) -> Iterator[int]:
    """Answer Prometheus for as long as the context is open; gives the port."""
    registry = CollectorRegistry()
    registry.register(_Figures(count, kinds))
    server, thread = start_http_server(port, addr=host, registry=registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
