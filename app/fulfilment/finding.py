"""Which orders somebody means by what they typed: the one search of the staff, here and in the registers."""

import re

from sqlalchemy import ColumnElement, func, select, union

from app.core.fields import as_kept
from app.invoices.models import Document
from app.orders.models import WORDS, Order
from app.orders.naming import order_number_in
from app.shipping.models import Shipment

DIGITS = re.compile(r"[0-9]{1,20}")
BETWEEN = re.compile(r"[\s+()./-]+")
"""What people write between the digits of a number, and before it."""
DOCUMENT_DIGITS = 10
LEAST_DIGITS = 4


def is_meant(typed: str) -> ColumnElement[bool]:
    """Say that an order is of this number, waybill, document, address or phone, or its words begin as these do."""
    if "@" in typed:
        return func.lower(Order.email) == func.lower(as_kept(typed))
    if DIGITS.fullmatch(digits := BETWEEN.sub("", typed)):
        return _is_numbered(digits)
    if number := order_number_in(typed):  # or a company's EIK: it has nine digits too
        return _is_numbered(number)
    return _has_words(typed)


def _is_numbered(digits: str) -> ColumnElement[bool]:
    found = [
        select(Shipment.order_id).where(Shipment.waybill == digits),
        select(Document.order_id).where(Document.number == digits.zfill(DOCUMENT_DIGITS)),
    ]
    # With two zeros before it, it is a document's and no phone's; of a phone four digits say something.
    if len(digits) >= LEAST_DIGITS and not (digits.startswith("00") and len(digits) == DOCUMENT_DIGITS):
        found.append(select(Order.id).where(_has_words(digits)))
    return Order.id.in_(union(*found))


def _has_words(typed: str) -> ColumnElement[bool]:
    return WORDS.bool_op("@@")(func.search_query(typed))
