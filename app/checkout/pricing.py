"""What a basket costs; the one computation behind quote, order and every document."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.language import Text
from app.core.money import Money, share, total
from app.core.vat import STANDARD_RATE, VatSum, vat_sums, vat_within
from app.orders.models import LineKind, PaymentMethod

DELIVERY_SKU = "DELIVERY"
DELIVERY_NAME = Text("Доставка", "Delivery")


class DeliveryVat(StrEnum):
    """How the delivery of goods of several rates is taxed."""

    PROPORTIONAL = "proportional"
    HIGHEST = "highest"


@dataclass(frozen=True, slots=True)
class PriceRules:
    """What the shop charges beyond its goods, and whether it charges VAT at all."""

    delivery_price: Money
    free_delivery_from: Money
    """Of the goods, after discount."""
    bank_transfer_discount_percent: int
    vat_registered: bool
    delivery_vat: DeliveryVat = DeliveryVat.PROPORTIONAL

    def discount_percent(self, method: PaymentMethod) -> int:
        return self.bank_transfer_discount_percent if method is PaymentMethod.BANK_TRANSFER else 0


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
    slug: str | None = None
    """Of its page; delivery has none."""
    left: int | None = None
    """How many are in stock now; None: it is of no stock."""


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
    if not rules.vat_registered:  # ЗДДС чл. 113 ал. 9: who is not registered shows no VAT
        items = [replace(item, vat_rate=0) for item in items]
    full = [item.unit_price * item.quantity for item in items]
    goods = total(full)
    discount = Money((goods.cents * rules.discount_percent(method) + 50) // 100)
    delivery = Money.ZERO if goods - discount >= rules.free_delivery_from else rules.delivery_price
    lines = [_line(item, off) for item, off in zip(items, share(discount, full), strict=True)]
    lines += [_line(each, Money.ZERO) for each in _deliveries(delivery, lines, rules.delivery_vat)]
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


def _deliveries(amount: Money, goods: Sequence[PricedLine], how: DeliveryVat) -> list[Item]:
    """Let delivery bear the VAT of the goods that it goes with (ЗДДС чл. 26 ал. 3 т. 3).

    Goods of several rates share it in proportion to what is paid for them; whether so is uncertain (fact sheet 11.11).
    """
    rates = sorted({line.item.vat_rate for line in goods}, reverse=True)
    paid = [total(line.total for line in goods if line.item.vat_rate == rate) for rate in rates]
    if how is DeliveryVat.HIGHEST or not any(paid):
        return [_delivery(amount, rates[0])]
    parts = zip(rates, share(amount, paid), strict=True)
    return [_delivery(part, rate) for rate, part in parts if part] or [_delivery(amount, rates[0])]


def _delivery(amount: Money, rate: int) -> Item:
    """Make an article of its own for each rate: the books know one by its SKU, with one rate."""
    sku = DELIVERY_SKU if rate == STANDARD_RATE else f"{DELIVERY_SKU}-{rate}"
    return Item(sku, DELIVERY_NAME, amount, rate, 1, 0, LineKind.DELIVERY)


def _line(item: Item, discount: Money) -> PricedLine:
    paid = item.unit_price * item.quantity - discount
    return PricedLine(item, discount, paid, vat_within(paid, item.vat_rate))
