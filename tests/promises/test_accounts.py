"""Promises of the policies that accounts keep, by their numbers in promises.md; each quotes what was promised.

Each is played from outside: what is sent over HTTP, what stands in the mail that came, what the answers say.
"""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.auth.models import StaffRole
from app.integrations.speedy.simulator.shipments import State
from tests.accounts.registering import PASSWORD, a_registration
from tests.auth.members import MARIA, answered, code_of, invite, member_id
from tests.auth.members import log_in as log_in_as_staff
from tests.checkout.watching import contents
from tests.fulfilment.story import TRANSFER, letters, pay, scan
from tests.problems import of_kind
from tests.shop import Shop, a_wish

TOKEN = re.compile(r"#token=([A-Za-z0-9_-]{64})")
CONSENTS = "/v1/me/consents"
WITHDRAWAL = f"{CONSENTS}/withdrawals"
FREE_TEXT = "Вече не искам да имам профил при вас.\nПоздрави, Ива"
OF_SALES = ("documents", "document_files", "order_lines", "order_events", "payments", "shipments", "postings")
TRAINING = {"subject": "Регламент (ЕС) 2016/679 и вътрешни правила", "trained_on": "2026-11-20"}


def mailed_token(shop: Shop, subject: str) -> str:
    """Read the key out of the link in the one letter with this subject."""
    [letter] = letters(shop, subject)
    body = letter.get_body(("plain",))
    assert body is not None
    [token] = TOKEN.findall(body.get_content())
    return str(token)


async def asked_for(shop: Shop, **changes: Any) -> httpx.Response:
    return await shop.http.post("/v1/auth/register", json=a_registration(**changes))


async def registered(shop: Shop, **changes: Any) -> dict[str, str]:
    """Register, open the link in the mail that comes, log in; returns the headers of one's calls."""
    assert (await asked_for(shop, **changes)).status_code == 202
    await shop.run_jobs()
    proof = {"token": mailed_token(shop, "Потвърдете регистрацията си"), "password": PASSWORD}
    assert (await shop.http.post("/v1/auth/verify-email", json=proof)).status_code == 204
    return await logged_in(shop)


async def log_in(shop: Shop) -> httpx.Response:
    form = {"grant_type": "password", "username": "iva@example.bg", "password": PASSWORD}
    return await shop.http.post("/v1/auth/token", data=form)


async def logged_in(shop: Shop) -> dict[str, str]:
    return {"Authorization": f"Bearer {(await log_in(shop)).json()['access_token']}"}


async def ordered(shop: Shop, me: dict[str, str], **changes: Any) -> dict[str, Any]:
    answer = await shop.place(a_wish(await shop.cart(), **changes), **me)
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    return order


async def get(shop: Shop, path: str, who: dict[str, str]) -> Any:
    answer = await shop.http.get(path, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def stand(shop: Shop, me: dict[str, str]) -> list[tuple[str, str, str]]:
    """Show how one's consents stand: for what, which act was the last, under which wording."""
    shown = (await get(shop, CONSENTS, me))["consents"]
    return [(each["purpose"], each["act"], each["address"].split("/")[3]) for each in shown]


async def test_s04_registering_gives_access_to_the_status_and_history_of_ones_orders(shop: Shop) -> None:
    """The policy: "registering gives you access to the status and history of your order"."""
    guests = await shop.ordered()  # before, with the same address
    strangers = await shop.ordered(customer={**a_wish("")["customer"], "email": "petar@example.bg"})
    me = await registered(shop)
    own = await ordered(shop, me)
    await shop.run_jobs()

    history = (await get(shop, "/v1/me/orders", me))["items"]
    assert [(each["number"], each["status"]) for each in history] == [
        (own["number"], "confirmed"),
        (guests["number"], "confirmed"),
    ]
    await scan(shop, own, State.IN_TRANSIT)
    await scan(shop, own, State.DELIVERED)
    seen = await get(shop, own["links"]["self"], me)
    assert (seen["status"], [event["status"] for event in seen["history"]]) == (
        "delivered",
        ["confirmed", "shipped", "delivered"],
    )
    assert (await shop.http.get(strangers["links"]["self"], headers=me)).status_code == 404


async def test_s12_s13_a_profile_rests_on_explicit_consents_each_given_and_taken_back_alone(shop: Shop) -> None:
    """The policy: "for every separate purpose a separate consent"; without a purchase, "for registration" too."""
    before = await contents(shop)
    refused = await asked_for(shop, consents=["newsletter"])
    assert refused.json() == {
        **of_kind("consent-missing"),
        "title": "Липсва съгласие за регистрация",
        "status": 422,
        "detail": "Профил се създава само с Вашето изрично съгласие: добавете registration към consents. Без него"
        " можете да поръчате и като гост.",
        "errors": [{"pointer": "/consents", "detail": refused.json()["detail"]}],
    }
    assert await contents(shop) == before

    me = await registered(shop, consents=["registration", "newsletter"])
    assert await stand(shop, me) == [
        ("newsletter", "given", "newsletter"),
        ("registration", "given", "registration"),
    ]
    texts = [(await get(shop, f"/v1/declarations/{each}", {}))["sha256"] for each in ("newsletter", "registration")]
    assert await shop.rows("SELECT text_sha256, means, ip FROM consents ORDER BY purpose") == [
        (sha256, "api", "127.0.0.1") for sha256 in texts
    ]

    taken = await shop.http.post(WITHDRAWAL, json={"purpose": "newsletter"}, headers=me)
    assert (taken.status_code, taken.json()["closed"]) == (200, None)
    assert await stand(shop, me) == [
        ("newsletter", "withdrawn", "newsletter"),
        ("registration", "given", "registration"),
    ]
    assert (await get(shop, "/v1/me", me))["email"] == "iva@example.bg"


async def test_s17_s18_a_consent_withdrawn_in_free_text_closes_the_account_and_names_what_is_kept(shop: Shop) -> None:
    """Withdrawal "freely, at any time, in free text, without giving a reason"; C17: only what rests on consent ends."""
    me = await registered(shop)
    order = await ordered(shop, me, payment_method=TRANSFER)
    await pay(shop, order)
    await shop.run_jobs()
    before = await contents(shop)
    shop.clock.advance(days=3)

    me = await logged_in(shop)
    answer = await shop.http.post(WITHDRAWAL, json={"purpose": "registration", "words": FREE_TEXT}, headers=me)

    assert [(each["purpose"], each["act"]) for each in answer.json()["withdrawn"]] == [("registration", "withdrawn")]
    closed = answer.json()["closed"]
    assert closed["erased"] == [
        "Профилът: име и телефон",
        "Адресната книга",
        "Адресът в изпратените писма",
        "Входът: имейл, парола, сесии, устройства и връзки от писма",
    ]
    assert [(each["what"].partition(":")[0], each["until"]) for each in closed["kept"]] == [
        ("Доказателството, че декларацията при регистрация е приета", "2031-11-26"),
        ("Поръчки в изпълнение", None),
        ("Фактури и известия", "2037-12-31"),
        ("Доказателството за дадени и оттеглени съгласия, и под предишен Ваш адрес", "2031-11-26"),
        ("Шифрованият запис на изтриването", "2027-02-24"),
        ("Писмото, с което потвърждаваме закриването, и адресът, на който е изпратено", "2026-12-26"),
    ]
    assert all(each["law"] for each in closed["kept"])
    after = await contents(shop)
    assert {name: after[name] for name in OF_SALES} == {name: before[name] for name in OF_SALES}
    # What is left of the consent is its proof: both acts, the words, neither to be changed nor deleted.
    acts = "SELECT act, words, recorded_at FROM consents ORDER BY recorded_at"
    assert [row[:2] for row in await shop.rows(acts)] == [("given", None), ("withdrawn", FREE_TEXT)]
    for statement in ("DELETE FROM consents", "UPDATE consents SET act = 'given'"):
        with pytest.raises(DBAPIError, match="table of record"):
            async with shop.sessions.begin() as session:
                await session.execute(text(statement))
    assert (await shop.http.get("/v1/me", headers=me)).status_code == 401
    assert (await log_in(shop)).json()["error"] == "invalid_grant"
    await shop.run_jobs()
    assert [letter["To"] for letter in letters(shop, "Профилът Ви е закрит")] == ["iva@example.bg"]


async def test_s44_c15_customers_data_open_only_for_who_was_trained_and_this_is_reviewed(shop: Shop) -> None:
    """Only "persons acquainted with" the law work with data: "a minimum number of persons, trained beforehand"."""
    order = await shop.ordered()
    owner, officer = await shop.staff(StaffRole.OWNER, trained=False), await shop.staff(StaffRole.PRIVACY_OFFICER)
    assert (await invite(shop, owner)).status_code == 201
    await shop.run_jobs()
    secret, _ = await answered(shop, mailed_token(shop, "Покана за работа в магазина"))

    async def open_order() -> tuple[int, str | None]:
        """Log Мария in and let her look at the order."""
        shop.clock.advance(minutes=1)  # no code of the second factor works twice
        given = (await log_in_as_staff(shop, code_of(shop, secret))).json()
        maria = {"Authorization": f"Bearer {given['access_token']}"}
        answer = await shop.http.get(f"/v1/staff/orders/{order['number']}", headers=maria)
        return answer.status_code, answer.json().get("code")

    async def reviewed() -> dict[str, bool]:
        review = await get(shop, "/v1/staff/access-review", officer)
        return {member["role"]: member["opens_personal_data"] for member in review["members"]}

    refused = (403, "training-missing")
    assert await open_order() == refused
    assert await reviewed() == {"owner": False, "privacy_officer": True, "support": False}
    maria = await member_id(shop, MARIA)
    trainings, today = f"/v1/staff/members/{maria}/trainings", {**TRAINING, "valid_until": "2026-11-23"}
    assert (await shop.http.post(trainings, json=today, headers=officer)).status_code == 201
    assert await open_order() == (200, None)
    assert await reviewed() == {"owner": False, "privacy_officer": True, "support": True}
    shop.clock.advance(days=1)  # its last day is over
    assert await open_order() == refused
    read = "SELECT actor, subject FROM audit_entries WHERE action = 'personal_data_read'"
    assert await shop.rows(read) == [(f"staff:{maria}", f"read_order_as_staff number:{order['number']}")]
