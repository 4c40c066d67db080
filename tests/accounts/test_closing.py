"""Closing an account: what may go goes at once, what a law holds is named with its day."""

from app.auth.models import StaffRole
from app.core.db import forget
from app.mail.personal_data import letters_due
from tests.accounts.closing import (
    ACCEPTANCE,
    EMAIL,
    HOME,
    IDENTITY,
    LETTER,
    LOGIN,
    ME,
    PROFILE,
    RECORD,
    SENT,
    SUPPRESSED,
    UNAUTHENTICATED,
    WHO,
    close,
    consents,
    member,
    snezhina,
)
from tests.accounts.registering import asked
from tests.accounts.test_email_changes import asked as ask_for
from tests.accounts.test_email_changes import confirm
from tests.factories.accounts import PASSWORD
from tests.fulfilment.story import COMPANY, letters
from tests.privacy.scanning import traces
from tests.problems import of_kind
from tests.shop import NOON, Shop

LAST_ACT = "SELECT purpose, act, recorded_at, ip FROM consents WHERE act = 'withdrawn' ORDER BY purpose"


async def test_s30_only_the_proof_that_the_answer_names_is_left_of_who_never_bought(shop: Shop) -> None:
    me = await snezhina(shop, consents=["registration", "newsletter"])
    company = {**COMPANY, "responsible_person": None}
    assert (await shop.http.post(f"{ME}/invoice-profiles", json=company, headers=me)).status_code == 201
    cart_id = await shop.cart()
    assert (await shop.http.put(f"{ME}/cart", json={"cart_id": cart_id}, headers=me)).status_code == 200
    await shop.http.post("/v1/auth/forgot-password", json={"email": EMAIL})
    await shop.run_jobs()
    await asked(shop, **{**WHO, "email": EMAIL.upper(), "address": HOME})
    before = await traces(shop, *IDENTITY)

    closed = await close(shop, me)

    assert before == [
        "accounts.email",
        "addresses.street",
        "consents.email",
        "invoice_profiles.company_name",
        "login_sessions.device",
        "mail_links.email",
        "mails.address",
        "profiles.first_name",
        "profiles.last_name",
        "profiles.phone",
        "registrations.address",
        "registrations.email",
        "registrations.first_name",
        "registrations.last_name",
        "registrations.phone",
    ]
    assert closed == {
        "closed_at": "2026-11-23T10:00:00Z",
        "erased": [
            "Количката",
            PROFILE,
            "Адресната книга",
            "Запазените данни за фактура",
            "Недовършените регистрации с този адрес",
            SENT,
            LOGIN,
        ],
        "kept": [ACCEPTANCE, consents(4), SUPPRESSED, RECORD, LETTER],
    }
    await shop.run_jobs()
    assert await traces(shop, *IDENTITY) == ["consents.email", "mails.address"]
    assert await traces(shop, '"127.0.0.1"') == ["acceptances.ip", "consents.ip"]
    assert await shop.rows("SELECT kind, state, address FROM mails") == [("account_closed", "sent", EMAIL)]
    for table in ("accounts", "carts", "cart_lines", "login_sessions", "refresh_tokens", "familiar_origins"):
        assert await shop.count(table) == 0, table


async def test_s17_s18_consents_end_with_the_account_and_their_proof_stays(shop: Shop) -> None:
    me = await member(shop, newsletter=True)

    await close(shop, me)

    assert await shop.rows(LAST_ACT) == [
        ("newsletter", "withdrawn", NOON, "127.0.0.1"),
        ("registration", "withdrawn", NOON, "127.0.0.1"),
    ]
    assert await shop.rows("SELECT count(*), count(DISTINCT text_sha256) FROM consents") == [(4, 2)]


async def test_a_closed_account_is_told_of_by_a_letter_and_an_entry_of_ids_alone(shop: Shop) -> None:
    me = await member(shop)
    [[account_id]] = await shop.rows("SELECT id FROM accounts")

    await close(shop, me)
    await shop.run_jobs()

    assert [letter["To"] for letter in letters(shop, "закрит")] == [EMAIL]
    assert await shop.rows("SELECT actor, subject, at FROM audit_entries WHERE action = 'account_closed'") == [
        (f"account:{account_id}", f"account:{account_id}", NOON)
    ]


async def test_the_letter_is_forgotten_on_the_day_that_was_named(shop: Shop) -> None:
    await close(shop, await member(shop))
    await shop.run_jobs()
    for days, left in ((30, 1), (0.1, 0)):
        shop.clock.advance(days=days)
        async with shop.sessions.begin() as session:
            due = letters_due(shop.clock.now())
            await forget(session, due.table, due.which)
        assert await shop.count("mails") == left


async def test_of_an_earlier_address_the_proof_alone_is_left(shop: Shop) -> None:
    me = await member(shop)
    assert (await confirm(shop, await ask_for(shop, me, "kokiche@example.com"))).status_code == 204
    await shop.run_jobs()
    assert await traces(shop, EMAIL) == ["consents.email", "mails.address"]

    closed = await close(shop, me)

    assert closed["kept"] == [ACCEPTANCE, consents(2), RECORD, LETTER]
    await shop.run_jobs()
    assert await traces(shop, EMAIL) == ["consents.email"]
    assert await traces(shop, "kokiche@example.com") == ["consents.email", "mails.address"]


async def test_after_it_the_token_opens_nothing(shop: Shop) -> None:
    me = await member(shop)
    await close(shop, me)
    for verb, path in (("DELETE", ME), ("GET", ME), ("GET", f"{ME}/consents"), ("GET", f"{ME}/orders")):
        refused = await shop.http.request(verb, path, headers=me)
        assert (refused.status_code, refused.json()) == (401, UNAUTHENTICATED)


async def test_an_account_is_closed_by_its_owner_not_by_who_finds_a_device_logged_in(shop: Shop) -> None:
    me = await member(shop)
    shop.clock.advance(minutes=10, seconds=1)

    async def try_to_close(**wish: str) -> tuple[int, str]:
        answer = await shop.http.request("DELETE", ME, headers=me, json=wish)
        return answer.status_code, answer.json().get("code", "")

    assert (await shop.http.delete(ME, headers=me)).json() == {
        **of_kind("fresh-login-needed"),
        "title": "Нужна е паролата или ново влизане",
        "status": 403,
        "detail": "Изпратете и паролата си (password) или влезте отново и опитайте до десет минути.",
    }
    assert await try_to_close() == (403, "fresh-login-needed")
    assert await try_to_close(password="a wrong guess") == (422, "password-wrong")
    assert (await shop.http.get(ME, headers=me)).json()["email"] == EMAIL
    assert await try_to_close(password=PASSWORD) == (200, "")


async def test_the_password_behind_an_open_session_is_not_guessed_by_closing(shop: Shop) -> None:
    me = await member(shop)
    for _ in range(10):
        guess = {"password": "a wrong guess"}
        assert (await shop.http.request("DELETE", ME, headers=me, json=guess)).status_code == 422
    assert (await shop.http.request("DELETE", ME, headers=me, json={"password": PASSWORD})).status_code == 429


async def test_the_consent_to_a_profile_is_taken_back_without_a_password(shop: Shop) -> None:
    me = await member(shop)
    shop.clock.advance(minutes=11)
    answer = await shop.http.post("/v1/consents/withdrawals", json={"purpose": "registration"}, headers=me)
    assert (answer.status_code, answer.json()["closed"]["kept"][0]["count"]) == (200, 1)
    assert await shop.count("accounts") == 0


async def test_a_place_among_the_staff_and_another_account_stay_untouched(shop: Shop) -> None:
    other, colleague = await shop.account("petar@example.bg"), await shop.staff(StaffRole.OWNER, email=EMAIL)
    me = await member(shop)

    await close(shop, me)

    assert (await shop.http.get(ME, headers=other)).json()["email"] == "petar@example.bg"
    assert (await shop.http.get(f"{ME}/sessions", headers=colleague)).status_code == 200
    assert (await shop.http.delete(ME, headers=colleague)).status_code == 403
    assert await shop.rows("SELECT email FROM staff") == [(EMAIL,)]


async def test_s13_who_registers_again_begins_anew(shop: Shop) -> None:
    await close(shop, await member(shop))
    shop.clock.advance(days=1)
    me = await snezhina(shop)

    seen = (await shop.http.get(f"{ME}/consents", headers=me)).json()["consents"]

    assert [(each["purpose"], each["act"], each["at"]) for each in seen] == [
        ("registration", "given", "2026-11-24T10:00:00Z")
    ]
    assert (await close(shop, me))["kept"][1] == {**consents(4), "until": "2031-11-24"}


async def test_an_invitation_to_the_staff_outlives_the_account_of_the_same_address(shop: Shop) -> None:
    me, owner = await shop.account(), await shop.staff(StaffRole.OWNER)
    wish = {"email": "iva@example.bg", "name": "Ива Петрова", "role": "support"}
    assert (await shop.http.post("/v1/staff/invitations", json=wish, headers=owner)).status_code == 201
    assert (await shop.http.delete("/v1/me", headers=me)).status_code == 200
    waiting = "SELECT kind, address, state FROM mails WHERE kind = 'invitation'"
    assert await shop.rows(waiting) == [("invitation", "iva@example.bg", "waiting")]
