"""Endpoints of money that came, for staff: recorded, matched to an order, returned; each use is audited."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, audit_insert
from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At, legal_date
from app.core.db import SessionDep, write_last
from app.core.errors import Invalid, NotFound
from app.core.explaining import REQUEST_KEY
from app.core.money import Money
from app.core.paging import Cursor, CursorUnknown, Limit, ListedId, Page, read_cursor, write_cursor
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.fulfilment import paying
from app.fulfilment.api import Number
from app.fulfilment.correcting import request_of
from app.fulfilment.dates import DateBeforeOrder, DateBeforeReceipt, DateInFuture, until_today
from app.fulfilment.receipts_queries import get_shown, list_unsettled
from app.fulfilment.receipts_schemas import (
    MatchReceipt,
    ReceiptSettlementView,
    RecordReceipt,
    SettleReceipt,
    StaffReceiptView,
)
from app.invoices.errors import RequestKeyReused
from app.orders import queries as order_queries
from app.payments.errors import (
    NothingCame,
    PaymentCannotMove,
    ReceiptChanged,
    ReceiptUsed,
    SettlementExceedsReceipt,
)
from app.payments.receipts import Came, Settling

router = Router(prefix="/staff", tags=["staff"])
Handler = Annotated[Person, staff_with(Right.HANDLE_RECEIPTS)]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=REQUEST_KEY,
        description="New for each line of the statement, the same for a repetition",
        examples=["0af7651916cd43dd8448eb211c80319c"],
    ),
]


async def get_shortfall(request: Request) -> Money:
    shortfall: Money = request.app.state.shortfall_accepted
    return shortfall


ShortfallDep = Annotated[Money, Depends(get_shortfall)]


@router.get("/receipts", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_receipts(
    caller: Handler, session: SessionDep, at: At, limit: Limit = 20, cursor: Cursor = None
) -> Page[StaffReceiptView]:
    """List money that came and waits for somebody: of no order, too little, too much, or of one that is called off."""
    after = read_cursor(cursor, UUID)
    rows = await list_unsettled(session, after=after[0] if after else None, limit=limit + 1)
    shown = rows[:limit]
    if whose := " ".join(f"receipt:{row.id}" for row in shown):
        _note(session, Action.PERSONAL_DATA_READ, caller, "list_receipts", whose, at)
    return Page(
        items=[StaffReceiptView.of(row) for row in shown],
        next_cursor=write_cursor(shown[-1].id) if len(rows) > limit else None,
    )


@router.post(
    "/receipts",
    status_code=201,
    responses=problems(
        *STAFF_REFUSALS, NotFound, RequestKeyReused, DateInFuture, DateBeforeOrder, BodyUnreadable, Invalid
    ),
)
async def record_receipt(
    wish: RecordReceipt, key: Key, caller: Handler, session: SessionDep, let_off: ShortfallDep, at: At
) -> StaffReceiptView:
    """Record a line of the statement: paid whole by it, its order is confirmed and invoiced.

    Too little, too much, of no order or of a cancelled one, it is recorded all the same, and listed until it is
    settled. The same key and body again give the same receipt.
    """
    order = await order_queries.get_order(session, wish.order_number) if wish.order_number else None
    request = request_of(key, "receipt", "", wish)
    came = Came(wish.amount, wish.received_on or legal_date(at), wish.reference, request.key, request.digest)
    order_id = order.id if order else None
    receipt_id = await paying.record_receipt(session, came, order_id, let_off=let_off, at=at, by=caller.actor)
    _note(session, Action.PERSONAL_DATA_CHANGED, caller, "record_receipt", f"receipt:{receipt_id}", at)
    return await _shown(session, receipt_id)


@router.post(
    "/receipts/{receipt_id}/match",
    responses=problems(*STAFF_REFUSALS, NotFound, ReceiptChanged, ReceiptUsed, BodyUnreadable, Invalid),
)
async def match_receipt(
    receipt_id: ListedId, wish: MatchReceipt, caller: Handler, session: SessionDep, let_off: ShortfallDep, at: At
) -> StaffReceiptView:
    """Say which order a receipt is for, as long as it pays none; called again it changes nothing."""
    order = await order_queries.get_order(session, wish.order_number)
    before = await order_queries.get_order(session, wish.instead_of) if wish.instead_of else None
    instead_of = before.id if before else None
    await paying.match_receipt(
        session, receipt_id, order.id, instead_of=instead_of, let_off=let_off, at=at, by=caller.actor
    )
    return await _shown(session, receipt_id)


@router.post(
    "/receipts/{receipt_id}/settlements",
    status_code=201,
    responses=problems(
        *STAFF_REFUSALS,
        NotFound,
        ReceiptChanged,
        SettlementExceedsReceipt,
        RequestKeyReused,
        DateInFuture,
        DateBeforeReceipt,
        BodyUnreadable,
        Invalid,
    ),
)
async def settle_receipt(
    receipt_id: ListedId, wish: SettleReceipt, key: Key, caller: Handler, session: SessionDep, at: At
) -> ReceiptSettlementView:
    """Note that what of a receipt pays no order went back, or never came; the same key and body are the same one.

    It is no refund: no sale, invoice or report knows of it.
    """
    settled_on = until_today(wish.settled_on, at, pointer="/settled_on")
    request = request_of(key, "settlement", str(receipt_id), wish)
    settling = Settling(wish.outcome, wish.amount, wish.means, settled_on, request.key, request.digest)
    made = await paying.settle_receipt(session, receipt_id, settling, at=at, by=caller.actor)
    return ReceiptSettlementView.model_validate(made)


@router.post(
    "/orders/{number}/shortfall-acceptance",
    status_code=204,
    response_class=Response,
    responses=problems(*STAFF_REFUSALS, NotFound, PaymentCannotMove, NothingCame, Invalid),
)
async def accept_shortfall(number: Number, caller: Handler, session: SessionDep, at: At) -> None:  # noqa: ARG001 - the right
    """Take what came for an order for the whole: it is confirmed and invoiced, with its price as it was."""
    order = await order_queries.get_order(session, number)
    await paying.accept_shortfall(session, order.id, at=at)


def _note(session: AsyncSession, action: Action, caller: Person, subject: str, whose: str, at: datetime) -> None:
    """Audit whose it was: the order of a receipt is found by it."""
    write_last(session, audit_insert(action, actor=caller.actor, subject=subject, detail=whose, at=at))


async def _shown(session: AsyncSession, receipt_id: UUID) -> StaffReceiptView:
    await session.flush()  # it is read as it is now
    return StaffReceiptView.of(await get_shown(session, receipt_id))
