"""A sale enters I-Cash."""

from decimal import Decimal
from typing import Any

import pytest

from app.accounting.ports import (
    BooksRefused,
    BooksUnavailable,
    Family,
    PostingProgress,
    PostingState,
    SaleLine,
)
from app.core.money import Money
from app.integrations.circuit import Circuit
from app.integrations.icash import Assumptions, ICashBooks
from app.integrations.icash.simulator import ICashSimulator, Rules
from tests.integrations.icash.desk import AT, BUYER, Desk, connect, later, make_account, make_sale
from tests.integrations.icash.spoken import Line

ROWS = [
    ("ION-HANDLE-1", Decimal(1), Decimal("64.90")),
    ("ION-HEAD-4", Decimal(3), Decimal("12.99")),
    ("BOOK-1", Decimal(2), Decimal("8.01")),
    ("DELIVERY", Decimal(1), Decimal("5.99")),
]


def rows(simulator: ICashSimulator) -> list[tuple[str, Decimal, Decimal]]:
    [operation] = simulator.operations
    return [(row.item.sku, row.quantity, row.price) for row in operation.rows.values()]


async def test_a_private_person_buys_and_the_receipt_is_issued(desk: Desk) -> None:
    progress = await desk.post(make_sale())
    [operation] = desk.simulator.operations
    assert progress == PostingProgress(
        state=PostingState.COMPLETE,
        operation_id=operation.id,
        sale_unique_number=operation.unique_number,
        rows=tuple(operation.rows),
    )
    assert rows(desk.simulator) == ROWS
    assert (operation.total, operation.status, operation.prints, operation.pay_type) == (
        Decimal("125.88"),
        "NORMAL",
        1,
        2,
    )
    assert (operation.source, operation.import_reference, operation.electronic) == ("IONICKISS", "100000123", True)
    assert (operation.contragent_id, desk.simulator.machine.ledger.contragents) == (None, {})
    assert desk.sent("new-operation") == [
        {
            "ImportSource": "IONICKISS",
            "ImportRefID": "100000123",
            "OperationType": "Sell",
            "OperationElectronicReceipt": "YES",
            "CashRegisterID": "1",
            "StoreID": "1",
            "Comment": "Поръчка 100000123",
        }
    ]


async def test_each_step_is_kept_before_the_next_and_the_sale_is_looked_up_first(desk: Desk) -> None:
    await desk.post(make_sale())
    assert [(progress.state, len(progress.rows)) for progress in desk.kept] == [
        (PostingState.OPENING, 0),
        *[(PostingState.OPENED, count) for count in range(5)],
        (PostingState.CHECKED, 4),
        (PostingState.PRINTING, 4),
        (PostingState.PRINTED, 4),
        (PostingState.COMPLETE, 4),
    ]
    called = desk.called()
    assert called[:2] == ["login", "operations-list"]
    assert called.index("operations-list") < called.index("new-operation")
    assert desk.sent("operations-list")[0]["OperationStatus"] == (
        "TEMP,NORMAL,EDITED,DELETED,FOR_DOWNLOAD,DOWNLOADED,POS_OPEN"
    )


async def test_every_call_names_the_warehouse_and_the_user(desk: Desk) -> None:
    await desk.post(make_sale(buyer=BUYER))
    assert {(r.parameters["WareHouseID"], r.parameters["UserID"]) for r in desk.simulator.requests} == {("12345", "1")}
    nonces = [int(request.parameters["nonce"]) for request in desk.simulator.requests]
    assert nonces == sorted(set(nonces))


async def test_a_company_becomes_a_customer_once(desk: Desk) -> None:
    await desk.post(make_sale(buyer=BUYER))
    desk.progress = PostingProgress()
    await desk.post(make_sale("100000124", buyer=BUYER))
    [contragent] = desk.simulator.machine.ledger.contragents.values()
    assert [operation.contragent_id for operation in desk.simulator.operations] == [contragent["ContragentID"]] * 2
    assert desk.sent("add-contragent") == [
        {
            "ContragentName": "Зъбна ООД",
            "ContragentType": "CLIENT",
            "ContragentCountryCode": "BG",
            "ContragentCityName": "София",
            "ContragentAddress": "ул. Българска легия 2",
            "ContragentTaxNum": "175074752",
            "ContragentVatRegistered": "1",
            "ContragentVatNum": "BG175074752",
            "ContragentMOL": "Ива Петрова",
        }
    ]


async def test_a_number_that_only_contains_ours_is_another_company(desk: Desk, line: Line) -> None:
    company = {
        "ContragentName": "Друга",
        "ContragentType": "CLIENT",
        "ContragentCountryCode": "BG",
        "ContragentCityName": "Русе",
        "ContragentVatRegistered": "0",
    }
    other = await line.ask("add-contragent", **company, ContragentTaxNum="1750747520017")
    desk.restart(after=line.nonce)  # both speak for one account
    await desk.post(make_sale(buyer=BUYER))
    assert desk.simulator.operations[0].contragent_id != other["ContragentID"]


async def test_a_sale_not_to_be_finalised_stays_open_with_all_in_it(desk: Desk) -> None:
    sale = make_sale(finalise=False, electronic_receipt=False)
    progress = await desk.post(sale)
    [operation] = desk.simulator.operations
    assert (progress.state, progress.finished(sale)) == (PostingState.CHECKED, True)
    assert (operation.status, operation.prints, operation.electronic) == ("TEMP", 0, False)
    assert rows(desk.simulator) == ROWS


async def test_posting_again_changes_nothing(desk: Desk) -> None:
    sale = make_sale()
    first = await desk.post(sale)
    count = len(desk.kept)
    assert await desk.post(sale, later(10)) == first
    assert (len(desk.simulator.operations), len(desk.kept)) == (1, count)


async def test_a_sale_whose_progress_was_lost_is_found_complete(desk: Desk) -> None:
    await desk.post(make_sale())
    desk.progress = PostingProgress()
    desk.restart()
    progress = await desk.post(make_sale(), later(10))
    [operation] = desk.simulator.operations
    assert (progress.state, progress.operation_id, operation.print_attempts) == (
        PostingState.COMPLETE,
        operation.id,
        1,
    )


async def test_a_till_prints_when_it_can(desk: Desk) -> None:
    desk.account = make_account(cash_register_id=2)
    desk.restart()
    sale = make_sale()
    progress = await desk.post(sale)
    [operation] = desk.simulator.operations
    assert (progress.state, progress.finished(sale), operation.status) == (PostingState.PRINTED, False, "FOR_DOWNLOAD")
    desk.simulator.happen("receipt-fetched", operation_id=operation.id)
    assert (await desk.post(sale, later(1))).state is PostingState.PRINTED
    desk.simulator.happen("receipt-printed", operation_id=operation.id)
    assert (await desk.post(sale, later(2))).state is PostingState.COMPLETE
    assert operation.print_attempts == 1


async def test_items_are_made_once_with_unit_tax_group_and_kind(desk: Desk) -> None:
    await desk.post(make_sale())
    made = {item["SaleItemInventoryID"]: item for item in desk.sent("add-sale-item")}
    assert [
        (sku, item["SaleItemType"], item["SaleItemTaxGroupID"], item["SaleItemSellPrice"]) for sku, item in made.items()
    ] == [
        ("ION-HANDLE-1", "PRODUCT", "1", "64.90"),
        ("ION-HEAD-4", "PRODUCT", "1", "12.99"),
        ("BOOK-1", "PRODUCT", "2", "8.01"),
        ("DELIVERY", "SERVICE", "1", "5.99"),
    ]
    desk.restart()
    desk.progress = PostingProgress()
    await desk.post(make_sale("100000124"))
    assert len(desk.sent("add-sale-item")) == 4


async def test_texts_are_cut_to_what_icash_takes(desk: Desk) -> None:
    long = (SaleLine("LONG", "Ж" * 130, 20, Money(100), 1),)
    await desk.post(make_sale(lines=long, comment="К" * 300))
    [item] = desk.simulator.machine.ledger.items.values()
    assert item.fields["SaleItemName"] == item.fields["SaleItemCashRegisterName"] == "Ж" * 100
    assert desk.simulator.operations[0].comment == "К" * 255


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"lines": (SaleLine("S" * 21, "Х", 20, Money(100), 1),)}, "SaleItemInventoryID"),
        ({"lines": (SaleLine("S", "Х", 7, Money(100), 1),)}, "SaleItemTaxGroupID"),
        ({"pay_type": "barter"}, "PayTypeID"),
    ],
)
async def test_what_the_settings_cannot_say_is_refused_before_a_word_is_sent(
    desk: Desk, changes: dict[str, Any], parameter: str
) -> None:
    with pytest.raises(BooksRefused) as caught:
        await desk.post(make_sale(**changes))
    assert (caught.value.family, caught.value.parameter) == (Family.NOT_CONFIGURED, parameter)
    assert desk.called() == []


async def test_ids_may_come_as_text() -> None:
    async with ICashSimulator.serve(rules=Rules(ids_as_strings=True)) as simulator, connect(simulator.url) as http:
        desk = Desk(simulator, http)
        progress = await desk.post(make_sale(buyer=BUYER))
        assert progress.operation_id == simulator.operations[0].id


async def test_a_refusal_parks_and_a_mended_cause_goes_on(desk: Desk) -> None:
    desk.simulator.fail("refusal", "add-operation-sale-item", skip=2, text="Wrong value for SaleItemSinglePrice")
    with pytest.raises(BooksRefused) as caught:
        await desk.post(make_sale())
    assert (caught.value.family, caught.value.endpoint, caught.value.parameter) == (
        Family.WRONG_VALUE,
        "add-operation-sale-item",
        "SaleItemSinglePrice",
    )
    assert (await desk.post(make_sale(), later(5))).state is PostingState.COMPLETE
    assert rows(desk.simulator) == ROWS


async def test_the_account_is_checked(desk: Desk) -> None:
    await desk.books.check()
    for changes, parameter in (
        ({"cash_register_id": 99}, "CashRegisterID"),
        ({"store_id": 99}, "StoreID"),
        ({"pay_types": {"card": 99}}, "PayTypeID"),
        ({"measure_unit_id": 99}, "SaleItemPrimaryMeasureUnitID"),
    ):
        desk.account = make_account(**changes)
        desk.restart()
        with pytest.raises(BooksRefused) as caught:
            await desk.books.check()
        assert (caught.value.family, caught.value.parameter) == (Family.NOT_CONFIGURED, parameter)
    desk.account = make_account(secret_key="wrong")
    desk.restart()
    with pytest.raises(BooksUnavailable, match="login authentication"):
        await desk.books.check()


async def test_a_circuit_spares_an_icash_that_is_down(desk: Desk) -> None:
    desk.simulator.fail("html-502", times=100)
    books = ICashBooks(desk.http, desk.account, desk.stream, Circuit(failures=3, cool_down=60))
    reasons = []
    for _ in range(5):
        with pytest.raises(BooksUnavailable) as caught:
            await books.post(make_sale(), PostingProgress(), desk.keep, at=AT)
        reasons.append(caught.value.reason)
    assert reasons == ["no-envelope"] * 3 + ["circuit-open"] * 2
    assert len(desk.called()) == 3


async def test_a_slow_icash_is_given_up(desk: Desk) -> None:
    desk.account = make_account(assumptions=Assumptions(call_seconds=0.1))
    desk.restart()
    desk.simulator.fail("delay", "login")
    with pytest.raises(BooksUnavailable, match="login timeout"):
        await desk.post(make_sale())
