"""C2: what is granted was done: a rectification that puts nothing right is not told as one."""

from datetime import timedelta

from sqlalchemy import text

from app.orders.models import OrderStatus
from tests.fulfilment import story
from tests.privacy.retention.test_rules import ended, run
from tests.privacy.rights.asking import act, ask, decide, enter, officer, problem, settle
from tests.shop import NOON, Shop


async def test_typed_c2_a_rectification_that_changes_nothing_is_not_granted(shop: Shop) -> None:
    await shop.ordered()
    await shop.run_jobs()  # sent: what the courier has is not rectified here
    me, desk = await shop.account(), await officer(shop)
    await shop.http.post("/v1/me/orders/claims", headers=me)
    request = await ask(shop, me, "rectification", text="Грешка.", corrections=[{"wrong": "1618", "right": "4000"}])
    idle = {"field": "postcode", "wrong": "1618", "right": "4000"}
    done = {"field": "phone", "wrong": "+359888123456", "right": "+359888123457"}
    for wish, place in (
        ({"outcome": "granted", "corrections": [idle]}, 0),
        ({"outcome": "granted", "corrections": [done, idle]}, 1),
        (
            {
                "outcome": "partly_granted",
                "reason": "data_accurate",
                "reasoning": "Кодът е верен.",
                "corrections": [idle],
            },
            0,
        ),
    ):
        answer = await act(shop, desk, request, "decision", **wish)
        assert problem(answer) == (422, "decision-unfit")
        assert answer.json()["errors"][0]["pointer"] == f"/corrections/{place}"
    await shop.run_jobs()
    assert story.letters(shop, "Отговор на искането Ви") == []
    assert await shop.rows("SELECT postcode, phone FROM orders") == [("1618", "+359888123456")]
    partly = {"outcome": "partly_granted", "reason": "data_accurate", "reasoning": "Кодът е верен."}
    found = await decide(shop, desk, request, **partly, corrections=[done, idle])
    assert found["state"] == "partly_granted"
    assert await shop.rows("SELECT postcode, phone FROM orders") == [("1618", "+359888123457")]


async def test_d5_how_a_buyer_was_reached_is_not_put_back_once_its_term_is_over(shop: Shop) -> None:
    """It stayed eleven years then: the run looked for an address alone."""
    me = await shop.account()
    await shop.ordered()
    await shop.http.post("/v1/me/orders/claims", headers=me)
    await ended(shop, OrderStatus.DELIVERED, NOON)
    shop.clock.at = NOON + timedelta(days=366 * 2)
    await run(shop)
    desk = await officer(shop)
    request = await enter(shop, desk, "rectification", dated_on="2028-11-20", text="Имам нов телефон.")
    await settle(shop, desk, request, "Говорихме по телефона.")
    corrections = [{"field": "phone", "right": "+359888123457"}]
    found = await decide(shop, desk, request, corrections=corrections)
    [decided] = [event for event in found["events"] if event["kind"] == "decided"]
    assert [each["table"] for each in decided["details"]["corrected"]] == ["profiles"]
    assert await shop.rows("SELECT email, phone FROM orders") == [("", "")]
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE orders SET phone = '+359888123457'"))  # as a release before this did
    await run(shop)
    assert await shop.rows("SELECT email, phone FROM orders") == [("", "")]
