"""What an order leaves behind in every domain: how long a part of it is kept depends on the others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.personal_data import PLACE
from app.core.clock import legal_date
from app.core.holders import Erasure, Kept, Own, Person, Rectifiable
from app.core.language import Text
from app.fulfilment.disputes import list_disputed
from app.fulfilment.forgetting import forget_addresses, forget_contact, forget_sales, forget_words, shut_out
from app.invoices.models import Annulment, Document, DocumentFile
from app.invoices.view import OFFERS
from app.mail.models import Mail
from app.orders.models import Order, OrderEvent, OrderLine, OrderStatus
from app.orders.states import OVER
from app.payments.models import Payment, Refund
from app.privacy.models import Acceptance, Consent
from app.privacy.storage_terms import BOOKS, CLAIMS, CONTRACT, StorageTerms
from app.shipping.models import Label, Shipment

S = OrderStatus
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
DISPUTED = Text("Поръчки, нужни за спор, с всичко към тях", "Orders that a dispute needs, with all that is of them")
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
    last_booked_on: date | None
    """Of documents and refunds."""

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
    tables: frozenset[str] = frozenset(
        {"orders", "order_lines", "payments", "documents", "document_files", "annulments", "labels"}
    )

    def own(self, person: Person) -> Sequence[Own]:
        orders = Own(Order, _own_orders(person))
        ids = orders.ids(Order.id)
        documents, parcels = Own(Document, Document.order_id.in_(ids)), Own(Shipment, Shipment.order_id.in_(ids))
        return (
            orders,
            Own(OrderLine, OrderLine.order_id.in_(ids)),
            Own(Payment, Payment.order_id.in_(ids)),
            documents,
            Own(DocumentFile, DocumentFile.document_id.in_(documents.ids(Document.id))),
            Own(Annulment, Annulment.document_id.in_(documents.ids(Document.id))),
            Own(Label, Label.shipment_id.in_(parcels.ids(Shipment.id))),
            Own(Acceptance, Acceptance.id.in_(orders.ids(Order.acceptance_id))),
            # To whatever address they went, or the consent was given with.
            Own(Mail, Mail.order_id.in_(ids)),
            Own(Consent, Consent.order_id.in_(ids)),
        )

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:
        """Let go also of what was kept, once its last day is past."""
        trails = await _lock_trails(session, person)
        await _release(session, person, at=at)
        disputed = await list_disputed(session, [trail.id for trail in trails], at=at)
        today, over = legal_date(at), [trail for trail in trails if trail.is_over and trail.id not in disputed]
        gone = [trail for trail in over if self._last(trail) < today]
        unreachable = [trail for trail in over if self._reachable(trail) < today]
        await shut_out(session, [trail.id for trail in trails])
        await forget_words(session, [trail.id for trail in over])
        await forget_addresses(session, [trail.id for trail in over], but=person.email)
        await forget_contact(session, [trail.id for trail in unreachable])
        await forget_sales(session, [trail.id for trail in gone])
        left = [trail for trail in trails if trail not in gone and trail.id not in disputed]
        kept = [*self._kept(left, reachable=[trail for trail in left if trail not in unreachable])]
        kept += _grouped(DISPUTED, CLAIMS, ((t, disputed[t.id]) for t in trails if t.id in disputed))
        return Erasure([WORDS] if over else [], kept, [trail.id for trail in trails])

    def rectifiable(self, person: Person) -> Sequence[Rectifiable]:
        """Of an order that is not sent yet, all that the courier and the invoice need; later, how to reach the buyer.

        What was issued states what it stated: an error in it is cured by another document (чл. 116 ЗДДС).
        """
        [orders, *_] = self.own(person)
        sent = select(Shipment.order_id).where(Shipment.sent_at.is_not(None))
        documented = select(Document.order_id).where(Document.kind.not_in(OFFERS))
        is_open = Order.status.in_([S.PLACED, S.CONFIRMED]) & Order.id.not_in(sent) & Order.id.not_in(documented)
        names, company = frozenset({"first_name", "last_name"}), frozenset({"company_name", "company_address"})
        return (
            Rectifiable(orders, frozenset({"email", "phone"})),
            Rectifiable(Own(Order, orders.of_person & is_open), names | company | PLACE),
        )

    def _last(self, trail: Trail) -> date:
        return self._books(trail) if trail.has_sale else self.terms.of_cancelled(_last_day(trail))

    def _reachable(self, trail: Trail) -> date:
        return self.terms.of_claims(_last_day(trail)) if trail.has_sale else self._last(trail)

    def _kept(self, trails: Sequence[Trail], *, reachable: Sequence[Trail]) -> Iterator[Kept]:
        over = [trail for trail in trails if trail.is_over]
        sold = [trail for trail in over if trail.has_sale]
        yield from _grouped(UNDER_WAY, CONTRACT, ((trail, None) for trail in trails if not trail.is_over))
        without = [trail for trail in over if not trail.has_sale]
        yield from _grouped(WITHOUT, CLAIMS, ((t, self.terms.of_cancelled(_last_day(t))) for t in without))
        contact = ((trail, self._reachable(trail)) for trail in sold if trail in reachable)
        yield from _grouped(CONTACT, CLAIMS, contact)
        yield from _grouped(SOLD, BOOKS, ((trail, self._books(trail)) for trail in sold))
        documented = defaultdict[date, int](int)
        for trail in trails:
            if trail.documents:
                documented[self._books(trail)] += trail.documents
        yield from (Kept(DOCUMENTS, BOOKS, until, count) for until, count in sorted(documented.items()))

    def _books(self, trail: Trail) -> date:
        return self.terms.of_books(max(trail.last_booked_on or date.min, _last_day(trail)))


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


def _own_orders(person: Person) -> ColumnElement[bool]:
    """Take the orders of somebody's account, and those that a guest placed with the address.

    Not those of a closed account: whoever has its address by now need not be who had it then (complaint 13).
    """
    is_guests = Order.account_id.is_(None) & Order.account_closed_at.is_(None)
    proved = Order.id.in_(person.orders) if person.orders else false()
    return or_(person.owns(Order.account_id), and_(is_guests, person.is_at(Order.email)), proved)


async def _lock_trails(session: AsyncSession, person: Person) -> list[Trail]:
    """Lock the orders of somebody's account, and those that a guest placed with the address, and read how they stand.

    Two statements: only one that starts after the locks are held sees each change that was made before.
    """
    wanted_ids = select(Order.id).where(_own_orders(person)).order_by(Order.id).with_for_update()
    ids = (await session.scalars(wanted_ids)).all()
    last_at = select(func.max(OrderEvent.at)).where(OrderEvent.order_id == Order.id).scalar_subquery()
    paid = Payment.received_at.is_not(None)
    documents = (
        select(func.count().label("issued"), func.max(Document.issued_on).label("last_on"))
        .where(Document.order_id == Order.id, Document.kind.not_in(OFFERS))
        .lateral()
    )
    refunded_on = select(func.max(Refund.refunded_on)).where(Refund.order_id == Order.id).scalar_subquery()
    booked_on = func.greatest(documents.c.last_on, refunded_on)
    wanted = (
        select(Order.id, Order.number, Order.status, last_at, paid, documents.c.issued, booked_on)
        .join(Payment, Payment.order_id == Order.id)
        .join(documents, Order.id == Order.id)
    )
    return [Trail._make(row) for row in await session.execute(wanted.where(Order.id.in_(ids)).order_by(Order.id))]


async def _release(session: AsyncSession, person: Person, *, at: datetime) -> None:
    """Say of the account's orders that it was closed: they are not taken for a guest's from then on."""
    released = update(Order).where(person.owns(Order.account_id)).values(account_closed_at=at)
    await session.execute(released, execution_options={"synchronize_session": False})
