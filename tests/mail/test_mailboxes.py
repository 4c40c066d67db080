"""What strangers can have mailed to one mailbox: little at once, then one an hour with everything; nothing is lost."""

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from app.auth.link_tokens import link_token
from app.mail.holding import Cause, allowance_key
from tests.accounts.registering import a_registration, prove
from tests.auth.logins import EMAIL, come_from, log_in, with_account
from tests.factories.accounts import PASSWORD
from tests.fulfilment.story import COMPANY, letters, retry
from tests.mail.letters import body
from tests.privacy.rights.asking import REQUESTS, asks, confirm
from tests.shop import Shop, a_wish, open_shop

RESET, REGISTER, PROOF = "Избор на нова парола", "Потвърдете регистрацията си", "Потвърдете искането си"
CONSENT = "Потвърдете съгласието си"
CHANGE = "Потвърдете новия си имейл адрес"
NEW = "седем стълби към морето"
TOKEN = re.compile(r"#token=([A-Za-z0-9_=-]+)")


@pytest.fixture
async def shop(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """Open a shop that holds back what a real one would."""
    async with open_shop(stocked, tmp_path, mails_at_once=5) as shop:
        yield shop


def sent(shop: Shop) -> list[EmailMessage]:
    return letters(shop, "")


def tokens(*messages: EmailMessage) -> list[str]:
    return [token for message in messages for token in TOKEN.findall(body(message, "plain"))]


async def an_hour_later(shop: Shop) -> None:
    shop.clock.advance(hours=1)
    await retry(shop)


async def from_everywhere(shop: Shop, path: str, wishes: list[dict[str, Any]], *, each: int = 5) -> None:
    """Ask from one place after another, so often from each; every answer is the same."""
    answers = set()
    for number, wish in enumerate(wishes):
        come_from(shop, f"198.51.100.{number // each}")
        answer = await shop.http.post(path, json=wish)
        answers.add((answer.status_code, answer.text))
    assert len(answers) == 1
    assert {status for status, _ in answers} == {202}


async def forgot(shop: Shop, times: int, *, each: int = 5) -> None:
    await from_everywhere(shop, "/v1/auth/forgot-password", [{"email": EMAIL}] * times, each=each)


async def test_b3_strangers_do_not_keep_the_owner_from_a_new_password(shop: Shop) -> None:
    await with_account(shop)
    await forgot(shop, 20)
    await shop.run_jobs()
    assert len(letters(shop, RESET)) == 5

    come_from(shop, "203.0.113.7")
    own = await shop.http.post("/v1/auth/forgot-password", json={"email": EMAIL})
    assert (own.status_code, own.content) == (202, b"")
    await shop.run_jobs()
    assert len(letters(shop, RESET)) == 5
    await an_hour_later(shop)

    *_, last = sent(shop)
    assert len(sent(shop)) == 6
    # As always, the link works for the hour after it was sent.
    shop.clock.advance(minutes=59)
    [token] = tokens(last)
    answer = await shop.http.post("/v1/auth/reset-password", json={"token": token, "new_password": NEW})
    assert answer.status_code == 204
    assert (await log_in(shop, password=NEW)).status_code == 200


async def test_b2_one_link_is_pending_however_often_it_is_asked_for(shop: Shop) -> None:
    me = await shop.account()
    await forgot(shop, 7)
    for number in range(7):
        come_from(shop, f"192.0.2.{number}")
        wish = {"email": "petar@example.bg" if number % 2 else "Petar@example.bg", "password": PASSWORD}
        assert (await shop.http.post("/v1/me/email-changes", json=wish, headers=me)).status_code == 202
    assert await shop.rows("SELECT purpose, count(*) FROM mail_links GROUP BY 1 ORDER BY 1") == [
        ("change_email", 1),
        ("reset_password", 1),
    ]
    await shop.run_jobs()
    assert (len(letters(shop, CHANGE)), len(letters(shop, RESET))) == (5, 5)
    assert len(set(tokens(*letters(shop, CHANGE)))) == 1


async def test_b3_every_registration_is_kept_and_one_mail_brings_all_links(shop: Shop) -> None:
    wishes = [a_registration(password=f"чужда тайна {number} облак") for number in range(8)]
    await from_everywhere(shop, "/v1/auth/register", [*wishes, a_registration()], each=2)
    assert await shop.count("registrations") == 9
    await shop.run_jobs()  # of two at once, the last one allowed may bring one that is held already
    assert len(sent(shop)) == 5
    await an_hour_later(shop)

    [gathered] = sent(shop)[5:]
    assert gathered["Subject"] == REGISTER
    assert "изпращаме ги заедно" in body(gathered, "plain")
    assert "изпращаме ги заедно" in body(gathered, "html")
    carried = tokens(gathered)
    assert len(carried) == 4
    assert all(f"#token={token}" in body(gathered, "html") for token in carried)
    pending = await shop.rows("SELECT id FROM registrations")
    secret = shop.app.state.secret
    assert {*tokens(*sent(shop))} == {link_token(secret, "registration", each) for (each,) in pending}
    answers = [(await prove(shop, token)).status_code for token in carried]
    assert answers.count(204) == 1  # the owner's own
    assert await shop.rows("SELECT count(*), count(DISTINCT message_id) FROM mails WHERE state = 'sent'") == [(9, 6)]


async def test_b3_beyond_its_allowance_a_mailbox_gets_one_mail_an_hour(shop: Shop) -> None:
    for hour in range(3):
        wishes = [a_registration(password=f"тайна {hour} {number} облак") for number in range(6)]
        await from_everywhere(shop, "/v1/auth/register", wishes, each=2)
        await retry(shop)
        assert len(sent(shop)) == 5 + hour
        shop.clock.advance(hours=1)
    await retry(shop)
    assert len(sent(shop)) == 8
    assert len(set(tokens(*sent(shop)))) == 3 * 6


async def test_b3_a_data_subjects_request_is_stored_whoever_asked_before(shop: Shop) -> None:
    await from_everywhere(shop, REQUESTS, [asks(email=EMAIL)] * 21)
    assert await shop.count("rights_requests") == 21
    await shop.run_jobs()
    assert len(letters(shop, PROOF)) == 5
    await an_hour_later(shop)
    [gathered] = letters(shop, PROOF)[5:]
    assert len(set(tokens(gathered))) == 16
    come_from(shop, "203.0.113.7")
    assert (await confirm(shop, tokens(gathered)[-1])).status_code == 200


async def test_b3_an_origin_with_room_of_its_own_keeps_it(shop: Shop) -> None:
    wish = {"email": EMAIL}
    come_from(shop, "198.51.100.1")
    answers = [(await shop.http.post("/v1/auth/forgot-password", json=wish)).status_code for _ in range(7)]
    assert answers == [202, 202, 202, 202, 202, 429, 429]
    come_from(shop, "203.0.113.7")
    assert [(await shop.http.post("/v1/auth/forgot-password", json=wish)).status_code for _ in range(5)] == [202] * 5


async def test_b2_orders_of_strangers_fill_no_mailbox_and_greet_nobody_by_a_name(shop: Shop) -> None:
    customer = {"first_name": "Спечелихте", "last_name": "Голяма Награда", "email": EMAIL, "phone": "+359888123456"}
    for _ in range(7):
        await shop.ordered({"ION-H-SOFT-2": 1}, customer=customer, consents=["newsletter"])
    await shop.run_jobs()
    confirmed = letters(shop, "е приета")
    assert (len(confirmed), len(letters(shop, CONSENT)), len(sent(shop))) == (5, 5, 10)
    for message in confirmed:
        for form in ("plain", "html"):
            said = body(message, form)
            assert "Здравейте! Приехме поръчка" in said
            assert "Здравейте, Спечелихте" not in said
            assert "Ако не сте поръчвали при нас" in said
    await an_hour_later(shop)
    orders, consents = sent(shop)[10:]
    if "съгласието" in orders["Subject"]:
        orders, consents = consents, orders
    assert [each in body(orders, "plain") for each in ("№\u00a0100000006", "№\u00a0100000007")] == [True, True]
    assert len(set(tokens(consents))) == 1
    assert len(sent(shop)) == 12


async def test_b2_the_owners_own_orders_are_all_mailed_at_once_and_by_name(shop: Shop) -> None:
    me = await shop.account(EMAIL)
    for _ in range(6):
        cart = await shop.cart({"ION-H-SOFT-2": 1})
        assert (await shop.place({**a_wish(cart)}, **me)).status_code == 201
    await shop.run_jobs()
    confirmed = letters(shop, "е приета")
    assert len(confirmed) == 6
    assert "Здравейте, Ива Петрова! Приехме поръчка" in body(confirmed[0], "plain")


async def test_b2_a_stranger_who_types_the_address_of_an_account_greets_nobody_by_a_name(shop: Shop) -> None:
    await shop.account(EMAIL)
    await shop.ordered()
    await shop.run_jobs()
    [confirmed] = letters(shop, "е приета")
    assert "Здравейте! Приехме поръчка" in body(confirmed, "plain")


async def test_b2_tags_make_no_mailboxes(shop: Shop) -> None:
    for number in range(8):
        come_from(shop, f"198.51.100.{number}")
        answer = await shop.http.post("/v1/auth/register", json=a_registration(email=f"iva+{number}@example.bg"))
        assert answer.status_code == 202
    await shop.run_jobs()
    assert len(sent(shop)) == 5
    # Nor do they use up what is the mailbox's own.
    assert (await shop.http.post("/v1/auth/register", json=a_registration())).status_code == 202
    await shop.run_jobs()
    assert [message["To"] for message in sent(shop)[5:]] == [EMAIL]


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("Iva@Example.BG", "mail:order:iva@example.bg"),
        ("iva+1@example.bg", "mail:order:iva+@example.bg"),
        ("iva+2+3@example.bg", "mail:order:iva+@example.bg"),
        ("iva@other.bg", "mail:order:iva@other.bg"),
    ],
)
def test_an_allowance_is_a_mailboxs(address: str, named: str) -> None:
    assert allowance_key(address, Cause.ORDER) == named


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "Спечели 500€ на http://evil.example/win"),
        ("last_name", "www.evil"),
        ("first_name", "casino.com"),
        ("last_name", "пиши на win@evil"),
    ],
)
async def test_b2_a_name_is_no_advertisement(shop: Shop, field: str, value: str) -> None:
    wish = a_wish(await shop.cart())
    refused = await shop.place({**wish, "customer": {**wish["customer"], field: value}})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"/customer/{field}"]
    asked = await shop.http.post("/v1/auth/register", json=a_registration(**{field: value}))
    assert [error["pointer"] for error in asked.json()["errors"]] == [f"/{field}"]
    assert await shop.count("mails") == 0


async def test_b2_streets_and_companies_may_look_like_hosts(shop: Shop) -> None:
    wish = a_wish(await shop.cart())
    delivery = {**wish["delivery"], "street": "ул.Шипка", "note": "ul.Shipka 5, до Ozone.bg"}
    invoice = {**COMPANY, "company_name": "Ozone.bg ЕООД", "address": "ul.Shipka 5"}
    placed = await shop.place({**wish, "delivery": delivery, "invoice": invoice})
    assert placed.status_code == 201, placed.text


async def test_b2_a_request_names_no_host_as_a_person_and_no_link_as_a_place(shop: Shop) -> None:
    wish = asks(email=EMAIL, name="casino.com", address="https://evil.example", text="Пишете ми на iva@example.bg")
    refused = await shop.http.post(REQUESTS, json=wish)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/name", "/address"]
    assert await shop.count("rights_requests") == 0
