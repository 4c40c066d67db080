"""D6: the clients register, the certificate of an erasure and the runs of retention say one day for each order."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import StaffRole
from app.core.clock import SOFIA
from app.core.holders import Person
from app.core.language import Language
from app.fulfilment.personal_data import CONTACT, DISPUTED, MOST_NAMED, SOLD, UNDER_WAY, WITHOUT
from app.orders.models import Order
from app.orders.models import OrderStatus as S
from app.privacy.retention.rules import ActRule
from app.privacy.storage_terms import OWED, of_contact
from app.wiring.keeping import retention_rules
from app.wiring.values import storage_terms
from tests.backoffice.test_registers import read_all
from tests.fulfilment.story import guest, letters
from tests.fulfilment.test_correcting import BACK, invoiced, send
from tests.privacy.retention.test_rules import ended, run
from tests.privacy.rights.asking import ask_as_guest, decide, officer
from tests.returns.stating import state
from tests.returns.test_forgetting import settle
from tests.shop import NOON, TODAYS_VERSION, Shop

TEXTS = files("app.privacy") / "texts" / "order"
COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = :table AND is_generated = 'NEVER'"
RESTRICTED = "restricted@example.bg"
DOCUMENT = """
INSERT INTO documents (id, series, number, kind, order_id, issued_at, issued_on, base, vat, total, snapshot)
SELECT gen_random_uuid(), 'test', lpad((row_number() OVER ())::text, 10, '0'), wish_digest, id, now(), '2026-11-23',
 0, 0, 0, '{}' FROM orders WHERE wish_digest IN ('proforma', 'invoice')
"""
REFUND = """
INSERT INTO refunds (id, order_id, amount, means, refunded_on, month, recorded_at, recorded_by)
VALUES (gen_random_uuid(), :order_id, 100, 'account', '2027-01-04', '2027-01', now(), 'test')
"""
HOLD = """
INSERT INTO retention_holds (id, order_id, ground, until, set_at, set_by)
VALUES (gen_random_uuid(), :order_id, 'спор', :until, now(), 'test')
"""
ACCEPTED = """
SELECT version, text_sha256 <> '', accepted_at, ip FROM orders
JOIN acceptances ON acceptances.id = acceptance_id JOIN declarations ON declarations.id = declaration_id
"""
NUMBERS = "SELECT id, number FROM orders"
RESTRICTION = """
INSERT INTO restrictions (id, email, ground, since) VALUES (gen_random_uuid(), :email, 'claims', now())
"""
NEW_YEAR = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
"""In Bulgaria it is 2027 already."""
LEAP_DAY = datetime(2028, 2, 29, 12, 0, tzinfo=UTC)


class Story(NamedTuple):
    """What may have become of an order."""

    status: S
    finished_at: datetime | None
    document: str
    is_paid: bool
    is_refunded: bool
    held_until: date | None = None
    email: str = "iva@example.bg"
    is_owed: bool = False

    @property
    def came_to_nothing(self) -> bool:
        return self.status in {S.CANCELLED, S.REFUSED} and not self.is_paid and self.document != "invoice"


def stories() -> Iterator[Story]:
    others = [(S.DELIVERED, NOON), (S.DELIVERED, LEAP_DAY), (S.CANCELLED, LEAP_DAY)]
    for status, finished_at in [*product(S, [NEW_YEAR]), *others]:
        is_over = status in {S.DELIVERED, S.CANCELLED, S.REFUSED, S.RETURNED}
        end = finished_at if is_over else None
        for document, is_paid, is_refunded in product(("", "proforma", "invoice"), (False, True), (False, True)):
            if is_refunded and not is_paid:
                continue
            for held_until in (None, date(2027, 6, 30), date(2050, 1, 1)):
                yield Story(status, end, document, is_paid, is_refunded, held_until)
            yield Story(status, end, document, is_paid, is_refunded, None, RESTRICTED)
            yield Story(status, end, document, is_paid, is_refunded, is_owed=is_paid)


async def told(shop: Shop) -> dict[int, tuple[UUID, Story]]:
    """Make an order of each story out of one that was placed; returns them by their numbers."""
    await shop.ordered()
    made = {uuid4(): story for story in stories()}
    carts, acceptances = {each: uuid4() for each in made}, {each: uuid4() for each in made}
    async with shop.sessions.begin() as session:
        await session.execute(text("INSERT INTO document_series (key, last) VALUES ('test', 1)"))
        await copied(session, "carts", [{"id": cart} for cart in carts.values()])
        await copied(session, "acceptances", [{"id": acceptance} for acceptance in acceptances.values()])
        orders = [
            {
                "id": order,
                "cart_id": carts[order],
                "acceptance_id": acceptances[order],
                "status": story.status,
                "finished_at": story.finished_at,
                "wish_digest": story.document,
                "email": story.email,
                "idempotency_key": str(order),
            }
            for order, story in made.items()
        ]
        await copied(session, "orders", orders)
        payments = [
            {
                "id": uuid4(),
                "order_id": order,
                "received_at": NEW_YEAR if story.is_paid else None,
                "refund_due_on": date(2027, 1, 15) if story.is_owed else None,
            }
            for order, story in made.items()
        ]
        await copied(session, "payments", payments)
        refunded = [{"order_id": order} for order, story in made.items() if story.is_refunded]
        held = [{"order_id": order, "until": story.held_until} for order, story in made.items() if story.held_until]
        await session.execute(text(REFUND), refunded)
        await session.execute(text(HOLD), held)
        await session.execute(text(DOCUMENT))
        await session.execute(text(RESTRICTION), {"email": RESTRICTED})
    return {number: (order, made[order]) for order, number in await shop.rows(NUMBERS) if order in made}


async def copied(session: AsyncSession, table: str, changes: list[dict[str, Any]]) -> None:
    """Copy the row of a table, each time with changes."""
    columns = await session.scalars(text(COLUMNS), {"table": table})
    kept = [name for name in columns if name not in {"number", *changes[0]}]
    names, values = ", ".join([*kept, *changes[0]]), ", ".join([*kept, *(f":{name}" for name in changes[0])])
    [one] = (await session.execute(text(f"SELECT id FROM {table}"))).scalars()  # noqa: S608 - names of ours
    what = f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE id = :one"  # noqa: S608 - as above
    await session.execute(text(what), [{**each, "one": one} for each in changes])


Parts = dict[str, date | None]


async def certified(shop: Shop, orders: dict[int, tuple[UUID, Story]]) -> dict[int, Parts]:
    """Read off certificates until when each part of each order is kept; nothing goes."""
    names = {each.bg: each.en for each in (CONTACT, SOLD, WITHOUT, UNDER_WAY, DISPUTED)}
    found: dict[int, Parts] = {number: {} for number in orders}
    [holder] = [each for each in shop.app.state.holders if "orders" in each.tables]
    async with shop.sessions() as session:
        for first in range(0, len(orders), MOST_NAMED):
            some = [*orders][first : first + MOST_NAMED]
            person = Person("", orders=frozenset(orders[number][0] for number in some))
            for kept in (await holder.erase(session, person, at=shop.clock.now())).kept:
                what, _, numbers = kept.what.bg.partition(": ")
                for number in re.findall(r"\d{9}", numbers):
                    found[int(number)][names[what]] = kept.until
        await session.rollback()
    return found


def registered(terms: list[str]) -> Parts:
    """Read the same off a row of the register."""
    words = {
        "всичко": WITHOUT,
        "данни за връзка": CONTACT,
        "име, адрес, артикули и плащане": SOLD,
        "всичко, за спор": DISPUTED,
        "до изпълнение на договора": UNDER_WAY,
    }
    found: Parts = {}
    for term in terms:
        what, _, until = term.removesuffix(": докато се уреди дължимото").partition(": до ")
        if what in words:
            day = datetime.strptime(until, "%d.%m.%Y").replace(tzinfo=UTC).date() if until else None
            found[words[what].en] = day
    return found


def last_day(parts: Parts, *names: str) -> date | None:
    """Give the last day of the first of these parts that is there, or of the dispute that holds it longer."""
    [until, *_] = [parts[name] for name in (*names, DISPUTED.en) if name in parts]
    return until


async def test_d6_register_certificate_and_runs_say_one_day_of_every_order_there_can_be(shop: Shop) -> None:
    orders = await told(shop)
    certificate = await certified(shop, orders)
    rows = await read_all(shop, "clients", await shop.staff(StaffRole.PRIVACY_OFFICER))
    register = {int(row["who"][0].removeprefix("№ ")): row for row in rows}
    assert {number: registered(register[number]["term"]) for number in orders} == certificate
    assert {number for number in orders if register[number]["restricted"]} == {
        number for number, (_, story) in orders.items() if story.email == RESTRICTED
    }
    by_story = {story: certificate[number] for number, (_, story) in orders.items()}
    offered = Story(S.CANCELLED, NEW_YEAR, "proforma", is_paid=False, is_refunded=False)
    assert by_story[offered] == {WITHOUT.en: date(2028, 1, 1)}
    refunded_later = Story(S.DELIVERED, NOON, "invoice", is_paid=True, is_refunded=True)
    assert by_story[refunded_later] == {CONTACT.en: date(2028, 11, 23), SOLD.en: date(2038, 12, 31)}
    undone = Story(S.CANCELLED, NEW_YEAR, "invoice", is_paid=True, is_refunded=True)
    assert by_story[undone] == {CONTACT.en: date(2028, 1, 4), SOLD.en: date(2038, 12, 31)}
    assert by_story[undone._replace(is_owed=True)][CONTACT.en] is None
    assert by_story[undone._replace(held_until=date(2050, 1, 1))] == {DISPUTED.en: date(2050, 1, 1)}

    rules = {rule.key: rule for rule in retention_rules(shop.settings)}
    for key, parts in {
        "order_contact": (CONTACT.en,),
        "sales": (SOLD.en,),
        "orders_without_sale": (WITHOUT.en,),
    }.items():
        rule = rules[key]
        assert isinstance(rule, ActRule)
        concerned = {
            number: last_day(certificate[number], *parts)
            for number, (_, story) in orders.items()
            if story.status in {S.DELIVERED, S.CANCELLED, S.REFUSED, S.RETURNED}
            and story.came_to_nothing is (key == "orders_without_sale")
        }
        for day in sorted({day for day in concerned.values() if day}):
            for moment in (ends(day), ends(day) + timedelta(minutes=2)):
                async with shop.sessions() as session:
                    due = select(Order.number).where(rule.which(moment), ~rule.held(moment))
                    runs = {*await session.scalars(due)} & orders.keys()
                assert runs == {
                    number
                    for number, until in concerned.items()
                    if until and ends(until) < moment and orders[number][1].email != RESTRICTED
                }, (key, moment)


def ends(day: date) -> datetime:
    """Give the last minute of a day in Bulgaria."""
    return datetime(day.year, day.month, day.day, 23, 59, tzinfo=SOFIA)


async def test_d5_declaration_notice_record_and_rule_say_one_term_of_contact_data(shop: Shop) -> None:
    headers = await shop.staff(StaffRole.PRIVACY_OFFICER)
    term = of_contact(storage_terms(shop.settings))
    assert term.bg.startswith("2 години от доставката, колкото е законовата гаранция")
    for language in Language:
        assert term.in_(language) in (TEXTS / f"{TODAYS_VERSION}.{language}.md").read_text()
        spoken = {**headers, "Accept-Language": language}
        notice = (await shop.http.get("/v1/privacy/notice", headers=spoken)).json()
        [orders] = [each for each in notice["activities"] if (each["purpose"], each["ground"]) == ("sale", "contract")]
        assert term.in_(language) in orders["storage"]
        assert OWED.in_(language) in orders["storage_laws"]
        assert [row for row in await read_all(shop, "processing", spoken) if term.in_(language) in row["terms"]]
        mapped = await read_all(shop, "data_map", spoken)
        assert [row["term"] for row in mapped if (row["table"], row["column"]) == ("orders", "phone")] == [
            term.in_(language)
        ]
    [rule] = [rule for rule in retention_rules(shop.settings) if rule.key == "order_contact"]
    assert (rule.told.term, rule.told.law) == (term, OWED)


async def test_d5_while_a_withdrawal_is_open_it_is_known_how_to_reach_the_buyer(shop: Shop) -> None:
    order = await shop.ordered()
    await state(shop, guest(order))
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE withdrawal_cases SET order_id = (SELECT id FROM orders)"))
    await ended(shop, S.DELIVERED, NOON)
    shop.clock.at = NOON + timedelta(days=366 * 2)
    await run(shop)
    assert await shop.rows("SELECT email, phone FROM orders") == [("iva@example.bg", "+359888123456")]
    await settle(shop)
    await run(shop)
    assert await shop.rows("SELECT email, phone FROM orders") == [("", "")]
    assert await shop.rows(ACCEPTED) == [("2026-11-22", True, NOON, None)]


async def test_d5_to_a_buyer_who_is_not_reached_any_more_nothing_is_mailed(shop: Shop) -> None:
    order = await invoiced(shop, {"ION-H-SOFT-2": 3})
    await ended(shop, S.DELIVERED, NOON)
    shop.clock.at = NOON + timedelta(days=366 * 2)
    await run(shop)
    refund = {"means": "account", "refunded_on": "2028-11-24"}
    wish = {"ground": BACK, "lines": [{"position": 1, "quantity": 1}], "refund": refund}
    answer = await send(shop, order, "credit-notes", wish)
    assert answer.status_code == 201, answer.text
    await shop.run_jobs()
    assert await shop.rows("SELECT kind, state FROM mails ORDER BY kind") == [
        ("invoice_issued", "sent"),
        ("order_confirmation", "sent"),
        ("payment_received", "sent"),
    ]
    assert ("send_mail", "todo") not in await shop.jobs()
    assert letters(shop, answer.json()["number"]) == []


async def test_d5_while_a_request_waits_for_its_answer_nothing_goes_by_itself(shop: Shop) -> None:
    """A guest was told that nothing was held: the name and address were, and could not be found any more."""
    await shop.ordered()
    await ended(shop, S.DELIVERED, NOON)
    shop.clock.at = NOON + timedelta(days=2 * 365)
    asked = await ask_as_guest(shop)
    shop.clock.advance(days=10)
    await run(shop)
    found = await decide(shop, await officer(shop), asked)
    assert [event["details"]["held"] for event in found["events"] if event["kind"] == "decided"] == [True]
    await run(shop)
    assert await shop.rows("SELECT email, phone FROM orders") == [("", "")]
