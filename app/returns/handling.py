"""What is recorded of a statement's course; whoever calls has locked its case."""

from datetime import datetime

from app.orders.models import Order
from app.returns.models import Identity, WithdrawalCase, WithdrawalOutcome


def attach(case: WithdrawalCase, order: Order, identity: Identity, *, by: str, at: datetime) -> None:
    """Say which order a statement is of; what was known of its buyer was of another one."""
    case.order_id, case.matched_at, case.matched_by = order.id, at, by
    case.identity, case.identity_how = identity, None
    case.identity_at, case.identity_by = (None, None) if identity is Identity.UNPROVED else (at, by)


def settle(case: WithdrawalCase, outcome: WithdrawalOutcome, why: str | None, *, by: str, at: datetime) -> None:
    case.outcome, case.settled_why, case.settled_at, case.settled_by = outcome, why, at, by
