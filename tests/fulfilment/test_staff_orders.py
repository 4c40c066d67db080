"""Orders and customers as staff see them: who may, what is shown, and what the audit says of it."""

from typing import Any

import httpx

from app.auth.auditing.verifying import verify
from app.auth.models import StaffRole
from app.core.personal import Recipient
from tests.auth.members import NOT_FOUND, audited, of_role
from tests.fulfilment import story
from tests.shop import Shop

ORDERS = "/v1/staff/orders"
SEARCHES = f"{ORDERS}/searches"
CUSTOMERS = "/v1/staff/customers/searches"
STRANGER = {"first_name": "Борис", "last_name": "Иванов", "email": "boris@example.bg", "phone": "+359888000111"}


async def listed(shop: Shop, headers: dict[str, str], **query: Any) -> dict[str, Any]:
    answer = await shop.http.get(ORDERS, params=query, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def searched(shop: Shop, headers: dict[str, str], **wish: str) -> list[str]:
    answer = await shop.http.post(SEARCHES, json=wish, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    return numbers(answer.json())


def numbers(page: dict[str, Any]) -> list[str]:
    return [item["number"] for item in page["items"]]


async def test_a_list_shows_the_newest_first_and_the_audit_says_whose(shop: Shop) -> None:
    support, who = await of_role(shop, StaffRole.SUPPORT)
    placed = [(await shop.ordered())["number"] for _ in range(3)]
    waiting = (await shop.ordered(payment_method=story.TRANSFER))["number"]
    first = await listed(shop, support, limit=2)
    rest = await listed(shop, support, limit=2, cursor=first["next_cursor"])
    assert [numbers(page) for page in (first, rest)] == [[waiting, placed[2]], [placed[1], placed[0]]]
    assert rest["next_cursor"] is None
    assert first["items"][0] == {
        "number": waiting,
        "status": "placed",
        "placed_at": "2026-11-23T10:00:00Z",
        "person": "Ива Петрова",
        "total": "30.79",
        "currency": "EUR",
        "payment": {"method": "bank_transfer", "status": "awaited"},
        "shipment": None,
    }
    assert numbers(await listed(shop, support, status="placed")) == [waiting]
    assert numbers(await listed(shop, support, status="cancelled")) == []
    read = (who, "personal_data_read", "list_orders")
    assert set(await audited(shop)) == {
        (*read, None),
        (*read, f"order:{waiting} order:{placed[2]}"),
        (*read, f"order:{placed[1]} order:{placed[0]}"),
        (*read, f"order:{waiting}"),
    }
    assert len(await audited(shop)) == 7, "each list once, and whose it showed where it showed any"
    async with shop.sessions() as session:
        assert (await verify(session)).faults == [], "entries of one statement are linked too"


async def test_orders_are_found_by_address_and_by_phone_alone(shop: Shop) -> None:
    support, who = await of_role(shop, StaffRole.SUPPORT)
    ivas, other = await shop.ordered(), await shop.ordered(customer=STRANGER)
    assert await searched(shop, support, email="IVA@example.bg") == [ivas["number"]]
    assert await searched(shop, support, phone="0888 000 111") == [other["number"]]
    assert await searched(shop, support, email="nobody@example.bg") == []
    for wish in ({}, {"email": "iva@example.bg", "phone": "+359888000111"}, {"name": "Ива"}):
        refused = await shop.http.post(SEARCHES, json=wish, headers=support)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert [row[3] for row in await audited(shop) if row[3]] == [
        f"order:{ivas['number']}",
        f"order:{other['number']}",
    ]
    assert {row[:3] for row in await audited(shop)} == {(who, "personal_data_read", "search_orders")}


async def test_an_order_is_shown_whole_to_an_owner_and_to_others_as_far_as_their_work_needs(shop: Shop) -> None:
    """C15: the warehouse packs without e-mail address, company and documents."""
    owner, who = await of_role(shop, StaffRole.OWNER)
    order = await shop.ordered(payment_method=story.TRANSFER, invoice=story.COMPANY)
    await story.pay(shop, order)
    await shop.run_jobs()

    shown = (await shop.http.get(f"{ORDERS}/{order['number']}", headers=owner)).json()

    seen = await story.read(shop, order)
    del seen["payment"]["bank_transfer"]  # how to pay is told to who pays
    assert shown["order"] == seen
    assert (shown["account_id"], shown["language"]) == (None, "bg")
    assert shown["company"] == {
        "company_name": "Зъбна ООД",
        "company_eik": "175074752",
        "company_vat_number": "BG175074752",
        "company_city": "Пловдив",
        "company_address": "бул. Шести септември 8",
        "company_responsible_person": "Петър Иванов",
    }
    assert [(event["status"], event["by"]) for event in shown["history"]] == [
        ("placed", "customer"),
        ("confirmed", "staff"),
    ]
    [document] = shown["documents"]
    assert document == {
        "id": document["id"],
        "number": "0000000001",
        "kind": "invoice",
        "issued_on": "2026-11-23",
        "total": "30.79",
        "currency": "EUR",
    }
    subject = f"read_order_as_staff number:{order['number']}"
    assert await audited(shop) == [(who, "personal_data_read", subject, None)]
    without_documents = {**shown, "company": None, "documents": []}
    anonymous = {**shown["order"], "customer": {**shown["order"]["customer"], "email": None}}
    for role, seen in (
        (StaffRole.SUPPORT, without_documents),
        (StaffRole.WAREHOUSE, {**without_documents, "order": anonymous, "receipts": []}),
    ):
        answer = await shop.http.get(f"{ORDERS}/{order['number']}", headers=await shop.staff(role))
        assert answer.json() == seen, role


async def test_what_does_not_exist_is_not_found_and_nothing_was_read(shop: Shop) -> None:
    support = await shop.staff(StaffRole.SUPPORT)
    for verb, path in (("GET", ""), ("POST", "/cancellation")):
        answer = await shop.http.request(verb, f"{ORDERS}/999999999{path}", headers=support)
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert await audited(shop) == []


async def test_staff_cancel_and_it_says_so(shop: Shop) -> None:
    support, who = await of_role(shop, StaffRole.SUPPORT)
    order = await shop.ordered()
    before = await shop.stock("ION-H-SOFT-2")
    path = f"{ORDERS}/{order['number']}/cancellation"

    refused = await shop.http.post(path, headers=await shop.staff(StaffRole.WAREHOUSE))
    assert (refused.status_code, refused.json()["right"]) == (403, "cancel_orders")
    assert await shop.stock("ION-H-SOFT-2") == before
    assert (await shop.http.post(path, headers=support)).status_code == 204
    assert await shop.stock("ION-H-SOFT-2") == before + 2
    assert (await shop.http.post(path, headers=support)).status_code == 204
    assert await shop.stock("ION-H-SOFT-2") == before + 2, "again, it changes nothing"

    history = await shop.rows(story.HISTORY, number=int(order["number"]))
    assert (history[-1][0], history[-1][2]) == ("cancelled", "staff")
    subject = f"cancel_order_as_staff number:{order['number']}"
    assert await audited(shop) == [(who, "personal_data_changed", subject, None)] * 2


async def test_a_customer_is_found_by_the_whole_address(shop: Shop) -> None:
    officer, who = await of_role(shop, StaffRole.PRIVACY_OFFICER)
    iva = await shop.account()
    [[account_id]] = await shop.rows("SELECT id FROM accounts")
    await shop.http.get("/v1/me", headers=iva)

    async def found(email: str) -> list[dict[str, Any]]:
        answer = await shop.http.post(CUSTOMERS, json={"email": email}, headers=officer)
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    assert await found("Iva@Example.bg") == [
        {
            "account_id": str(account_id),
            "first_name": "Ива",
            "last_name": "Петрова",
            "created_at": "2026-11-23T10:00:00Z",
            "orders": 0,
        }
    ]
    assert await found("petrova@example.bg") == []
    read = (who, "personal_data_read", "search_customers")
    assert sorted(await audited(shop), key=str) == sorted(
        [(*read, None), (*read, None), (*read, f"account:{account_id}")], key=str
    )


async def test_s35_the_accountants_people_download_by_their_own_login(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, order)
    await shop.run_jobs()
    accountant, who = await of_role(shop, StaffRole.ACCOUNTANT)
    support = await shop.staff(StaffRole.SUPPORT)
    months = "/v1/accounting/documents?month=2026-11"
    refused = await shop.http.get(months, headers=support)
    assert (refused.status_code, refused.json()["right"]) == (403, "read_documents")

    [item] = (await shop.http.get(months, headers=accountant)).json()["items"]
    downloaded = await shop.http.get(item["pdf"], headers=accountant)

    assert downloaded.content == await story.own_pdf(shop, order)
    recorded = await shop.rows(
        "SELECT what, means, actor, reference_id FROM disclosures WHERE recipient = :to", to=Recipient.ACCOUNTANT
    )
    assert [(*row[:3], str(row[3])) for row in recorded] == [("invoice", "download", who, item["id"])]
    assert await audited(shop) == [
        (who, "personal_data_read", "list_documents", None),
        (who, "personal_data_read", f"download_document document_id:{item['id']}", None),
    ]
    assert (await shop.http.get(ORDERS, headers=accountant)).json()["right"] == "read_orders"
