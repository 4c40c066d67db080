"""Money that went back of sales without invoice: taken off at the rates of what it was for, and checked."""

import asyncio
import runpy
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.auth.models import StaffRole
from app.core.money import Money
from app.core.schema import MIGRATIONS
from app.integrations.speedy.simulator.shipments import State
from tests.accounting.month.parsers import read_audit_file, read_ledger
from tests.accounting.month.test_closing import close
from tests.accounting.month.test_comparing import check, differences
from tests.accounting.month.test_month import correct, get
from tests.factories.catalog import make_variant
from tests.fulfilment import story
from tests.fulfilment.test_correcting import invoiced, send
from tests.fulfilment.test_receipts import Desk
from tests.shop import Shop, open_shop

BOOK, BRUSH = "BOOK-9", "ION-H-SOFT-2"
BACK = {"means": "account", "refunded_on": "2026-11-23"}
NRA = "RF0000123"


async def mixed(shop: Shop, **changes: Any) -> dict[str, Any]:
    """Sell two books at 9 % and two heads at 20 %, with delivery, by transfer and without invoice."""
    async with shop.sessions.begin() as session:
        await make_variant(session, sku=BOOK, price=Money(1999), stock=50, vat_rate=9)
    order = await shop.ordered({BOOK: 2, BRUSH: 2}, payment_method=story.TRANSFER, **changes)
    await story.pay(shop, order)
    await shop.run_jobs()
    return order


async def refund(shop: Shop, order: dict[str, Any], amount: str, **changes: Any) -> None:
    await correct(shop, order, "refunds", {**BACK, "amount": amount, **changes})


async def of_rates(shop: Shop, month: str = "2026-11") -> dict[int, tuple[str, str]]:
    """Sum the rows of the report by rate: base and VAT."""
    sums: dict[int, tuple[Money, Money]] = {}
    for row in (await get(shop, "sales-report", month)).json()["rows"]:
        base, vat = sums.get(row["rate"], (Money.ZERO, Money.ZERO))
        sums[row["rate"]] = (base + Money.of(row["base"]), vat + Money.of(row["vat"]))
    return {rate: (str(base), str(vat)) for rate, (base, vat) in sums.items()}


async def columns(shop: Shop, month: str = "2026-11") -> tuple[str, ...]:
    [row] = read_ledger((await get(shop, "sales-ledger.txt", month)).content)
    return tuple(row[name] for name in ("base_20", "vat_20", "base_9", "vat_9"))


async def test_d4_all_of_a_mixed_basket_back_leaves_nothing_at_any_rate(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request", nra_shop_number=NRA) as shop:
        order = await mixed(shop)
        sold = await columns(shop)
        await refund(shop, order, order["totals"]["total"])
        assert set((await of_rates(shop)).values()) == {("0.00", "0.00")}
        assert (await columns(shop), sold) == (("0.00",) * 4, sold)
        assert (await check(shop, "ledger"), await differences(shop)) == (("0.00", "0.00", True), [])
        said = (await get(shop, "summary")).json()
        assert said["by_rate"] == [{"rate": rate, "base": "0.00", "vat": "0.00"} for rate in (20, 9)]
        delta = (await get(shop, "delta-import.txt")).content.decode("cp1251").splitlines()
        assert [(line.split("|")[4], line.split("|")[15]) for line in delta] == [("0.00", "0.00")] * 2


async def test_d4_all_that_was_paid_back_leaves_no_cent_that_was_let_off(stocked: str, tmp_path: Path) -> None:
    """What went back first named its lines; the check knows what went with the last."""
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        async with shop.sessions.begin() as session:
            await make_variant(session, sku=BOOK, price=Money(1999), stock=50, vat_rate=9)
        order = await shop.ordered({BOOK: 2, BRUSH: 2}, payment_method=story.TRANSFER)
        desk = Desk(shop, await shop.staff(StaffRole.SUPPORT))
        came = Money.of(order["totals"]["total"]) - Money(3)
        await desk.record(str(came), order)
        await refund(shop, order, "19.99", lines=[{"sku": BOOK, "quantity": 1}])
        assert (await check(shop, "ledger"))[2]
        await refund(shop, order, str(came - Money(1999)))
        assert set((await of_rates(shop)).values()) == {("0.00", "0.00")}
        assert (await check(shop, "ledger"), await differences(shop)) == (("0.00", "0.00", True), [])
        assert await shop.rows("SELECT sum(amount) FROM refunds") == [(came.cents,)]


async def test_d4_books_at_9_back_leave_nothing_at_9_and_parts_that_make_the_whole_neither(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        order = await mixed(shop)
        sold = await of_rates(shop)
        await refund(shop, order, "39.98", lines=[{"sku": BOOK, "quantity": 2}])
        left = await of_rates(shop)
        assert left[20] == sold[20]
        assert await check(shop, "ledger") == (*[str(Money.of(order["totals"]["total"]) - Money.of("39.98"))] * 2, True)
        await refund(shop, order, "10.00")
        assert (await check(shop, "ledger"))[2]
        rest = Money.of(order["totals"]["total"]) - Money.of("49.98")
        await refund(shop, order, str(rest))
        assert set((await of_rates(shop)).values()) == {("0.00", "0.00")}


async def test_d4_a_part_that_names_nothing_goes_off_every_rate_in_proportion(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        order = await mixed(shop)
        sold = await of_rates(shop)
        whole = Money.of(order["totals"]["total"])
        await refund(shop, order, str(Money(whole.cents // 2)))
        left = await of_rates(shop)
        for rate, (base, vat) in sold.items():
            gross, rest = (Money.of(base) + Money.of(vat)).cents, sum(Money.of(each).cents for each in left[rate])
            assert abs(2 * rest - gross) <= 2


async def test_d4_what_names_more_than_was_sold_or_went_back_is_refused(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        order = await mixed(shop)
        one = [{"sku": BOOK, "quantity": 1}]
        await refund(shop, order, "19.99", lines=one)
        for lines, amount, problem in (
            ([{"sku": BOOK, "quantity": 2}], "19.99", "line-not-in-order"),
            ([{"sku": "NONE", "quantity": 1}], "19.99", "line-not-in-order"),
            (one, "20.00", "refund-exceeds-lines"),
            ([*one, *one], "1.00", "invalid"),
        ):
            answer = await send(shop, order, "refunds", {**BACK, "amount": amount, "lines": lines})
            assert (answer.status_code, answer.json()["code"]) == (422, problem)
        assert (await shop.count("refunds"), await shop.count("refunded_lines")) == (1, 1)


async def test_d4_the_check_names_an_order_whose_refund_went_off_at_another_rate(stocked: str, tmp_path: Path) -> None:
    """As all of them did: at the highest rate of the order."""
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        order = await mixed(shop)
        await refund(shop, order, order["totals"]["total"])
        async with shop.sessions.begin() as session:
            await session.execute(text("ALTER TABLE refunded_lines DISABLE TRIGGER refunded_lines_is_record"))
            await session.execute(text("DELETE FROM refunded_lines WHERE position > 1"))
            await session.execute(
                text("UPDATE refunded_lines SET position = 2, gross = amount, vat = amount / 6 FROM refunds WHERE true")
            )
        assert (await check(shop, "ledger"))[2] is False
        named = {reference for name, reference, _, _ in await differences(shop) if name == "ledger"}
        assert named == {f"{order['number']}, 20 %", f"{order['number']}, 9 %"}


async def test_d4_the_cover_counts_a_sale_of_two_rates_once(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        order = await mixed(shop)
        said = (await get(shop, "summary")).json()["without_invoice"]
        assert (said["documents"], said["total"]) == (1, order["totals"]["total"])


async def test_d4_money_that_went_back_beside_an_invoice_in_force_needs_its_note(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number=NRA) as shop:
        order = await invoiced(shop)
        await refund(shop, order, "12.90")
        assert await check(shop, "refunds") == ("12.90", "0.00", False)
        assert ("refunds", order["number"], "12.90", "0.00") in await differences(shop)
        wish = {"ground": "Върната стока", "lines": [{"position": 1, "quantity": 1}]}
        assert (await send(shop, order, "credit-notes", wish)).status_code == 201
        assert await check(shop, "refunds") == ("12.90", "12.90", True)
        assert await differences(shop) == []


async def test_d4_an_invoice_after_the_closing_takes_back_what_the_report_took_off_for_a_refund(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        order = await shop.ordered(payment_method=story.TRANSFER)
        await story.pay(shop, order)  # and nothing works off its invoice
        await refund(shop, order, "12.90")
        shop.clock.advance(days=8)
        assert (await close(shop)).json()["without_invoice"]["total"] == "17.89"
        shop.clock.advance(hours=1)
        await shop.run_jobs()
        wish = {"ground": "Върната стока", "lines": [{"position": 1, "quantity": 1}]}
        assert (await send(shop, order, "credit-notes", wish)).status_code == 201
        rows = read_ledger((await get(shop, "sales-ledger.txt", "2026-12")).content)
        assert [(row["type"], row["base"], row["vat"]) for row in rows] == [
            ("01", "25.66", "5.13"),
            ("03", "-10.75", "-2.15"),
            ("81", "-14.91", "-2.98"),
        ]
        assert (await check(shop, "ledger", "2026-12"))[2]
        assert (await check(shop, "refunds", "2026-12"))[2]


async def test_d4_the_audit_file_tells_of_what_went_back_as_it_did(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request", nra_shop_number=NRA) as shop:
        order = await mixed(shop)
        await story.scan(shop, order, State.DELIVERED)
        await refund(shop, order, "39.98", lines=[{"sku": BOOK, "quantity": 2}])
        told = read_audit_file((await get(shop, "audit-file.xml")).content)
        assert (told.head["r_ord"], told.head["r_total"]) == ("1", "39.98")
        assert [each["r_amount"] for each in told.returns] == ["39.98"]


async def test_d4_refunds_of_before_are_allotted_by_the_migration_but_those_of_closed_months(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        order = await mixed(shop)
        total = Money.of(order["totals"]["total"])
        for amount in ("10.00", "12.34", str(total - Money.of("22.34"))):
            await refund(shop, order, amount)
        parts = "SELECT refund_id, position, quantity, gross, vat FROM refunded_lines ORDER BY 1, 2"
        kept = await shop.rows(parts)
        await forget_parts(shop)
        await run_migration(shop)
        assert await shop.rows(parts) == kept
        await forget_parts(shop)
        shop.clock.advance(days=8)
        assert (await close(shop)).status_code == 201
        for _ in range(2):
            await run_migration(shop)
        assert await shop.rows(
            "SELECT vat_rate, sum(gross) FROM refunded_lines JOIN order_lines USING (order_id, position) GROUP BY 1"
        ) == [(20, total.cents)]


async def test_d4_refunds_of_a_release_that_kept_no_parts_are_allotted_hourly_while_their_month_is_open(
    stocked: str, tmp_path: Path
) -> None:
    """It was at work between the migration and its own end."""
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        order = await mixed(shop)
        for amount in ("10.00", "12.34", str(Money.of(order["totals"]["total"]) - Money.of("22.34"))):
            await refund(shop, order, amount)
        short = await shop.ordered({BOOK: 2, BRUSH: 2}, payment_method=story.TRANSFER)
        came = Money.of(short["totals"]["total"]) - Money(3)
        await Desk(shop, await shop.staff(StaffRole.SUPPORT)).record(str(came), short)
        await refund(shop, short, str(came))
        parts = "SELECT refund_id, position, quantity, gross, vat FROM refunded_lines ORDER BY 1, 2"
        kept, told = await shop.rows(parts), await of_rates(shop)
        await forget_parts(shop)
        assert await of_rates(shop) != told
        await asyncio.gather(run_hourly(shop), run_hourly(shop))
        await run_hourly(shop)
        assert (await shop.rows(parts), await of_rates(shop)) == (kept, told)
        await forget_parts(shop)
        shop.clock.advance(days=8)
        assert (await close(shop)).status_code == 201
        await run_hourly(shop)
        assert await shop.count("refunded_lines") == 0


async def run_hourly(shop: Shop) -> None:
    [job] = [periodic for periodic in shop.work.periodic if periodic.name == "promise_missing_sales"]
    await job.run()


async def forget_parts(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        await session.execute(text("ALTER TABLE refunded_lines DISABLE TRIGGER refunded_lines_is_record"))
        await session.execute(text("DELETE FROM refunded_lines"))


async def run_migration(shop: Shop) -> None:
    def allotted(session: Session) -> None:
        with Operations.context(MigrationContext.configure(session.connection())):
            [file] = (MIGRATIONS / "versions").glob("*_refunds_allotted.py")
            runpy.run_path(str(file))["upgrade"]()

    async with shop.sessions.begin() as session:
        await session.run_sync(allotted)
