"""What somebody typed into a register's search: an order's number, an e-mail address, or words of a name."""

from sqlalchemy import ColumnElement, false, func

from app.accounts.models import Profile
from app.auth.models import Account
from app.core.fields import as_kept
from app.core.searching import has_words
from app.orders.models import Order
from app.orders.naming import order_number_in


def orders_fit(words: str) -> ColumnElement[bool]:
    """Say that an order is the one of this number, of this address, or of somebody whose name has these words."""
    if "@" in words:
        return func.lower(Order.email) == func.lower(as_kept(words))
    if number := order_number_in(words):
        return Order.number == int(number)
    return has_words(words, Order.first_name, Order.last_name)


def accounts_fit(words: str) -> ColumnElement[bool]:
    if "@" in words:
        return func.lower(Account.email) == func.lower(as_kept(words))
    if order_number_in(words):
        return false()
    return has_words(words, Profile.first_name, Profile.last_name)
