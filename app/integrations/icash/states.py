"""What an operation's status, payments and dates say of it."""

from app.accounting.ports import BookedState
from app.integrations.icash.account import Assumptions
from app.integrations.icash.wire import Operation

NO_DATE = "0000"


def state_of(operation: Operation, assumptions: Assumptions) -> BookedState:
    """Say how far it is; one that is paid or dated was finalised, whatever its status says."""
    status, is_printed = operation.status, _is_date(operation.completed_at_register)
    if status in assumptions.complete or (status in assumptions.waiting and is_printed):
        return BookedState.COMPLETE
    was_heard = operation.paid > 0 or _is_date(operation.completed) or is_printed
    if status in assumptions.waiting or (status in assumptions.building and was_heard):
        return BookedState.WAITING
    if status in assumptions.building:
        return BookedState.OPEN
    return BookedState.DELETED if status in assumptions.deleted else BookedState.OTHER


def _is_date(moment: str | None) -> bool:
    return bool(moment) and not str(moment).startswith(NO_DATE)
