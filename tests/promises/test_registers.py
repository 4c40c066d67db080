"""Promises about registers, recipients, notices, and what an inspection is shown."""

import io
from datetime import date
from hashlib import sha256
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import delete

from app.auth.models import StaffRole
from app.auth.roles import HOLDERS, Right
from app.backoffice.register import RegisterName
from app.core.holders import Person
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import Category, Ground, Purpose, Recipient, Retention
from app.privacy.activities import ACTIVITIES, activity_of, recorded
from app.privacy.cookies.models import ChoiceMethod, Cookie, CookieCategory, CookieConsent
from app.privacy.models import DeclarationPurpose
from app.privacy.personal_columns import annotated
from app.privacy.reasons import reason_of
from app.privacy.restricting import RestrictionGround, restrict
from app.privacy.rights.casefile import log
from app.privacy.rights.models import (
    EventKind,
    LetterKind,
    Outcome,
    RequestKind,
    RequestState,
    RightsLetter,
    RightsRequest,
    Via,
)
from app.privacy.storage_terms import Factor, StorageTerms, stated
from tests.backoffice.test_registers import BORIS, audited, officer, read, search
from tests.factories.privacy import make_declaration
from tests.fulfilment import story
from tests.fulfilment.story import TRANSFER, pay
from tests.privacy.breaches.story import FOUR, Desk, handed_to
from tests.sheets import read_sheet
from tests.shop import Shop
from tests.test_personal_columns import every_table

SPEEDY_DAY = "куриерска фирма Спиди, 23.11.2026"
ICASH_DAY = "доставчик на софтуера I-Cash, 23.11.2026"
REQUEST = {
    "kind": "authority",
    "recipient": "ОДМВР – Пловдив",
    "ground": "legal_obligation",
    "reference": "Искане № 1234/20.11.2026",
    "reason": "Проверка по преписка",
    "fields": ["orders.phone", "orders.first_name"],
}


async def told(shop: Shop, path: str = "/v1/privacy/notice", **headers: str) -> dict[str, Any]:
    answer = await shop.http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    notice: dict[str, Any] = answer.json()
    return notice


@pytest.mark.parametrize("role", [role for role in StaffRole if role not in HOLDERS[Right.READ_REGISTERS]])
async def test_s02_s50_only_the_responsible_person_and_the_owner_reach_the_registers(
    shop: Shop, role: StaffRole
) -> None:
    assert HOLDERS[Right.READ_REGISTERS] == {StaffRole.PRIVACY_OFFICER, StaffRole.OWNER}
    headers = await shop.staff(role)
    for path in ("registers", "registers/clients", "registers/clients/export.csv", "inspection-pack.zip"):
        answer = await shop.http.get(f"/v1/staff/{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "role-insufficient")
    assert await read(shop, "employees", await officer(shop))


async def test_s02_the_responsible_person_is_named_in_the_record_and_the_notice(shop: Shop) -> None:
    notice = await told(shop)
    assert notice["controller"]["responsible_person"] == "Манол Ивчев"
    pdf = await shop.http.get("/v1/staff/registers/processing/export.pdf", headers=await officer(shop))
    assert "Отговорно лице по защита на личните данни: Манол Ивчев" in story.pdf_text(pdf.content)


def test_s22_s28_every_column_falls_in_exactly_one_activity_of_the_five_purposes() -> None:
    every_table()
    for column, said in annotated():
        fitting = [activity.key for activity in ACTIVITIES if activity.takes(said)]
        assert len(fitting) == 1, f"{column}: {fitting}"
    assert {activity.purpose for activity in ACTIVITIES} == {*Purpose}


def test_s26_what_rests_on_a_legitimate_interest_says_which_and_weighs_it() -> None:
    resting = {a.key: a.interest for a in ACTIVITIES if a.ground is Ground.LEGITIMATE_INTEREST}
    assert resting.keys() == {"proof_of_acceptance", "security", "staff"}
    assert all(interest and len(interest.bg.split()) > 15 for interest in resting.values())
    assert all(activity.interest is None for activity in ACTIVITIES if activity.key not in resting)


def test_s29_the_data_map_gives_a_reason_for_every_field() -> None:
    every_table()
    for column, said in annotated():
        assert reason_of(said).bg, str(column)
        assert reason_of(said).en, str(column)


async def test_s29_the_map_shows_field_by_field_what_is_kept_and_why(shop: Shop) -> None:
    rows = {(row["table"], row["column"]): row for row in await read(shop, "data_map", await officer(shop), limit=100)}
    assert rows["orders", "phone"] == {
        "table": "orders",
        "column": "phone",
        "category": "телефон",
        "purpose": "продажба и доставка на артикули от сайта",
        "ground": "договор, чл. 6(1)(б)",
        "term": "2 години от доставката, колкото е законовата гаранция, а ако по нея стоката е ремонтирана – до края"
        " на удължената; по недоставена или върната поръчка – 1 година след края ѝ или последното връщане на пари;"
        " докато има неуреден отказ или дължим пари – докато бъдат уредени",
        "source": "предоставени от лицето",
        "recipients": ["куриерска фирма, която изтегля пратките", "куриерска фирма Спиди"],
        "activity": "Приемане, изпълнение и доставка на поръчки",
        "reason": "куриерът уговаря доставката",
    }


async def test_s31_each_activity_of_the_record_has_one_of_the_six_grounds(shop: Shop) -> None:
    every_table()
    rows = await read(shop, "processing", await officer(shop))
    assert [row["activity"] for row in rows] == [each.activity.title.bg for each in recorded()]
    assert {row["ground"] for row in rows} == {
        "съгласие, чл. 6(1)(а)",
        "договор, чл. 6(1)(б)",
        "законово задължение, чл. 6(1)(в)",
        "легитимни интереси, чл. 6(1)(е)",
    }
    orders = rows[0]
    assert orders["persons"] == "купувачи (с профил и без профил)"
    assert "Куриерска фирма Спиди, отделен администратор" in orders["recipients"]
    assert orders["transfers"] == "Данните не се предават на трети държави или международни организации."
    assert len(orders["measures"]) == 4


async def test_s32_what_an_authority_is_given_is_on_record_with_its_ground_and_exact_fields(shop: Shop) -> None:
    headers = await officer(shop)
    placed = await shop.ordered()
    wish = {**REQUEST, "order_number": placed["number"]}
    answer = await shop.http.post("/v1/staff/ad-hoc-disclosures", headers=headers, json=wish)
    assert answer.status_code == 201, answer.text
    assert answer.json()["fields"] == ["orders.first_name", "orders.phone"]
    assert answer.json()["categories"] == ["name", "phone"]
    [log] = await search(shop, "disclosures", headers, "iva@example.bg")
    assert log["recipient"] == "държавен орган: ОДМВР – Пловдив"
    assert log["reference"] == "Искане № 1234/20.11.2026"
    assert log["ground"] == "законово задължение, чл. 6(1)(в)"
    assert log["fields"] == ["orders.first_name", "orders.phone"]
    [client] = await search(shop, "clients", headers, placed["number"])
    assert client["given_to"] == ["ОДМВР – Пловдив, 23.11.2026"]


@pytest.mark.parametrize(
    "change",
    [
        {"ground": "legitimate_interest"},
        {"fields": []},
        {"fields": ["orders.everything"]},
        {"fields": ["accounts.password_hash"]},
        {"reference": ""},
        {"email": None},
    ],
)
async def test_s32_c12_without_law_paper_or_exact_fields_nothing_is_recorded(
    shop: Shop, change: dict[str, Any]
) -> None:
    wish = {
        name: value for name, value in {**REQUEST, "email": "iva@example.bg", **change}.items() if value is not None
    }
    answer = await shop.http.post("/v1/staff/ad-hoc-disclosures", headers=await officer(shop), json=wish)
    assert answer.status_code == 422, answer.text
    assert await shop.count("ad_hoc_disclosures") == 0


async def test_c12_a_lawyer_gets_named_fields_only_and_the_person_sees_it(shop: Shop) -> None:
    own = await shop.account()
    wish = {
        **REQUEST,
        "kind": "lawyer",
        "recipient": "Адвокатско дружество „Право“",
        "ground": "legitimate_interest",
        "email": "IVA@example.bg",
    }
    answer = await shop.http.post("/v1/staff/ad-hoc-disclosures", headers=await officer(shop), json=wish)
    assert answer.status_code == 201, answer.text
    [log] = (await shop.http.get("/v1/me/disclosures", headers=own)).json()["items"]
    assert log == {
        "at": "2026-11-23T10:00:00Z",
        "recipient": "адвокат: Адвокатско дружество „Право“",
        "categories": ["име и фамилия", "телефон"],
        "fields": ["orders.first_name", "orders.phone"],
        "purpose": "Проверка по преписка",
        "ground": "легитимни интереси, чл. 6(1)(е)",
        "order_number": None,
    }
    other = await shop.account("boris@example.bg")
    assert (await shop.http.get("/v1/me/disclosures", headers=other)).json()["items"] == []


async def test_s55_ones_own_log_has_every_handing_over_of_ones_orders_and_no_others(shop: Shop) -> None:
    own = await shop.account()
    placed = await shop.ordered()
    await shop.ordered(customer=BORIS)
    await shop.run_jobs()
    logged = (await shop.http.get("/v1/me/disclosures", headers=own)).json()["items"]
    assert sorted((each["recipient"], each["order_number"]) for each in logged) == [
        ("Доставчик на софтуера I-Cash", placed["number"]),
        ("Куриерска фирма Спиди", placed["number"]),
    ]


async def test_s34_s37_s38_recipients_stand_with_role_guarantees_and_agreement(shop: Shop) -> None:
    headers = await officer(shop)
    rows = {row["recipient"]: row for row in await read(shop, "recipients", headers)}
    assert rows.keys() == {recipient.value for recipient in Recipient}
    assert rows["speedy"]["kind"] == "отделен администратор"
    assert rows["speedy"]["agreement"] == "договор между администратори Д-1/2026, 02.01.2026"
    assert rows["icash"]["kind"] == "обработващ лични данни"
    assert rows["icash"]["agreement"] == "споразумение по чл. 28 Д-1/2026, 02.01.2026"
    assert "Достатъчни гаранции" in rows["icash"]["guarantees"]
    assert rows["mail"]["legal_name"] is None


async def test_s34_s38_the_officer_names_recipients_and_records_and_ends_agreements(shop: Shop) -> None:
    headers = await officer(shop)
    name = {"legal_name": "„Баланс“ ООД", "contact": "office@balans.example"}
    assert (await shop.http.put("/v1/staff/recipients/accountant", headers=headers, json=name)).status_code == 204
    signed = {"reference": "Д-7/2026", "signed_on": "2026-11-20", "ends_on": "2026-11-22"}
    answer = await shop.http.post("/v1/staff/recipients/speedy/agreements", headers=headers, json=signed)
    assert (answer.status_code, answer.json()["kind"]) == (201, "contract")
    await shop.ordered()
    await shop.run_jobs()
    assert "book_shipment" in await story.parked(shop)
    rows = {row["recipient"]: row for row in await read(shop, "recipients", headers)}
    assert rows["accountant"]["legal_name"] == "„Баланс“ ООД"
    assert rows["speedy"]["agreement"] == "договор между администратори Д-7/2026, 20.11.2026, прекратено на 22.11.2026"
    notice = await told(shop)
    assert "„Баланс“ ООД" in {each["legal_name"] for line in notice["activities"] for each in line["recipients"]}
    assert await audited(shop, "recipient_named") == [("recipient:accountant", None)]
    assert await audited(shop, "agreement_recorded") == [("recipient:speedy", f"agreement:{answer.json()['id']}")]


async def test_s35_a_download_by_the_accountant_stands_in_the_register(shop: Shop) -> None:
    headers = await officer(shop)
    placed = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, placed)
    await shop.run_jobs()
    accountant = await shop.staff(StaffRole.ACCOUNTANT)
    month = {"month": "2026-11"}
    [document] = (await shop.http.get("/v1/accounting/documents", headers=accountant, params=month)).json()["items"]
    await shop.http.get(document["pdf"], headers=accountant)
    [log] = [
        row
        for row in await search(shop, "disclosures", headers, placed["number"])
        if row["recipient"] == "Външна счетоводна къща"
    ]
    assert log["actor"].startswith("staff:")
    assert log["means"] == "изтеглени от лице"


async def test_s36_what_went_to_icash_stands_in_the_register(shop: Shop) -> None:
    headers = await officer(shop)
    placed = await shop.ordered()
    await shop.run_jobs()
    logs = await search(shop, "disclosures", headers, placed["number"])
    [log] = [row for row in logs if row["recipient"] == "Доставчик на софтуера I-Cash"]
    assert (log["categories"], log["ground"]) == (["поръчани артикули"], "законово задължение, чл. 6(1)(в)")


async def test_s39_the_notice_names_every_recipient_with_its_role(shop: Shop) -> None:
    notice = await told(shop)
    named = {(each["title"], each["kind_title"]) for line in notice["activities"] for each in line["recipients"]}
    assert named == {
        ("Външна счетоводна къща", "обработващ лични данни"),
        ("Доставчик на пощенския сървър", "обработващ лични данни"),
        ("Доставчик на софтуера I-Cash", "обработващ лични данни"),
        ("Куриерска фирма Спиди", "отделен администратор"),
        ("Куриерска фирма, която изтегля готовите пратки", "отделен администратор"),
    }


async def test_s49_c15_the_employees_stand_with_role_training_and_what_opens_to_them(shop: Shop) -> None:
    headers = await officer(shop)
    await shop.staff(StaffRole.SUPPORT, trained=False)
    rows = {row["email"]: row for row in await read(shop, "employees", headers)}
    own, other = rows["privacy_officer@shop.example"], rows["support@shop.example"]
    assert own["role"] == "отговорно лице по защита на данните"
    assert own["trainings"] == ["15.01.2026: Регламент (ЕС) 2016/679 и вътрешни правила"]
    assert (own["trained"], own["opens_data"], own["state"]) == (True, True, "активен")
    assert (other["trained"], other["opens_data"], other["role"]) == (False, False, "обслужване")
    [training] = await read(shop, "trainings", headers)
    assert (training["name"], training["trained_on"]) == ("Мария Иванова", "2026-01-15")


async def test_s51_s52_s53_s54_s55_a_client_stands_with_the_columns_of_the_policy(shop: Shop) -> None:
    placed = await shop.ordered(comment="Звънете")
    await shop.run_jobs()
    [row] = await read(shop, "clients", await officer(shop))
    assert row["who"] == [f"№ {placed['number']}", "Ива Петрова", "iva@example.bg"]
    assert row["categories"] == [
        "име и фамилия",
        "адрес на електронна поща",
        "адрес за доставка",
        "телефон",
        "свободен текст",
        "поръчани артикули",
    ]
    assert row["ordered_at"] == ["2026-11-23T10:00:00Z", "декларация 2026-11-22, приета 23.11.2026 12:00"]
    assert row["term"] == ["до изпълнение на договора"]
    assert row["ground"] == ["договор, чл. 6(1)(б)"]
    assert sorted(row["given_to"]) == sorted([SPEEDY_DAY, ICASH_DAY])
    assert row["restricted"] is False


async def test_s50_the_register_can_be_had_at_any_time_as_a_dated_extract(shop: Shop) -> None:
    await shop.ordered()
    answer = await shop.http.get("/v1/staff/registers/clients/export.csv", headers=await officer(shop))
    [columns, row] = read_sheet(answer.content)
    assert [column[:2] for column in columns[1:8]] == ["1.", "2.", "3.", "4.", "5.", "6.", "7."]
    assert row[2].startswith("23.11.2026 12:00; декларация 2026-11-22")
    assert "clients-2026-11-23.csv" in answer.headers["content-disposition"]


async def ask_for_access(shop: Shop, email: str) -> None:
    """Put a case file on record that was answered and of which the КЗЛД was told, past the desk."""
    at = shop.clock.now()
    request = RightsRequest(
        id=uuid7(),
        kind=RequestKind.ACCESS,
        via=Via.EMAIL,
        state=RequestState.CLOSED,
        outcome=Outcome.GRANTED,
        language=Language.BG,
        email=email,
        person_email=email,
        name="Ива Петрова",
        is_signed=True,
        has_power_of_attorney=False,
        missing=[],
        received_at=at,
        entered_at=at,
        entered_by="operator",
        complete_at=at,
        waited_days=0,
        due_on=date(2026, 12, 23),
        decided_at=at,
    )
    async with shop.sessions.begin() as session:
        session.add(request)
        await session.flush()
        answered = log(session, request, EventKind.DECIDED, at=at, by="operator")
        log(session, request, EventKind.AUTHORITY_NOTIFIED, at=at, by="operator")
        await session.flush()
        session.add(
            RightsLetter(
                event_id=answered,
                request_id=request.id,
                kind=LetterKind.ANSWER,
                language=Language.BG,
                pdf=b"%PDF",
                sha256="0" * 64,
                drawn_at=at,
            )
        )


async def test_s56_s57_a_right_exercised_and_the_authority_told_stand_beside_the_client(shop: Shop) -> None:
    headers = await officer(shop)
    placed = await shop.ordered()
    await shop.ordered(customer=BORIS)
    await ask_for_access(shop, "IVA@example.bg")
    [row] = await search(shop, "clients", headers, placed["number"])
    assert row["rights"] == ["достъп, 23.11.2026: уважено"]
    assert row["authority"] == ["по искане, 23.11.2026"]
    [other] = await search(shop, "clients", headers, "boris@example.bg")
    assert (other["rights"], other["authority"]) == ([], [])
    [request] = await search(shop, "requests", headers, "iva@example.bg")
    assert request["kind"] == "достъп"
    assert request["letters"] == ["отговор, 23.11.2026"]
    assert request["authority"] == ["2026-11-23T10:00:00Z"]


async def test_s49_s57_a_breach_stands_in_its_register_and_beside_whom_it_affects(shop: Shop) -> None:
    desk = Desk(shop, await officer(shop))
    await shop.ordered()
    await shop.run_jobs()
    breach = await desk.record()
    await desk.document(breach)
    await desk.compute(breach, handed_to(Recipient.SPEEDY, shop))
    [client] = await read(shop, "clients", desk.headers)
    assert client["authority"] == ["нарушение № 1: не е уведомена"]
    await desk.notify(breach)
    [client] = await read(shop, "clients", desk.headers)
    assert client["authority"] == ["нарушение № 1: уведомена на 23.11.2026"]
    [entry] = await read(shop, "breaches", desk.headers)
    assert entry["facts"] == FOUR["facts"]
    assert entry["consequences"] == FOUR["consequences"]
    assert entry["measures"] == FOUR["measures"]
    assert entry["risk"] == ["висок риск", "Видени са имена, адреси и телефони."]
    assert entry["authority"] == "2026-11-23T10:00:00Z"
    assert await search(shop, "breaches", desk.headers, "паролата")
    assert await search(shop, "breaches", desk.headers, "наводнение") == []


async def test_s50_a_restricted_persons_row_stays_and_is_marked(shop: Shop) -> None:
    headers = await officer(shop)
    await shop.ordered()
    await shop.ordered(customer=BORIS)
    async with shop.sessions.begin() as session:
        person, ground = Person("iva@example.bg"), RestrictionGround.CLAIMS
        await restrict(session, person, ground=ground, request_id=None, at=shop.clock.now())
    marked = {row["who"][1]: row["restricted"] for row in await read(shop, "clients", headers)}
    assert marked == {"Ива Петрова": True, "Борис Стоянов": False}
    [entry] = await search(shop, "restrictions", headers, "IVA@example.bg")
    assert (entry["ground"], entry["lifted_at"]) == ("правни претенции на лицето", None)


@pytest.mark.parametrize(
    ("kind", "status"), [("lawyer", 201), ("authority", 201), ("auditor", 409), ("consultant", 409)]
)
async def test_c12_of_a_restricted_person_only_law_and_claims_get_anything(shop: Shop, kind: str, status: int) -> None:
    headers = await officer(shop)
    async with shop.sessions.begin() as session:
        person, ground = Person("iva@example.bg"), RestrictionGround.CLAIMS
        await restrict(session, person, ground=ground, request_id=None, at=shop.clock.now())
    wish = {**REQUEST, "kind": kind, "email": "iva@example.bg"}
    answer = await shop.http.post("/v1/staff/ad-hoc-disclosures", headers=headers, json=wish)
    assert answer.status_code == status, answer.text
    assert await shop.count("ad_hoc_disclosures") == (1 if status == 201 else 0)


async def test_s58_the_consents_ledger_is_a_register_of_its_own(shop: Shop) -> None:
    headers = await officer(shop)
    await shop.ordered(consents=["newsletter"])
    await shop.ordered(customer=BORIS)
    [row] = await search(shop, "consents", headers, "IVA@example.bg")
    assert (row["purpose"], row["channel"], row["act"], row["version"]) == (
        "бюлетин",
        "email",
        "заявено, непотвърдено",
        "2026-11-22",
    )
    assert len(row["text_sha256"]) == 64


async def test_s58_s84_the_cookies_and_the_choices_about_them_are_registers_of_their_own(shop: Shop) -> None:
    headers = await officer(shop)
    at, consent_id = shop.clock.now(), uuid7()
    async with shop.sessions.begin() as session:
        await session.execute(delete(Cookie))
        session.add(
            Cookie(
                name="_fbp",
                provider="Meta Platforms Ireland Ltd.",
                purpose_bg="Разпознава посетителя за реклама",
                purpose_en="Recognises the visitor for advertising",
                category=CookieCategory.MARKETING,
                lifetime_bg="90 дни",
                lifetime_en="90 days",
                is_third_party=True,
            )
        )
        text = await make_declaration(session, DeclarationPurpose.COOKIES)
        session.add(
            CookieConsent(
                consent_id=consent_id,
                declaration_id=text.id,
                functional=True,
                statistics=False,
                marketing=False,
                method=ChoiceMethod.CHOOSE,
                language=Language.BG,
                text_sha256=text.sha256_bg,
                browser="Firefox",
                recorded_at=at,
            )
        )
    [cookie] = await read(shop, "cookies", headers)
    assert cookie == {
        "name": "_fbp",
        "provider": "Meta Platforms Ireland Ltd.",
        "purpose": "Разпознава посетителя за реклама",
        "category": "маркетингова",
        "lifetime": "90 дни",
        "third_party": True,
        "needs_consent": True,
    }
    [choice] = await search(shop, "cookie_consents", headers, str(consent_id))
    assert (choice["functional"], choice["marketing"], choice["version"]) == (True, False, "2027-03-01")
    assert await search(shop, "cookie_consents", headers, "nobody") == []


async def test_s59_the_notice_says_all_that_the_regulation_asks(shop: Shop) -> None:
    notice = await told(shop)
    assert notice["controller"]["name"] == "„Комплийт Дентал Солюшънс“ ЕООД"
    orders = notice["activities"][0]
    assert (orders["purpose"], orders["ground"]) == ("sale", "contract")
    assert orders["ground_title"] == "договор (чл. 6, пар. 1, б. „б“ от Регламент (ЕС) 2016/679)"
    assert "name" in orders["categories"]
    assert orders["storage"][0].startswith("до изпълнение на договора; каквото е нужно за продажбата – колкото")
    assert "нужни за договора" in orders["needed"]
    assert not orders["can_be_withdrawn"]
    assert len(notice["rights"]) == 7
    assert "Комисията за защита на личните данни" in notice["complaint"]
    assert "автоматизирано" in notice["automated_decisions"]
    english = await told(shop, **{"Accept-Language": "en"})
    assert english["activities"][0]["activity"] == "Taking, performing and delivering orders"


async def test_s59_each_person_is_told_what_is_held_of_them_and_only_that(shop: Shop) -> None:
    own = await shop.account()
    placed = await shop.http.post("/v1/me/orders/claims", headers=own)
    assert placed.status_code == 200
    before = await told(shop, "/v1/me/privacy-notice", **own)
    assert {line["purpose"] for line in before["activities"]} == {"sale", "legal"}
    assert "Поръчки" not in {each["what"] for each in before["held"]}
    await shop.ordered(comment="Звънете")
    await shop.ordered(customer=BORIS)
    after = await told(shop, "/v1/me/privacy-notice", **own)
    [orders] = [each for each in after["held"] if each["what"] == "Поръчки"]
    assert orders["count"] == 1
    assert {"name", "email", "phone", "address", "free_text"} <= {*orders["categories"]}
    assert "invoice" not in orders["categories"]
    assert ("sale", "contract") in {(line["purpose"], line["ground"]) for line in after["activities"]}
    assert after["controller"]["responsible_person"] == "Манол Ивчев"
    assert (await shop.http.get("/v1/me/privacy-notice")).status_code == 401


@pytest.mark.parametrize("retention", list(Retention))
def test_c10_every_term_names_what_sets_it_and_its_law(retention: Retention) -> None:
    terms = stated(StorageTerms(books_years=11, claims_years=5, evidence_years=5, cancelled_years=1, guarantee_years=2))
    term = terms[retention]
    assert term.factors
    assert set(term.factors) <= {*Factor}
    assert term.law.bg
    assert term.how_long.bg
    assert {factor for each in terms.values() for factor in each.factors} == {*Factor}


async def test_c10_the_notice_shows_the_factors_of_each_term(shop: Shop) -> None:
    by_purpose = {(line["purpose"], line["ground"]): line for line in (await told(shop))["activities"]}
    assert by_purpose["accounting", "legal_obligation"]["storage_factors"] == ["законово задължение"]
    assert by_purpose["accounting", "legal_obligation"]["storage"] == [
        "до края на 11-ата календарна година след годината на документа"
    ]
    assert by_purpose["sale", "contract"]["storage_factors"] == ["продължителност на услугата", "правни претенции"]


async def test_c14_a_report_counts_and_names_nobody(shop: Shop) -> None:
    headers = await officer(shop)
    for _ in range(6):
        await shop.ordered()
    await shop.ordered(delivery=story.OFFICE, customer=BORIS)
    answer = await shop.http.get("/v1/staff/statistics", headers=headers, params={"month": "2026-11"})
    assert answer.status_code == 200
    counted = {each["of"]: each for each in answer.json()["breakdowns"]}
    assert counted["orders_by_payment_method"]["total"] == 7
    assert counted["orders_by_payment_method"]["counts"] == [{"kind": "cash_on_delivery", "count": 7}]
    # One order to an office is too few to be told, and the other six would give it away.
    assert counted["orders_by_delivery_method"]["counts"] == [
        {"kind": "address", "count": None},
        {"kind": "office", "count": None},
    ]
    assert "example.bg" not in answer.text
    assert placed_numbers(answer.text) == set()
    empty = await shop.http.get("/v1/staff/statistics", headers=headers, params={"month": "2026-10"})
    assert {each["total"] for each in empty.json()["breakdowns"]} == {0}


def placed_numbers(text: str) -> set[str]:
    return {word for word in text.replace(",", " ").replace('"', " ").split() if word.startswith("10000000")}


def sums(pack: ZipFile) -> dict[str, str]:
    """Read the list of sums: file → SHA-256."""
    lines = [line.split("  ", 1) for line in pack.read("SHA256SUMS").decode().splitlines()]
    return {name: digest for digest, name in lines}


async def test_s49_c15_an_inspection_gets_every_register_text_and_the_access_review_each_with_its_sum(
    shop: Shop,
) -> None:
    headers = await officer(shop)
    placed = await shop.ordered(consents=["newsletter"])
    answer = await shop.http.get("/v1/staff/inspection-pack.zip", headers=headers)
    assert answer.headers["content-disposition"] == 'attachment; filename="inspection-pack-2026-11-23.zip"'
    with ZipFile(io.BytesIO(answer.content)) as pack:
        assert pack.testzip() is None
        held = {name: pack.read(name) for name in pack.namelist()}
        listed = sums(pack)
    assert {*held} == {*listed, "SHA256SUMS"}
    assert {name: sha256(held[name]).hexdigest() for name in listed} == listed
    for register in RegisterName:
        stem = f"registers/{register.value.replace('_', '-')}"
        assert {f"{stem}.csv", f"{stem}.pdf"} <= {*listed}
    assert placed["number"] in held["registers/clients.csv"].decode()
    [(kept,)] = await shop.rows("SELECT text_sha256 FROM acceptances")
    assert listed["declarations/order/2026-11-22.bg.txt"] == kept
    cover = story.pdf_text(held["00-contents.pdf"])
    assert "Пакет за проверка от Комисията за защита на личните данни" in cover
    assert "Съставен на 23.11.2026 12:00" in cover
    assert "registers/clients.csv" in cover
    assert "intact: yes" in held["audit/verification.txt"].decode()
    [columns, row] = read_sheet(held["staff/access-review.csv"])
    assert dict(zip(columns, row, strict=True))["role_or_scopes"] == "privacy_officer"
    stands_for_all = sha256(held["SHA256SUMS"]).hexdigest()
    assert await audited(shop, "inspection_packed") == [(None, f"files: {len(listed)} sums: {stands_for_all}")]
    assert ("make_inspection_pack", None) in await audited(shop, "personal_data_read")


def test_a_category_without_a_reason_is_not_collected() -> None:
    every_table()
    assert {said.category for _, said in annotated()} <= {*Category}
    assert {activity_of(said).key for _, said in annotated()} <= {activity.key for activity in ACTIVITIES}
