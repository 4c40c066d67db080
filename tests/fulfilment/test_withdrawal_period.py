"""The entrance of the withdrawal in the mails of an order: there as long as its contract may be withdrawn from."""

from datetime import UTC, datetime, timedelta

import pytest

from app.integrations.speedy.simulator.shipments import State
from tests.fulfilment import story
from tests.shop import Shop

LABEL = "Откажете се от договора тук: "


def entrance(shop: Shop, subject: str) -> str | None:
    """Read where the entrance in the one mail under this subject leads."""
    [letter] = story.letters(shop, subject)
    plain = letter.get_body(("plain",))
    assert plain is not None
    lines = [line for line in plain.get_content().splitlines() if line.startswith(LABEL)]
    return lines[0].removeprefix(LABEL) if lines else None


def page(shop: Shop, number: str) -> str:
    return f"{shop.settings.public_url}/withdrawal?order={number}"


async def test_the_mails_lead_to_the_shops_own_page(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await story.scan(shop, order, State.ACCEPTED)

    assert entrance(shop, "е приета") == page(shop, order["number"])
    assert entrance(shop, "Фактура") == page(shop, order["number"])


@pytest.mark.parametrize(("minutes", "is_open"), [(-1, True), (0, False)])
async def test_an_invoice_has_the_entrance_to_the_end_of_the_period(shop: Shop, minutes: int, is_open: bool) -> None:  # noqa: FBT001
    """Delivered on 23 November; 7 December is the last day, which in the Azores ends at one in the morning of UTC."""
    order = await shop.ordered()
    await shop.run_jobs()
    shop.speedy.advance(story.parcel_of(shop, order), State.DELIVERED)
    await shop.track()
    shop.clock.at = datetime(2026, 12, 8, 1, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    await shop.run_jobs()

    assert entrance(shop, "Фактура") == (page(shop, order["number"]) if is_open else None)
