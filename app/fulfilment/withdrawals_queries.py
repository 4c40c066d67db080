"""What staff see of statements of withdrawal: each with its order, delivery and newest receipt, in one select."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.errors import NotFound
from app.fulfilment.queries import DELIVERED_AT
from app.mail.models import Mail, MailKind, MailState
from app.orders.models import Order
from app.privacy.restricting import is_unrestricted
from app.returns.models import Withdrawal, WithdrawalCase
from app.returns.period import ends_at
from app.returns.schemas import WithdrawnLineView
from app.returns.staff_schemas import QueueState, ReceiptMailState, StaffWithdrawalView
from app.shipping.models import Shipment

Found = Row[*tuple[Any, ...]]
C = WithdrawalCase

_receipt = (
    select(Mail.state)
    .where(Mail.order_id.is_(None), Mail.about_id == Withdrawal.id, Mail.kind == MailKind.WITHDRAWAL_RECEIPT)
    .order_by(Mail.id.desc())
    .limit(1)
    .correlate(Withdrawal)
    .scalar_subquery()
)
_SHOWN = (
    select(Withdrawal, C, Order.number, DELIVERED_AT.label("delivered_at"), _receipt.label("receipt"))
    .join(C, C.withdrawal_id == Withdrawal.id)
    .outerjoin(Order, Order.id == C.order_id)
    .outerjoin(Shipment, Shipment.order_id == Order.id)
)


async def list_withdrawals(
    session: AsyncSession,
    state: QueueState,
    *,
    with_restricted: bool,
    after: tuple[date | datetime, UUID] | None,
    limit: int,
) -> Sequence[Found]:
    """List what is open, the most urgent refund first, or what is settled, the newest first.

    What is settled of whom a restriction covers is left out, unless the caller decides on such (S64).
    """
    if state is QueueState.SETTLED:
        key = tuple_(C.settled_at, C.withdrawal_id)
        unrestricted = true() if with_restricted else is_unrestricted(func.coalesce(Withdrawal.email, ""))
        wanted = _SHOWN.where(C.settled_at.is_not(None), unrestricted)
        wanted = wanted.order_by(C.settled_at.desc(), C.withdrawal_id.desc())
        beyond = key < tuple_(*after) if after else true()
    else:
        key = tuple_(C.refund_due_on, C.withdrawal_id)
        unmatched = C.order_id.is_(None) if state is QueueState.UNMATCHED else true()
        wanted = _SHOWN.where(C.settled_at.is_(None), unmatched).order_by(C.refund_due_on, C.withdrawal_id)
        beyond = key > tuple_(*after) if after else true()
    return (await session.execute(wanted.where(beyond).limit(limit))).all()


async def get_shown(session: AsyncSession, withdrawal_id: UUID) -> Found:
    wanted = _SHOWN.where(Withdrawal.id == withdrawal_id).execution_options(populate_existing=True)
    found = (await session.execute(wanted)).first()
    if found is None:
        raise NotFound
    return found


def withdrawal_view(found: Found, zone: ZoneInfo, *, at: datetime) -> StaffWithdrawalView:
    stated, case, number, delivered_at, receipt = found
    until = ends_at([delivered_at], zone)
    sent_at = datetime.combine(stated.sent_on, time.min, zone) if stated.sent_on else stated.stated_at
    return StaffWithdrawalView(
        id=stated.id,
        reference=stated.reference,
        via=stated.via,
        stated_at=stated.stated_at,
        sent_on=stated.sent_on,
        recorded_by=stated.recorded_by,
        name=stated.name,
        email=stated.email,
        stated_order=stated.order_number,
        lines=[WithdrawnLineView(**line) for line in stated.lines] if stated.lines else None,
        goods=stated.goods,
        order_number=str(number) if number else None,
        identity=case.identity,
        identity_how=case.identity_how,
        in_time=None if until is None else sent_at < until,
        refund_due_on=case.refund_due_on,
        is_overdue=not case.is_settled and case.refund_due_on < legal_date(at),
        receipt=RECEIPTS[receipt] if receipt else ReceiptMailState.NONE,
        outcome=case.outcome,
        settled_at=case.settled_at,
        settled_by=case.settled_by,
        settled_why=case.settled_why,
    )


RECEIPTS = {
    MailState.SENT: ReceiptMailState.SENT,
    MailState.WAITING: ReceiptMailState.WAITING,
    MailState.REFUSED: ReceiptMailState.REFUSED,
}
