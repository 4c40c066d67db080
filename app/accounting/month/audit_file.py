"""Writes the standard audit file of an electronic shop (Наредба Н-18, чл. 52т ал. 2, Annex 38; fact sheet 3.4)."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from app.accounting.month.period import Month
from app.accounting.month.rows import AuditOrder, AuditReturn, SoldLine
from app.accounting.month.terms import AuditDiscount, AuditPayment, Terms
from app.core.money import Money, share, total, units
from app.core.vat import vat_within
from app.payments.models import RefundMeans

ENCODING = "windows-1251"
RETURNED = {RefundMeans.ACCOUNT: "1", RefundMeans.CARD: "2", RefundMeans.CASH: "3", RefundMeans.OTHER: "4"}
NAME_LENGTH = 200
NO_LETTER = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Article:
    """A row of an order in the file: a price of whole cents without VAT, and the VAT of the row."""

    name: str
    quantity: int
    price: Money
    rate: int
    vat: Money
    sum: Money


@dataclass(frozen=True, slots=True)
class Told:
    """An order with the amounts that the NRA checks: goods − discount + VAT = total."""

    articles: Sequence[Article]
    goods: Money
    discount: Money
    vat: Money
    total: Money


def told_of(order: AuditOrder, how: AuditDiscount) -> Told:
    articles = [article for line in order.lines for article in _articles(line, how)]
    goods = total(article.price * article.quantity for article in articles)
    discount = total(_net_discount(line) for line in order.lines) if how is AuditDiscount.ORDER else Money.ZERO
    vat = total(article.vat for article in articles)
    return Told(articles, goods, discount, vat, total(article.sum for article in articles))


def _net_discount(line: SoldLine) -> Money:
    whole = line.total + line.discount
    return (whole - vat_within(whole, line.rate)) - (line.total - line.vat)


def _articles(line: SoldLine, how: AuditDiscount) -> list[Article]:
    """Split a line whose net price does not divide in two, whose prices differ by a cent, so that each row adds up."""
    net = line.total - line.vat
    shown = net + _net_discount(line) if how is AuditDiscount.ORDER else net
    pairs = units(shown, line.quantity)
    weights = [price * quantity for price, quantity in pairs]
    vats = share(line.vat, weights) if total(weights) else [line.vat, *[Money.ZERO] * (len(pairs) - 1)]
    sums = share(line.total, weights) if total(weights) else [line.total, *[Money.ZERO] * (len(pairs) - 1)]
    if how is AuditDiscount.LINES or not line.discount:
        sums = [weight + vat for weight, vat in zip(weights, vats, strict=True)]
    return [
        Article(line.name[:NAME_LENGTH], quantity, price, line.rate, vat, gross)
        for (price, quantity), vat, gross in zip(pairs, vats, sums, strict=True)
    ]


async def write(
    orders: AsyncIterator[AuditOrder], returns: Sequence[AuditReturn], terms: Terms, month: Month, *, made_on: date
) -> AsyncIterator[bytes]:
    """Write the file order by order; the caller has seen that there is one."""
    yield _bytes(f'<?xml version="1.0" encoding="{ENCODING}"?>\n<audit>\n' + _head(terms, month, made_on) + "<order>\n")
    async for order in orders:
        yield _bytes(_order(order, terms))
    yield _bytes("</order>\n" + _returns(returns) + "</audit>\n")


def _bytes(text: str) -> bytes:
    # A letter that windows-1251 has not goes as its number.
    return text.encode(ENCODING, "xmlcharrefreplace")


def _tag(name: str, value: object) -> str:
    text = escape(_clean(value)) if isinstance(value, str) else str(value)  # numbers need no care, and are most
    return f"<{name}>{text}</{name}>\n"


def _clean(text: str) -> str:
    """Leave out what XML cannot hold, not even as a number (XML 1.0, Char)."""
    return NO_LETTER.sub("", text)


def _head(terms: Terms, month: Month, made_on: date) -> str:
    return (
        _tag("eik", terms.seller.eik)
        + _tag("e_shop_n", terms.shop_number)
        + _tag("domain_name", terms.domain)
        + _tag("e_shop_type", terms.shop_type)
        + _tag("creation_date", made_on.isoformat())
        + _tag("mon", f"{month.number:02d}")
        + _tag("god", month.year)
    )


def _order(order: AuditOrder, terms: Terms) -> str:
    assert order.document_on is not None  # an order without a document is left to the next month
    told = told_of(order, terms.audit_discount)
    payment = terms.payments[order.payment]
    return (
        "<orderenum>\n"
        + _tag("ord_n", order.number)
        + _tag("ord_d", order.ordered_on.isoformat())
        + _tag("doc_n", order.document_number)
        + _tag("doc_date", order.document_on.isoformat())
        + "<art>\n"
        + "".join(_article(article) for article in told.articles)
        + "</art>\n"
        + _tag("ord_total1", told.goods)
        + _tag("ord_disc", told.discount)
        + _tag("ord_vat", told.vat)
        + _tag("ord_total2", told.total)
        + _paid(payment, order.transaction)
        + "</orderenum>\n"
    )


def _paid(payment: AuditPayment, transaction: str | None) -> str:
    return (
        _tag("paym", payment.paym)
        + _tag("pos_n", payment.pos_n or "")
        + _tag("trans_n", transaction or "")
        + _tag("proc_id", payment.proc_id or "")
    )


def _article(article: Article) -> str:
    return (
        "<artenum>\n"
        + _tag("art_name", article.name)
        + _tag("art_quant", article.quantity)
        + _tag("art_price", article.price)
        + _tag("art_vat_rate", article.rate)
        + _tag("art_vat", article.vat)
        + _tag("art_sum", article.sum)
        + "</artenum>\n"
    )


def _returns(returns: Sequence[AuditReturn]) -> str:
    rows = "".join(
        "<rorderenum>\n"
        + _tag("r_ord_n", each.order_number)
        + _tag("r_amount", each.amount)
        + _tag("r_date", each.refunded_on.isoformat())
        + _tag("r_paym", RETURNED[each.means])
        + "</rorderenum>\n"
        for each in returns
    )
    return (
        _tag("r_ord", len({each.order_number for each in returns}))
        + (f"<rorder>\n{rows}</rorder>\n" if rows else "")
        + _tag("r_total", total(each.amount for each in returns))
    )
