"""Says of an order whose data it holds, and whether it is under way: what the gate of restriction asks (S64)."""

from sqlalchemy import Select, select

from app.core.language import Language
from app.orders.models import Order
from app.orders.states import OVER
from app.privacy.restricting import Whose


def whose_of(order: Order) -> Whose:
    return Whose(order.email, order.account_id, order.status not in OVER)


def addresses_under_way() -> Select[str, Language]:
    """Select address and language of everybody with whom there is a contract under way; some stand in it twice."""
    return select(Order.email, Order.language).where(Order.status.not_in(OVER), Order.email != "")
