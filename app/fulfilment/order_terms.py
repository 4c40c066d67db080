"""How long each part of an order is kept, and by which law: the certificate and the clients register both ask here.

The runs say the same in SQL (`retention`); tests/fulfilment/test_order_terms.py holds all three against each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.arrays import among
from app.core.clock import legal_date
from app.core.language import Text
from app.core.money import Money
from app.fulfilment.disputes import list_disputed
from app.invoices.models import Document
from app.invoices.view import OFFERS
from app.orders.models import Order, OrderEvent, OrderStatus
from app.orders.states import OVER
from app.payments.models import Payment, ReceiptCase, Refund
from app.payments.receipts import came_for, last_on
from app.privacy.storage_terms import BOOKS, CLAIMS, CONTRACT, OWED, StorageTerms
from app.returns.models import WithdrawalCase

WITHOUT_SALE = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUSED})
IS_OF_SALE = Document.kind.not_in(OFFERS)
"""Of documents: an offer says of no sale."""
IS_OWED = or_(
    exists().where(Payment.order_id == Order.id, Payment.refund_due_on.is_not(None)).correlate(Order),
    exists().where(ReceiptCase.order_id == Order.id, ReceiptCase.left > Money.ZERO).correlate(Order),
    exists().where(WithdrawalCase.order_id == Order.id, WithdrawalCase.settled_at.is_(None)).correlate(Order),
)
"""Of an order: money is to go back, or a withdrawal is to be answered."""


class Part(StrEnum):
    """What of an order has a term of its own."""

    UNDER_WAY = "under_way"
    WITHOUT = "without"
    CONTACT = "contact"
    SOLD = "sold"
    DOCUMENTS = "documents"
    DISPUTED = "disputed"


class Term(NamedTuple):
    """To which day a part is kept, inclusive; without a day while something is under way."""

    part: Part
    law: Text
    until: date | None


class Trail(NamedTuple):
    """An order, and what says how long it is kept."""

    id: UUID
    number: int
    status: OrderStatus
    last_at: datetime
    was_paid: bool
    documents: int
    last_documented_on: date | None
    last_money_on: date | None
    """On which money went back, or a receipt came."""
    is_owed: bool
    """Money, or the answer to a withdrawal."""

    @property
    def last_booked_on(self) -> date:
        return max(self.last_documented_on or date.min, self.last_money_on or date.min, self.last_on)

    @property
    def last_on(self) -> date:
        return legal_date(self.last_at)

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def has_sale(self) -> bool:
        return self.was_paid or self.documents > 0 or self.status not in WITHOUT_SALE


@dataclass(frozen=True, slots=True)
class OrderTerms:
    terms: StorageTerms

    def of(self, trail: Trail, *, disputed_until: date | None = None) -> Iterator[Term]:
        """Name every part; what a dispute holds as long, or longer, is in the dispute's."""
        if disputed_until is not None:
            yield Term(Part.DISPUTED, CLAIMS, disputed_until)
        for term in self._of_undisputed(trail):
            if term.until is None or disputed_until is None or term.until > disputed_until:
                yield term

    def contact_until(self, trail: Trail) -> date | None:
        """Give the last day on which the buyer of an order that is over can be reached; None: while something is owed.

        What was delivered is guaranteed. Of what was not, or came back, the money is: after that it is kept as an
        order that came to nothing, in which the longest term of withdrawal fits (fact sheet 6.7).
        """
        if not trail.has_sale:
            return self.until(trail)
        if trail.is_owed:
            return None
        if trail.status is OrderStatus.DELIVERED:
            return self.terms.of_guarantee(trail.last_on)
        return self.terms.of_cancelled(max(trail.last_on, trail.last_money_on or date.min))

    def until(self, trail: Trail) -> date:
        """Give the last day of an order that is over, when all of it goes."""
        return self._books(trail) if trail.has_sale else self.terms.of_cancelled(trail.last_on)

    def _of_undisputed(self, trail: Trail) -> Iterator[Term]:
        if not trail.is_over:
            yield Term(Part.UNDER_WAY, CONTRACT, None)
        elif not trail.has_sale:
            yield Term(Part.WITHOUT, CLAIMS, self.until(trail))
        else:
            yield Term(Part.CONTACT, OWED, self.contact_until(trail))
            yield Term(Part.SOLD, BOOKS, self.until(trail))
        if trail.documents:
            yield Term(Part.DOCUMENTS, BOOKS, self._books(trail))

    def _books(self, trail: Trail) -> date:
        return self.terms.of_books(trail.last_booked_on)


async def list_trails(session: AsyncSession, ids: Sequence[UUID]) -> list[Trail]:
    """Read how these orders stand, oldest first, in one statement."""
    # A release before this one wrote no end: until the nightly run has noted it, the history says the same.
    last_move = select(func.max(OrderEvent.at)).where(OrderEvent.order_id == Order.id).scalar_subquery()
    documents = (
        select(func.count().label("issued"), func.max(Document.issued_on).label("last_on"))
        .where(Document.order_id == Order.id, IS_OF_SALE)
        .lateral()
    )
    refunded_on = select(func.max(Refund.refunded_on)).where(Refund.order_id == Order.id).scalar_subquery()
    wanted = (
        select(
            Order.id,
            Order.number,
            Order.status,
            func.coalesce(Order.finished_at, last_move, Order.placed_at),
            or_(Payment.received_at.is_not(None), came_for(Order.id)),
            documents.c.issued,
            documents.c.last_on,
            func.greatest(refunded_on, last_on(Order.id)),
            IS_OWED,
        )
        .join(Payment, Payment.order_id == Order.id)
        .join(documents, Order.id == Order.id)
    )
    return [Trail._make(row) for row in await session.execute(wanted.where(among(Order.id, ids)).order_by(Order.id))]


async def list_terms(
    session: AsyncSession, terms: StorageTerms, ids: Sequence[UUID], *, at: datetime
) -> dict[UUID, list[Term]]:
    """Name the terms of these orders, with the disputes that hold them now."""
    disputed = await list_disputed(session, ids, at=at)
    order_terms = OrderTerms(terms)
    return {
        trail.id: [*order_terms.of(trail, disputed_until=disputed.get(trail.id))]
        for trail in await list_trails(session, ids)
    }
