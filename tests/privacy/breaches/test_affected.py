"""Who is affected: computed from what the audit and the disclosures name, and nobody else."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.auth.auditing.recording import Action, note
from app.auth.models import StaffRole
from app.auth.scopes import Scope
from app.core.personal import Recipient
from tests.fulfilment.story import end_agreement, pay
from tests.privacy.breaches.story import Desk, handed_to, officer
from tests.security.callers import claims_of, token_of
from tests.shop import Shop, a_wish

STAFF_ORDERS = "/v1/staff/orders"


async def buy(shop: Shop, email: str, **changes: Any) -> dict[str, Any]:
    customer = {"first_name": "Ива", "last_name": "Петрова", "email": email, "phone": "+359888123456"}
    return await shop.ordered(customer=customer, **changes)


def actor_of(headers: dict[str, str]) -> str:
    return f"staff:{claims_of(token_of(headers))['sub']}"


def of_actor(actor: str, shop: Shop, **changes: str) -> dict[str, str]:
    return {"by": "actor", "actor": actor, "until": shop.clock.now().isoformat(), **changes}


async def found(desk: Desk, *searches: dict[str, str]) -> list[tuple[str | None, int, list[str]]]:
    """Record a breach and compute who is affected; the preview says the same."""
    breach = await desk.record()
    seen = await desk.do("POST", f"{breach}/people/preview", searches=list(searches))
    assert await desk.people(breach) == []
    assert await desk.compute(breach, *searches) == seen
    people = await desk.people(breach)
    assert (seen["people"], seen["records"]) == (len(people), sum(person["records"] for person in people))
    return [(person["email"], person["records"], person["found_by"]) for person in people]


async def test_s81_whose_money_a_member_of_staff_recorded_or_listed(shop: Shop) -> None:
    iva = await buy(shop, "iva@example.bg", payment_method="bank_transfer")
    petar = await buy(shop, "petar@example.bg", payment_method="bank_transfer")
    await pay(shop, petar, "5.00")
    support, owner = await shop.staff(StaffRole.SUPPORT), await shop.staff(StaffRole.OWNER)
    wish = {"amount": "30.79", "order_number": iva["number"]}
    answer = await shop.http.post("/v1/staff/receipts", json=wish, headers={**support, "Idempotency-Key": "1"})
    assert answer.status_code == httpx.codes.CREATED
    assert len((await shop.http.get("/v1/staff/receipts", headers=owner)).json()["items"]) == 1
    desk = await officer(shop)
    for caller, email in ((support, "iva@example.bg"), (owner, "petar@example.bg")):
        actor = actor_of(caller)
        assert await found(desk, of_actor(actor, shop)) == [(email, 1, [f"actor:{actor}"])]


async def test_s81_whom_a_member_of_staff_saw_and_nobody_else(shop: Shop) -> None:
    iva = await buy(shop, "iva@example.bg")
    await buy(shop, "petar@example.bg")
    await buy(shop, "maria@example.bg")
    support, warehouse = await shop.staff(StaffRole.SUPPORT), await shop.staff(StaffRole.WAREHOUSE)
    await shop.http.get(f"{STAFF_ORDERS}/{iva['number']}", headers=support)
    await shop.http.post(f"{STAFF_ORDERS}/searches", json={"email": "PETAR@example.bg"}, headers=support)
    await shop.http.get(STAFF_ORDERS, headers=warehouse)
    desk = await officer(shop)
    actor = actor_of(support)

    assert await found(desk, of_actor(actor, shop)) == [
        ("iva@example.bg", 1, [f"actor:{actor}"]),
        ("petar@example.bg", 1, [f"actor:{actor}"]),
    ]


async def test_a_list_touches_whom_its_page_showed(shop: Shop) -> None:
    for name in ("iva", "petar", "maria"):
        await buy(shop, f"{name}@example.bg")
    warehouse = await shop.staff(StaffRole.WAREHOUSE)
    await shop.http.get(f"{STAFF_ORDERS}?limit=2", headers=warehouse)
    desk = await officer(shop)
    seen = await found(desk, of_actor(actor_of(warehouse), shop))
    assert [email for email, _, _ in seen] == ["maria@example.bg", "petar@example.bg"]


async def test_only_what_lies_in_the_period(shop: Shop) -> None:
    iva, petar = await buy(shop, "iva@example.bg"), await buy(shop, "petar@example.bg")
    support = await shop.staff(StaffRole.SUPPORT)
    await shop.http.get(f"{STAFF_ORDERS}/{iva['number']}", headers=support)
    shop.clock.advance(minutes=5)
    await shop.http.get(f"{STAFF_ORDERS}/{petar['number']}", headers=support)
    desk = await officer(shop)
    actor, since = actor_of(support), "2026-11-23T10:01:00Z"
    later = await found(desk, of_actor(actor, shop, since=since))
    earlier = await found(desk, of_actor(actor, shop, until=since))
    assert [email for email, _, _ in later] == ["petar@example.bg"]
    assert [email for email, _, _ in earlier] == ["iva@example.bg"]


async def test_a_route_touches_whom_it_showed_to_anybody(shop: Shop) -> None:
    iva = await buy(shop, "iva@example.bg")
    await buy(shop, "petar@example.bg")
    for role in (StaffRole.SUPPORT, StaffRole.WAREHOUSE):
        await shop.http.get(f"{STAFF_ORDERS}/{iva['number']}", headers=await shop.staff(role))
    await shop.http.get(STAFF_ORDERS, headers=await shop.staff(StaffRole.OWNER))
    desk = await officer(shop)
    by_route = {"by": "route", "operation": "read_order_as_staff", "until": shop.clock.now().isoformat()}
    assert await found(desk, by_route) == [("iva@example.bg", 1, ["route:read_order_as_staff"])]


async def test_a_recipient_touches_whose_data_it_was_given(shop: Shop) -> None:
    await buy(shop, "iva@example.bg")
    await shop.run_jobs()
    await buy(shop, "petar@example.bg", payment_method="bank_transfer")  # not paid: nothing was handed over
    desk = await officer(shop)
    assert await found(desk, handed_to(Recipient.SPEEDY, shop)) == [("iva@example.bg", 1, ["recipient:speedy"])]
    breach = await desk.record()
    counted = await desk.compute(breach, handed_to(Recipient.SPEEDY, shop), handed_to(Recipient.ICASH, shop))
    assert counted["categories"] == ["address", "name", "order", "phone"]
    assert (counted["people"], counted["records"]) == (1, 1)
    [person] = await desk.people(breach)
    assert person["found_by"] == ["recipient:icash", "recipient:speedy"]


async def test_a_machine_client_touches_what_it_pulled(shop: Shop) -> None:
    await buy(shop, "iva@example.bg")
    await shop.run_jobs()
    courier = await shop.client(Scope.SHIPMENTS)
    await shop.http.get("/v1/courier/shipments", headers=courier)
    await buy(shop, "petar@example.bg")
    await shop.run_jobs()
    desk = await officer(shop)
    client_id = claims_of(token_of(courier))["client_id"]
    assert await found(desk, of_actor(client_id, shop)) == [("iva@example.bg", 1, [f"actor:{client_id}"])]


async def test_a_login_touches_what_was_seen_while_it_lasted(shop: Shop) -> None:
    iva, petar = await buy(shop, "iva@example.bg"), await buy(shop, "petar@example.bg")
    support = await shop.staff(StaffRole.SUPPORT)
    await shop.http.get(f"{STAFF_ORDERS}/{iva['number']}", headers=support)
    login = claims_of(token_of(support))["sid"]
    await shop.http.delete(f"/v1/me/sessions/{login}", headers=support)
    shop.clock.advance(minutes=1)
    async with shop.sessions.begin() as session:  # the same person, in another login
        subject = f"read_order_as_staff number:{petar['number']}"
        at, actor = shop.clock.now(), actor_of(support)
        await note(session, Action.PERSONAL_DATA_READ, actor=actor, subject=subject, at=at)
    desk = await officer(shop)
    by_login = {"by": "session", "session_id": login, "until": shop.clock.now().isoformat()}
    assert [email for email, _, _ in await found(desk, by_login)] == ["iva@example.bg"]
    breach = await desk.record()
    unknown = {**by_login, "session_id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"}
    refused = await desk.refused("PUT", f"{breach}/people", searches=[unknown])
    assert refused["code"] == "login-not-on-record"


async def test_a_shoppers_account_touches_its_owner_and_their_orders(shop: Shop) -> None:
    account = await shop.account("iva@example.bg")
    await buy(shop, "petar@example.bg")
    wish = a_wish(await shop.cart())
    await shop.place({**wish, "customer": {**wish["customer"], "email": "other@example.bg"}}, **account)
    desk = await officer(shop)
    actor = f"account:{claims_of(token_of(account))['sub']}"
    # The order names another address; the account's own is the one that was proved.
    assert await found(desk, of_actor(actor, shop)) == [("iva@example.bg", 2, [f"actor:{actor}"])]


@pytest.mark.parametrize(
    ("table", "emails"),
    [
        ("orders", ["iva@example.bg", "petar@example.bg"]),
        ("documents", ["petar@example.bg"]),
        ("labels", ["iva@example.bg"]),
        ("accounts", ["boris@example.bg"]),
        ("profiles", ["boris@example.bg"]),
        ("addresses", []),
        ("invoice_profiles", []),
        ("consents", ["petar@example.bg"]),
        ("mails", ["iva@example.bg", "petar@example.bg"]),
        ("registrations", []),
    ],
)
async def test_a_table_touches_everybody_in_it(shop: Shop, table: str, emails: list[str]) -> None:
    await shop.account("boris@example.bg")
    await buy(shop, "iva@example.bg")
    paid = await buy(shop, "petar@example.bg", payment_method="bank_transfer", consents=["newsletter"])
    await shop.run_jobs()
    await pay_and_ship(shop, paid)
    by_table = {"by": "table", "table": table, "until": shop.clock.now().isoformat()}
    shop.clock.advance(minutes=1)
    await buy(shop, "late@example.bg")
    desk = await officer(shop)
    assert [email for email, _, _ in await found(desk, by_table)] == emails


async def pay_and_ship(shop: Shop, order: dict[str, Any]) -> None:
    """Let the invoice be issued, but no parcel be booked."""
    await end_agreement(shop, Recipient.SPEEDY)
    await pay(shop, order)
    await shop.run_jobs()


async def test_who_exports_a_register_has_seen_everybody(shop: Shop) -> None:
    await buy(shop, "iva@example.bg")
    exporter = await shop.staff(StaffRole.OWNER)
    actor = actor_of(exporter)
    async with shop.sessions.begin() as session:
        await note(session, Action.REGISTER_EXPORTED, actor=actor, subject="clients", at=shop.clock.now())
    shop.clock.advance(minutes=1)
    await buy(shop, "petar@example.bg")
    desk = await officer(shop)
    assert [email for email, _, _ in await found(desk, of_actor(actor, shop))] == ["iva@example.bg"]


async def test_what_names_nobody_is_counted_and_not_left_out(shop: Shop) -> None:
    actor = actor_of(await shop.staff(StaffRole.OWNER))
    async with shop.sessions.begin() as session:
        for subject in ("read_request request_id:019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11", "list_requests", "list_orders"):
            await note(session, Action.PERSONAL_DATA_READ, actor=actor, subject=subject, at=shop.clock.now())
    desk = await officer(shop)
    breach = await desk.record()
    counted = await desk.do("POST", f"{breach}/people/preview", searches=[of_actor(actor, shop)])
    assert counted["people"] == 0
    assert counted["unresolved"] == [
        {"operation": "list_requests", "entries": 1},
        {"operation": "read_request", "entries": 1},
    ]


async def test_one_person_is_one_however_they_bought(shop: Shop) -> None:
    """A guest and the account of the same address, in capitals or not, are one; the letter goes to the account."""
    await shop.account("iva@example.bg")
    await buy(shop, "IVA@example.bg")
    await buy(shop, "iva@example.bg")
    desk = await officer(shop)
    until = shop.clock.now().isoformat()
    searches = [{"by": "table", "table": name, "until": until} for name in ("orders", "accounts")]
    breach = await desk.record()
    assert (await desk.compute(breach, *searches))["people"] == 1
    [person] = await desk.people(breach)
    assert (person["email"].lower(), person["records"]) == ("iva@example.bg", 3)
    assert person["account_id"] is not None


async def test_computed_anew_the_list_stays_or_follows_the_searches(shop: Shop) -> None:
    await buy(shop, "iva@example.bg")
    await shop.run_jobs()
    await buy(shop, "petar@example.bg", payment_method="bank_transfer")
    desk = await officer(shop)
    breach = await desk.record()
    everybody = {"by": "table", "table": "orders", "until": shop.clock.now().isoformat()}
    first = await desk.compute(breach, everybody)
    before = await desk.people(breach)
    assert await desk.compute(breach, everybody) == first
    assert await desk.people(breach) == before
    assert len(before) == 2

    await desk.compute(breach, handed_to(Recipient.SPEEDY, shop))
    assert [person["email"] for person in await desk.people(breach)] == ["iva@example.bg"]
    seen = await desk.do("GET", breach)
    assert (seen["people"], seen["records"]) == (1, 1)
    assert [search["search"]["what"] for search in seen["searches"]] == ["speedy"]
    assert await shop.count("breach_searches") == 3
    said = [entry["text"] for entry in seen["entries"] if entry["kind"] == "people_computed"]
    assert said[-1] == "Засегнати лица: 1; записи: 1; търсено: recipient:speedy"


async def test_whose_address_is_gone_is_counted_as_unreachable(shop: Shop) -> None:
    await buy(shop, "iva@example.bg")
    await shop.run_jobs()
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE orders SET email = ''"))
    desk = await officer(shop)
    breach = await desk.record()
    counted = await desk.compute(breach, handed_to(Recipient.SPEEDY, shop))
    assert (counted["people"], counted["unreachable"]) == (1, 1)
    [person] = await desk.people(breach)
    assert (person["email"], person["letter"]) == (None, "unreachable")


async def test_whose_breach_it_was_is_told_to_who_looked_at_the_list(shop: Shop) -> None:
    """The list of affected people is personal data, too: who looked at it has seen them."""
    await buy(shop, "iva@example.bg")
    await shop.run_jobs()
    desk = await officer(shop)
    breach = await desk.record()
    await desk.compute(breach, handed_to(Recipient.SPEEDY, shop))
    await desk.people(breach)
    assert await found(desk, of_actor(actor_of(desk.headers), shop)) == [
        ("iva@example.bg", 1, [f"actor:{actor_of(desk.headers)}"])
    ]


async def test_searches_are_what_they_may_be(shop: Shop) -> None:
    desk = await officer(shop)
    breach = await desk.record()
    until = shop.clock.now().isoformat()
    for wrong in (
        {"by": "actor", "actor": "iva@example.bg", "until": until},
        {"by": "table", "table": "staff", "until": until},
        {"by": "recipient", "recipient": "nobody", "until": until},
        {"by": "route", "operation": "x; DROP", "until": until},
        {"by": "name", "until": until},
        {"by": "recipient", "recipient": "speedy"},
    ):
        refused = await desk.ask("PUT", f"{breach}/people", searches=[wrong])
        assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY, wrong
    assert (await desk.ask("PUT", f"{breach}/people", searches=[])).status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert (await desk.do("GET", breach))["people"] is None
