"""What somebody typed into a register's search: an order's number, an e-mail address, or words of a name."""

import re

from sqlalchemy import ColumnElement, func

from app.accounts.models import Profile
from app.auth.models import Account
from app.core.fields import as_kept
from app.orders.models import Order

NUMBER = re.compile(r"[1-9][0-9]{8}")


def orders_fit(words: str) -> ColumnElement[bool]:
    """Say that an order is the one of this number, of this address, or of somebody whose name has these words."""
    if NUMBER.fullmatch(words):
        return Order.number == int(words)
    if "@" in words:
        return func.lower(Order.email) == func.lower(as_kept(words))
    return _has(Order.first_name, Order.last_name, words)


def accounts_fit(words: str) -> ColumnElement[bool]:
    if "@" in words:
        return func.lower(Account.email) == func.lower(as_kept(words))
    return _has(Profile.first_name, Profile.last_name, words)


def _has(first: ColumnElement[str] | object, last: object, words: str) -> ColumnElement[bool]:
    return func.strpos(func.lower(func.concat_ws(" ", first, last)), func.lower(words)) > 0
