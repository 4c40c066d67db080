"""What is taken of a sale, in whatever parts: all of it leaves nothing at any rate, to the cent (D4)."""

from hypothesis import given
from hypothesis import strategies as st

from app.core.money import Money, total
from app.core.parts import Left, Part, split
from app.core.vat import RATES, vat_within

NOTHING = Part(0, Money.ZERO, Money.ZERO)


def sold(rate: int, quantity: int, cents: int) -> Left:
    return Left(rate, quantity, Money(cents), vat_within(Money(cents), rate))


SOLD = st.lists(
    st.builds(sold, st.sampled_from(sorted(RATES)), st.integers(1, 12), st.integers(0, 50_000)), min_size=1, max_size=6
)


def without(lines: list[Left], parts: list[Part]) -> list[Left]:
    return [
        Left(line.rate, line.quantity - part.quantity, line.gross - part.gross, line.vat - part.vat)
        for line, part in zip(lines, parts, strict=True)
    ]


@given(SOLD, st.lists(st.integers(1, 20_000), max_size=8))
def test_d4_parts_that_make_the_whole_leave_nothing_of_any_line(lines: list[Left], amounts: list[int]) -> None:
    left = lines
    for cents in amounts:
        amount = Money(min(cents, total(line.gross for line in left).cents))
        parts = split(amount, left)
        assert total(part.gross for part in parts) == amount
        left = without(left, parts)
        assert all(Money.ZERO <= line.vat <= line.gross for line in left)
    rest = split(total(line.gross for line in left), left)
    assert without(left, rest) == [Left(line.rate, 0, Money.ZERO, Money.ZERO) for line in lines]


@given(SOLD, st.data())
def test_d4_what_names_nothing_goes_off_each_rate_in_proportion_to_less_than_a_cent(
    lines: list[Left], data: st.DataObject
) -> None:
    whole = total(line.gross for line in lines).cents
    amount = data.draw(st.integers(0, max(0, whole - 1)))
    parts = split(Money(amount), lines)
    for rate in {line.rate for line in lines}:
        of_rate = sum(line.gross.cents for line in lines if line.rate == rate)
        taken = sum(part.gross.cents for line, part in zip(lines, parts, strict=True) if line.rate == rate)
        assert whole == 0 or abs(taken * whole - amount * of_rate) < whole


@given(SOLD, st.data())
def test_d4_what_names_its_pieces_goes_off_their_lines_alone(lines: list[Left], data: st.DataObject) -> None:
    pieces = [data.draw(st.integers(0, line.quantity)) for line in lines]
    worth = total(line.worth(of) for line, of in zip(lines, pieces, strict=True) if of)
    parts = split(worth, lines, pieces)
    for line, of, part in zip(lines, pieces, parts, strict=True):
        if of or worth != total(each.gross for each in lines):
            assert part.gross == (line.worth(of) if of else Money.ZERO)
        assert Money.ZERO <= part.vat <= part.gross


def test_d4_a_line_of_which_too_much_was_taken_is_set_right_by_the_last_part() -> None:
    """Refunds of closed months stand at the highest rate: what they took too much there comes back at the end."""
    wrong = [Left(9, 2, Money(3998), Money(330)), Left(20, 1, Money(499 - 2000), Money(83 - 333))]
    first = split(Money(1000), wrong)
    assert first == [Part(0, Money(1000), Money(82)), NOTHING]
    last = split(Money(1497), without(wrong, first))
    assert without(without(wrong, first), last) == [Left(rate, 0, Money.ZERO, Money.ZERO) for rate in (9, 20)]


def test_a_piece_of_three_leaves_the_cents_to_the_last() -> None:
    three = sold(20, 3, 1000)
    assert [three.worth(of) for of in (1, 2, 3)] == [Money(333), Money(667), Money(1000)]
