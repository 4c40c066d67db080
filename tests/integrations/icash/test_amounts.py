"""What the customer pays is what stands in I-Cash, to the cent."""

from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.accounting.ports import PostingProgress, PostingState, SaleLine
from app.core.money import Money, units
from app.integrations.icash.simulator import FaultKind
from tests.examples import examples
from tests.integrations.icash.desk import Desk, make_sale
from tests.integrations.icash.test_resume import post_until_done

REFERENCES = count(300_000_000)
ORDINARY = settings(max_examples=examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def baskets(draw: st.DrawFn, least: int = 0) -> tuple[SaleLine, ...]:
    """Draw a basket of line totals, each written as whole-cent unit prices as the shop does."""
    lines: list[SaleLine] = []
    for number in range(draw(st.integers(1, 4))):
        rate = draw(st.sampled_from([20, 9, 0]))
        quantity = draw(st.integers(1, 99))
        amount = Money(draw(st.integers(least * quantity, 99_999_99)))
        lines += [
            SaleLine(f"SKU-{number}-{rate}", f"Стока {number}", rate, price, times)
            for price, times in units(amount, quantity)
        ]
    return tuple(lines)


@ORDINARY
@given(lines=baskets())
async def test_any_basket(desk: Desk, lines: tuple[SaleLine, ...]) -> None:
    sale = make_sale(str(next(REFERENCES)), lines=lines)
    desk.progress = PostingProgress()
    assert (await desk.post(sale)).state is PostingState.COMPLETE
    operation = desk.simulator.operations[-1]
    assert operation.total == sale.total.decimal
    assert [(row.item.sku, row.quantity, row.price) for row in operation.rows.values()] == [
        (line.sku, Decimal(line.quantity), line.unit_price.decimal) for line in lines
    ]


@ORDINARY
@given(lines=baskets(least=1), lost=st.integers(0, 12))
async def test_any_basket_with_an_answer_lost_anywhere(desk: Desk, lines: tuple[SaleLine, ...], lost: int) -> None:
    sale = make_sale(str(next(REFERENCES)), lines=lines)
    desk.progress = PostingProgress()
    desk.simulator.fail(FaultKind.CUT, skip=lost)
    await post_until_done(desk, sale)
    [operation] = [each for each in desk.simulator.operations if each.import_reference == sale.reference]
    assert (operation.total, operation.print_attempts) == (sale.total.decimal, 1)
    assert len(operation.rows) == len(lines)
