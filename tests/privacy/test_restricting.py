"""Restriction bites: what is over is stored and no more, a contract under way is performed, lifting is told first."""

import httpx
from sqlalchemy import text

from app.auth.models import StaffRole
from app.auth.scopes import Scope
from app.fulfilment.mail_gate import USES
from app.mail.models import MailKind
from app.privacy.restricting import Use
from tests.accounts.closing import EMAIL
from tests.fulfilment.story import letters, parked
from tests.privacy.restricted import WORDS, a_person, make_late
from tests.problems import of_kind
from tests.shop import Shop

RESTRICTED = {
    **of_kind("person-restricted"),
    "title": "Обработването на тези данни е ограничено",
    "status": 409,
    "detail": "Лицето упражни правото си на ограничаване: данните само се съхраняват. Обърнете се към отговорното лице"
    " по защита на личните данни.",
}
LIFTING = "/v1/staff/privacy/restrictions/{}/lifting"


def numbers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == httpx.codes.OK, answer.text
    return [str(item["number"]) for item in answer.json()["items"]]


def test_every_kind_of_mail_says_what_it_uses_the_address_for() -> None:
    assert {*USES} == {*MailKind}
    assert USES[MailKind.POLICY_CHANGED] is Use.OTHER


async def test_s64_what_is_over_is_left_out_of_lists_and_refused(shop: Shop) -> None:
    her = await a_person(shop)
    support, officer = await shop.staff(StaffRole.SUPPORT), await shop.staff(StaffRole.PRIVACY_OFFICER)
    for headers, seen in ((support, [her.under_way]), (officer, [her.under_way, her.over])):
        assert numbers(await shop.http.get("/v1/staff/orders", headers=headers)) == seen
        search = await shop.http.post("/v1/staff/orders/searches", json={"email": EMAIL}, headers=headers)
        assert numbers(search) == seen

    refused = await shop.http.get(f"/v1/staff/orders/{her.over}", headers=support)
    assert (refused.status_code, refused.json()) == (409, RESTRICTED)
    assert (await shop.http.get(f"/v1/staff/orders/{her.under_way}", headers=support)).status_code == httpx.codes.OK
    assert (await shop.http.get(f"/v1/staff/orders/{her.over}", headers=officer)).status_code == httpx.codes.OK
    refused = await shop.http.post("/v1/staff/customers/searches", json={"email": EMAIL}, headers=support)
    assert (refused.status_code, refused.json()) == (409, RESTRICTED)


async def test_s64_the_accountant_is_handed_no_document_of_what_is_over(shop: Shop) -> None:
    await a_person(shop)
    books = await shop.client(Scope.ACCOUNTING)
    listed = (await shop.http.get("/v1/accounting/documents", params={"month": "2026-11"}, headers=books)).json()
    [document] = [item for item in listed["items"] if item["pdf"]]
    assert not [word for word in WORDS if word in str(document)]
    before = await shop.count("disclosures")
    refused = await shop.http.get(document["pdf"], headers=books)
    assert (refused.status_code, refused.json()) == (409, RESTRICTED)
    assert await shop.count("disclosures") == before


async def test_s64_a_contract_under_way_is_performed(shop: Shop) -> None:
    her = await a_person(shop)
    await shop.run_jobs()
    assert her.under_way in shop.speedy.references()
    assert [letter["To"] for letter in letters(shop, f"Поръчка № {her.under_way}")] == [EMAIL]
    courier = await shop.client(Scope.SHIPMENTS)
    pulled = (await shop.http.get("/v1/courier/shipments", headers=courier)).json()["items"]
    assert [item["order_number"] for item in pulled] == [her.under_way]
    # Her own pages are her own act.
    for path in ("/v1/me", "/v1/me/orders", f"/v1/orders/{her.over}"):
        assert (await shop.http.get(path, headers=her.me)).status_code == httpx.codes.OK


async def test_s64_a_letter_and_a_sale_of_what_is_over_wait_until_it_is_lifted(shop: Shop) -> None:
    her = await a_person(shop)
    async with shop.sessions.begin() as session:
        for statement in (
            "UPDATE mails SET state = 'waiting', sent_at = NULL WHERE kind = 'invoice_issued'",
            "UPDATE postings SET finished_at = NULL",
        ):
            await session.execute(text(statement))
    for job in ("send_mail", "post_sale"):
        await make_late(shop, job)
    disclosed = await disclosures(shop, her.over)
    await shop.run_jobs()
    assert await shop.rows("SELECT state FROM mails WHERE kind = 'invoice_issued'") == [("waiting",)]
    assert await disclosures(shop, her.over) == disclosed
    assert sorted(await parked(shop)) == ["post_sale", "send_mail"]
    assert await shop.rows("SELECT DISTINCT concern FROM postings WHERE concern IS NOT NULL") == [
        ("person_restricted",)
    ]

    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    answer = await shop.http.post(LIFTING.format(her.restriction), headers=officer)
    assert answer.status_code == httpx.codes.OK
    assert answer.json()["lifted_at"] is None
    await end(shop)
    assert await shop.rows("SELECT lifted_at FROM restrictions") == [(None,)], "not before the person was told"
    await shop.run_jobs()
    [told] = letters(shop, "Ограничаването на обработването приключва")
    assert told["To"] == EMAIL
    await end(shop)
    assert await shop.rows("SELECT lifted_at FROM restrictions") == [(shop.clock.now(),)]
    await shop.run_jobs()
    assert await shop.rows("SELECT state FROM mails WHERE kind = 'invoice_issued'") == [("sent",)]
    assert await parked(shop) == []
    assert await shop.rows("SELECT count(*) FROM postings WHERE finished_at IS NULL") == [(0,)]
    support = await shop.staff(StaffRole.SUPPORT)
    assert numbers(await shop.http.get("/v1/staff/orders", headers=support)) == [her.under_way, her.over]
    found = await shop.rows("SELECT action FROM audit_entries WHERE action LIKE '%restrict%' ORDER BY sequence")
    assert found == [("person_restricted",), ("restriction_lifted",)]


async def disclosures(shop: Shop, number: str) -> int:
    [(count,)] = await shop.rows(
        "SELECT count(*) FROM disclosures JOIN orders ON orders.id = order_id WHERE number = :number",
        number=int(number),
    )
    return int(count)


async def end(shop: Shop) -> None:
    [periodic] = [periodic for periodic in shop.work.periodic if periodic.name == "end_restrictions"]
    await periodic.run()


async def test_nobody_else_is_touched(shop: Shop) -> None:
    await a_person(shop)
    order = await shop.ordered()
    await shop.run_jobs()
    support = await shop.staff(StaffRole.SUPPORT)
    answer = await shop.http.get(f"/v1/staff/orders/{order['number']}", headers=support)
    assert answer.status_code == httpx.codes.OK


async def test_restrictions_are_listed_for_the_officer(shop: Shop) -> None:
    her = await a_person(shop)
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    answer = await shop.http.get("/v1/staff/privacy/restrictions", params={"in_force": True}, headers=officer)
    assert [(each["id"], each["email"], each["ground"]) for each in answer.json()["items"]] == [
        (her.restriction, EMAIL, "accuracy_contested")
    ]
    missing = LIFTING.format("019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11")
    assert (await shop.http.post(missing, headers=officer)).status_code == httpx.codes.NOT_FOUND
