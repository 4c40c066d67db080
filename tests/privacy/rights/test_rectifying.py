"""C2: what is granted was done: a rectification that puts nothing right is not told as one."""

from tests.fulfilment import story
from tests.privacy.rights.asking import act, ask, decide, officer, problem
from tests.shop import Shop


async def test_c2_a_rectification_that_changes_nothing_is_not_granted(shop: Shop) -> None:
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
