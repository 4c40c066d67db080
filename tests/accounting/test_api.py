"""The accountant: lists a month without anything personal, downloads what was issued, each download recorded (S35)."""

import asyncio
import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.auth.scopes import Scope
from app.core.personal import Recipient
from tests.checkout.watching import statements
from tests.fulfilment import story
from tests.invoices.issuing import add_credit_note, issue, place
from tests.shop import NOON, Shop

DOCUMENTS = "/v1/accounting/documents"
ENGLISH = {"Accept-Language": "en"}


async def accountant(shop: Shop) -> dict[str, str]:
    return {**ENGLISH, **await shop.client(Scope.ACCOUNTING)}


async def listed(shop: Shop, client: dict[str, str], month: str = "2026-11", **query: Any) -> dict[str, Any]:
    answer = await shop.http.get(DOCUMENTS, params={"month": month, **query}, headers=client)
    assert answer.status_code == httpx.codes.OK, answer.text
    page: dict[str, Any] = answer.json()
    return page


def numbers(page: dict[str, Any]) -> list[int]:
    return [int(item["number"]) for item in page["items"]]


async def invoiced(shop: Shop, **changes: Any) -> dict[str, Any]:
    order = await shop.ordered(payment_method=story.TRANSFER, **changes)
    await story.pay(shop, order)
    await shop.run_jobs()
    return order


async def test_a_month_ends_at_midnight_in_bulgaria(shop: Shop) -> None:
    placed, client = await place(shop, 5), await accountant(shop)
    moments = [
        datetime(2026, 10, 31, 21, 59, tzinfo=UTC),
        datetime(2026, 10, 31, 22, 0, tzinfo=UTC),
        datetime(2026, 11, 30, 21, 59, tzinfo=UTC),
        datetime(2026, 11, 30, 22, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 22, 0, tzinfo=UTC),
    ]
    for order_id, at in zip(placed, moments, strict=True):
        await issue(shop, order_id, at)
    found = {
        month: numbers(await listed(shop, client, month)) for month in ("2026-10", "2026-11", "2026-12", "2027-01")
    }
    assert found == {"2026-10": [1], "2026-11": [2, 3], "2026-12": [4], "2027-01": [5]}
    assert await listed(shop, client, "2027-02") == {"items": [], "next_cursor": None}


async def test_kinds_are_listed_apart_or_together(shop: Shop) -> None:
    placed, client = await place(shop, 2), await accountant(shop)
    invoice = await issue(shop, placed[0])
    await issue(shop, placed[1])
    await add_credit_note(shop, invoice, "0000000003")
    assert numbers(await listed(shop, client)) == [1, 2, 3]
    assert numbers(await listed(shop, client, kind="invoice")) == [1, 2]
    assert numbers(await listed(shop, client, kind="credit_note")) == [3]
    assert numbers(await listed(shop, client, kind="debit_note")) == []


async def test_pages_show_every_document_once_by_day_and_number(shop: Shop) -> None:
    placed, client = await place(shop, 25), await accountant(shop)
    for count, order_id in enumerate(placed):
        await issue(shop, order_id, NOON + timedelta(hours=6 * count // 5))
    seen: list[int] = []
    sizes: list[int] = []
    cursor: str | None = None
    while cursor or not sizes:
        page = await listed(shop, client, limit=10, **({"cursor": cursor} if cursor else {}))
        seen += numbers(page)
        sizes.append(len(page["items"]))
        cursor = page["next_cursor"]
    assert (sizes, seen) == ([10, 10, 5], list(range(1, 26)))
    exact = await listed(shop, client, limit=25)
    assert (len(exact["items"]), exact["next_cursor"]) == (25, None)


async def test_a_list_costs_the_same_whatever_its_length(shop: Shop) -> None:
    placed, client = await place(shop, 12), await accountant(shop)
    await issue(shop, placed[0])
    await listed(shop, client)
    counts = []
    for _ in range(2):
        with statements(shop) as sent:
            await listed(shop, client)
        counts.append(len([statement for statement in sent if not statement.startswith(("BEGIN", "COMMIT"))]))
        await asyncio.gather(*(issue(shop, order_id) for order_id in placed))
    assert counts[0] == counts[1]
    assert counts[0] <= 3


async def test_a_list_shows_nothing_personal(shop: Shop) -> None:
    await invoiced(shop)
    await invoiced(shop, invoice=story.COMPANY)
    client = await accountant(shop)
    page = await listed(shop, client)
    assert len(page["items"]) == 2
    told = json.dumps(page, ensure_ascii=False)
    personal = (
        "Ива",
        "Петрова",
        "iva@",
        "359888",
        "Българска легия",
        "София",
        "Зъбна",
        "175074752",
        "Петър",
        "Пловдив",
    )
    assert [word for word in personal if word in told] == []
    assert await shop.rows("SELECT 1 FROM disclosures WHERE recipient = 'accountant'") == []


async def test_s35_each_download_gives_the_issued_bytes_and_is_recorded(shop: Shop) -> None:
    order, client = await invoiced(shop), await accountant(shop)
    pdf = await story.own_pdf(shop, order)
    [item] = (await listed(shop, client))["items"]
    for _ in range(2):
        answer = await shop.http.get(item["pdf"], headers=client)
        assert answer.content == pdf
        assert answer.headers["content-disposition"] == 'attachment; filename="faktura-0000000001.pdf"'
    assert item["sha256"] == hashlib.sha256(pdf).hexdigest()

    [(client_id,)] = await shop.rows("SELECT id FROM clients")
    recorded = await shop.rows(
        "SELECT what, categories, purpose, ground, means, actor, reference_id FROM disclosures"
        " WHERE recipient = 'accountant'"
    )
    categories = ["address", "invoice", "name", "order"]
    assert [row[:6] for row in recorded] == 2 * [
        ("invoice", categories, "accounting", "legal_obligation", "download", client_id)
    ]
    assert {str(row[6]) for row in recorded} == {item["id"]}


@pytest.mark.parametrize("suffix", ["pdf", "xml"])
async def test_d8_what_the_accountant_has_is_neither_sent_again_nor_recorded(shop: Shop, suffix: str) -> None:
    await invoiced(shop)
    client = await accountant(shop)
    [item] = (await listed(shop, client))["items"]
    path = item["pdf"].removesuffix("pdf") + suffix
    etag = (await shop.http.get(path, headers=client)).headers["etag"]
    recorded = "SELECT count(*) FROM disclosures WHERE recipient = 'accountant'"
    assert await shop.rows(recorded) == [(1,)]
    kept = await shop.http.get(path, headers={**client, "If-None-Match": etag})
    assert (kept.status_code, kept.content, kept.headers["etag"]) == (304, b"", etag)
    other = await shop.http.get(path, headers={**client, "If-Match": '"other"'})
    assert (other.status_code, other.json()["code"]) == (412, "precondition-failed")
    assert await shop.rows(recorded) == [(1,)]
    same = await shop.http.get(path, headers={**client, "If-Match": etag})
    assert (same.status_code, same.headers["etag"]) == (200, etag)
    assert await shop.rows(recorded) == [(2,)]
    await story.end_agreement(shop, Recipient.ACCOUNTANT)
    for condition in ({"If-None-Match": etag}, {"If-Match": '"other"'}):
        refused = await shop.http.get(path, headers={**client, **condition})
        assert (refused.status_code, refused.json()["code"]) == (409, "agreement-missing")
    assert await shop.rows(recorded) == [(2,)]


@pytest.mark.parametrize("suffix", ["pdf", "xml"])
async def test_d8_whose_headers_alone_are_asked_for_is_not_recorded(shop: Shop, suffix: str) -> None:
    await invoiced(shop)
    client = await accountant(shop)
    [item] = (await listed(shop, client))["items"]
    path = item["pdf"].removesuffix("pdf") + suffix
    headers = await shop.http.head(path, headers=client)
    assert (headers.status_code, headers.content, "etag" in headers.headers) == (200, b"", True)
    ledger = await shop.http.head("/v1/accounting/months/2026-11/sales-ledger.txt", headers=client)
    archive = await shop.http.head("/v1/accounting/months/2026-11/archive.zip", headers=client)
    assert [(each.status_code, each.content) for each in (ledger, archive)] == [(200, b"")] * 2
    recorded = "SELECT count(*) FROM disclosures WHERE recipient = 'accountant'"
    assert await shop.rows(recorded) == [(0,)]
    assert (await shop.http.get(path, headers=client)).headers["etag"] == headers.headers["etag"]
    assert await shop.rows(recorded) == [(1,)]
    await story.end_agreement(shop, Recipient.ACCOUNTANT)
    assert (await shop.http.head(path, headers=client)).status_code == 409


MEANINGLESS = [
    ("month", {}),
    ("month", {"month": "2026-13"}),
    ("month", {"month": "2026-00"}),
    ("month", {"month": "2026-1"}),
    ("month", {"month": "november"}),
    ("month", {"month": "1999-01"}),
    ("month", {"month": "2026-11\n"}),
    ("kind", {"month": "2026-11", "kind": "receipt"}),
    ("limit", {"month": "2026-11", "limit": "0"}),
    ("limit", {"month": "2026-11", "limit": "101"}),
    ("limit", {"month": "2026-11", "limit": "x"}),
]


async def test_a_question_that_makes_no_sense_is_refused(shop: Shop) -> None:
    client = await accountant(shop)
    for wrong, query in MEANINGLESS:
        answer = await shop.http.get(DOCUMENTS, params=query, headers=client)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), query
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"?{wrong}"]


def forged(*key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


ID = "01a2038a-6068-7965-8b2a-aad20eae6212"
NOT_GIVEN = [
    "x",
    "%",
    forged("2026-11-23"),
    forged("2026-11-23", "0000000001", "no uuid"),
    forged("never", "0000000001", ID),
    forged("2026-11-23", "\0", ID),
    forged("2026-11-23", "\ud800", ID),
    forged("2026-11-23", ["1"], ID),
    forged("2026-11-23", "1", ID),
]


async def test_a_cursor_that_was_not_given_is_refused(shop: Shop) -> None:
    client = await accountant(shop)
    for cursor in NOT_GIVEN:
        answer = await shop.http.get(DOCUMENTS, params={"month": "2026-11", "cursor": cursor}, headers=client)
        assert (answer.status_code, answer.json().get("code")) == (422, "cursor-unknown"), cursor


async def test_only_a_client_of_the_accountants_passes(shop: Shop) -> None:
    order = await invoiced(shop)
    [document] = await story.documents(shop, order)
    courier = await shop.client(Scope.SHIPMENTS)
    for path in (f"{DOCUMENTS}?month=2026-11", f"{DOCUMENTS}/{document['id']}.pdf"):
        nobody = await shop.http.get(path, headers=ENGLISH)
        assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
        guest = await shop.http.get(path, headers={**ENGLISH, **story.guest(order)})
        assert guest.status_code == 401
        stranger = await shop.http.get(path, headers={**ENGLISH, **courier})
        assert (stranger.status_code, stranger.json()["scope"]) == (403, "accounting")
    assert await shop.rows("SELECT 1 FROM disclosures WHERE recipient = 'accountant'") == []


async def test_what_does_not_exist_or_has_no_bytes_yet_is_not_found(shop: Shop) -> None:
    [order_id], client = await place(shop, 1), await accountant(shop)
    document = await issue(shop, order_id)
    [item] = (await listed(shop, client))["items"]
    assert (item["id"], item["sha256"]) == (str(document.id), None)
    for document_id in (uuid4(), document.id):
        answer = await shop.http.get(f"{DOCUMENTS}/{document_id}.pdf", headers=client)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert await shop.rows("SELECT 1 FROM disclosures WHERE recipient = 'accountant'") == []


async def test_s38_without_an_agreement_nothing_is_downloaded(shop: Shop) -> None:
    await invoiced(shop)
    client = await accountant(shop)
    [item] = (await listed(shop, client))["items"]
    await story.end_agreement(shop, Recipient.ACCOUNTANT)
    answer = await shop.http.get(item["pdf"], headers=client)
    assert (answer.status_code, answer.json()["code"]) == (409, "agreement-missing")
    assert answer.json()["recipient"] == "accountant"
    assert await shop.rows("SELECT 1 FROM disclosures WHERE recipient = 'accountant'") == []
