"""What a basket costs; the one computation behind quote, order and every document."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.language import Text
from app.core.money import Money, share, total
from app.core.vat import STANDARD_RATE, VatSum, vat_sums, vat_within
from app.orders.models import LineKind, PaymentMethod

DELIVERY_SKU = "DELIVERY"
DELIVERY_NAME = Text("Доставка", "Delivery")


@dataclass(frozen=True, slots=True)
class PriceRules:
    """What the shop charges beyond its goods, and whether it charges VAT at all."""

    delivery_price: Money
    free_delivery_from: Money
    """Of the goods, after discount."""
    bank_transfer_discount_percent: int
    vat_registered: bool


@dataclass(frozen=True, slots=True)
class Item:
    """Something in a basket, at today's price with VAT."""

    sku: str
    name: Text
    unit_price: Money
    vat_rate: int
    quantity: int
    weight_grams: int
    kind: LineKind = LineKind.GOODS


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its share of the discount; `total` is what is paid for it and `vat` is contained in it."""

    item: Item
    discount: Money
    total: Money
    vat: Money


@dataclass(frozen=True, slots=True)
class Priced:
    """A priced basket; every sum is a sum of its lines."""

    lines: tuple[PricedLine, ...]
    goods: Money
    discount: Money
    delivery: Money
    vat_sums: tuple[VatSum, ...]
    vat: Money
    total: Money

    @property
    def pieces(self) -> int:
        return sum(line.item.quantity for line in self.lines if line.item.kind is LineKind.GOODS)

    @property
    def weight_grams(self) -> int:
        return sum(line.item.weight_grams * line.item.quantity for line in self.lines)


def price(items: Sequence[Item], method: PaymentMethod, rules: PriceRules) -> Priced:
    """Price a basket that is not empty.

    The discount is shared over the goods in proportion to their totals, to the cent, so that each line carries its own.
    """
    full = [item.unit_price * item.quantity for item in items]
    goods = total(full)
    percent = rules.bank_transfer_discount_percent if method is PaymentMethod.BANK_TRANSFER else 0
    discount = Money((goods.cents * percent + 50) // 100)
    delivery = Money.ZERO if goods - discount >= rules.free_delivery_from else rules.delivery_price
    lines = [_line(item, off, rules) for item, off in zip(items, share(discount, full), strict=True)]
    # Delivery goes with the goods: where none of them bears VAT, as under export, it bears none.
    delivery_rate = STANDARD_RATE if any(item.vat_rate for item in items) else 0
    lines.append(_line(_delivery(delivery, delivery_rate), Money.ZERO, rules))
    sums = tuple(vat_sums((line.item.vat_rate, line.total) for line in lines))
    return Priced(
        lines=tuple(lines),
        goods=goods,
        discount=discount,
        delivery=delivery,
        vat_sums=sums,
        vat=total(each.vat for each in sums),
        total=total(line.total for line in lines),
    )


def _delivery(amount: Money, rate: int) -> Item:
    return Item(DELIVERY_SKU, DELIVERY_NAME, amount, rate, 1, 0, LineKind.DELIVERY)


def _line(item: Item, discount: Money, rules: PriceRules) -> PricedLine:
    if not rules.vat_registered:  # ЗДДС чл. 113 ал. 9: who is not registered shows no VAT
        item = Item(item.sku, item.name, item.unit_price, 0, item.quantity, item.weight_grams, item.kind)
    paid = item.unit_price * item.quantity - discount
    return PricedLine(item, discount, paid, vat_within(paid, item.vat_rate))
