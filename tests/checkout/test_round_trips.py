"""The database is asked the same number of times, however large the order."""

from uuid import UUID

from sqlalchemy import text

from app.core.money import Money
from app.fulfilment.paying import receive_payment
from tests.checkout.buying import add_products
from tests.checkout.watching import statements
from tests.shop import Shop, a_wish

SKUS = [f"S-{number:02}" for number in range(50)]
JOBS = 1
"""The job engine writes all promises of an order in one statement of its own, which is not seen here."""


async def place(shop: Shop, lines: int) -> tuple[int, dict[str, str], str]:
    wish = a_wish(await shop.cart(dict.fromkeys(SKUS[:lines], 1)))
    with statements(shop) as sent:
        answer = await shop.place(wish)
    order = answer.json()
    assert len(order["lines"]) == lines + 1
    return len(sent) + JOBS, {"X-Order-Token": order["access_token"]}, order["links"]["self"]


async def test_placing_and_reading_cost_the_same_for_1_line_and_for_50(shop: Shop) -> None:
    await add_products(shop, dict.fromkeys(SKUS, 100))
    await place(shop, 1)  # the first sees to caches
    small, large = await place(shop, 1), await place(shop, 50)
    assert small[0] == large[0] <= 12
    asked = []
    for _, token, address in (small, large):
        with statements(shop) as sent:
            assert (await shop.http.get(address, headers=token)).status_code == 200
        asked.append(len(sent))
    assert asked == [1, 1]


async def test_a_quote_costs_the_same_for_1_line_and_for_50(shop: Shop) -> None:
    await add_products(shop, dict.fromkeys(SKUS, 100))
    asked = []
    for lines in (1, 50):
        cart = await shop.cart(dict.fromkeys(SKUS[:lines], 1))
        with statements(shop) as sent:
            assert (await shop.http.post(f"/v1/carts/{cart}/quote", json={})).status_code == 200
        asked.append(len(sent))
    assert asked == [1, 1]


async def test_a_replay_costs_little(shop: Shop) -> None:
    wish = a_wish(await shop.cart())
    await shop.place(wish, "key")
    with statements(shop) as sent:
        await shop.place(wish, "key")
    assert len(sent) <= 5


async def test_documents_are_listed_at_the_same_cost(shop: Shop) -> None:
    order = await shop.ordered(payment_method="bank_transfer")
    token = {"X-Order-Token": order["access_token"]}
    asked = []
    for expected in (0, 1):
        with statements(shop) as sent:
            answer = await shop.http.get(order["links"]["documents"], headers=token)
        assert len(answer.json()["items"]) == expected
        asked.append(len(sent))
        async with shop.sessions.begin() as session:
            order_id: UUID = (await session.execute(text("SELECT id FROM orders"))).scalar_one()
            if not expected:
                await receive_payment(session, order_id, Money(3079), reference="1", at=shop.clock.now())
        await shop.run_jobs()
    assert asked[0] == asked[1] <= 3
