"""The orders of an account: all of them and nobody else's (S4, complaints 12, 13 and 14)."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from app.accounts.jobs import ClaimGuestOrders
from app.auth.models import StaffRole
from app.auth.scopes import Scope
from app.core.jobs import Promise, defer
from tests.accounts.test_email_changes import asked, confirm
from tests.checkout.buying import ENGLISH, add_products, at_once
from tests.checkout.watching import contents, statements
from tests.fulfilment.story import TRANSFER, guest, pay
from tests.problems import of_kind
from tests.shop import Shop, a_wish
from tests.waiting import until_waiting

HISTORY = "/v1/me/orders"
CLAIMS = "/v1/me/orders/claims"
NOT_FOUND = {
    **of_kind("not-found"),
    "title": "Not found",
    "status": 404,
    "detail": "Check the address and that it is yours to see.",
}
# Copies of the one order that is there; one in twenty stays the account's, the others are guests'.
COPIES = """
WITH n AS (SELECT n, lpad(to_hex(n), 31, '0') AS id FROM generate_series(1, :most) AS n),
carts_made AS (INSERT INTO carts (id, created_at) SELECT ('c' || id)::uuid, now() FROM n),
accepted AS (
    INSERT INTO acceptances SELECT copy.* FROM n, orders AS one JOIN acceptances AS a ON a.id = one.acceptance_id,
    jsonb_populate_record(a, jsonb_build_object('id', 'd' || n.id)) AS copy),
ordered AS (
    INSERT INTO orders SELECT copy.* FROM n, orders AS one, jsonb_populate_record(one, jsonb_build_object(
    'id', 'b' || n.id, 'number', 500000000 + n, 'cart_id', 'c' || n.id, 'acceptance_id', 'd' || n.id,
    'account_id', CASE WHEN n % 20 = 0 THEN one.account_id END, 'idempotency_key', 'copy-' || n)) AS copy),
lined AS (
    INSERT INTO order_lines SELECT copy.* FROM n, order_lines AS one,
    jsonb_populate_record(one, jsonb_build_object('order_id', 'b' || n.id)) AS copy)
INSERT INTO payments SELECT copy.* FROM n, payments AS one,
    jsonb_populate_record(one, jsonb_build_object('id', 'e' || n.id, 'order_id', 'b' || n.id)) AS copy
"""


async def owner(shop: Shop, email: str = "iva@example.bg") -> UUID:
    ((account_id,),) = await shop.rows("SELECT id FROM accounts WHERE email = :email", email=email)
    found: UUID = account_id
    return found


async def placed(shop: Shop, headers: dict[str, str], **changes: Any) -> dict[str, Any]:
    lines = changes.pop("lines", None)
    answer = await shop.place(a_wish(await shop.cart(lines), **changes), **headers)
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    return order


async def history(shop: Shop, headers: dict[str, str], **query: Any) -> Any:
    answer = await shop.http.get(HISTORY, params=query, headers={**headers, **ENGLISH})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def numbers(shop: Shop, headers: dict[str, str]) -> list[str]:
    return [order["number"] for order in (await history(shop, headers))["items"]]


async def claim(shop: Shop, headers: dict[str, str]) -> httpx.Response:
    return await shop.http.post(CLAIMS, headers=headers)


def by(email: str) -> dict[str, Any]:
    return {"customer": {**a_wish("")["customer"], "email": email}}


def ways_in(order: dict[str, Any], pdf: str) -> list[tuple[str, str]]:
    here = order["links"]["self"]
    return [
        ("GET", here),
        ("GET", f"{here}/declaration"),
        ("GET", f"{here}/documents"),
        ("GET", pdf),
        ("POST", f"{here}/cancellation"),
    ]


async def test_s4_an_account_sees_the_status_and_history_of_its_orders(shop: Shop) -> None:
    """S4: registering gives access to the status and history of one's orders."""
    await add_products(shop, {"A": 100, "B": 200, "C": 300, "D": 400})
    iva = await shop.account()
    first = await placed(shop, iva, payment_method=TRANSFER)
    second = await placed(shop, iva, lines={"A": 1, "B": 2, "C": 3, "D": 4})
    await placed(shop, await shop.account("petar@example.bg"))
    await shop.ordered()
    here = f"/v1/orders/{second['number']}"
    assert (await history(shop, iva))["next_cursor"] is None
    shown = (await history(shop, iva))["items"]
    assert shown[0] == {
        "number": second["number"],
        "status": "confirmed",
        "placed_at": "2026-11-23T10:00:00Z",
        "pieces": 10,
        "names": ["Ionic toothbrush, white", "Ionic toothbrush, white", "Ionic toothbrush, white"],
        "total": "34.99",
        "currency": "EUR",
        "payment": {"method": "cash_on_delivery", "status": "awaited"},
        "shipment": {
            "status": "waiting",
            "waybill": None,
            "phase": None,
            "pickup_on": None,
            "needs_attention": False,
            "reason": None,
        },
        "links": {"self": here, "documents": f"{here}/documents"},
    }
    assert [order["number"] for order in shown] == [second["number"], first["number"]]
    assert (shown[1]["status"], shown[1]["shipment"]) == ("placed", None)
    await pay(shop, first)
    seen = (await shop.http.get(first["links"]["self"], headers=iva)).json()
    assert [event["status"] for event in seen["history"]] == ["placed", "confirmed"]
    assert (seen["status"], seen["payment"]["status"]) == ("confirmed", "received")
    assert (await history(shop, iva))["items"][1]["payment"] == {"method": TRANSFER, "status": "received"}


async def test_the_history_goes_on_at_its_cursor(shop: Shop) -> None:
    iva = await shop.account()
    made = [(await placed(shop, iva))["number"] for _ in range(5)]
    seen, cursor = [], None
    for expected in (2, 2, 1):
        page = await history(shop, iva, limit=2, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) == expected
        seen += [order["number"] for order in page["items"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == (made[::-1], None)
    for wrong in ("x", "WyIxIl0", "WzEwMDAwMDAwMDAwMDAwXQ", "WzFlOV0", "W3RydWVd"):
        answer = await shop.http.get(HISTORY, params={"cursor": wrong}, headers=iva)
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor-unknown"), wrong
    for headers, status in (({}, 401), (await shop.client(Scope.SHIPMENTS), 403)):
        assert (await shop.http.get(HISTORY, headers=headers)).status_code == status


async def test_the_history_costs_the_same_with_thousands_of_orders(shop: Shop) -> None:
    iva = await shop.account()
    await placed(shop, iva)
    asked = []
    for orders in (1, 20):
        with statements(shop) as sent:
            assert len((await history(shop, iva))["items"]) == orders
        asked.append(sum("FROM orders" in each for each in sent))
        if orders == 1:
            async with shop.sessions.begin() as session:
                await session.execute(text(COPIES), {"most": 4000})
            async with shop.sessions() as session:
                await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
                await session.execute(text("ANALYZE"))
    assert asked == [1, 1]
    [wanted] = [each for each in sent if "FROM orders" in each]
    values = {"account_id": await owner(shop), "kind_1": "goods", "param_1": 1, "param_2": 3}
    plan = await explain(shop, wanted, values)
    read = {node["Relation Name"]: node for node in plan if "Relation Name" in node}
    assert read["orders"]["Index Name"] == "ix_orders_account_id_number"
    assert read["order_lines"]["Index Name"] == "pk_order_lines"
    assert (read["orders"]["Actual Rows"], read["order_lines"]["Actual Loops"]) == (21, 21)


async def explain(shop: Shop, statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a statement and give every node of its plan."""
    async with shop.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        found = await raw.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        ((plan,),) = await found.fetchall()
    nodes = [plan[0]["Plan"]]
    for node in nodes:
        nodes.extend(node.get("Plans", []))
    return nodes


async def test_an_account_opens_its_order_as_a_guest_would(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order)
    await shop.run_jobs()
    iva = await shop.account()
    await claim(shop, iva)
    here = order["links"]["self"]
    for path in (here, f"{here}/declaration", f"{here}/documents"):
        answers = [(await shop.http.get(path, headers=headers)).json() for headers in (iva, guest(order))]
        if path == here:
            # The account may have another address by now: whoever placed the order does not learn it.
            assert answers[1]["customer"].pop("email") is None
            assert answers[0]["customer"].pop("email") == "iva@example.bg"
        assert answers[0] == answers[1]
    [document] = answers[0]["items"]
    with statements(shop) as sent:
        answer = await shop.http.get(document["pdf"], headers=iva)
    assert answer.content.startswith(b"%PDF")
    assert len(sent) == 2  # who is logged in; the document and whose it is


async def test_complaint_14_another_s_login_opens_nothing(shop: Shop) -> None:
    """Complaint 14: an order is open to whoever has the link; here a stranger's is as unknown, on every verb."""
    iva, petar = await shop.account(), await shop.account("petar@example.bg")
    guests, hers = await shop.ordered(payment_method=TRANSFER), await placed(shop, iva, payment_method=TRANSFER)
    await pay(shop, hers)
    await shop.run_jobs()
    [document] = (await shop.http.get(hers["links"]["documents"], headers=iva)).json()["items"]
    strangers = [
        petar,
        guest(guests),
        {**petar, **guest(guests)},
        await shop.staff(StaffRole.OWNER),
        await shop.client(Scope.ACCOUNTING),
        {},
    ]
    before = await contents(shop)
    for method, path in ways_in(hers, document["pdf"]):
        unknown = path.replace(hers["number"], "999999999").replace(document["id"], str(UUID(int=7)))
        answers = [
            await shop.http.request(method, address, headers={**headers, **ENGLISH})
            for headers in strangers
            for address in (path, unknown)
        ]
        assert {answer.status_code for answer in answers} == {404}, path
        assert [answer.json() for answer in answers] == [NOT_FOUND] * len(answers)
        bad = await shop.http.request(method, path, headers={"Authorization": "Bearer x", **guest(guests)})
        assert bad.status_code == 401
    own = await shop.http.get(guests["links"]["self"], headers={**petar, **guest(guests)})
    assert own.status_code == 200  # a login takes nothing from a guest's own key
    assert {**before, "clients": ...} == {**await contents(shop), "clients": ...}  # but for the client's last use


async def test_an_owner_cancels_by_the_login(shop: Shop) -> None:
    iva = await shop.account()
    order = await placed(shop, iva)
    assert (await shop.http.post(f"{order['links']['self']}/cancellation", headers=iva)).status_code == 204
    assert (await history(shop, iva))["items"][0]["status"] == "cancelled"


async def test_complaint_12_a_guest_s_orders_appear_in_the_new_account(shop: Shop) -> None:
    """Complaint 12: guest orders stay outside the new account; here they are in it once the address is proved."""
    made = [(await shop.ordered(**by(email)))["number"] for email in ("iva@example.bg", "Iva@Example.bg")]
    iva = await shop.account("iva@example.bg")
    assert await numbers(shop, iva) == []
    for _ in range(2):  # at least once: a second run finds nothing left
        async with shop.sessions.begin() as session:
            await defer(session, Promise(ClaimGuestOrders(await owner(shop))))
        await shop.run_jobs()
    assert await numbers(shop, iva) == made[::-1]
    entries = await shop.rows("SELECT actor, detail FROM audit_entries WHERE action = 'orders_claimed'")
    assert entries == [(f"account:{await owner(shop)}", " ".join(made))]
    # What is ordered as a guest later is claimed by hand.
    later = await shop.ordered()
    assert (await claim(shop, iva)).json() == {"numbers": [later["number"]], "count": 1}
    assert (await claim(shop, iva)).json() == {"numbers": [], "count": 0}
    assert (await shop.http.get(later["links"]["self"], headers=guest(later))).status_code == 200


async def test_complaint_13_nothing_attaches_to_another_person(shop: Shop) -> None:
    """Complaint 13: guest orders attach to the wrong person; here another address, or another's order, never does."""
    await shop.ordered(**by("iva.petrova@example.bg"))  # the same name and phone
    await shop.ordered(**by("iva@example.bg.example.com"))
    await shop.ordered(**by("iva+shop@example.bg"))
    petar = await shop.account("petar@example.bg")
    his = await placed(shop, petar, **by("iva@example.bg"))  # as a present, say
    iva = await shop.account("iva@example.bg")
    before = await contents(shop)
    assert (await claim(shop, iva)).json() == {"numbers": [], "count": 0}
    assert (await claim(shop, {})).status_code == 401
    assert await contents(shop) == before
    assert (await numbers(shop, iva), await numbers(shop, petar)) == ([], [his["number"]])


async def test_claims_at_once_claim_each_order_once(shop: Shop) -> None:
    made = {(await shop.ordered())["number"] for _ in range(3)}
    iva = await shop.account()
    answers = await at_once([claim(shop, iva) for _ in range(8)])
    assert sorted((answer.json()["count"] for answer in answers), reverse=True) == [3, 0, 0, 0, 0, 0, 0, 0]
    assert {number for answer in answers for number in answer.json()["numbers"]} == made
    assert await shop.rows("SELECT count(*) FROM audit_entries WHERE action = 'orders_claimed'") == [(1,)]


async def test_a_claim_goes_by_the_address_as_it_is_when_its_turn_comes(shop: Shop) -> None:
    """While the address is being changed, or the account closed, a claim waits; then it takes what is true."""
    await shop.ordered()
    changed = await shop.ordered(**by("new@example.bg"))
    iva = await shop.account()
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE accounts SET email = 'new@example.bg'"))
        claiming = asyncio.create_task(claim(shop, iva))
        await until_waiting(shop)
    assert (await claiming).json() == {"numbers": [changed["number"]], "count": 1}
    await shop.ordered(**by("new@example.bg"))
    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM accounts"))
        claiming = asyncio.create_task(claim(shop, iva))
        await until_waiting(shop)
    assert (await claiming).json() == {"numbers": [], "count": 0}
    assert await shop.rows("SELECT DISTINCT account_id FROM orders") == [(None,)]


async def test_complaint_13_orders_of_a_closed_account_are_not_the_next_holder_s_of_its_address(shop: Shop) -> None:
    iva, petar = await shop.account(), await shop.account("petar@example.bg")
    await placed(shop, iva)
    await placed(shop, petar, **by("iva@example.bg"))  # with her address, though it is his order
    for leaving in (petar, iva):
        assert (await shop.http.delete("/v1/me", headers=leaving)).status_code == 200
    guests = await shop.ordered(**by("iva@example.bg"))

    shop.clock.advance(days=400)
    other = await shop.account()
    assert (await claim(shop, other)).json() == {"count": 1, "numbers": [guests["number"]]}
    assert await numbers(shop, other) == [guests["number"]]
    closed = (await shop.http.delete("/v1/me", headers=other)).json()
    assert [kept["what"] for kept in closed["kept"] if "100000001" in kept["what"] or "100000002" in kept["what"]] == []


async def test_complaint_13_guest_orders_of_an_address_that_is_left_go_with_who_proved_it(shop: Shop) -> None:
    iva = await shop.account()
    order = await shop.ordered(**by("iva@example.bg"))
    assert (await confirm(shop, await asked(shop, iva, "iva@example.com"))).status_code == 204
    await shop.run_jobs()
    other = await shop.account("iva@example.bg")
    assert (await claim(shop, other)).json()["count"] == 0
    assert await numbers(shop, iva) == [order["number"]]
    assert await shop.rows("SELECT email FROM orders") == [("iva@example.com",)]
    detail = "SELECT detail FROM audit_entries WHERE action = 'orders_claimed'"
    assert await shop.rows(detail) == [(order["number"],)]
