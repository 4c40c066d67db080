"""How often the database is asked when somebody logs in, goes on, and calls: each time is a part of the answer's."""

import httpx

from tests.auth.logins import bearing, logged_in, refresh, with_account
from tests.checkout.watching import statements
from tests.shop import Shop
from tests.waiting import Call


async def asked(shop: Shop, call: Call) -> int:
    with statements(shop) as sent:
        answer = await call
    assert answer.status_code == httpx.codes.OK, answer.text
    return len(sent)


async def test_a_login_a_refresh_and_a_guarded_call_cost_few_statements(shop: Shop) -> None:
    await with_account(shop)
    given = await logged_in(shop)  # from here for the first time: that is noted, too

    with statements(shop) as sent:
        given = await logged_in(shop)

    assert len(sent) == 2, "who it is and the allowances; the account's lock, session, token and audit"
    shop.clock.advance(minutes=1)
    more = "the allowance, session and token locked, the one changed, the other changed, the next token"
    assert await asked(shop, refresh(shop, given["refresh_token"])) == 5, more
    me = shop.http.get("/v1/me", headers=bearing(given))
    assert await asked(shop, me) == 2, "the session, the profile"
    shop.clock.advance(minutes=1)
    later = shop.http.get("/v1/me", headers=bearing(given))
    assert await asked(shop, later) == 3, "that it was used is noted once a minute"
