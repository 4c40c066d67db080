"""Endpoints of statements of withdrawal for staff: the queue with the refund's clock, and what is done about each."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, audit_insert
from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import HOLDERS, Right
from app.core.clock import At
from app.core.db import SessionDep, write_last
from app.core.errors import Invalid, NotFound
from app.core.paging import Cursor, CursorUnknown, Limit, ListedId, Page, read_cursor, write_cursor
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.fulfilment import withdrawals_handling as handling
from app.fulfilment.api import WithdrawalZone
from app.fulfilment.withdrawals_queries import get_shown, list_withdrawals, withdrawal_view
from app.privacy.restricting import PersonRestricted, Whose, require_unrestricted
from app.returns import service
from app.returns.errors import (
    ReceiptWaiting,
    RefundIncomplete,
    RefundMissing,
    StatedInFuture,
    WithdrawalChanged,
    WithdrawalKeyReused,
    WithdrawalOpen,
    WithdrawalSettled,
    WithdrawalUnmatched,
    WithdrawerChecked,
    WithdrawerUnchecked,
)
from app.returns.service import Stating
from app.returns.staff_schemas import (
    CheckWithdrawer,
    MatchOrder,
    NoteBounce,
    QueueState,
    RecordWithdrawal,
    ReopenWithdrawal,
    ResendReceipt,
    SettleWithdrawal,
    StaffWithdrawalView,
)

router = Router(prefix="/staff/withdrawals", tags=["staff"])
Reader = Annotated[Person, staff_with(Right.READ_WITHDRAWALS)]
Handler = Annotated[Person, staff_with(Right.HANDLE_WITHDRAWALS)]
FOUND = (*STAFF_REFUSALS, NotFound, BodyUnreadable, Invalid)


@router.get("", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_contract_withdrawals(
    caller: Reader,
    session: SessionDep,
    zone: WithdrawalZone,
    at: At,
    state: Annotated[QueueState, Query(description="`unmatched`: open, and of no order yet")] = QueueState.OPEN,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[StaffWithdrawalView]:
    """List statements: open ones by the day their refund is due, settled ones newest first."""
    is_settled = state is QueueState.SETTLED
    read: Callable[[str], Any] = datetime.fromisoformat if is_settled else date.fromisoformat
    after = read_cursor(cursor, read, UUID)
    rows = await list_withdrawals(
        session,
        state,
        with_restricted=_decides(caller),
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    shown = [withdrawal_view(row, zone, at=at) for row in rows[:limit]]
    _note_shown(session, caller, shown, at)
    last = shown[-1] if len(rows) > limit else None
    return Page(
        items=shown,
        next_cursor=write_cursor(last.settled_at if is_settled else last.refund_due_on, last.id) if last else None,
    )


@router.get("/{withdrawal_id}", responses=problems(*STAFF_REFUSALS, NotFound, PersonRestricted, Invalid))
async def read_contract_withdrawal(
    withdrawal_id: ListedId, caller: Reader, session: SessionDep, zone: WithdrawalZone, at: At
) -> StaffWithdrawalView:
    """Show a statement, its order, and what was done about it."""
    found = await get_shown(session, withdrawal_id)
    if not _decides(caller):
        stated, case, *_ = found
        await require_unrestricted(session, [Whose(stated.email or "", None, not case.is_settled)])
    return withdrawal_view(found, zone, at=at)


@router.post(
    "",
    status_code=201,
    responses=problems(*STAFF_REFUSALS, WithdrawalKeyReused, StatedInFuture, BodyUnreadable, Invalid),
)
async def record_withdrawal(
    wish: RecordWithdrawal, request: Request, caller: Handler, session: SessionDep, zone: WithdrawalZone, at: At
) -> StaffWithdrawalView:
    """Record a statement that came by post, phone or e-mail; its receipt is mailed where an address is known."""
    if wish.stated_at > at:
        raise StatedInFuture
    stating = Stating(
        wish.stated_at, wish.language, wish.email, via=wish.via, sent_on=wish.sent_on, recorded_by=caller.actor
    )
    made = await service.state(session, wish, stating, request.app.state.contract_terms, at=at)
    _note(session, caller, f"record_withdrawal withdrawal_id:{made.id}", at)
    return withdrawal_view(await get_shown(session, made.id), zone, at=at)


@router.post("/{withdrawal_id}/match", responses=problems(*FOUND, WithdrawalChanged, WithdrawalSettled))
async def match_withdrawal(
    withdrawal_id: ListedId, wish: MatchOrder, caller: Handler, session: SessionDep, zone: WithdrawalZone, at: At
) -> StaffWithdrawalView:
    """Say which order a statement is of; what was known of its buyer is known anew."""
    await handling.match(session, withdrawal_id, wish, by=caller.actor, at=at)
    await session.flush()  # what is shown is read anew
    return withdrawal_view(await get_shown(session, withdrawal_id), zone, at=at)


@router.post(
    "/{withdrawal_id}/identity",
    responses=problems(*FOUND, WithdrawalUnmatched, WithdrawalChanged, WithdrawerChecked, WithdrawalSettled),
)
async def check_withdrawer(
    withdrawal_id: ListedId, wish: CheckWithdrawer, caller: Handler, session: SessionDep, zone: WithdrawalZone, at: At
) -> StaffWithdrawalView:
    """Record that the statement is of the order's buyer, and how that was made sure: before money moves."""
    await handling.check(session, withdrawal_id, wish, by=caller.actor, at=at)
    await session.flush()  # as above
    return withdrawal_view(await get_shown(session, withdrawal_id), zone, at=at)


@router.post(
    "/{withdrawal_id}/settlement",
    responses=problems(
        *FOUND, WithdrawalUnmatched, WithdrawerUnchecked, RefundMissing, RefundIncomplete, WithdrawalSettled
    ),
)
async def settle_withdrawal(
    withdrawal_id: ListedId, wish: SettleWithdrawal, caller: Handler, session: SessionDep, zone: WithdrawalZone, at: At
) -> StaffWithdrawalView:
    """Record how a statement ended; `refunded` needs a refund of its order that was recorded since.

    Where it is of the whole order, all that was paid is back, or `why` says why not.
    """
    await handling.close(session, withdrawal_id, wish, by=caller.actor, at=at)
    await session.flush()  # as above
    return withdrawal_view(await get_shown(session, withdrawal_id), zone, at=at)


@router.post("/{withdrawal_id}/reopening", responses=problems(*FOUND, WithdrawalOpen))
async def reopen_withdrawal(
    withdrawal_id: ListedId, wish: ReopenWithdrawal, _: Handler, session: SessionDep, zone: WithdrawalZone, at: At
) -> StaffWithdrawalView:
    """Take back how a statement ended, where that was a mistake; it is in the queue again, by the same clock."""
    await handling.reopen(session, withdrawal_id, wish.why)
    await session.flush()  # as above
    return withdrawal_view(await get_shown(session, withdrawal_id), zone, at=at)


@router.post("/{withdrawal_id}/bounces", responses=problems(*FOUND))
async def note_bounce(
    withdrawal_id: ListedId, wish: NoteBounce, _: Handler, session: SessionDep, zone: WithdrawalZone, at: At
) -> StaffWithdrawalView:
    """Note that the receipt came back, by the Message-ID that the bounce names; the shop is alarmed as of a refusal."""
    await handling.note_bounce(session, withdrawal_id, wish.message_id)
    return withdrawal_view(await get_shown(session, withdrawal_id), zone, at=at)


@router.post("/{withdrawal_id}/receipts", responses=problems(*FOUND, ReceiptWaiting))
async def resend_receipt(
    withdrawal_id: ListedId, wish: ResendReceipt, _: Handler, session: SessionDep, zone: WithdrawalZone, at: At
) -> StaffWithdrawalView:
    """Send the receipt again, in the same words, to an address that was put right."""
    await handling.resend(session, withdrawal_id, wish.email, at=at)
    return withdrawal_view(await get_shown(session, withdrawal_id), zone, at=at)


def _decides(caller: Person) -> bool:
    """Say whether the caller decides on requests: then data under restriction are read for a claim (S64)."""
    return caller.role in HOLDERS[Right.DECIDE_REQUESTS]


def _note_shown(session: AsyncSession, caller: Person, shown: list[StaffWithdrawalView], at: datetime) -> None:
    """Audit whose statements a list showed: after a breach it has to be told who was seen."""
    if shown:
        detail = " ".join(f"withdrawal:{each.id}" for each in shown)
        entry = audit_insert(
            Action.PERSONAL_DATA_READ, actor=caller.actor, subject="list_contract_withdrawals", detail=detail, at=at
        )
        write_last(session, entry)


def _note(session: AsyncSession, caller: Person, subject: str, at: datetime) -> None:
    write_last(session, audit_insert(Action.PERSONAL_DATA_CHANGED, actor=caller.actor, subject=subject, at=at))
