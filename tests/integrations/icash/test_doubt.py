"""What stands in I-Cash is not what was sent: nothing is printed, a person looks."""

from decimal import Decimal

import pytest

from app.accounting.ports import (
    BooksUnavailable,
    BooksUnsure,
    PostingProgress,
    PostingState,
    SaleLine,
)
from app.core.money import Money
from app.integrations.icash.simulator import ICashSimulator, Rules
from tests.integrations.icash.desk import LINES, Desk, connect, later, make_account, make_sale


async def test_an_item_with_another_tax_group_waits_for_a_person(desk: Desk) -> None:
    await desk.post(make_sale())
    desk.progress, desk.account = PostingProgress(), make_account(tax_groups={20: 3, 9: 2})
    desk.restart()
    with pytest.raises(BooksUnsure, match="tax-group-differs ION-HANDLE-1"):
        await desk.post(make_sale("100000124"))
    assert len(desk.simulator.operations) == 1


async def test_f4_what_a_clock_that_ran_ahead_asked_for_is_in_doubt_no_longer_than_anything_else(desk: Desk) -> None:
    desk.simulator.fail("cut", "new-operation", committed=False)
    ahead = later(60 * 24 * 90)
    with pytest.raises(BooksUnavailable):
        await desk.post(make_sale(), ahead)
    for minutes in (0, 1):
        with pytest.raises(BooksUnavailable, match="may-be-under-way"):
            await desk.post(make_sale(), later(minutes))
    await desk.post(make_sale(), later(3))
    assert desk.called().count("new-operation") == 2
    assert len(desk.simulator.operations) == 1


async def test_totals_that_differ_are_never_printed(desk: Desk) -> None:
    sale = make_sale(finalise=False)
    await desk.post(sale)
    [operation] = desk.simulator.operations
    operation.discount = Decimal("0.01")
    for _ in range(2):
        with pytest.raises(BooksUnsure) as caught:
            await desk.post(make_sale(), later(5))
        assert (caught.value.reason, caught.value.operation_id) == ("rows-differ", operation.id)
    assert operation.print_attempts == 0


async def test_a_receipt_over_another_total_is_seen(desk: Desk) -> None:
    sale = make_sale(finalise=False)
    await desk.post(sale)
    [operation] = desk.simulator.operations
    operation.rows.popitem()
    operation.status = "NORMAL"
    with pytest.raises(BooksUnsure, match="total-differs"):
        await desk.post(sale, later(5))


@pytest.mark.parametrize("status", ["DELETED", "EDITED"])
async def test_what_staff_changed_is_left_to_staff(desk: Desk, status: str) -> None:
    await desk.post(make_sale(finalise=False))
    [operation] = desk.simulator.operations
    desk.simulator.happen("status-set", operation_id=operation.id, status=status)
    for known in (desk.progress, PostingProgress()):
        desk.progress = known
        with pytest.raises(BooksUnsure, match=f"status-{status.lower()}"):
            await desk.post(make_sale(), later(5))
    assert (len(desk.simulator.operations), operation.print_attempts) == (1, 0)


async def test_two_operations_of_one_sale_wait_for_a_person(desk: Desk) -> None:
    await desk.post(make_sale(finalise=False))
    ledger = desk.simulator.machine.ledger
    ledger.by_reference[100000123] *= 2
    desk.progress = PostingProgress()
    with pytest.raises(BooksUnsure, match="several-operations"):
        await desk.post(make_sale(), later(5))


async def test_a_gift_whose_row_may_be_there_waits_for_a_person(desk: Desk) -> None:
    lines = (*LINES[:1], SaleLine("GIFT", "Подарък", 20, Money.ZERO, 1))
    desk.simulator.fail("cut", "add-operation-sale-item", skip=1, committed=True)
    with pytest.raises(BooksUnavailable):
        await desk.post(make_sale(lines=lines))
    with pytest.raises(BooksUnsure, match="rows-differ"):
        await desk.post(make_sale(lines=lines), later(5))


async def test_an_account_in_another_currency_is_not_used() -> None:
    async with ICashSimulator.serve(rules=Rules(currency="BGN")) as simulator, connect(simulator.url) as http:
        desk = Desk(simulator, http)
        with pytest.raises(BooksUnsure, match="currency-differs"):
            await desk.post(make_sale())
        assert simulator.operations[0].print_attempts == 0


async def test_without_its_reference_an_operation_is_known_by_its_comment() -> None:
    async with (
        ICashSimulator.serve(rules=Rules(tells_import_reference=False)) as simulator,
        connect(simulator.url) as http,
    ):
        desk = Desk(simulator, http)
        await desk.post(make_sale())
        desk.progress = PostingProgress()
        assert (await desk.post(make_sale(), later(5))).state is PostingState.COMPLETE
        desk.progress = PostingProgress()
        with pytest.raises(BooksUnsure, match="operation-not-recognised"):
            await desk.post(make_sale(comment="Друга"), later(5))
        assert len(simulator.operations) == 1
