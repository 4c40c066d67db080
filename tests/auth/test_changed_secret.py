"""The secret of guests' tokens and mailed links is changed while the shop runs: no link or order is lost (B10)."""

import re

import httpx
import pytest
from pydantic import SecretStr

from app.main import equip
from tests.auth.logins import EMAIL, come_from, log_in, logged_in, with_account
from tests.auth.test_logging_in import TRIES_OF_STRANGERS, use_up
from tests.auth.test_own_logins import NEW, ask_for_reset, reset
from tests.privacy.consents.lists import on_the_list, subscribe
from tests.privacy.consents.test_one_click import ONE_CLICK, url_for
from tests.shop import Shop, a_wish

OLD, BOTH, NEWEST = (
    "a secret of the tests",
    "another for the new year, a secret of the tests",
    "another for the new year",
)


def change(shop: Shop, secret: str) -> None:
    """Start the API again with another SHOP_GUEST_TOKEN_SECRET."""
    settings = shop.settings.model_copy(update={"guest_token_secret": SecretStr(secret)})
    equip(shop.app, settings, shop.sessions, shop.clock, shop.places)


async def status(shop: Shop, order: dict[str, str]) -> int:
    opened = await shop.http.get(f"/v1/orders/{order['number']}", headers={"X-Order-Token": order["access_token"]})
    return opened.status_code


async def test_an_order_opens_by_its_token_until_the_old_secret_is_dropped(shop: Shop) -> None:
    old = await shop.ordered()
    change(shop, BOTH)
    new = await shop.ordered()
    assert [await status(shop, order) for order in (old, new)] == [200, 200]
    change(shop, NEWEST)
    assert [await status(shop, order) for order in (old, new)] == [404, 200]


async def test_an_order_sent_again_is_the_same_order(shop: Shop) -> None:
    wish = a_wish(await shop.cart())
    first = (await shop.place(wish, "key")).json()
    change(shop, BOTH)
    again = await shop.place(wish, "key")
    assert (again.headers["idempotent-replayed"], again.json()["number"]) == ("true", first["number"])
    assert again.json()["access_token"] != first["access_token"]
    assert await status(shop, again.json()) == 200


async def test_a_mailed_link_works_until_the_old_secret_is_dropped(shop: Shop) -> None:
    await with_account(shop)
    token = await ask_for_reset(shop)
    change(shop, NEWEST)
    assert (await reset(shop, token)).status_code == 422
    change(shop, BOTH)
    assert (await reset(shop, token)).status_code == 204
    assert (await log_in(shop, password=NEW)).status_code == 200


async def test_the_button_of_an_old_mail_still_unsubscribes(shop: Shop) -> None:
    await subscribe(shop)
    url = await url_for(shop)
    change(shop, BOTH)
    assert (await shop.http.post(url, data=ONE_CLICK)).status_code == httpx.codes.OK
    assert not await on_the_list(shop)


@pytest.mark.parametrize(("secret", "outcome"), [(BOTH, 200), (NEWEST, 429)])
async def test_where_the_owner_was_before_stays_familiar(shop: Shop, secret: str, outcome: int) -> None:
    await with_account(shop)
    await logged_in(shop)
    change(shop, secret)
    shop.clock.advance(hours=1)
    await use_up(shop, f"login:account:{EMAIL}", TRIES_OF_STRANGERS, 3600)
    assert (await log_in(shop)).status_code == outcome
    come_from(shop, "198.51.100.9")
    assert (await log_in(shop)).status_code == 429


async def test_a_place_is_kept_under_the_new_secret_at_the_next_login_there(shop: Shop) -> None:
    await with_account(shop)
    await logged_in(shop)
    change(shop, BOTH)
    shop.clock.advance(days=1)
    await logged_in(shop)
    change(shop, NEWEST)
    await use_up(shop, f"login:account:{EMAIL}", TRIES_OF_STRANGERS, 3600)
    assert (await log_in(shop)).status_code == 200


async def test_the_secret_is_never_written(shop: Shop) -> None:
    change(shop, BOTH)
    written = f"{shop.app.state.secret} {shop.app.state.terms} {shop.app.state.entrance} {shop.app.state.throttle}"
    assert not re.search("new year|of the tests", written)
