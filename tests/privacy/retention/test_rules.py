"""Every class and every state of personal data has a rule (complaint 20); each lets go on the day, and not before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from app.core.money import Money
from app.core.personal import Personal, Retention
from app.fulfilment.paying import receive_payment
from app.orders.models import OrderStatus as S
from app.orders.states import OVER
from app.payments.models import ReceiptCase
from app.privacy.retention.rules import Does
from app.privacy.retention.running import Counted, Keeper
from app.wiring.keeping import retention_rules
from tests.fulfilment.story import TRANSFER, pay
from tests.privacy.test_holders import STAFFS_OWN
from tests.shop import NOON, Shop, settings_of
from tests.test_personal_columns import every_table

ENDED = """
UPDATE orders SET status = :status, finished_at = :at, comment = 'бележка', wish_digest = 'x'
"""
PAID = "UPDATE payments SET received_at = :at, paid_on = :at, status = 'received'"


def keeper(shop: Shop) -> Keeper:
    found: Keeper = shop.app.state.keeper
    return found


async def run(shop: Shop) -> dict[str, Counted]:
    """Run the rules; returns what each let go of, where it was anything."""
    counts: dict[str, Counted] = {}
    await keeper(shop).run(by="test", progress=counts.__setitem__)
    return {key: count for key, count in counts.items() if count.due or count.gone or count.held}


async def ended(shop: Shop, status: S, at: datetime, *, paid: bool = False) -> None:
    async with shop.sessions.begin() as session:
        await session.execute(text(ENDED), {"status": status.value, "at": at})
        if paid:
            await session.execute(text(PAID), {"at": at})


def test_c10_every_class_and_every_table_has_rules_and_each_says_why(tmp_path: Path) -> None:
    rules = retention_rules(settings_of(tmp_path))
    assert len({rule.key for rule in rules}) == len(rules)
    assert {rule.retention for rule in rules} | {Retention.STAFF} == {*Retention}
    personal = {
        table.name
        for table in every_table()
        if any(isinstance(column.info.get("personal"), Personal) for column in table.columns)
    }
    assert personal - {*STAFFS_OWN} - {table for rule in rules for table in rule.tables} == set()
    for rule in rules:
        assert rule.told.factors, rule.key
        for words in (rule.told.what, rule.told.since, rule.told.term, rule.told.law):
            assert words.bg, rule.key
            assert words.en, rule.key


@pytest.mark.parametrize("status", sorted(OVER))
async def test_complaint_20_each_state_that_an_order_can_end_in_has_its_rules(shop: Shop, status: S) -> None:
    await shop.ordered()
    await ended(shop, status, NOON)
    came_to_nothing = status in {S.CANCELLED, S.REFUSED}
    shop.clock.at = NOON + timedelta(days=91)
    assert await run(shop) == {"order_words": Counted(1, 0, 1), **cleared()}
    assert await shop.rows("SELECT comment, wish_digest FROM orders") == [(None, "")]

    seen: dict[str, Counted] = {}
    for year in (2027, 2028, 2029, 2037, 2038, 2039):  # what came due between is seen in 2037
        shop.clock.at = datetime(year, 11, 24, 1, 0, tzinfo=UTC)
        seen |= {f"{key} {year}": count for key, count in (await run(shop)).items() if key not in cleared()}
    once = Counted(1, 0, 1)
    if came_to_nothing:
        assert seen == {"orders_without_sale 2027": once}
    else:
        contact = "order_contact 2028" if status is S.DELIVERED else "order_contact 2027"
        assert seen == {contact: once, "sales 2038": once}
    assert await shop.count("orders") == 0
    assert await shop.rows("SELECT month::text, status, orders, total FROM order_statistics") == [
        ("2026-11-01", status.value, 1, 3079)
    ]


def cleared() -> dict[str, Counted]:
    return {}


@pytest.mark.parametrize("status", [S.PLACED, S.CONFIRMED, S.SHIPPED])
async def test_s45_an_order_under_way_is_kept_whole_however_old(shop: Shop, status: S) -> None:
    await shop.ordered(comment="бележка")
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE orders SET status = :status"), {"status": status.value})
    before = await shop.rows("SELECT * FROM orders")
    shop.clock.at = NOON + timedelta(days=366 * 30)
    await run(shop)
    assert await shop.rows("SELECT * FROM orders") == before


@pytest.mark.parametrize(
    ("finished", "kept", "due"),
    [
        # 23 November 2026, 23:59 and 24 November 0:01 in Bulgaria
        (datetime(2026, 11, 23, 21, 59, tzinfo=UTC), datetime(2028, 11, 23, 21, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 23, 21, 59, tzinfo=UTC), None, datetime(2028, 11, 23, 22, 1, tzinfo=UTC)),
        (datetime(2026, 11, 23, 22, 1, tzinfo=UTC), datetime(2028, 11, 24, 21, 59, tzinfo=UTC), None),
        # 29 February: the term ends on 28 February
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), datetime(2030, 2, 28, 21, 59, tzinfo=UTC), None),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), None, datetime(2030, 2, 28, 22, 1, tzinfo=UTC)),
    ],
)
async def test_s45_the_last_day_is_a_day_in_bulgaria_and_is_kept_to_its_end(
    shop: Shop, finished: datetime, kept: datetime | None, due: datetime | None
) -> None:
    await shop.ordered()
    await ended(shop, S.DELIVERED, finished)
    moment = kept or due
    assert moment is not None
    shop.clock.at = moment
    await run(shop)
    [(email,)] = await shop.rows("SELECT email FROM orders")
    assert email == ("iva@example.bg" if kept else "")


async def test_s46_a_paid_order_that_was_cancelled_is_kept_as_the_books_are(shop: Shop) -> None:
    await shop.ordered()
    await ended(shop, S.CANCELLED, NOON, paid=True)
    shop.clock.at = datetime(2037, 12, 31, 21, 59, tzinfo=UTC)
    await run(shop)
    assert await shop.count("orders") == 1
    shop.clock.at = datetime(2037, 12, 31, 22, 1, tzinfo=UTC)
    await run(shop)
    assert await shop.count("orders") == 0


async def test_s46_money_that_came_is_kept_as_the_books_are_whatever_it_was_for(shop: Shop) -> None:
    """Of an order that lapsed, and of none; what nobody settled stays."""
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order, "10.00")
    await ended(shop, S.CANCELLED, NOON)
    for settled in (0, 1200):
        async with shop.sessions.begin() as session:
            receipt_id = await receive_payment(session, None, Money(1200), reference="ПЕТРОВА", at=NOON)
            left = update(ReceiptCase).where(ReceiptCase.receipt_id == receipt_id).values(left=Money(1200 - settled))
            await session.execute(left)
    shop.clock.at = datetime(2037, 12, 31, 21, 59, tzinfo=UTC)
    await run(shop)
    assert (await shop.count("orders"), await shop.count("receipts")) == (1, 3)
    shop.clock.at = datetime(2037, 12, 31, 22, 1, tzinfo=UTC)
    assert (await run(shop)).keys() >= {"sales", "receipts"}
    assert (await shop.count("orders"), await shop.rows('SELECT "left" FROM receipt_cases')) == (0, [(1200,)])
    assert await shop.count("receipts") == 1


async def test_s46_a_sale_goes_with_its_last_document(shop: Shop) -> None:
    await shop.ordered()
    await shop.run_jobs()
    await ended(shop, S.DELIVERED, NOON)
    async with shop.sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO document_series (key, last) VALUES ('test', 1);"
                " INSERT INTO documents (id, series, number, kind, order_id, issued_at, issued_on, base, vat, total,"
                " snapshot) SELECT gen_random_uuid(), 'test', '0000000001', 'invoice', id, now(), '2027-01-02', 0, 0,"
                " 0, '{}' FROM orders"
            )
        )
    for moment, left in ((datetime(2038, 6, 1, tzinfo=UTC), 1), (datetime(2039, 1, 1, tzinfo=UTC), 0)):
        shop.clock.at = moment
        await run(shop)
        assert (await shop.count("orders"), await shop.count("documents")) == (left, left)


async def test_complaint_20_a_dry_run_counts_what_a_run_lets_go_of_and_a_second_finds_nothing(shop: Shop) -> None:
    for _ in range(3):
        await shop.ordered()
    await ended(shop, S.DELIVERED, NOON)
    shop.clock.at = NOON + timedelta(days=366 * 2)
    counted = {key: count.due for key, count in (await keeper(shop).count()).items() if count.due}
    assert await shop.rows("SELECT DISTINCT email FROM orders") == [("iva@example.bg",)]
    gone = {key: count.gone for key, count in (await run(shop)).items()}
    assert gone == counted == {"order_words": 3, "order_contact": 3}
    assert await run(shop) == {}
    runs = await shop.rows("SELECT by, is_dry, failed, counts -> 'order_contact' ->> 'gone' FROM retention_runs")
    assert sorted(runs) == [("test", False, None, "0"), ("test", False, None, "3")]


async def test_s17_a_consent_is_proved_while_it_lives_and_five_years_after_it_was_taken_back(shop: Shop) -> None:
    me = await shop.account()
    wish: dict[str, Any] = {
        "purpose": "newsletter",
        "channel": "email",
        "privacy_declaration": {"version": await wording(shop), "accepted": True},
    }
    given = await shop.http.post("/v1/me/consents", json=wish, headers=me)
    assert given.status_code == 200, given.text
    before = await shop.count("consents")
    shop.clock.at = NOON + timedelta(days=366 * 20)
    await run(shop)
    assert await shop.count("consents") == before
    async with shop.sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO consents (id, purpose, channel, act, email, declaration_id, language, text_sha256,"
                " recorded_at, means) SELECT gen_random_uuid(), purpose, channel, 'withdrawn', email, declaration_id,"
                " language, text_sha256, :at, means FROM consents WHERE purpose = 'newsletter' LIMIT 1"
            ),
            {"at": shop.clock.at},
        )
    for days, left in ((366 * 5, before + 1), (366 * 5 + 1, 0)):
        shop.clock.at = NOON + timedelta(days=366 * 20 + days)
        await run(shop)
        assert await shop.count("consents") == left


async def wording(shop: Shop) -> str:
    return str((await shop.http.get("/v1/declarations/newsletter")).json()["version"])


async def test_c05_what_is_left_of_an_order_is_counted_once_and_is_nobodys(shop: Shop) -> None:
    for _ in range(2):
        await shop.ordered({"ION-H-SOFT-2": 2, "ION-SET-1": 1})
    await ended(shop, S.DELIVERED, NOON)
    shop.clock.at = datetime(2038, 1, 1, tzinfo=UTC)
    await run(shop)
    await run(shop)
    assert await shop.rows("SELECT month::text, sku, vat_rate, units, total FROM article_statistics ORDER BY sku") == [
        ("2026-11-01", "ION-H-SOFT-2", 20, 4, 5160),
        ("2026-11-01", "ION-SET-1", 20, 2, 17980),
    ]
    assert await shop.rows("SELECT orders, payment_method, delivery_method FROM order_statistics") == [
        (2, "cash_on_delivery", "address")
    ]
    assert await shop.count("order_lines") == 0


def test_s30_rules_that_keep_say_until_when(tmp_path: Path) -> None:
    kept = {rule.key for rule in retention_rules(settings_of(tmp_path)) if rule.does is Does.KEEP}
    assert kept >= {"accounts", "profiles", "orders_under_way", "erasures"}
