"""How long each part of an order is kept, and by which law: the certificate and the clients register both ask here.

The runs say the same in SQL (`retention`); tests/fulfilment/test_order_terms.py holds all three against each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.language import Text
from app.fulfilment.disputes import list_disputed
from app.invoices.models import Document
from app.invoices.view import OFFERS
from app.orders.models import Order, OrderEvent, OrderStatus
from app.orders.states import OVER
from app.payments.models import Payment, Refund
from app.payments.receipts import came_for, last_on
from app.privacy.storage_terms import BOOKS, CLAIMS, CONTRACT, StorageTerms

WITHOUT_SALE = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUSED})
IS_OF_SALE = Document.kind.not_in(OFFERS)
"""Of documents: an offer says of no sale."""


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
    last_booked_on: date | None
    """Of documents, refunds and receipts."""

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

    def contact_until(self, trail: Trail) -> date:
        """Give the last day on which the buyer of an order that is over can be reached."""
        return self.terms.of_claims(_last_day(trail)) if trail.has_sale else self.until(trail)

    def until(self, trail: Trail) -> date:
        """Give the last day of an order that is over, when all of it goes."""
        return self._books(trail) if trail.has_sale else self.terms.of_cancelled(_last_day(trail))

    def _of_undisputed(self, trail: Trail) -> Iterator[Term]:
        if not trail.is_over:
            yield Term(Part.UNDER_WAY, CONTRACT, None)
        elif not trail.has_sale:
            yield Term(Part.WITHOUT, CLAIMS, self.until(trail))
        else:
            yield Term(Part.CONTACT, CLAIMS, self.contact_until(trail))
            yield Term(Part.SOLD, BOOKS, self.until(trail))
        if trail.documents:
            yield Term(Part.DOCUMENTS, BOOKS, self._books(trail))

    def _books(self, trail: Trail) -> date:
        return self.terms.of_books(max(trail.last_booked_on or date.min, _last_day(trail)))


def _last_day(trail: Trail) -> date:
    return legal_date(trail.last_at)


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
            func.greatest(documents.c.last_on, refunded_on, last_on(Order.id)),
        )
        .join(Payment, Payment.order_id == Order.id)
        .join(documents, Order.id == Order.id)
    )
    return [Trail._make(row) for row in await session.execute(wanted.where(Order.id.in_(ids)).order_by(Order.id))]


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
