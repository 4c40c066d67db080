"""No log of any process holds anything of a person or a secret, whatever happened; every line is JSON."""

import base64
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import text

from app.auth import service as auth
from app.auth.scopes import Scope
from tests.faults.house import House, build
from tests.processes import PATIENCE, until
from tests.shop import ANY_TOTAL, TODAYS_VERSION

CUSTOMER = {
    "first_name": "Зорница-Памела",
    "last_name": "Хаджистефанова",
    "email": "zornitsa.hadzhi@example.bg",
    "phone": "0887 654 321",
}
DELIVERY = {
    "method": "address",
    "city": "София",
    "postcode": "1618",
    "street": "ул. Незабравка",
    "street_no": "77Б",
    "note": "до синята порта",
}
COMPANY = {
    "company_name": "Перуника Текс ООД",
    "eik": "175074752",
    "vat_number": "BG175074752",
    "city": "Горно Церовене",
    "address": "пл. Извора 3",
    "responsible_person": "Евстати Бръмбаров",
}
COMMENT = "Моля, без звънене след осем."
IDENTITY = {
    *CUSTOMER.values(),
    *(value for name, value in DELIVERY.items() if name in {"street", "street_no", "note"}),
    *COMPANY.values(),
    COMMENT,
    "Хаджистефанова",
    "hadzhi",
    "359887654321",
    "887654321",
    "Незабравка",
    "Перуника",
    "Бръмбаров",
}
# What PostgreSQL says when it refuses a row repeats the row.
TALKATIVE = (
    """
    CREATE FUNCTION repeat_the_row() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'Key (row)=(%) is refused', NEW USING ERRCODE = TG_ARGV[0]; END $$
    """,
    "CREATE TRIGGER talkative BEFORE INSERT ON orders FOR EACH ROW WHEN (NEW.comment = 'Синигер')"
    " EXECUTE FUNCTION repeat_the_row('22012')",
    "CREATE TRIGGER talkative BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION repeat_the_row('23505')",
)


def spellings(secret: str) -> Iterator[str]:
    """Write a text as a log might: plain, escaped, as part of an address, encoded."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield quote(secret)
    yield repr(secret.encode())[2:-1]
    yield base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]


def wish_of(cart: str, **changes: Any) -> dict[str, Any]:
    return {
        "cart_id": cart,
        "customer": CUSTOMER,
        "delivery": DELIVERY,
        "invoice": COMPANY,
        "payment_method": "cash_on_delivery",
        "expected_total": ANY_TOTAL,
        "privacy_declaration": {"version": TODAYS_VERSION, "accepted": True},
        "consents": ["newsletter"],
        "comment": COMMENT,
        **changes,
    }


async def place(house: House, key: str, **changes: Any) -> httpx.Response:
    cart = (await house.http.post("/v1/carts")).json()["id"]
    await house.http.put(f"/v1/carts/{cart}/lines/ION-H-SOFT-2", json={"quantity": 1})
    return await house.http.post("/v1/orders", json=wish_of(cart, **changes), headers={"Idempotency-Key": key})


async def placed(house: House, key: str) -> dict[str, Any]:
    answer = await place(house, key)
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    return order


async def refused_requests(house: House) -> None:
    """Send what is answered with 401, 404, 405, 413, 422 and 500, each with the person in it."""
    http = house.http
    wrong = {**CUSTOMER, "email": "zornitsa.hadzhi", "ЕГН на Хаджистефанова": "7501010010"}
    assert (await place(house, "wrong", customer=wrong)).status_code == 422
    assert (await place(house, "wrong", comment="Синигер")).status_code == 500
    assert (await http.get("/v1/products", params={"q": "Хаджистефанова"})).status_code == 200
    assert (await http.get("/v1/products/Хаджистефанова")).status_code == 422
    assert (await http.get("/v1/Хаджистефанова?phone=0887654321")).status_code == 404
    assert (await http.put("/v1/orders", content=COMMENT.encode())).status_code == 405
    assert (await http.post("/v1/orders", content=COMMENT.encode() * 2000)).status_code == 413
    bearer = {"Authorization": "Bearer zornitsa.hadzhi@example.bg"}
    assert (await http.get("/v1/courier/shipments", headers=bearer)).status_code == 401
    login = ("zornitsa.hadzhi@example.bg", "Хаджистефанова")
    client = await http.post("/v1/auth/token", data={"grant_type": "client_credentials"}, auth=login)
    assert client.status_code == 401


async def parked(house: House) -> set[str]:
    return {name for name, status in await house.unfinished() if status == "failed"}


async def pulled_by_the_courier(house: House, shipment_of: str) -> set[str]:
    """Pull the shipments as the courier does; returns the secrets that were used."""
    async with house.sessions.begin() as session:
        made = await auth.create_client(session, "courier", [Scope.SHIPMENTS], actor="test", at=datetime.now(UTC))
    answer = await house.http.post(
        "/v1/auth/token", data={"grant_type": "client_credentials"}, auth=(made.client_id, made.secret)
    )
    token: str = answer.json()["access_token"]
    pull = await house.http.get("/v1/courier/shipments", headers={"Authorization": f"Bearer {token}"})
    assert [item["order_number"] for item in pull.json()["items"]] == [shipment_of]
    assert CUSTOMER["last_name"] in pull.text
    return {made.secret, token}


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[House]:
    """Give the shop in processes, on a database that tells more than it should."""
    async with build(database, tmp_path, SHOP_WORKER_SILENT_SECONDS="600") as house:
        async with house.sessions.begin() as session:
            for statement in TALKATIVE:
                await session.execute(text(statement))
        yield house


async def test_no_log_holds_a_person_or_a_secret(house: House) -> None:
    await house.open("speedy", "icash", "api", "worker")
    await refused_requests(house)
    await house.order_fault("speedy", fault="refuse", code=410, context="Непознат получател Хаджистефанова")
    refused = await placed(house, "refused-by-the-courier")
    await until(lambda: _holds(house, {"book_shipment"}))
    order = await placed(house, "booked-by-the-courier")
    await house.http.get(order["links"]["self"], headers={"X-Order-Token": order["access_token"]})
    await until(lambda: _labelled(house))
    secrets = await pulled_by_the_courier(house, order["number"])
    await house.advance(order["number"], "accepted")
    # The invoice is due and its row is refused, with the row in the message, eight times.
    await until(lambda: _holds(house, {"book_shipment", "issue_invoice"}), 5 * PATIENCE)
    secrets |= {refused["access_token"], order["access_token"], house.environment["SHOP_GUEST_TOKEN_SECRET"]}
    assert house.api.terminate() == 0
    assert house.worker.terminate() == 0

    api, worker = (process.log.read_text() for process in (house.api, house.worker))
    for secret in IDENTITY | secrets:
        for spelling in spellings(secret):
            assert spelling not in api, secret
            assert spelling not in worker, secret
    lines = [json.loads(line) for line in (api + worker).splitlines()]
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
    _requests_are_told(lines)
    _failures_are_told(lines)
    await _payloads_hold_ids_only(house)


async def _holds(house: House, names: set[str]) -> bool:
    return await parked(house) == names


async def _labelled(house: House) -> bool:
    return await house.rows("SELECT count(*) FROM labels") == [(1,)]


def _requests_are_told(lines: list[dict[str, Any]]) -> None:
    requests = [line for line in lines if line["event"] == "request"]
    assert all(line["request_id"] for line in requests)
    told = {(line["method"], line["operation"], line["status"]) for line in requests}
    assert {
        ("POST", "place_order", 201),
        ("POST", "place_order", 422),
        ("POST", "place_order", 500),
        ("GET", "list_products", 200),
        ("GET", "read_order", 200),
        ("GET", None, 404),
        ("POST", None, 413),
        ("GET", "list_shipments", 401),
        ("GET", "list_shipments", 200),
    } <= told


def _failures_are_told(lines: list[dict[str, Any]]) -> None:
    """Tell where and what by class, place and code: enough to mend it."""
    [failed] = [line for line in lines if line["event"] == "request_failed"]
    assert failed["exception"] == "DataError"
    assert failed["sqlstate"] == "22012"
    assert any(place.startswith("app/checkout/service.py:") for place in failed["trace"])
    assert failed["request_id"] in {line["request_id"] for line in lines if line.get("status") == 500}
    jobs = [line for line in lines if line["event"] == "job_failed"]
    refused = [line for line in jobs if line["job"] == "book_shipment"]
    assert [line["exception"] for line in refused] == ["CourierRefused"]
    surprised = [line for line in jobs if line["job"] == "issue_invoice"]
    assert len(surprised) == 8
    assert {(line["exception"], line["sqlstate"]) for line in surprised} == {("IntegrityError", "23505")}
    assert all(line["trace"] and line["order_id"] for line in surprised)


async def _payloads_hold_ids_only(house: House) -> None:
    """Look at every job: a payload is ids, in a form that can hold nothing else."""
    strange = "SELECT args FROM procrastinate_jobs, jsonb_each_text(args) WHERE value !~ '^([0-9a-f-]{36}|[0-9]+)$'"
    assert await house.rows(strange) == []
    assert await house.rows("SELECT count(*) > 4 FROM procrastinate_jobs") == [(True,)]
