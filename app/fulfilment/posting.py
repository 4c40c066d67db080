"""Enters the sale of a confirmed order in the books, step by step, going on where an earlier run stopped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import Posting
from app.accounting.ports import (
    BooksRefused,
    BooksUnavailable,
    BooksUnsure,
    Buyer,
    Family,
    LineKind,
    PostingProgress,
    PostingState,
    Sale,
    SaleLine,
    SalesBook,
)
from app.accounting.queries import lock_posting
from app.core.clock import Clock
from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.jobs import Parked, PassingFault, Promise, defer, list_waiting
from app.core.money import Money, units
from app.core.personal import Category, Ground, Purpose, Recipient
from app.fulfilment.jobs import BOOKS_LOCK, Overtaken, PostSale
from app.orders import queries as order_queries
from app.orders.models import LineKind as OrderLineKind
from app.orders.models import Order, OrderLine, OrderStatus
from app.orders.whose import whose_of
from app.privacy import disclosing
from app.privacy.disclosing import HandingOver, Sent
from app.privacy.errors import AgreementMissing
from app.privacy.models import Handing
from app.privacy.restricting import PersonRestricted, require_unrestricted

log = structlog.get_logger()

TO_BOOKS = HandingOver(Recipient.ICASH, "sale", Purpose.ACCOUNTING, Ground.LEGAL_OBLIGATION, Handing.PUSH)
SOLD = frozenset({OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.DELIVERED})


# The steps after which there is no way back: the data leave, the receipt is printed.
LAST_LOOKS = frozenset({PostingState.OPENING, PostingState.PRINTING})


class NoLongerSold(Parked):
    """The order was cancelled while its sale was being entered."""


RECEIPT_OUTSTANDING = "receipt_outstanding"
"""The sale was finalised; its receipt has not come out of the till yet."""
AGREEMENT = "agreement_missing"
RESTRICTED = "person_restricted"
"""What waits for a restriction's end (S64), not for a person here; then it goes on by itself."""
UNANSWERED = "books_unanswered"
"""The books answer for other sales and not for this one; it is tried again outside the line."""

ANSWERS_AWAITED = 3
"""After so many requests for one sale without a usable answer, who is next tells whether it is an outage.

With nobody behind it the account itself is asked for."""
MOST_TRIED = 10
"""How many of those behind are tried, one each time, should the next one have the same trouble."""


class NotYetComplete(PassingFault):
    """The books have the sale; its receipt is still on the way."""

    of_one = True


class UnansweredAlone(PassingFault):
    """Only this sale gets no usable answer; first tried again soon, for the books may have been away until just now."""

    of_one = True

    def __init__(self, *, is_first: bool) -> None:
        super().__init__()
        self.pause = timedelta(minutes=1) if is_first else None


async def promise_sale(session: AsyncSession, order_id: UUID, *, at: datetime) -> None:
    """Promise that the sale of a locked order is entered; promised again it changes nothing."""
    posting = {"id": uuid7(), "order_id": order_id, "state": PostingState.NEW, "rows": [], "created_at": at}
    promised = insert(Posting).values(posting).on_conflict_do_nothing(index_elements=["order_id"])
    if await session.scalar(promised.returning(Posting.id)) is not None:
        await defer(session, Promise(PostSale(order_id), BOOKS_LOCK))


@dataclass(frozen=True)
class PostingRules:
    """Which sales are finalised, so that a receipt is issued, and in which form."""

    finalise: frozenset[str]
    electronic_receipt: bool


@dataclass(frozen=True)
class Bookkeeping:
    """The handler of `PostSale`."""

    sessions: Sessions
    books: SalesBook
    clock: Clock
    rules: PostingRules

    async def post(self, job: PostSale) -> None:
        """Enter a sale; one that alone gets no usable answer steps aside: those behind it would wait for ever."""
        try:
            await self._post(job)
        except BooksUnavailable as fault:
            if fault.was_asked and (is_first := await self._steps_aside(job.order_id)) is not None:
                raise UnansweredAlone(is_first=is_first) from None
            raise

    async def _steps_aside(self, order_id: UUID) -> bool | None:
        """Count one more request without a usable answer, and say whether that is this sale's own trouble.

        True: since now; False: as was known; None: not as far as can be told, and then the order of the line is kept.
        """
        async with self.sessions.begin() as session:
            posting = await _lock_posting(session, order_id)
            if posting.concern == UNANSWERED:
                return False
            posting.unanswered += 1
            turn = posting.unanswered - ANSWERS_AWAITED
            behind = await list_waiting(session, PostSale, BOOKS_LOCK, most=MOST_TRIED) if turn >= 0 else []
        if turn < 0 or not await self._is_answered(behind[turn % len(behind)] if behind else None):
            return None
        async with self.sessions.begin() as session:
            order = await order_queries.lock_order(session, order_id)
            posting = await _lock_posting(session, order_id)
            if order.status in SOLD:
                posting.concern = UNANSWERED
        return True

    async def _is_answered(self, behind: PostSale | None) -> bool:
        """Try a sale that waits; its own job, whose turn will come, then finds it entered or goes on with it."""
        try:
            if behind:
                return await self._post(behind, is_trial=True)
            await self.books.check(is_trial=True)
        except BooksRefused as refusal:
            # What is not configured is refused before the books are asked.
            return behind is None or refusal.family is not Family.NOT_CONFIGURED
        except (BooksUnsure, NotYetComplete):
            return True
        except Exception as fault:
            log.warning("next_sale_not_entered", order_id=str(behind.order_id) if behind else None, exc_info=fault)
            return False
        return True

    async def _post(self, job: PostSale, *, is_trial: bool = False) -> bool:
        """Enter a sale; False when there is nothing to enter, and the books were not asked."""
        at = self.clock.now()
        try:
            async with self.sessions.begin() as session:
                order = await session.get_one(Order, job.order_id)
                posting = await _lock_posting(session, job.order_id)
                if order.status not in SOLD or posting.finished_at:
                    return False
                lines = await order_queries.list_lines(session, job.order_id)
                # Before anything is asked of the books; the disclosure itself looks again.
                await disclosing.require_agreement(session, Recipient.ICASH, at=at)
                await require_unrestricted(session, [whose_of(order)])
        except (AgreementMissing, PersonRestricted) as refusal:
            await self._note_concern(job.order_id, AGREEMENT if isinstance(refusal, AgreementMissing) else RESTRICTED)
            raise
        sale = sale_of(order, lines, self.rules)
        known = _progress(posting)

        async def keep(step: PostingProgress) -> None:
            nonlocal known
            known = await self._keep(order, known, step)

        try:
            reached = await self.books.post(sale, known, keep, at=at, is_trial=is_trial)
        except NoLongerSold:
            return True
        except (BooksRefused, BooksUnsure) as problem:
            await self._note_concern(job.order_id, type(problem).__name__, known)
            raise
        if not reached.finished(sale):
            await self._note_concern(job.order_id, RECEIPT_OUTSTANDING, known)
            raise NotYetComplete
        await self._finish(job.order_id)
        return True

    async def _finish(self, order_id: UUID) -> None:
        async with self.sessions.begin() as session:
            order = await order_queries.lock_order(session, order_id)
            posting = await _lock_posting(session, order_id)
            posting.finished_at, posting.unanswered = self.clock.now(), 0
            if order.status in SOLD:  # else the concern of a cancelled order stays
                posting.concern = None

    async def _keep(self, order: Order, known: PostingProgress, step: PostingProgress) -> PostingProgress:
        """Store a step before the next is sent; for an order cancelled meanwhile stop before what cannot be undone.

        The moment of asking is that of this very step: the attempt may have begun minutes before, and the time for
        which a request may still be under way counts from when it goes out.
        """
        if step.asked_at is not None:
            step = replace(step, asked_at=self.clock.now())
        async with self.sessions.begin() as session:
            if step.state in LAST_LOOKS:
                order = await order_queries.lock_order(session, order.id)
                if order.status not in SOLD:
                    raise NoLongerSold
            posting = await _lock_posting(session, order.id)
            if _progress(posting) != known:
                raise Overtaken
            posting.state, posting.operation_id = step.state, step.operation_id
            posting.sale_unique_number, posting.asked_at = step.sale_unique_number, step.asked_at
            posting.rows = list(step.rows)
            if step.state is PostingState.OPENING:
                categories = [Category.ORDER, *([Category.INVOICE] if order.is_company else [])]
                sent = [Sent(order.id, whose_of(order), posting.id)]
                await disclosing.disclose(session, TO_BOOKS, sent, at=self.clock.now(), categories=categories)
        return step

    async def _note_concern(self, order_id: UUID, code: str, known: PostingProgress | None = None) -> None:
        async with self.sessions.begin() as session:
            posting = await _lock_posting(session, order_id)
            if known and _progress(posting) != known:
                raise Overtaken
            posting.concern = code


async def _lock_posting(session: AsyncSession, order_id: UUID) -> Posting:
    posting = await lock_posting(session, order_id)
    assert posting is not None  # written in the transaction that promised the job
    return posting


def _progress(posting: Posting) -> PostingProgress:
    return PostingProgress(
        state=posting.state,
        operation_id=posting.operation_id,
        sale_unique_number=posting.sale_unique_number,
        rows=tuple(posting.rows),
        asked_at=posting.asked_at,
    )


def sale_of(order: Order, lines: Sequence[OrderLine], rules: PostingRules) -> Sale:
    """Put an order into the books' words; a discounted line whose total does not divide becomes two."""
    return Sale(
        reference=order.reference,
        lines=tuple(part for line in lines for part in _parts(line)),
        total=order.total,
        pay_type=order.payment_method,
        buyer=_buyer(order),
        comment=f"Поръчка {order.reference}",
        electronic_receipt=rules.electronic_receipt,
        finalise=order.payment_method in rules.finalise,
    )


def _parts(line: OrderLine) -> list[SaleLine]:
    kind = LineKind.SERVICE if line.kind is OrderLineKind.DELIVERY else LineKind.PRODUCT
    whole = SaleLine(line.sku, line.name, line.vat_rate, Money.ZERO, 1, kind)
    if line.kind is OrderLineKind.DELIVERY and not line.total:
        return []  # delivered free: nothing was sold
    return [replace(whole, unit_price=price, quantity=quantity) for price, quantity in units(line.total, line.quantity)]


def _buyer(order: Order) -> Buyer | None:
    if not order.is_company:
        return None
    return Buyer(
        name=order.company_name or "",
        eik=order.company_eik or "",
        vat_number=order.company_vat_number,
        city=order.company_city or "",
        address=order.company_address or "",
        responsible_person=order.company_responsible_person,
    )
