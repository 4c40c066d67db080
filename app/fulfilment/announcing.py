"""Names with whom a contract is under way, to whoever has to tell them of something (C21)."""

from sqlalchemy import Select, select

from app.core.language import Language
from app.orders.models import Order


def buyers_under_way() -> Select[str, Language]:
    return select(Order.email, Order.language).where(Order.finished_at.is_(None), Order.email != "")
