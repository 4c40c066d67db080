"""An order is kept whole or not at all, wherever its transaction is cut (complaint 3)."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, make_url
from structlog.testing import capture_logs

from tests.checkout.buying import ENGLISH, order_in_english
from tests.checkout.test_double_submits import OF_ONE_ORDER, rows_of_orders
from tests.checkout.watching import contents, statements
from tests.problems import of_kind
from tests.shop import Shop, a_wish

LATER = {
    **of_kind("try-later"),
    "title": "Temporarily unavailable",
    "status": 503,
    "detail": "Nothing was changed. Try again shortly.",
}
FAILURE = {
    **of_kind("failure"),
    "title": "Our failure",
    "status": 500,
    "detail": "Nothing was changed. Tell us the request's number (X-Request-Id).",
}
REFUSE_AT_COMMIT = """
CREATE FUNCTION refuse_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused at commit'; END $$;
CREATE CONSTRAINT TRIGGER refuse_at_commit AFTER INSERT ON orders
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_at_commit();
"""


def kill(shop: Shop, pid: int) -> None:
    """End a connection from outside, as an operator, a fail-over or a crash of the server does."""
    address = make_url(shop.database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@contextmanager
def cut(shop: Shop, moment: str, number: int) -> Iterator[None]:
    """Let the connection die at the so-manieth `moment` that the engine reports."""
    left = [number]

    def strike(connection: Any, *rest: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            kill(shop, connection.connection.driver_connection.info.backend_pid)

    event.listen(shop.engine.sync_engine, moment, strike)
    try:
        yield
    finally:
        event.remove(shop.engine.sync_engine, moment, strike)
        assert left[0] <= 0  # the moment came


async def steps(shop: Shop) -> int:
    """Count what the placing of an order sends."""
    wish = a_wish(await shop.cart())
    with statements(shop) as sent:
        assert (await shop.place(wish)).status_code == 201
    return len(sent)


async def fails_whole(shop: Shop, moment: str, number: int) -> None:
    cart = await shop.cart({"ION-H-SOFT-2": 2})
    before, stock = await contents(shop), await shop.stock("ION-H-SOFT-2")
    with cut(shop, moment, number):
        answer = await order_in_english(shop, cart, cart)
    assert (answer.status_code, answer.json()) == (503, LATER)
    assert answer.headers["content-type"] == "application/problem+json"
    assert await contents(shop) == before
    again = await order_in_english(shop, cart, cart)
    assert again.status_code == 201
    assert "idempotent-replayed" not in again.headers
    assert await shop.stock("ION-H-SOFT-2") == stock - 2
    assert (await order_in_english(shop, cart, cart)).content == again.content


async def test_a_connection_lost_before_any_statement_leaves_nothing(shop: Shop) -> None:
    for number in range(1, await steps(shop) + 1):
        await fails_whole(shop, "before_cursor_execute", number)


async def test_a_connection_lost_after_any_statement_leaves_nothing(shop: Shop) -> None:
    for number in range(1, await steps(shop) + 1):
        await fails_whole(shop, "after_cursor_execute", number)


async def test_a_connection_lost_before_the_commit_leaves_nothing(shop: Shop) -> None:
    await fails_whole(shop, "commit", 1)


async def test_a_commit_that_fails_reaches_the_client(shop: Shop) -> None:
    """No 201 is sent before the order is kept."""
    cart = await shop.cart()
    before = await contents(shop)
    async with refusing_at_commit(shop):
        with capture_logs() as written:
            answer = await order_in_english(shop, cart, "key")
        assert [line["event"] for line in written if line["log_level"] == "error"] == ["request_failed"]
        assert (answer.status_code, answer.json()) == (500, FAILURE)
        assert await contents(shop) == before
    assert (await shop.place(a_wish(cart), "key")).status_code == 201
    assert await rows_of_orders(shop) == OF_ONE_ORDER


@asynccontextmanager
async def refusing_at_commit(shop: Shop) -> AsyncIterator[None]:
    address = make_url(shop.database).set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        await connection.execute(REFUSE_AT_COMMIT)
        yield
        await connection.execute("DROP TRIGGER refuse_at_commit ON orders")


async def test_an_answer_that_never_came_is_given_again(shop: Shop) -> None:
    """The order was kept and the client does not know: the same request tells it, and makes no second."""
    cart = await shop.cart()
    kept = await order_in_english(shop, cart, "key")
    number = kept.json()["number"]
    await shop.run_jobs()
    again = await order_in_english(shop, cart, "key")
    assert again.json()["number"] == number
    assert await shop.count("orders") == 1
    assert shop.speedy.references() == [number]


async def test_jobs_are_kept_with_their_order_or_not_at_all(shop: Shop) -> None:
    """The step between the order and its jobs: the job engine writes on the order's own connection (complaint 23)."""
    cart = await shop.cart({"ION-H-SOFT-2": 2})
    before = await contents(shop)
    address = make_url(shop.database).set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        await connection.execute("ALTER TABLE procrastinate_jobs ADD CONSTRAINT closed CHECK (id IS NULL) NOT VALID")
        with capture_logs():
            answer = await shop.place(a_wish(cart), "key", **ENGLISH)
        await connection.execute("ALTER TABLE procrastinate_jobs DROP CONSTRAINT closed")
    assert (answer.status_code, answer.json()) == (500, FAILURE)
    assert await contents(shop) == before
    assert (await shop.place(a_wish(cart), "key")).status_code == 201


@pytest.mark.parametrize("method", ["cash_on_delivery", "bank_transfer"])
async def test_a_refusal_at_the_last_step_leaves_nothing(shop: Shop, method: str) -> None:
    """Stock is the last to be asked: by then everything else was written."""
    cart = await shop.cart({"ION-H-SOFT-2": 60})
    await shop.ordered({"ION-H-SOFT-2": 60})
    before = await contents(shop)
    answer = await shop.place(a_wish(cart, payment_method=method), "key")
    assert answer.status_code == 409
    assert await contents(shop) == before
