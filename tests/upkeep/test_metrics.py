"""What a worker tells Prometheus: counts, of nobody (B9)."""

import asyncio
from functools import partial
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from app.core.backlog import Workers
from app.core.logs import OUTPUT
from app.integrations.circuit import Outcome
from app.upkeep import metrics
from app.upkeep.metrics import Counts, count_all
from app.upkeep.tallying import Tally
from tests.shop import Shop
from tests.upkeep.standing_still import make_job, make_worker


async def scraped(shop: Shop, *kinds: str) -> dict[str, str]:
    """Read every figure, as Prometheus does."""
    with metrics.serve("127.0.0.1", 0, partial(count_all, shop.sessions, silent_for=30), kinds) as port:
        text = await asyncio.to_thread(lambda: urlopen(f"http://127.0.0.1:{port}/metrics").read().decode())
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


async def test_every_figure_is_counted_in_the_database(shop: Shop) -> None:
    await make_worker(shop)
    await make_worker(shop, silent_seconds=60)
    await make_job(shop, "send_mail", minutes=1)
    await make_job(shop, "send_mail", minutes=2, attempts=3)
    await make_job(shop, "send_mail", status="failed", attempts=8)
    await make_job(shop, "take_backup", status="doing")
    tally = Tally(shop.sessions)
    for outcome in (Outcome.ANSWERED, Outcome.ANSWERED, Outcome.REFUSED):
        tally.of("speedy")(outcome)
    await tally.write()
    figures = await scraped(shop, "send_mail", "book_shipment")
    age = float(figures.pop('shop_queue_age_seconds{kind="send_mail"}'))
    assert 120 <= age < 180
    orders = [figures.pop(name) for name in [*figures] if name.startswith("shop_orders{")]
    assert set(orders) == {"0.0"}
    assert figures == {
        'shop_queue_length{kind="send_mail"}': "2.0",
        'shop_jobs_parked{kind="send_mail"}': "1.0",
        'shop_jobs_under_way{kind="send_mail"}': "0.0",
        'shop_jobs_attempts{kind="send_mail"}': "11.0",
        'shop_queue_length{kind="take_backup"}': "0.0",
        'shop_queue_age_seconds{kind="take_backup"}': "0.0",
        'shop_jobs_parked{kind="take_backup"}': "0.0",
        'shop_jobs_under_way{kind="take_backup"}': "1.0",
        'shop_jobs_attempts{kind="take_backup"}': "0.0",
        'shop_queue_length{kind="book_shipment"}': "0.0",
        'shop_queue_age_seconds{kind="book_shipment"}': "0.0",
        'shop_jobs_parked{kind="book_shipment"}': "0.0",
        'shop_jobs_under_way{kind="book_shipment"}': "0.0",
        'shop_jobs_attempts{kind="book_shipment"}': "0.0",
        'shop_workers{state="alive"}': "1.0",
        'shop_workers{state="silent"}': "1.0",
        'shop_adapter_calls_total{adapter="speedy",outcome="answered"}': "2.0",
        'shop_adapter_calls_total{adapter="speedy",outcome="refused"}': "1.0",
        "shop_lost_log_lines_total": f"{OUTPUT.lost}.0",
    }


async def test_orders_are_counted_by_their_state_and_by_nothing_of_theirs(shop: Shop) -> None:
    await shop.ordered()
    order = await shop.ordered()
    figures = await scraped(shop)
    assert figures['shop_orders{status="confirmed"}'] == "2.0"
    told = "\n".join(figures)
    for personal in (order["number"], "Ива", "Петрова", "iva@example.bg", "888123456"):
        assert personal not in told


async def test_calls_of_several_processes_add_up_and_those_not_written_are_kept(shop: Shop) -> None:
    one, another = Tally(shop.sessions), Tally(shop.sessions)
    for tally in (one, another):
        for outcome in Outcome:
            tally.of("icash")(outcome)
            tally.of("mail")(outcome)
    await asyncio.gather(one.write(), another.write())
    await one.write()
    assert await shop.rows("SELECT DISTINCT calls, count(*) FROM adapter_calls GROUP BY calls") == [(2, 8)]


async def test_without_the_database_a_scrape_fails(shop: Shop) -> None:
    async def away() -> Counts:
        raise OSError("the database is away")

    with metrics.serve("127.0.0.1", 0, away, ()) as port, pytest.raises(HTTPError):
        await asyncio.to_thread(urlopen, f"http://127.0.0.1:{port}/metrics")


def test_no_figure_names_more_than_kinds_states_and_outcomes() -> None:
    figures = [*metrics.figures_of(Counts([], Workers(0, 0), [], {}), ["send_mail"])]
    labels = {name for figure in figures for sample in figure.samples for name in sample.labels}
    assert labels == {"kind", "state", "status"}
