"""Issues what is no tax document: the registration of a sale (Наредба Н-18, чл. 52о) and the goods note."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.money import units
from app.invoices import queries
from app.invoices.goods_view import GoodsView, Piece
from app.invoices.models import Document
from app.invoices.numbering import take_number
from app.invoices.sale_view import PLAIN, TAX_GROUPS, SaleItem, SaleView
from app.invoices.service import Issuer, address_of, buyer_of, store
from app.invoices.view import DocumentKind, Payment
from app.orders.models import LineKind, Order, OrderLine


async def issue_sale_document(
    session: AsyncSession,
    order: Order,
    lines: Sequence[OrderLine],
    issuer: Issuer,
    *,
    shop_number: str,
    transaction: str | None,
    sold_at: datetime,
    at: datetime,
) -> Document:
    """Register the sale of a locked order; a second call returns the first.

    `transaction` is what the bank or the courier calls the payment; where it does not fit the QR code, or is not known,
    the order's number stands for it.
    """
    if earlier := await queries.find_last(session, order.id, DocumentKind.SALE):
        return earlier
    invoice = await queries.find_last(session, order.id, DocumentKind.INVOICE)
    numbered = await take_number(session, DocumentKind.SALE, issuer.ranges, today=legal_date(at))
    view = SaleView(
        number=numbered.number,
        issued_on=numbered.issued_on,
        sold_at=sold_at,
        seller=issuer.seller,
        shop_number=shop_number,
        order_number=order.reference,
        transaction=transaction if transaction and PLAIN.fullmatch(transaction) else order.reference,
        payment=Payment(order.payment_method),
        items=tuple(item for line in lines if line.kind is LineKind.GOODS or line.total for item in _items(line)),
        base=order.total - order.vat,
        vat=order.vat,
        total=order.total,
        invoice_number=invoice.number if invoice else None,
    )
    return store(session, numbered, view, order.id, at=at)


def _items(line: OrderLine) -> list[SaleItem]:
    return [
        SaleItem(
            name=line.name,
            tax_group=TAX_GROUPS[line.vat_rate],
            quantity=quantity,
            unit_price=price,
            value=price * quantity,
        )
        for price, quantity in units(line.total, line.quantity)
    ]


async def issue_goods_note(
    session: AsyncSession,
    order: Order,
    lines: Sequence[OrderLine],
    issuer: Issuer,
    *,
    waybill: str | None,
    at: datetime,
) -> Document:
    """List what goes to the buyer of a locked order; a second call returns the first."""
    if earlier := await queries.find_last(session, order.id, DocumentKind.GOODS_NOTE):
        return earlier
    numbered = await take_number(session, DocumentKind.GOODS_NOTE, issuer.ranges, today=legal_date(at))
    view = GoodsView(
        number=numbered.number,
        issued_on=numbered.issued_on,
        place=issuer.place,
        seller=issuer.seller,
        buyer=buyer_of(order),
        delivered_to=address_of(order, with_note=False),
        order_number=order.reference,
        ordered_on=legal_date(order.placed_at),
        waybill=waybill,
        pieces=tuple(
            Piece(sku=line.sku, description=line.name, quantity=line.quantity)
            for line in lines
            if line.kind is LineKind.GOODS
        ),
    )
    return store(session, numbered, view, order.id, at=at)
