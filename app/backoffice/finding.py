"""What somebody typed into a register's search: an order as the staff's search finds it, or whose account it is."""

from sqlalchemy import ColumnElement, false, func

from app.accounts.models import Profile
from app.auth.models import Account
from app.core.fields import as_kept
from app.core.searching import has_words
from app.fulfilment.finding import is_meant as orders_fit
from app.orders.naming import order_number_in

__all__ = ["accounts_fit", "orders_fit"]


def accounts_fit(words: str) -> ColumnElement[bool]:
    if "@" in words:
        return func.lower(Account.email) == func.lower(as_kept(words))
    if order_number_in(words):
        return false()
    return has_words(words, Profile.first_name, Profile.last_name)
