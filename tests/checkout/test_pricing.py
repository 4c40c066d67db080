"""The one computation of prices, for any basket (complaint 11)."""

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from app.checkout.pricing import DeliveryVat, Item, Priced, PriceRules, price
from app.core.language import Text
from app.core.money import Money, total, units
from app.core.vat import VatSum, vat_within
from app.orders.models import LineKind, PaymentMethod
from tests.checkout import baskets

CASH, TRANSFER = PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.BANK_TRANSFER
RULES = PriceRules(Money(499), Money(6000), 7, vat_registered=True)
CENT_AT_HALF_OFF = [Item("A", Text("а", "a"), Money(1), 20, 1, 0)]


def item(sku: str, cents: int, quantity: int = 1, rate: int = 20) -> Item:
    return Item(sku, Text("Йонна четка", "Ionic toothbrush"), Money(cents), rate, quantity, 180)


def goods_of(priced: Priced) -> list[Money]:
    return [line.total for line in priced.lines if line.item.kind is LineKind.GOODS]


@given(baskets.items(), baskets.METHODS, baskets.rules())
@example(CENT_AT_HALF_OFF, TRANSFER, PriceRules(Money.ZERO, Money.ZERO, 50, vat_registered=True))
def test_every_sum_is_a_sum_of_its_lines(wanted: list[Item], method: PaymentMethod, rules: PriceRules) -> None:
    priced = price(wanted, method, rules)
    assert total(line.total for line in priced.lines) == priced.total
    assert priced.total == priced.goods - priced.discount + priced.delivery
    assert total(line.vat for line in priced.lines) == priced.vat
    assert total(each.vat for each in priced.vat_sums) == priced.vat
    assert total(each.base + each.vat for each in priced.vat_sums) == priced.total
    for each in priced.vat_sums:
        of_rate = [line for line in priced.lines if line.item.vat_rate == each.rate]
        assert each.vat == total(line.vat for line in of_rate)
        assert each.base + each.vat == total(line.total for line in of_rate)


@given(baskets.items(), baskets.METHODS, baskets.rules())
def test_the_discount_is_shared_to_the_cent(wanted: list[Item], method: PaymentMethod, rules: PriceRules) -> None:
    priced = price(wanted, method, rules)
    assert total(line.discount for line in priced.lines) == priced.discount
    for line in priced.lines[: len(wanted)]:
        full = line.item.unit_price * line.item.quantity
        assert line.total == full - line.discount
        share = Money(full.cents * priced.discount.cents // priced.goods.cents)
        assert share <= line.discount <= share + Money(1)
    assert {line.discount for line in priced.lines[len(wanted) :]} == {Money.ZERO}
    if method is CASH:
        assert priced.discount == Money.ZERO


@given(baskets.items(), baskets.METHODS, baskets.rules())
def test_nothing_is_negative(wanted: list[Item], method: PaymentMethod, rules: PriceRules) -> None:
    priced = price(wanted, method, rules)
    amounts = [priced.goods, priced.discount, priced.delivery, priced.vat, priced.total]
    amounts += [amount for line in priced.lines for amount in (line.total, line.vat, line.discount)]
    amounts += [amount for each in priced.vat_sums for amount in (each.base, each.vat)]
    assert min(amounts) >= Money.ZERO


@given(baskets.items(), baskets.METHODS, baskets.rules())
def test_vat_is_within_each_line_and_none_for_who_is_not_registered(
    wanted: list[Item], method: PaymentMethod, rules: PriceRules
) -> None:
    priced = price(wanted, method, rules)
    rates = [line.item.vat_rate for line in priced.lines]
    if rules.vat_registered:
        goods = [each.vat_rate for each in wanted]
        assert rates[: len(goods)] == goods
        assert set(rates) == set(goods), "delivery is taxed as goods are that it goes with"
        assert all(line.vat == vat_within(line.total, line.item.vat_rate) for line in priced.lines)
    else:
        assert set(rates) == {0}
        assert priced.vat == Money.ZERO
        assert priced.vat_sums == (VatSum(0, priced.total, Money.ZERO),)


@given(baskets.items(), baskets.METHODS, baskets.rules())
def test_the_order_of_lines_and_the_weight_are_those_of_the_basket(
    wanted: list[Item], method: PaymentMethod, rules: PriceRules
) -> None:
    priced = price(wanted, method, rules)
    skus = [line.item.sku for line in priced.lines]
    assert skus[: len(wanted)] == [each.sku for each in wanted]
    assert len(set(skus)) == len(skus) > len(wanted), "each rate of delivery is an article of its own"
    assert priced.weight_grams == 180 * sum(each.quantity for each in wanted)


@given(baskets.items(), baskets.METHODS, baskets.rules())
def test_unit_prices_of_the_books_multiply_back(wanted: list[Item], method: PaymentMethod, rules: PriceRules) -> None:
    for line in price(wanted, method, rules).lines:
        pairs = units(line.total, line.item.quantity)
        assert total(amount * times for amount, times in pairs) == line.total
        assert sum(times for _, times in pairs) == line.item.quantity
        assert len(pairs) <= 2


@given(st.integers(1, 999_999))
def test_delivery_is_free_exactly_from_the_threshold(cents: int) -> None:
    wanted = [item("A", cents)]
    at = PriceRules(Money(499), Money(cents), 0, vat_registered=True)
    above = PriceRules(Money(499), Money(cents + 1), 0, vat_registered=True)
    assert price(wanted, CASH, at).delivery == Money.ZERO
    assert price(wanted, CASH, above).delivery == Money(499)


def test_the_threshold_is_of_the_goods_after_discount() -> None:
    # 64.51 less 7 % (4.52) is 59.99; 64.52 less 4.52 is 60.00.
    assert price([item("A", 6451)], TRANSFER, RULES).delivery == Money(499)
    assert price([item("A", 6452)], TRANSFER, RULES).delivery == Money.ZERO


def test_a_basket_by_hand() -> None:
    priced = price([item("A", 1290, 2), item("B", 333, 1, rate=9)], TRANSFER, RULES)
    # 7 % of 29.13 is 2.0391; of it 25.80 bears 1.80694 and 3.33 bears 0.23322.
    assert [(str(line.discount), str(line.total), str(line.vat)) for line in priced.lines] == [
        ("1.81", "23.99", "4.00"),
        ("0.23", "3.10", "0.26"),
        ("0.00", "4.42", "0.74"),  # 4.99 · 23.99 / 27.09 is 4.4189…
        ("0.00", "0.57", "0.05"),
    ]
    assert priced.vat_sums == (VatSum(20, Money(2367), Money(474)), VatSum(9, Money(336), Money(31)))
    assert (priced.goods, priced.discount, priced.delivery) == (Money(2913), Money(204), Money(499))
    assert (priced.vat, priced.total) == (Money(505), Money(3208))
    assert goods_of(priced) == [Money(2399), Money(310)]


def deliveries(priced: Priced) -> list[tuple[str, int, str, str]]:
    return [
        (line.item.sku, line.item.vat_rate, str(line.total), str(line.vat))
        for line in priced.lines
        if line.item.kind is LineKind.DELIVERY
    ]


def test_d3_delivery_bears_the_vat_of_its_goods() -> None:
    books = price([item("B", 1999, 2, rate=9)], CASH, RULES)
    assert deliveries(books) == [("DELIVERY-9", 9, "4.99", "0.41")]
    assert books.vat_sums == (VatSum(9, Money(4126), Money(371)),)
    assert deliveries(price([item("A", 1000)], CASH, RULES)) == [("DELIVERY", 20, "4.99", "0.83")]
    assert deliveries(price([item("Z", 1000, rate=0)], CASH, RULES)) == [("DELIVERY-0", 0, "4.99", "0.00")]
    unregistered = replace(RULES, vat_registered=False)
    assert deliveries(price([item("B", 1000, rate=9)], CASH, unregistered)) == [("DELIVERY-0", 0, "4.99", "0.00")]


def test_d3_a_mixed_basket_splits_it_by_what_is_paid_or_takes_the_highest_rate_where_so_set() -> None:
    mixed = [item("A", 1000), item("B", 2000, rate=9), item("Z", 1000, rate=0)]
    assert deliveries(price(mixed, CASH, RULES)) == [
        ("DELIVERY", 20, "1.25", "0.21"),
        ("DELIVERY-9", 9, "2.49", "0.21"),
        ("DELIVERY-0", 0, "1.25", "0.00"),
    ]
    highest = replace(RULES, delivery_vat=DeliveryVat.HIGHEST)
    assert deliveries(price(mixed, CASH, highest)) == [("DELIVERY", 20, "4.99", "0.83")]
    assert deliveries(price(mixed[1:], CASH, highest)) == [("DELIVERY-9", 9, "4.99", "0.41")]
    assert deliveries(price([item("A", 6000), item("B", 100, rate=9)], CASH, RULES)) == [
        ("DELIVERY", 20, "0.00", "0.00")
    ]
    assert deliveries(price([item("A", 5000), item("B", 1, rate=9)], CASH, RULES)) == [("DELIVERY", 20, "4.99", "0.83")]


@given(baskets.items(), baskets.METHODS, baskets.rules())
def test_d3_the_parts_are_the_delivery_each_less_than_a_cent_off_its_share(
    wanted: list[Item], method: PaymentMethod, rules: PriceRules
) -> None:
    priced = price(wanted, method, rules)
    parts = [line for line in priced.lines if line.item.kind is LineKind.DELIVERY]
    assert total(line.total for line in parts) == priced.delivery
    assert all(line.vat == vat_within(line.total, line.item.vat_rate) for line in parts)
    goods = [line for line in priced.lines if line.item.kind is LineKind.GOODS]
    paid = total(line.total for line in goods).cents
    if rules.delivery_vat is DeliveryVat.PROPORTIONAL and paid:
        for rate in {line.item.vat_rate for line in goods}:
            of_rate = sum(line.total.cents for line in goods if line.item.vat_rate == rate)
            charged = sum(line.total.cents for line in parts if line.item.vat_rate == rate)
            assert abs(charged * paid - priced.delivery.cents * of_rate) < paid
    else:
        assert len(parts) == 1
