"""A changed e-mail address: the new one is proved, the old one is told, and what hung on the old one is gone."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from app.auth.link_tokens import link_token
from app.auth.models import LinkPurpose
from app.privacy.consenting import live_consents
from app.privacy.models import Channel, ConsentPurpose
from tests.accounts.registering import LINK_INVALID, PASSWORD, PASSWORD_WRONG, a_registration, registered
from tests.checkout.test_cut_transactions import cut
from tests.checkout.watching import contents, statements
from tests.factories.accounts import PASSWORD as FACTORY_PASSWORD
from tests.shop import NOON, Shop
from tests.waiting import until_waiting

OLD, NEW = "iva@example.bg", "iva@example.com"


async def ask(shop: Shop, me: dict[str, str], email: str = NEW, password: str = FACTORY_PASSWORD) -> httpx.Response:
    wish = {"email": email, "password": password}
    return await shop.http.post("/v1/me/email-changes", json=wish, headers=me)


async def asked(shop: Shop, me: dict[str, str], email: str = NEW) -> str:
    """Ask for another address; returns the token of the link that is mailed there."""
    before = {each for (each,) in await shop.rows("SELECT id FROM mail_links")}
    answer = await ask(shop, me, email)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    [link_id] = {each for (each,) in await shop.rows("SELECT id FROM mail_links")} - before
    return token_of(shop, link_id)


def token_of(shop: Shop, link_id: UUID) -> str:
    return link_token(shop.app.state.secret, LinkPurpose.CHANGE_EMAIL, link_id)


async def confirm(shop: Shop, token: str, password: str = FACTORY_PASSWORD) -> httpx.Response:
    wish = {"token": token, "password": password}
    return await shop.http.post("/v1/auth/confirm-email-change", json=wish)


async def log_in(shop: Shop, email: str, password: str = FACTORY_PASSWORD) -> int:
    form = {"grant_type": "password", "username": email, "password": password}
    return (await shop.http.post("/v1/auth/token", data=form)).status_code


async def agreed(shop: Shop, email: str) -> set[tuple[ConsentPurpose, Channel | None]]:
    async with shop.sessions() as session:
        return {(live.purpose, live.channel) for live in await live_consents(session, email)}


async def emails(shop: Shop) -> list[Any]:
    return [email for (email,) in await shop.rows("SELECT email FROM accounts ORDER BY email")]


async def test_a_new_address_takes_the_place_of_the_old_one_once_it_is_proved(shop: Shop) -> None:
    account_id = await registered(shop, consents=["registration", "newsletter"])
    form = {"grant_type": "password", "username": OLD, "password": PASSWORD}
    me = {
        "Authorization": f"Bearer {(await shop.http.post('/v1/auth/token', data=form)).json()['access_token']}",
        "Accept-Language": "en",
    }

    answer = await ask(shop, me, password=PASSWORD)
    assert (answer.status_code, answer.json()) == (202, {"email": NEW, "expires_at": "2026-11-24T10:00:00Z"})
    [[link_id, *link]] = await shop.rows(
        "SELECT id, purpose, realm, email, account_id, created_at, used_at FROM mail_links"
    )
    assert link == ["change_email", "account", NEW, account_id, NOON, None]
    assert await emails(shop) == [OLD]
    assert await log_in(shop, NEW, PASSWORD) == 400

    shop.clock.advance(hours=1)
    assert (await confirm(shop, token_of(shop, link_id), PASSWORD)).status_code == 204

    assert await emails(shop) == [NEW]
    assert await log_in(shop, OLD, PASSWORD) == 400
    assert await log_in(shop, NEW, PASSWORD) == 200
    assert await shop.rows(
        "SELECT kind, address, language, about_id FROM mails WHERE kind LIKE 'email%' ORDER BY kind"
    ) == [
        ("email_change", NEW, "bg", link_id),
        ("email_changed", OLD, "bg", link_id),
    ]
    everything = {(ConsentPurpose.REGISTRATION, None), (ConsentPurpose.NEWSLETTER, Channel.EMAIL)}
    assert (await agreed(shop, OLD), await agreed(shop, NEW)) == (set(), everything)
    owner = f"account:{account_id}"
    assert await shop.rows("SELECT actor, subject, at FROM audit_entries WHERE action = 'email_changed'") == [
        (owner, owner, shop.clock.now())
    ]
    assert (await shop.jobs())["claim_guest_orders", "todo"] == 2
    [[ended]] = await shop.rows("SELECT count(*) FROM login_sessions WHERE ended_at IS NOT NULL")
    assert ended == 0  # the password is the same


async def test_who_is_logged_in_without_the_password_changes_nothing(shop: Shop) -> None:
    me = await shop.account()
    before = await contents(shop)

    refused = await ask(shop, me, password=PASSWORD)
    assert (refused.status_code, refused.json()) == (422, PASSWORD_WRONG)
    nobody = await ask(shop, {})
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
    unknown = await shop.http.post("/v1/me/email-changes", json={"email": NEW, "password": "x", "id": 1}, headers=me)
    assert (unknown.status_code, unknown.json()["errors"]) == (
        422,
        [{"pointer": "/id", "detail": "Непознато поле; не се приема"}],
    )
    assert await contents(shop) == before


async def test_complaint_15_a_taken_address_is_answered_as_a_free_one(shop: Shop) -> None:
    me, _ = await shop.account(), await shop.account("petar@example.bg")
    await ask(shop, me, "warm@example.bg")  # what only a first request reads
    with statements(shop) as for_free:
        free = await ask(shop, me)
    with statements(shop) as for_taken:
        taken = await ask(shop, me, "petar@example.bg")

    assert for_free == for_taken
    assert (taken.status_code, taken.json()) == (free.status_code, {**free.json(), "email": "petar@example.bg"})


async def test_a_link_for_an_address_works_once_in_time_and_while_the_address_is_free(shop: Shop) -> None:
    me = await shop.account()
    used, late, taken = [await asked(shop, me, email) for email in (NEW, "late@example.bg", "Petar@example.bg")]
    reset = link_token(shop.app.state.secret, LinkPurpose.RESET_PASSWORD, uuid4())
    assert (await confirm(shop, used)).status_code == 204
    await shop.account("petar@example.bg")
    before = await contents(shop)

    for token in (used, taken, token_of(shop, uuid4()), reset, "x" * 64):
        refused = await confirm(shop, token)
        assert (refused.status_code, refused.json()) == (422, LINK_INVALID)
    shop.clock.advance(hours=24)
    assert (await confirm(shop, late)).json() == LINK_INVALID
    assert await contents(shop) == before
    assert await emails(shop) == [NEW, "petar@example.bg"]


async def test_of_two_who_prove_one_address_at_once_one_gets_it(shop: Shop) -> None:
    tokens = [await asked(shop, await shop.account(email)) for email in (OLD, "petar@example.bg")]

    answers = await asyncio.gather(*(confirm(shop, token) for token in tokens * 2))

    assert sorted(answer.status_code for answer in answers) == [204, 422, 422, 422]
    assert NEW in await emails(shop)
    assert (await shop.jobs())["claim_guest_orders", "todo"] == 1


async def test_an_address_is_changed_whole_or_not_at_all(shop: Shop) -> None:
    token = await asked(shop, await shop.account())
    other = await asked(shop, await shop.account("petar@example.bg"), "petar@example.com")
    with statements(shop) as sent:
        assert (await confirm(shop, other)).status_code == 204
    before = await contents(shop)
    for moment, number in (("before_cursor_execute", len(sent)), ("commit", 1)):
        with cut(shop, moment, number):
            assert (await confirm(shop, token)).status_code == 503
        assert await contents(shop) == before
    assert (await confirm(shop, token)).status_code == 204


async def test_complaint_13_a_link_opened_in_good_faith_gives_no_stranger_the_address(shop: Shop) -> None:
    """A thief asks for Ива's address on an account of his own, hoping that she opens the link: her orders stay hers."""
    await shop.ordered()
    token = await asked(shop, await shop.account("thief@example.bg"), OLD)
    before = await contents(shop)

    refused = await confirm(shop, token, PASSWORD)

    assert (refused.status_code, refused.json()) == (422, PASSWORD_WRONG)
    assert await contents(shop) == before


async def test_a_new_password_shuts_out_who_asked_with_the_old_one(shop: Shop) -> None:
    """Whoever knew the password and asked for an address of his own must not get the account after all."""
    me = await shop.account()
    token = await asked(shop, me, "thief@example.bg")
    wish = {"current_password": FACTORY_PASSWORD, "new_password": PASSWORD}
    assert (await shop.http.put("/v1/me/password", json=wish, headers=me)).status_code == 204

    refused = await confirm(shop, token)

    assert (refused.status_code, refused.json()) == (422, PASSWORD_WRONG)
    assert await emails(shop) == [OLD]


async def test_a_password_set_while_a_link_is_opened_counts(shop: Shop) -> None:
    token = await asked(shop, await shop.account())
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE accounts SET password_hash = 'another'"))
        call = asyncio.create_task(confirm(shop, token))
        await until_waiting(shop)

    assert (await call).json() == PASSWORD_WRONG
    assert await emails(shop) == [OLD]


async def test_a_link_to_reset_the_password_dies_with_the_address_it_was_mailed_to(shop: Shop) -> None:
    """Whoever reads the old mailbox, lost or given up, must not get back in."""
    me = await shop.account()
    await shop.http.post("/v1/auth/forgot-password", json={"email": OLD})
    [[reset_id]] = await shop.rows("SELECT id FROM mail_links")
    assert (await confirm(shop, await asked(shop, me))).status_code == 204

    reset = {
        "token": link_token(shop.app.state.secret, LinkPurpose.RESET_PASSWORD, reset_id),
        "new_password": PASSWORD,
    }
    refused = await shop.http.post("/v1/auth/reset-password", json=reset)

    assert (refused.status_code, refused.json()) == (422, LINK_INVALID)
    assert await log_in(shop, NEW) == 200


async def test_a_registration_of_the_new_address_makes_no_second_account(shop: Shop) -> None:
    """Somebody registers the address that is being changed to: whoever proves it first has it."""
    await shop.http.post("/v1/auth/register", json=a_registration(email=NEW))
    [[registration_id]] = await shop.rows("SELECT id FROM registrations")
    assert (await confirm(shop, await asked(shop, await shop.account()))).status_code == 204

    token = link_token(shop.app.state.secret, "registration", registration_id)
    late = await shop.http.post("/v1/auth/verify-email", json={"token": token, "password": PASSWORD})

    assert (late.status_code, late.json()) == (422, LINK_INVALID)
    assert await emails(shop) == [NEW]


async def test_who_asks_too_often_is_slowed_down_before_the_password_is_tried(shop: Shop) -> None:
    me = await shop.account()
    for _ in range(10):
        assert (await ask(shop, me, password="x")).json() == PASSWORD_WRONG
    slow = await ask(shop, me)
    assert (slow.status_code, slow.json()["code"]) == (429, "too-many-requests")
    token = await asked(shop, await shop.account("petar@example.bg"))
    for _ in range(10):
        assert (await confirm(shop, token, "x")).json() == PASSWORD_WRONG
    assert (await confirm(shop, token)).status_code == 429
    assert await shop.count("mail_links") == 1
