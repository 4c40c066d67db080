"""I-Cash (icash.bg), the shop's accounting system: the adapter, and a simulator of its HTTP interface."""

from app.integrations.icash.account import Assumptions, ICashAccount
from app.integrations.icash.books import ICashBooks

__all__ = ["Assumptions", "ICashAccount", "ICashBooks"]
