"""What a sale must be before it is offered to the books."""

import pytest

from app.accounting.ports import PostingProgress, PostingState, Sale, SaleLine
from app.core.money import Money

LINE = SaleLine("ION-1", "Четка", 20, Money(6490), 2)


def make_sale(reference: str = "100000123", **changes: object) -> Sale:
    return Sale(reference, (LINE,), Money(12980), "card", **changes)  # type: ignore[arg-type] # a test's shorthand


@pytest.mark.parametrize("reference", ["", "0123", "12a", "#1001-A", "2147483648", "١٢٣", "99999999999"])
def test_a_reference_is_a_number_that_the_books_can_search(reference: str) -> None:
    with pytest.raises(ValueError, match="31 bits"):
        make_sale(reference)
    assert make_sale("2147483647").reference == "2147483647"


def test_the_lines_add_up() -> None:
    with pytest.raises(ValueError, match="add up"):
        Sale("1", (LINE,), Money(12981), "card")
    with pytest.raises(ValueError, match="add up"):
        Sale("1", (), Money.ZERO, "card")


@pytest.mark.parametrize(("price", "quantity"), [(-1, 1), (1, 0), (1, -1)])
def test_a_line_sells_something(price: int, quantity: int) -> None:
    with pytest.raises(ValueError, match="sells something"):
        SaleLine("ION-1", "Четка", 20, Money(price), quantity)


@pytest.mark.parametrize("state", list(PostingState))
def test_when_a_posting_is_finished(state: PostingState) -> None:
    progress = PostingProgress(state)
    assert progress.finished(make_sale(finalise=True)) is (state is PostingState.COMPLETE)
    assert progress.finished(make_sale()) is (state in {PostingState.CHECKED, PostingState.COMPLETE})
