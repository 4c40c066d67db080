"""The courier's integration: pulls what is ready, takes labels, acknowledges; each pull is recorded (S33, S35)."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import text

from app.auth.scopes import Scope
from app.core.personal import Recipient
from tests.fulfilment import story
from tests.problems import of_kind
from tests.shop import NOON, Shop

SHIPMENTS = "/v1/courier/shipments"
ENGLISH = {"Accept-Language": "en"}


async def courier(shop: Shop) -> dict[str, str]:
    return {**ENGLISH, **await shop.client(Scope.SHIPMENTS)}


async def booked(shop: Shop, number: int) -> list[str]:
    """Book that many parcels, two in each minute; gives the order numbers."""
    placed = []
    for count in range(number):
        shop.clock.at = NOON + timedelta(minutes=count // 2)
        placed.append((await shop.ordered())["number"])
        await shop.run_jobs()
    return placed


async def pull(shop: Shop, client: dict[str, str], **query: Any) -> dict[str, Any]:
    answer = await shop.http.get(SHIPMENTS, params=query, headers=client)
    assert answer.status_code == httpx.codes.OK, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def acknowledge(shop: Shop, client: dict[str, str], shipment_id: str) -> httpx.Response:
    return await shop.http.post(f"{SHIPMENTS}/{shipment_id}/acknowledgement", headers=client)


def paths(shipment_id: object) -> list[tuple[str, str]]:
    here = f"{SHIPMENTS}/{shipment_id}"
    return [("GET", SHIPMENTS), ("POST", f"{here}/acknowledgement"), ("GET", f"{here}/label.pdf")]


async def test_only_a_client_of_the_couriers_passes(shop: Shop) -> None:
    await booked(shop, 1)
    [(shipment_id,)] = await shop.rows("SELECT id FROM shipments")
    accountant = await shop.client(Scope.ACCOUNTING)
    recorded = await shop.count("disclosures")
    for method, path in paths(shipment_id):
        nobody = await shop.http.request(method, path, headers=ENGLISH)
        assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
        stranger = await shop.http.request(method, path, headers={**ENGLISH, **accountant})
        assert stranger.status_code == 403
        assert stranger.json() == {
            **of_kind("insufficient-scope"),
            "title": "Insufficient scope",
            "status": 403,
            "detail": "This request needs the scope shipments.",
            "scope": "shipments",
        }
    assert await shop.count("disclosures") == recorded
    assert await shop.rows("SELECT acknowledged_at FROM shipments") == [(None,)]


async def test_pages_show_every_parcel_once_oldest_first(shop: Shop) -> None:
    placed, client = await booked(shop, 7), await courier(shop)
    seen: list[str] = []
    sizes: list[int] = []
    cursor: str | None = None
    while cursor or not sizes:
        page = await pull(shop, client, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [item["order_number"] for item in page["items"]]
        sizes.append(len(page["items"]))
        cursor = page["next_cursor"]
    assert sizes == [3, 3, 1]
    assert seen == placed


async def test_a_page_goes_on_though_what_was_seen_is_acknowledged(shop: Shop) -> None:
    placed, client = await booked(shop, 7), await courier(shop)
    first = await pull(shop, client, limit=4)
    for item in first["items"]:
        assert (await acknowledge(shop, client, item["id"])).status_code == httpx.codes.NO_CONTENT
    second = await pull(shop, client, limit=4, cursor=first["next_cursor"])
    assert [item["order_number"] for item in first["items"] + second["items"]] == placed
    assert second["next_cursor"] is None
    left = await pull(shop, client)
    assert [item["order_number"] for item in left["items"]] == placed[4:]


async def test_an_acknowledgement_repeated_changes_nothing(shop: Shop) -> None:
    await booked(shop, 1)
    client = await courier(shop)
    [item] = (await pull(shop, client))["items"]
    for minutes in (1, 2):
        shop.clock.advance(minutes=minutes)
        answer = await acknowledge(shop, client, item["id"])
        assert (answer.status_code, answer.content) == (204, b"")
    assert await shop.rows("SELECT acknowledged_at FROM shipments") == [(NOON + timedelta(minutes=1),)]
    assert await pull(shop, client) == {"items": [], "next_cursor": None}


async def test_what_does_not_exist_is_not_found(shop: Shop) -> None:
    client, unknown = await courier(shop), uuid4()
    for method, path in paths(unknown)[1:]:
        answer = await shop.http.request(method, path, headers=client)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    malformed = await acknowledge(shop, client, "x")
    assert (malformed.status_code, malformed.json()["errors"][0]["pointer"]) == (422, "path:shipment_id")


async def test_a_cancelled_parcel_is_not_shown_and_not_acknowledged(shop: Shop) -> None:
    order, client = await shop.ordered(), await courier(shop)
    await shop.run_jobs()
    [item] = (await pull(shop, client))["items"]
    await story.cancel(shop, order)
    await shop.run_jobs()

    assert await pull(shop, client) == {"items": [], "next_cursor": None}
    answer = await acknowledge(shop, client, item["id"])
    assert answer.status_code == 409
    assert answer.json() == {
        **of_kind("shipment-cannot-move"),
        "title": "Shipment cannot move there",
        "status": 409,
        "detail": "Its status is “Called off”.",
        "shipment_status": "cancelled",
    }
    label = await shop.http.get(item["label"], headers=client)
    assert (label.status_code, label.json()["code"]) == (404, "not-found"), "no label of a cancelled order"


async def test_a_parcel_that_is_not_booked_yet_is_not_shown_and_has_no_label(shop: Shop) -> None:
    await shop.ordered()
    client = await courier(shop)
    [(shipment_id,)] = await shop.rows("SELECT id FROM shipments")
    assert await pull(shop, client) == {"items": [], "next_cursor": None}
    assert (await acknowledge(shop, client, shipment_id)).status_code == httpx.codes.CONFLICT
    label = await shop.http.get(f"{SHIPMENTS}/{shipment_id}/label.pdf", headers=client)
    assert (label.status_code, label.json()["code"]) == (404, "not-found")


async def test_a_parcel_without_its_label_waits_for_it(shop: Shop) -> None:
    shop.speedy.fail_with(503, on="/print", times=3)
    await shop.ordered()
    await shop.run_jobs()
    client = await courier(shop)
    [(shipment_id, status)] = await shop.rows("SELECT id, status FROM shipments")
    assert status == "booked"
    assert await pull(shop, client) == {"items": [], "next_cursor": None}
    label = await shop.http.get(f"{SHIPMENTS}/{shipment_id}/label.pdf", headers=client)
    assert (label.status_code, label.json()["code"]) == (404, "not-found")
    assert await shop.rows("SELECT 1 FROM disclosures WHERE recipient = 'courier'") == []

    await story.retry(shop)
    assert [item["id"] for item in (await pull(shop, client))["items"]] == [str(shipment_id)]


async def test_the_label_is_what_speedy_printed(shop: Shop) -> None:
    await booked(shop, 1)
    client = await courier(shop)
    [item] = (await pull(shop, client))["items"]
    answer = await shop.http.get(item["label"], headers=client)
    [(pdf, sha256)] = await shop.rows("SELECT pdf, sha256 FROM labels")
    assert answer.content == pdf
    assert hashlib.sha256(pdf).hexdigest() == sha256
    assert answer.headers["etag"] == f'"{sha256}"'
    assert answer.headers["content-disposition"] == f'attachment; filename="label-{item["waybill"]}.pdf"'
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_d8_a_label_that_the_courier_has_is_not_sent_again_nor_recorded(shop: Shop) -> None:
    await booked(shop, 1)
    client = await courier(shop)
    [item] = (await pull(shop, client))["items"]
    recorded = "SELECT count(*) FROM disclosures WHERE recipient = 'courier'"
    etag = (await shop.http.get(item["label"], headers=client)).headers["etag"]
    [(before,)] = await shop.rows(recorded)
    again = await shop.http.get(item["label"], headers={**client, "If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = await shop.http.get(item["label"], headers={**client, "If-Match": '"other"'})
    assert (other.status_code, other.json()["code"]) == (412, "precondition-failed")
    assert await shop.rows(recorded) == [(before,)]
    same = await shop.http.get(item["label"], headers={**client, "If-Match": etag, "If-None-Match": '"other"'})
    assert same.status_code == 200
    assert await shop.rows(recorded) == [(before + 1,)]
    for path in (item["label"], SHIPMENTS):
        assert (await shop.http.head(path, headers=client)).status_code == 200
    assert await shop.rows(recorded) == [(before + 1,)], "headers alone hand nothing over"


async def test_s35_each_pull_is_recorded_for_each_order_with_who_pulled(shop: Shop) -> None:
    await shop.ordered()
    await shop.ordered(delivery=story.OFFICE)
    await shop.run_jobs()
    client = await courier(shop)
    page = await pull(shop, client)
    await pull(shop, client)
    shop.clock.advance(minutes=1)
    await shop.http.get(page["items"][0]["label"], headers=client)

    [(client_id,)] = await shop.rows("SELECT id FROM clients")
    recorded = await shop.rows(
        "SELECT number, what, categories, means, actor, reference_id = shipments.id FROM disclosures"
        " JOIN orders ON orders.id = disclosures.order_id JOIN shipments ON shipments.order_id = orders.id"
        " WHERE recipient = 'courier' ORDER BY disclosed_at, number"
    )
    home, office = ["address", "name", "phone"], ["name", "phone"]
    assert recorded == [
        (100000001, "shipment", home, "pull", client_id, True),
        (100000001, "shipment", home, "pull", client_id, True),
        (100000002, "shipment", office, "pull", client_id, True),
        (100000002, "shipment", office, "pull", client_id, True),
        (100000001, "label", home, "pull", client_id, True),
    ]


async def test_s29_the_courier_sees_nothing_that_delivering_does_not_need(shop: Shop) -> None:
    await shop.ordered(comment="Подарък за Мария", invoice=story.COMPANY, delivery=story.OFFICE)
    await shop.run_jobs()
    [item] = (await pull(shop, await courier(shop)))["items"]
    assert item["recipient"] == {"name": "Ива Петрова", "phone": "+359888123456"}
    assert {name: value for name, value in item["destination"].items() if value is not None} == {
        "method": "office",
        "office_id": 14,
    }
    told = json.dumps(item, ensure_ascii=False)
    assert [word for word in ("iva@example.bg", "Мария", "Зъбна", "175074752", "ION-H-SOFT-2") if word in told] == []


async def test_s38_without_an_agreement_nothing_is_shown(shop: Shop) -> None:
    await booked(shop, 1)
    client = await courier(shop)
    [item] = (await pull(shop, client))["items"]
    recorded = await shop.count("disclosures")
    await story.end_agreement(shop, Recipient.COURIER)
    for path in (SHIPMENTS, item["label"]):
        answer = await shop.http.get(path, headers=client)
        assert answer.status_code == 409
        assert answer.json() == {
            **of_kind("agreement-missing"),
            "title": "No agreement with the recipient",
            "status": 409,
            "detail": "Nothing was handed over. Record an agreement in force with the recipient courier and try again.",
            "recipient": "courier",
        }
    assert await shop.count("disclosures") == recorded


async def test_a_revoked_client_sees_nothing_from_then_on(shop: Shop) -> None:
    await booked(shop, 1)
    client = await courier(shop)
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE clients SET revoked_at = now()"))
    assert (await shop.http.get(SHIPMENTS, headers=client)).status_code == httpx.codes.UNAUTHORIZED


def forged(*key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


NOT_GIVEN = [
    "x",
    "%00",
    "WzFd",
    forged("2026-11-23", "no uuid"),
    forged("2026-11-23T10:00:00+00:00"),
    forged(5, 5),
    forged(),
    forged({}, []),
    forged("", ""),
]


async def test_a_cursor_that_was_not_given_is_refused(shop: Shop) -> None:
    client = await courier(shop)
    for cursor in NOT_GIVEN:
        answer = await shop.http.get(SHIPMENTS, params={"cursor": cursor}, headers=client)
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor-unknown"), cursor


async def test_a_cursor_with_any_moment_is_answered(shop: Shop) -> None:
    client = await courier(shop)
    for moment in ("2026-11-23T10:00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"):
        cursor = forged(moment, "01a2038a-5075-7ca1-9091-c1af2e59b885")
        assert await pull(shop, client, cursor=cursor) == {"items": [], "next_cursor": None}, moment
