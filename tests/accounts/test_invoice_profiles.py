"""Companies that invoices may be made out to: checked by their check digits, at most twenty, nobody else's."""

from typing import Any

from sqlalchemy import text

from tests.accounts.test_addresses import UNKNOWN, at_once
from tests.accounts.test_profile import INVALID, NOT_FOUND, UNKNOWN_FIELD
from tests.checkout.test_bad_fields import COMPANY
from tests.checkout.watching import contents
from tests.problems import of_kind
from tests.shop import Shop, a_wish

COMPANIES = "/v1/me/invoice-profiles"
LEAST = {"company_name": "Зъбна ЕООД", "eik": "131129282", "city": "Пловдив", "address": "бул. Шести септември 8"}
FULL = {
    **of_kind("invoice-profiles-full"),
    "title": "Твърде много данни за фактура",
    "status": 409,
    "detail": "Запазват се най-много 20 фирми. Изтрийте ненужна и опитайте отново.",
    "most": 20,
}
FILL = """
INSERT INTO invoice_profiles (id, account_id, company_name, eik, city, address)
SELECT gen_random_uuid(), accounts.id, 'Фирма ' || number, '175074752', 'София', '-'
FROM accounts, generate_series(1, :count) AS number
"""


async def add(shop: Shop, me: dict[str, str], wish: dict[str, Any]) -> dict[str, Any]:
    answer = await shop.http.post(COMPANIES, json=wish, headers=me)
    assert answer.status_code == 201, answer.text
    added: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{COMPANIES}/{added['id']}"
    return added


async def fill(shop: Shop, count: int) -> None:
    async with shop.sessions.begin() as session:
        await session.execute(text(FILL), {"count": count})


async def test_companies_are_kept_as_an_order_takes_them_replaced_and_forgotten(shop: Shop) -> None:
    me = await shop.account()
    ours, other = await add(shop, me, COMPANY), await add(shop, me, LEAST)
    assert ours == {"id": ours["id"], **COMPANY}
    assert other == {"id": other["id"], **LEAST, "vat_number": None, "responsible_person": None}
    assert (await shop.http.get(COMPANIES, headers=me)).json() == {"items": [ours, other]}
    assert (await shop.http.get(f"{COMPANIES}/{other['id']}", headers=me)).json() == other
    invoice = {name: value for name, value in ours.items() if name != "id"}
    assert (await shop.place(a_wish(await shop.cart(), invoice=invoice))).status_code == 201

    moved = await shop.http.put(f"{COMPANIES}/{ours['id']}", json=LEAST | {"city": "Русе"}, headers=me)
    assert moved.json() == {**other, "id": ours["id"], "city": "Русе"}
    assert (await shop.http.delete(f"{COMPANIES}/{other['id']}", headers=me)).status_code == 204
    assert (await shop.http.get(COMPANIES, headers=me)).json() == {"items": [moved.json()]}


async def test_the_same_company_may_stand_there_twice_but_not_with_the_same_data(shop: Shop) -> None:
    me = await shop.account()
    ours = await add(shop, me, COMPANY)

    assert await add(shop, me, COMPANY) == ours  # the answer was lost, and is asked for again
    branch = await add(shop, me, {**COMPANY, "city": "Русе"})

    assert (await shop.http.get(COMPANIES, headers=me)).json() == {"items": [ours, branch]}


async def test_of_two_who_add_the_twentieth_one_is_refused(shop: Shop) -> None:
    me = await shop.account()
    await fill(shop, 19)

    answers = await at_once(shop, *(shop.http.post(COMPANIES, json=each, headers=me) for each in (COMPANY, LEAST)))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert [answer.json() for answer in answers if answer.status_code == 409] == [FULL]
    assert await shop.count("invoice_profiles") == 20


async def test_a_strangers_company_is_answered_as_one_that_does_not_exist(shop: Shop) -> None:
    me, his = await shop.account(), await shop.account("petar@example.bg")
    hers = await add(shop, me, COMPANY)
    before = await contents(shop)

    for verb, wish in (("GET", None), ("PUT", LEAST), ("DELETE", None)):
        for profile_id in (hers["id"], UNKNOWN):
            answer = await shop.http.request(verb, f"{COMPANIES}/{profile_id}", json=wish, headers=his)
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        assert (await shop.http.request(verb, f"{COMPANIES}/{hers['id']}", json=wish)).status_code == 401
    assert (await shop.http.get(COMPANIES, headers=his)).json() == {"items": []}
    assert await contents(shop) == before


REFUSED: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"eik": "175074751"}, "/eik", "Не е ЕИК: контролната цифра не съвпада"),
    ({"vat_number": "BG175074751"}, "/vat_number", "Не е номер по ДДС на българско дружество"),
    ({"vat_number": "BG131129282"}, "/vat_number", "Номерът по ДДС не е на дружеството с този ЕИК"),
    ({"company_name": None}, "/company_name", "Трябва да е текст"),
    ({"egn": "8001010000"}, "/egn", UNKNOWN_FIELD),
    ({"is_default": True}, "/is_default", UNKNOWN_FIELD),
)


async def test_what_is_no_company_is_refused(shop: Shop) -> None:
    me = await shop.account()
    kept = await add(shop, me, COMPANY)

    for changes, pointer, detail in REFUSED:
        for verb, path in (("POST", COMPANIES), ("PUT", f"{COMPANIES}/{kept['id']}")):
            refused = await shop.http.request(verb, path, json={**COMPANY, **changes}, headers=me)
            assert refused.json() == {**INVALID, "errors": [{"pointer": pointer, "detail": detail}]}
    assert (await shop.http.get(COMPANIES, headers=me)).json() == {"items": [kept]}
