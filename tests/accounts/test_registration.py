"""Registration: an account is made of a proved address and the password that was chosen for it, and of nothing less."""

import asyncio
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import uuid4

import httpx
from pydantic import ValidationError

from app.accounts.schemas import Register
from app.auth.link_tokens import link_token
from app.auth.passwords import HASHER
from app.core.secrets import Secret
from app.privacy.models import DeclarationPurpose
from tests.accounts.registering import (
    LINK_INVALID,
    PASSWORD,
    PASSWORD_WRONG,
    a_registration,
    ask,
    asked,
    prove,
    registered,
    token_of,
)
from tests.auth.logins import held_at_hashing
from tests.checkout.bad_values import changed, misfits, places
from tests.checkout.test_cut_transactions import cut
from tests.checkout.watching import contents, statements
from tests.factories.privacy import make_declaration
from tests.mail.letters import Page, body
from tests.problems import of_kind
from tests.shop import NOON, VERSION, Shop, Transport

ENGLISH = {"Accept-Language": "en", "Origin": "https://bg.ionickiss.com"}
MADE = ("accounts", "profiles", "addresses", "acceptances", "consents", "audit_entries")


async def made(shop: Shop) -> dict[str, int]:
    """Count what there is only once an account is made; what is not there at all is left out."""
    counted = {table: await shop.count(table) for table in MADE}
    return {table: count for table, count in counted.items() if count}


def linked(shop: Shop, page: str) -> list[str]:
    """Find the links to a page of the storefront in all mails; gives what stands behind the #."""
    messages = [message_from_bytes(file.read_bytes(), policy=default) for file in shop.mails.glob("*.eml")]
    links = [link for message in messages for link in Page(body(message, "html")).links]
    return [link.partition("#token=")[2] for link in links if f"/{page}" in link]


async def test_who_registers_is_promised_a_mail_and_has_no_account_yet(shop: Shop) -> None:
    answer = await ask(shop, ENGLISH, consents=["registration", "newsletter"])

    assert answer.status_code == 202
    assert answer.json() == {"email": "iva@example.bg", "expires_at": "2026-11-24T10:00:00Z"}
    [[registration_id, password_hash, *declarations], rest] = [
        *await shop.rows("SELECT id, password_hash, declaration_id, newsletter_declaration_id FROM registrations"),
        *await shop.rows(
            "SELECT email, first_name, last_name, phone, address, language, origin, ip, created_at, expires_at"
            " FROM registrations"
        ),
    ]
    assert rest == (
        "iva@example.bg",
        "Ива",
        "Петрова",
        "+359888123456",
        {
            "method": "address",
            "city": "София",
            "postcode": "1618",
            "street": "ул. Българска легия",
            "street_no": "2",
            **dict.fromkeys(("block", "entrance", "floor", "apartment", "note", "site_id")),
        },
        "en",
        "https://bg.ionickiss.com",
        "127.0.0.1",
        NOON,
        NOON + timedelta(hours=24),
    )
    assert HASHER.verify(PASSWORD, password_hash)
    assert [(declaration_id,) for declaration_id in declarations] == await shop.rows(
        "SELECT id FROM declarations WHERE version = :version AND purpose IN ('registration', 'newsletter')"
        " ORDER BY purpose DESC",
        version=VERSION,
    )
    assert await shop.rows("SELECT kind, address, language, about_id, order_id, state FROM mails") == [
        ("registration", "iva@example.bg", "en", registration_id, None, "waiting")
    ]
    assert await shop.jobs() == {("send_mail", "todo"): 1}
    assert await made(shop) == {}


async def test_s13_a_proved_registration_makes_the_account_on_a_consent_of_its_own(shop: Shop) -> None:
    """Acceptance (S27) and consents (S12, S17) prove the moment when the boxes were ticked, not that of the click."""
    token = await asked(shop, ENGLISH, consents=["registration", "newsletter"])
    shop.clock.advance(hours=23)

    assert (await prove(shop, token)).status_code == 204

    assert await shop.rows(
        "SELECT email, language, created_at, first_name, last_name, phone, changed_at"
        " FROM accounts JOIN profiles ON account_id = accounts.id"
    ) == [("iva@example.bg", "en", shop.clock.now(), "Ива", "Петрова", "+359888123456", shop.clock.now())]
    assert await shop.rows(
        "SELECT method, is_default, label, city, postcode, street, street_no, office_id, site_id"
        " FROM addresses JOIN accounts ON accounts.id = account_id"
    ) == [("address", True, None, "София", "1618", "ул. Българска легия", "2", None, None)]
    proof = "a.language, declarations.sha256_en = a.text_sha256, declarations.version, a.means, a.origin, a.ip"
    same = ("en", True, VERSION, "api", "https://bg.ionickiss.com", "127.0.0.1")
    assert await shop.rows(
        f"SELECT declarations.purpose, accepted_at, {proof} FROM acceptances AS a"  # noqa: S608 - columns of ours
        " JOIN profiles ON acceptance_id = a.id JOIN declarations ON declarations.id = a.declaration_id"
    ) == [("registration", NOON, *same)]
    assert await shop.rows(
        f"SELECT a.purpose, channel, act, email, order_id, declarations.purpose, recorded_at, {proof}"  # noqa: S608 - as above
        " FROM consents AS a JOIN declarations ON declarations.id = a.declaration_id ORDER BY a.purpose"
    ) == [
        ("newsletter", "email", "given", "iva@example.bg", None, "newsletter", NOON, *same),
        ("registration", None, "given", "iva@example.bg", None, "registration", NOON, *same),
    ]
    [[account_id]] = await shop.rows("SELECT id FROM accounts")
    owner = f"account:{account_id}"
    assert await shop.rows("SELECT actor, action, subject, at FROM audit_entries") == [
        (owner, "account_registered", owner, shop.clock.now())
    ]
    assert await shop.rows("SELECT args FROM procrastinate_jobs WHERE task_name = 'claim_guest_orders'") == [
        ({"account_id": str(account_id)},)
    ]
    assert await shop.count("registrations") == 0


async def test_s5_s7_phone_address_and_newsletter_are_only_for_who_wants_them(shop: Shop) -> None:
    await registered(shop, phone=None, address=None)

    assert await shop.rows("SELECT first_name, last_name, phone FROM profiles") == [("Ива", "Петрова", None)]
    assert await shop.rows("SELECT purpose FROM consents") == [("registration",)]
    assert await shop.count("addresses") == 0
    required = {name for name, field in Register.model_fields.items() if field.is_required()}
    assert required == {"first_name", "last_name", "email", "password", "privacy_declaration", "consents"}


async def test_names_in_any_script_and_an_office_are_kept_as_they_are_given(shop: Shop) -> None:
    wish = {"first_name": " Ζωή-李 ", "last_name": "O’Нийл أحمد", "email": "Ива.Петрова@Пример.БГ"}
    await registered(shop, **wish, address={"method": "office", "office_id": 2**31 - 1})

    assert await shop.rows("SELECT first_name, last_name, email FROM profiles JOIN accounts ON id = account_id") == [
        ("Ζωή-李", "O’Нийл أحمد", "Ива.Петрова@пример.бг")
    ]
    assert await shop.rows("SELECT method, office_id, is_default, city FROM addresses") == [
        ("office", 2**31 - 1, True, None)
    ]


async def test_complaint_15_a_known_address_is_answered_with_the_same_words_after_the_same_work(shop: Shop) -> None:
    """Case and all: the address is looked up when the mail is written, so nothing here can depend on it."""
    await shop.account("petar@example.bg")
    await ask(shop, email="warm@example.bg")  # what only a first request reads
    answers, work = {}, {}
    for email in ("iva@example.bg", "Petar@example.bg"):
        with statements(shop) as sent:
            answers[email] = await ask(shop, email=email)
        work[email] = sent

    assert work["iva@example.bg"] == work["Petar@example.bg"]
    unknown, known = answers.values()
    assert (known.status_code, known.json()) == (202, {**unknown.json(), "email": "Petar@example.bg"})
    assert known.headers.keys() == unknown.headers.keys()


async def test_complaint_13_only_who_chose_the_password_and_reads_the_mail_gets_an_account(shop: Shop) -> None:
    """A stranger registers Ива's address; she opens the link, he knows the password: neither has both."""
    order = await shop.ordered()
    strangers = await asked(shop, password="паролата на непознатия", first_name="Непознат")

    innocent = await prove(shop, strangers, "нещо, което Ива опитва")
    assert (innocent.status_code, innocent.json()) == (422, PASSWORD_WRONG)
    blind = await prove(shop, link_token(Secret.of("a guess"), "registration", uuid4()), "паролата на непознатия")
    assert (blind.status_code, blind.json()) == (422, LINK_INVALID)
    assert await made(shop) == {"acceptances": 1}  # of the order
    assert ("claim_guest_orders", "todo") not in await shop.jobs()

    hers = await asked(shop)
    assert (await prove(shop, hers)).status_code == 204
    assert (await prove(shop, strangers, "паролата на непознатия")).json() == LINK_INVALID
    assert await shop.rows("SELECT first_name FROM profiles") == [("Ива",)]
    assert await shop.rows("SELECT account_id FROM orders WHERE number = :number", number=int(order["number"])) == [
        (None,)  # claimed by the job, not before
    ]


async def test_complaint_12_the_mailed_link_leads_to_the_account_and_its_earlier_orders(shop: Shop) -> None:
    number = (await shop.ordered())["number"]
    await ask(shop)
    await shop.run_jobs()
    [token] = linked(shop, "verify-email")
    assert (await prove(shop, token)).status_code == 204
    await shop.run_jobs()

    form = {"grant_type": "password", "username": "iva@example.bg", "password": PASSWORD}
    login = (await shop.http.post("/v1/auth/token", data=form)).json()
    me = {"Authorization": f"Bearer {login['access_token']}"}
    orders = (await shop.http.get("/v1/me/orders", headers=me)).json()["items"]
    assert [order["number"] for order in orders] == [number]

    assert (await ask(shop, email="Iva@example.bg")).status_code == 202
    await shop.run_jobs()
    assert linked(shop, "verify-email") == [token]
    assert len(linked(shop, "forgot-password")) == 1
    assert await shop.count("registrations") == 0
    assert await shop.rows("SELECT address, state FROM mails WHERE kind = 'registration'") == [
        ("iva@example.bg", "sent"),
        ("iva@example.bg", "sent"),
    ]


async def test_a_link_works_once_and_until_it_expires(shop: Shop) -> None:
    first, second = await asked(shop), await asked(shop, email="petar@example.bg")
    assert (await prove(shop, first)).status_code == 204
    before = await contents(shop)
    shop.clock.advance(hours=24)

    for token in (
        first,
        second,
        token_of(shop, uuid4()),
        link_token(shop.app.state.secret, "change_email", uuid4()),
        "x" * 64,
    ):
        refused = await prove(shop, token)
        assert (refused.status_code, refused.json()) == (422, LINK_INVALID)
    assert await contents(shop) == before

    await asked(shop, email="late@example.bg")
    [clean] = [periodic for periodic in shop.work.periodic if periodic.name == "clean"]
    await clean.run()
    assert await shop.rows("SELECT email FROM registrations") == [("late@example.bg",)]
    assert await shop.rows("SELECT address FROM mails") == [("late@example.bg",)], "the text promises 24 hours"


async def test_an_address_that_has_an_account_meanwhile_gets_no_second_one(shop: Shop) -> None:
    token = await asked(shop, email="IVA@example.bg")
    await shop.account("iva@example.bg")
    before = await contents(shop)

    refused = await prove(shop, token)

    assert (refused.status_code, refused.json()) == (422, LINK_INVALID)
    assert await contents(shop) == before


async def test_of_several_who_prove_one_address_at_once_one_has_the_account(shop: Shop) -> None:
    tokens = [await asked(shop, email=email) for email in ("iva@example.bg", "Iva@example.bg", "IVA@example.bg")]

    answers = await asyncio.gather(*(prove(shop, token) for token in tokens * 2))

    assert sorted(answer.status_code for answer in answers) == [204, 422, 422, 422, 422, 422]
    assert all(answer.json() == LINK_INVALID for answer in answers if answer.status_code == 422)
    assert await made(shop) == dict.fromkeys(MADE, 1)
    assert await shop.count("registrations") == 0
    assert (await shop.jobs())["claim_guest_orders", "todo"] == 1


async def test_an_account_is_made_whole_or_not_at_all(shop: Shop) -> None:
    token = await asked(shop)
    before = await contents(shop)
    # Of seven statements the last makes the audit's entry; then comes the commit.
    for moment, number in (("before_cursor_execute", 7), ("commit", 1)):
        with cut(shop, moment, number):
            answer = await prove(shop, token)
        assert (answer.status_code, answer.json()["code"]) == (503, "try-later")
        assert await contents(shop) == before
    assert (await prove(shop, token)).status_code == 204


async def test_no_connection_is_held_while_a_password_is_hashed(shop: Shop) -> None:
    """Otherwise a few who register would keep everybody else from the database."""
    token = await asked(shop)
    async with held_at_hashing(ask(shop, email="petar@example.bg"), prove(shop, token)) as calls:
        assert shop.engine.pool.checkedout() == 0
    assert [answer.status_code for answer in await asyncio.gather(*calls)] == [202, 204]


NO_CONSENT = (
    "Профил се създава само с Вашето изрично съгласие: добавете registration към consents. Без него можете да поръчате"
    " и като гост."
)
EASY = (
    "Изберете друга парола: не от често срещаните, не поредни клавиши, не името или адреса Ви. Няколко случайни думи са"
    " добра парола."
)
REFUSED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"consents": ["newsletter"]},
        {
            **of_kind("consent-missing"),
            "title": "Липсва съгласие за регистрация",
            "status": 422,
            "detail": NO_CONSENT,
            "errors": [{"pointer": "/consents", "detail": NO_CONSENT}],
        },
    ),
    (
        {"first_name": "Александра", "password": "александра 2026"},
        {
            **of_kind("password-too-common"),
            "title": "Лесна за отгатване парола",
            "status": 422,
            "detail": EASY,
            "errors": [{"pointer": "/password", "detail": EASY}],
        },
    ),
    (
        {"egn": "0000000000"},
        {
            **of_kind("invalid"),
            "title": "Невалидни данни",
            "status": 422,
            "detail": "Поправете посочените полета и изпратете отново.",
            "errors": [{"pointer": "/egn", "detail": "Непознато поле; не се приема"}],
        },
    ),
    (
        {"privacy_declaration": {"version": VERSION, "accepted": False}},
        {
            **of_kind("declaration-not-accepted"),
            "title": "Декларацията за поверителност не е приета",
            "status": 422,
            "detail": "Прочетете декларацията за поверителност и отбележете, че я приемате.",
            "errors": [
                {
                    "pointer": "/privacy_declaration/accepted",
                    "detail": "Прочетете декларацията за поверителност и отбележете, че я приемате.",
                }
            ],
        },
    ),
    (
        {"privacy_declaration": {"version": "2023-08-22", "accepted": True}},
        {
            **of_kind("declaration-outdated"),
            "title": "Декларацията за поверителност е обновена",
            "status": 409,
            "detail": "Прочетете действащата версия 2026-11-22 и я приемете.",
            "current_version": VERSION,
            "current": "/v1/declarations/registration/versions/2026-11-22",
        },
    ),
]


async def test_a_refused_registration_leaves_nothing(shop: Shop) -> None:
    before = await contents(shop)
    for changes, problem in REFUSED:
        answer = await ask(shop, **changes)
        assert (answer.status_code, answer.json()) == (problem["status"], problem)
        assert answer.headers["content-type"] == "application/problem+json"
    assert await contents(shop) == before


async def test_a_newer_declaration_refuses_the_older_and_the_account_keeps_what_was_accepted(shop: Shop) -> None:
    """Published on the same day, too: what was shown decides."""
    token = await asked(shop, consents=["registration", "newsletter"])
    async with shop.sessions.begin() as session:
        for purpose in (DeclarationPurpose.REGISTRATION, DeclarationPurpose.NEWSLETTER):
            await make_declaration(session, purpose, version="2026-11-23", effective_on=NOON.date())

    assert (await ask(shop)).json()["current_version"] == "2026-11-23"
    assert (await prove(shop, token)).status_code == 204
    assert (
        await shop.rows(
            "SELECT version FROM acceptances JOIN declarations ON declarations.id = declaration_id"
            " UNION ALL SELECT version FROM consents JOIN declarations ON declarations.id = declaration_id"
        )
        == [(VERSION,)] * 3
    )


def test_every_field_refuses_what_does_not_fit_it() -> None:
    whole = a_registration()
    taken, told = [], list[str]()
    for place in places(Register):
        for value in misfits(place):
            try:
                Register.model_validate(changed(whole, place.path, value))
            except ValidationError as refusal:
                told.append(str(refusal))
            else:
                taken.append((place.pointer, value))
    # A password may be anything; a consent said twice is one.
    assert taken == [("/password", "5b0c7a52-6c1f-4b06-9d8a"), ("/consents", ["newsletter", "newsletter"])]
    assert PASSWORD not in "".join([*told, repr(Register.model_validate(whole))])


async def test_mails_to_one_mailbox_and_from_one_address_are_few(shop: Shop) -> None:
    for number in range(5):
        assert (await ask(shop, email=f"{'iI'[number % 2]}va@example.bg")).status_code == 202
    slow = await ask(shop)
    assert (slow.status_code, slow.headers["retry-after"]) == (429, "720")
    assert slow.json() == {
        **of_kind("too-many-requests"),
        "title": "Твърде много опити",
        "status": 429,
        "detail": "Опитайте отново след 720 секунди.",
        "retry_after": 720,
    }
    for number in range(14):
        answer = await ask(shop, email=f"{number}@example.bg", consents=["newsletter"])
        assert answer.status_code == 422
    assert (await ask(shop, email="petar@example.bg")).status_code == 429
    assert await shop.count("registrations") == 5


async def test_b3_nobody_elsewhere_keeps_an_address_from_registering(shop: Shop) -> None:
    """Whoever has the address, and however often it was asked for: the answer is the same, and the request is kept."""
    await shop.account("petar@example.bg")
    for email in ("iva@example.bg", "petar@example.bg"):
        for number in range(7):
            answer = await elsewhere(shop, f"192.0.2.{number}", email, ["registration"])
            assert (answer.status_code, answer.json()) == (
                202,
                {"email": email, "expires_at": f"{shop.clock.now() + timedelta(hours=24):%Y-%m-%dT%H:%M:%SZ}"},
            )
        assert await shop.rows("SELECT count(*) FROM registrations WHERE email = :email", email=email) == [(7,)]
        assert await shop.rows("SELECT count(*) FROM mails WHERE address = :email", email=email) == [(7,)]


async def elsewhere(shop: Shop, address: str, email: str, consents: list[str]) -> httpx.Response:
    transport = Transport(shop.app, client=(address, 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as http:
        return await http.post("/v1/auth/register", json=a_registration(email=email, consents=consents))


async def test_who_guesses_the_password_of_a_registration_is_slowed_down(shop: Shop) -> None:
    token = await asked(shop)
    for _ in range(10):
        assert (await prove(shop, token, "нещо, което Ива опитва")).json() == PASSWORD_WRONG
    assert (await prove(shop, token)).status_code == 429
    shop.clock.advance(hours=1)
    assert (await prove(shop, token)).status_code == 204
