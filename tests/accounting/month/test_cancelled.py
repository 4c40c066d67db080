"""A paid order that is cancelled, in the books: invoice and note, or sale and refund; never one without the other."""

from pathlib import Path
from typing import Any

import pytest

from app.integrations.speedy.simulator.shipments import State
from tests.accounting.month.parsers import read_audit_file
from tests.accounting.month.test_closing import close
from tests.accounting.month.test_month import get, reconcile
from tests.accounting.month.test_report import ledger, reported
from tests.fulfilment import story
from tests.fulfilment.test_correcting import invoiced, send
from tests.fulfilment.test_stopping import WHOLE
from tests.shop import Shop, open_shop

NRA = "RF0000123"


async def checks(shop: Shop, month: str = "2026-11") -> dict[str, Any]:
    """Give what the summary compares beside I-Cash, where a person has to storno."""
    said = (await get(shop, "summary", month)).json()
    return {each["name"]: each["agrees"] for each in said["checks"] if each["name"] not in {"icash", "letters"}}


@pytest.mark.parametrize("event", ["delivered", "paid"])
async def test_invoice_and_credit_note_cancel_out(stocked: str, tmp_path: Path, event: str) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number=NRA, audit_event=event) as shop:
        order = await invoiced(shop)
        await story.cancel(shop, order)
        await shop.run_jobs()
        assert (await send(shop, order, "refunds", WHOLE)).status_code == 201
        assert await ledger(shop) == [("01", "25.66", "5.13"), ("03", "-25.66", "-5.13")]
        assert await reported(shop) == []
        assert await checks(shop) == {"orders": True, "ledger": True, "audit_file": True, "refunds": True}


async def test_cancelled_after_its_month_was_closed_it_is_credited_in_the_next(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        order = await invoiced(shop)
        shop.clock.advance(days=8)
        assert (await close(shop)).status_code == 201
        before = [(await get(shop, path)).content for path in ("sales-ledger.txt", "summary")]
        await story.cancel(shop, order)
        await shop.run_jobs()
        assert (await send(shop, order, "refunds", {**WHOLE, "refunded_on": "2026-12-01"})).status_code == 201
        assert [(await get(shop, path)).content for path in ("sales-ledger.txt", "summary")] == before
        assert await ledger(shop, "2026-12") == [("03", "-25.66", "-5.13")]
        assert await checks(shop, "2026-12") == {"orders": True, "ledger": True, "audit_file": True, "refunds": True}


async def test_without_an_invoice_the_sale_stands_and_its_refund_is_taken_off(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        order = await invoiced(shop)
        await story.cancel(shop, order)
        await shop.run_jobs()
        sold = ("2026-11-23", 20, "bank_transfer", 1, "30.79")
        assert await reported(shop) == [sold], "it is paid, and nothing went back yet"
        shop.clock.advance(days=8)
        assert (await close(shop)).status_code == 201
        assert (await send(shop, order, "refunds", {**WHOLE, "refunded_on": "2026-12-01"})).status_code == 201
        assert await reported(shop) == [sold]
        assert await reported(shop, "2026-12") == [("2026-12-01", 20, "bank_transfer", 0, "-30.79")]
        assert await checks(shop, "2026-12") == {"orders": True, "ledger": True, "audit_file": True, "refunds": True}


@pytest.mark.parametrize("event", ["delivered", "paid"])
async def test_cancelled_before_it_was_invoiced_no_invoice_is_missed(stocked: str, tmp_path: Path, event: str) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number=NRA, audit_event=event) as shop:
        sold = await invoiced(shop)
        await story.scan(shop, sold, State.DELIVERED)
        order = await shop.ordered(payment_method=story.TRANSFER)
        await story.pay(shop, order)
        await story.cancel(shop, order)
        await shop.run_jobs()
        assert (await send(shop, order, "refunds", WHOLE)).status_code == 201
        assert await checks(shop) == {"orders": True, "ledger": True, "audit_file": True, "refunds": True}
        told = read_audit_file((await get(shop, "audit-file.xml")).content)
        assert [each["ord_n"] for each in told.orders] == [sold["number"]]
        assert told.returns == [], "what no file told of did not come back"


async def test_an_audit_file_of_payments_tells_of_the_order_and_of_its_return(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number=NRA, audit_event="paid") as shop:
        order = await invoiced(shop)
        await story.cancel(shop, order)
        await shop.run_jobs()
        assert (await send(shop, order, "refunds", WHOLE)).status_code == 201
        told = read_audit_file((await get(shop, "audit-file.xml")).content)
        assert [each["ord_n"] for each in told.orders] == [order["number"]]
        assert [(each["r_ord_n"], each["r_amount"]) for each in told.returns] == [(order["number"], "30.79")]


async def test_i_cash_still_has_what_was_cancelled_until_a_person_stornoes_it(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        order = await invoiced(shop)
        await story.cancel(shop, order)
        await reconcile(shop)
        assert ("books", order["number"], "not_cancelled") in await story.concerns(shop)
