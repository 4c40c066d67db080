"""What an order leaves behind in every domain: how long a part of it is kept depends on the others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Text as TextType
from sqlalchemy import and_, case, cast, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.holders import Erasure, Kept, Person, named_erasure
from app.core.language import Text
from app.invoices.models import Document
from app.orders.models import Order, OrderEvent, OrderStatus
from app.payments.models import Payment
from app.privacy.storage_terms import BOOKS, CLAIMS, CONTRACT, StorageTerms
from app.shipping.models import Label, Shipment

S = OrderStatus
OVER = frozenset({S.DELIVERED, S.CANCELLED, S.REFUSED, S.RETURNED})
WITHOUT_SALE = frozenset({S.CANCELLED, S.REFUSED})
MOST_NAMED = 20
"""So many orders are named by their numbers; of more, how many there are is enough."""

UNDER_WAY = Text("Поръчки в изпълнение", "Orders under way")
WITHOUT = Text("Несъстояли се поръчки", "Orders that came to nothing")
SOLD = Text(
    "Име, адрес, данни за фактура, артикули и плащане по приключени поръчки",
    "Name, address, invoice data, articles and payment of finished orders",
)
CONTACT = Text(
    "Имейл, телефон, приетата декларация и на кого са предоставени данни по приключени поръчки",
    "E-mail, phone, the accepted declaration and to whom data were given, of finished orders",
)
DOCUMENTS = Text("Фактури и известия", "Invoices and notes")
WORDS = Text(
    "Коментарите, бележките за куриера и етикетите на приключените поръчки",
    "Comments, notes for the courier and labels of finished orders",
)


class Trail(NamedTuple):
    """An order, and what says how long it is kept."""

    id: UUID
    number: int
    status: OrderStatus
    last_at: datetime
    was_paid: bool
    documents: int
    last_document_on: date | None

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def has_sale(self) -> bool:
        return self.was_paid or self.documents > 0 or self.status not in WITHOUT_SALE


@dataclass(frozen=True, slots=True)
class OrderHolder:
    """An order under way goes on. One that is over keeps what the books rest on, and for a while how to reach whom."""

    terms: StorageTerms
    tables: frozenset[str] = frozenset({"orders", "order_lines", "payments", "documents", "document_files", "labels"})

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:
        trails = await _lock_trails(session, person)
        over = [trail.id for trail in trails if trail.is_over]
        await _release(session, person, at=at)
        if over:
            await _forget_words(session, over)
        return Erasure([WORDS] if over else [], [*self._kept(trails)])

    def _kept(self, trails: Sequence[Trail]) -> Iterator[Kept]:
        over = [trail for trail in trails if trail.is_over]
        sold = [trail for trail in over if trail.has_sale]
        yield from _grouped(UNDER_WAY, CONTRACT, ((trail, None) for trail in trails if not trail.is_over))
        without = [trail for trail in over if not trail.has_sale]
        yield from _grouped(WITHOUT, CLAIMS, ((t, self.terms.of_cancelled(_last_day(t))) for t in without))
        yield from _grouped(CONTACT, CLAIMS, ((trail, self.terms.of_claims(_last_day(trail))) for trail in sold))
        yield from _grouped(SOLD, BOOKS, ((trail, self._books(trail)) for trail in sold))
        documented = defaultdict[date, int](int)
        for trail in trails:
            if trail.documents:
                documented[self._books(trail)] += trail.documents
        yield from (Kept(DOCUMENTS, BOOKS, until, count) for until, count in sorted(documented.items()))

    def _books(self, trail: Trail) -> date:
        return self.terms.of_books(trail.last_document_on or _last_day(trail))


def _last_day(trail: Trail) -> date:
    return legal_date(trail.last_at)


def _grouped(what: Text, law: Text, found: Iterable[tuple[Trail, date | None]]) -> Iterator[Kept]:
    """Make one entry of the orders that are kept to the same day."""
    groups = defaultdict[date | None, list[int]](list)
    for trail, until in found:
        groups[until].append(trail.number)
    for until, numbers in groups.items():
        named = ": " + ", ".join(map(str, sorted(numbers))) if len(numbers) <= MOST_NAMED else ""
        yield Kept(Text(what.bg + named, what.en + named), law, until, len(numbers))


async def _lock_trails(session: AsyncSession, person: Person) -> list[Trail]:
    """Lock the orders of somebody's account, and those that a guest placed with the address, and read how they stand.

    Two statements: only one that starts after the locks are held sees each change that was made before.
    """
    is_guests = Order.account_id.is_(None) & Order.account_closed_at.is_(None)
    own = or_(person.owns(Order.account_id), and_(is_guests, person.is_at(Order.email)))
    ids = (await session.scalars(select(Order.id).where(own).order_by(Order.id).with_for_update())).all()
    last_at = select(func.max(OrderEvent.at)).where(OrderEvent.order_id == Order.id).scalar_subquery()
    paid = Payment.received_at.is_not(None)
    documents = (
        select(func.count().label("issued"), func.max(Document.issued_on).label("last_on"))
        .where(Document.order_id == Order.id)
        .lateral()
    )
    wanted = (
        select(Order.id, Order.number, Order.status, last_at, paid, documents.c.issued, documents.c.last_on)
        .join(Payment, Payment.order_id == Order.id)
        .join(documents, Order.id == Order.id)
    )
    return [Trail._make(row) for row in await session.execute(wanted.where(Order.id.in_(ids)).order_by(Order.id))]


async def _release(session: AsyncSession, person: Person, *, at: datetime) -> None:
    """Say of the account's orders that it was closed: they are not taken for a guest's from then on."""
    released = update(Order).where(person.owns(Order.account_id)).values(account_closed_at=at)
    await session.execute(released, execution_options={"synchronize_session": False})


async def _forget_words(session: AsyncSession, over: Sequence[UUID]) -> None:
    """Let go of what was written for the way, and of what recognises a request that is sent again."""
    # A note may be all that says where somebody lives: then it is the address, which the sale needs.
    has_place = or_(Order.street.is_not(None), Order.block.is_not(None))
    await session.execute(
        update(Order)
        .where(Order.id.in_(over))
        .values(
            comment=None,
            note=case((has_place, None), else_=Order.note),
            idempotency_key=cast(Order.id, TextType),
            wish_digest="",
        ),
        execution_options={"synchronize_session": False},
    )
    parcels = select(Shipment.id).where(Shipment.order_id.in_(over))
    async with named_erasure(session):
        await session.execute(delete(Label).where(Label.shipment_id.in_(parcels)))
