"""What a parcel booked and a sale posted cost the database: no transaction that is not needed, none rolled back."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import Connection, event

from app.core.personal import Recipient
from tests.checkout.watching import statements
from tests.shop import Shop


@contextmanager
def transactions(shop: Shop) -> Iterator[Counter[str]]:
    """Count how the app's transactions end; where each statement is one of its own nothing is sent for it."""
    ended: Counter[str] = Counter()

    def note(end: str, connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            ended[end] += 1

    notes = {end: partial(note, end) for end in ("commit", "rollback")}
    for end, listener in notes.items():
        event.listen(shop.engine.sync_engine, end, listener)
    try:
        yield ended
    finally:
        for end, listener in notes.items():
            event.remove(shop.engine.sync_engine, end, listener)


async def test_g2_an_order_is_booked_posted_and_written_about_in_few_transactions(shop: Shop) -> None:
    """After a ROLLBACK the driver forgets what it has prepared, and all of it is planned anew."""
    await shop.agree(*Recipient)
    await shop.ordered()
    with transactions(shop) as ended, statements(shop) as sent:
        await shop.run_jobs()
    assert set(await shop.jobs()) == {(job, "succeeded") for job in ("book_shipment", "post_sale", "send_mail")}
    assert ended.keys() == {"commit"}
    assert ended["commit"] <= 14
    assert len(sent) <= 50
