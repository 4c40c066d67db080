"""The lines and sums of an order, as every answer about it shows them."""

from collections.abc import Sequence
from typing import Literal

from app.core.fields import View
from app.core.language import Language, Text
from app.core.money import CURRENCY, Money
from app.core.vat import vat_sums
from app.orders.models import LineKind, Order, OrderLine


class LineView(View):
    kind: LineKind
    sku: str
    name: str
    quantity: int
    unit_price: Money
    discount: Money
    total: Money
    vat_rate: int
    vat: Money


class VatView(View):
    rate: int
    base: Money
    vat: Money


class TotalsView(View):
    """Amounts with VAT; `vat` is contained in `total`."""

    goods: Money
    discount: Money
    delivery: Money
    vat_by_rate: list[VatView]
    vat: Money
    total: Money
    currency: Literal["EUR"] = CURRENCY


def line_views(lines: Sequence[OrderLine], language: Language) -> list[LineView]:
    return [
        LineView(
            kind=line.kind,
            sku=line.sku,
            name=Text(line.name, line.name_en).in_(language),
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount=line.discount,
            total=line.total,
            vat_rate=line.vat_rate,
            vat=line.vat,
        )
        for line in lines
    ]


def totals_view(order: Order, lines: Sequence[OrderLine]) -> TotalsView:
    return TotalsView(
        goods=order.goods,
        discount=order.discount,
        delivery=order.delivery,
        vat_by_rate=[VatView.model_validate(each) for each in vat_sums((line.vat_rate, line.total) for line in lines)],
        vat=order.vat,
        total=order.total,
    )
