"""The accountant finds documents by number, day, kind, company, EIK and order, and takes a selection of them."""

import io
import zipfile
from typing import Any
from uuid import uuid4

import facturx
import httpx
from sqlalchemy import text

from app.auth.models import StaffRole
from app.auth.scopes import Scope
from app.core.holders import Person
from app.core.personal import Recipient
from app.privacy.restricting import RestrictionGround, restrict
from tests.checkout.watching import statements
from tests.fulfilment import story
from tests.shop import Shop

SEARCHES, SELECTION = "/v1/accounting/documents/searches", "/v1/accounting/documents/selection.zip"
OTHER = {**story.COMPANY, "company_name": "Блясък 90% ЕООД", "eik": "131245785", "vat_number": "BG131245785"}
EN = {"Accept-Language": "en"}


async def accountant(shop: Shop) -> dict[str, str]:
    return {**EN, **await shop.client(Scope.ACCOUNTING)}


async def four(shop: Shop) -> list[dict[str, Any]]:
    """Invoice two companies on two days, and two persons."""
    orders = []
    for company in (story.COMPANY, OTHER, None, None):
        order = await shop.ordered(payment_method=story.TRANSFER, invoice=company)
        await story.pay(shop, order)
        await shop.run_jobs()
        orders.append(order)
        if company is OTHER:
            shop.clock.advance(days=1)
    return orders


async def found(shop: Shop, client: dict[str, str], **wish: Any) -> list[str]:
    answer = await shop.http.post(SEARCHES, json=wish, headers=client)
    assert answer.status_code == httpx.codes.OK, answer.text
    return [item["number"] for item in answer.json()["items"]]


async def test_documents_are_found_by_each_thing_and_by_all_together(shop: Shop) -> None:
    orders, client = await four(shop), await accountant(shop)
    one, two, three, four_ = (f"{n:010d}" for n in range(1, 5))
    assert await found(shop, client, number_from="2", number_to="0000000003") == [two, three]
    assert await found(shop, client, issued_from="2026-11-24") == [three, four_]
    assert await found(shop, client, issued_from="2026-11-23", issued_to="2026-11-23") == [one, two]
    assert await found(shop, client, kind="credit_note") == []
    assert await found(shop, client, eik="175074752") == [one]
    assert await found(shop, client, company="блясък 90%") == [two]
    assert await found(shop, client, company="%%%") == []
    assert await found(shop, client, order_number=orders[2]["number"]) == [three]
    assert await found(shop, client, eik="131245785", issued_from="2026-11-24") == []
    assert await shop.rows("SELECT count(*) FROM disclosures WHERE recipient = 'accountant'") == [(0,)]


async def test_a_long_result_comes_in_pages_each_by_the_same_few_selects(shop: Shop) -> None:
    await four(shop)
    client = await accountant(shop)
    seen, cursor, counts = [], None, set()
    while True:
        with statements(shop) as asked:
            query = {"limit": 3, **({"cursor": cursor} if cursor else {})}
            answer = await shop.http.post(SEARCHES, params=query, json={"issued_from": "2026-01-01"}, headers=client)
        counts.add(len(asked))
        page = answer.json()
        seen += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"{n:010d}" for n in range(1, 5)]
    assert len(counts) == 1


async def test_a_search_for_nothing_or_by_what_is_none_is_refused(shop: Shop) -> None:
    client = await accountant(shop)
    for wish in ({}, {"number_from": "12x"}, {"eik": "1"}, {"company": "ab"}, {"order_number": "7"}, {"name": "Ива"}):
        answer = await shop.http.post(SEARCHES, json=wish, headers=client)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), wish


async def test_s35_a_selection_is_downloaded_whole_or_not_at_all_and_recorded(shop: Shop) -> None:
    await four(shop)
    client = await accountant(shop)
    listed = (await shop.http.post(SEARCHES, json={"issued_from": "2026-01-01"}, headers=client)).json()["items"]
    ids = [item["id"] for item in listed[:2]]
    wrong = await shop.http.post(SELECTION, json={"documents": [*ids, str(uuid4())]}, headers=client)
    assert (wrong.status_code, await shop.count("disclosures WHERE recipient = 'accountant'")) == (404, 0)
    answer = await shop.http.post(SELECTION, json={"documents": [*ids, ids[0]]}, headers=client)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == [
            "faktura-0000000001.pdf",
            "faktura-0000000001.xml",
            "faktura-0000000002.pdf",
            "faktura-0000000002.xml",
        ]
        xml = archive.read("faktura-0000000002.xml")
    recorded = await shop.rows(
        "SELECT reference_id::text, what FROM disclosures WHERE recipient = 'accountant' ORDER BY reference_id"
    )
    assert recorded == sorted((each, "invoice") for each in ids)
    alone = await shop.http.get(listed[1]["xml"], headers=client)
    assert alone.content == xml
    assert facturx.xml_check_xsd(xml)
    assert alone.headers["content-disposition"] == 'attachment; filename="faktura-0000000002.xml"'


async def test_s64_what_is_of_somebody_restricted_is_in_no_selection(shop: Shop) -> None:
    await four(shop)
    client = await accountant(shop)
    listed = (await shop.http.post(SEARCHES, json={"issued_from": "2026-01-01"}, headers=client)).json()["items"]
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE orders SET status = 'delivered', finished_at = now()"))
        person, ground = Person("iva@example.bg"), RestrictionGround.CLAIMS
        await restrict(session, person, ground=ground, request_id=None, at=shop.clock.now())
    for answer in (
        await shop.http.post(SELECTION, json={"documents": [listed[0]["id"]]}, headers=client),
        await shop.http.get(listed[0]["xml"], headers=client),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "person-restricted")


async def test_without_an_agreement_nothing_is_handed_over(shop: Shop) -> None:
    await four(shop)
    await story.end_agreement(shop, Recipient.ACCOUNTANT)
    owner = {**EN, **await shop.staff(StaffRole.OWNER)}
    listed = (await shop.http.post(SEARCHES, json={"kind": "invoice"}, headers=owner)).json()["items"]
    months = "/v1/accounting/months/2026-11"
    for path in (listed[0]["pdf"], listed[0]["xml"], f"{months}/archive.zip", f"{months}/sales-ledger.txt"):
        answer = await shop.http.get(path, headers=owner)
        assert (answer.status_code, answer.json()["code"]) == (409, "agreement-missing"), path
