"""What an order leaves behind in every domain: how long a part of it is kept depends on the others."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.personal_data import NUMBERED, PLACE
from app.core.clock import legal_date
from app.core.holders import Erasure, Kept, Own, Person, Rectifiable, Spoken
from app.core.language import Language, Text
from app.fulfilment.disputes import list_disputed
from app.fulfilment.forgetting import forget_addresses, forget_contact, forget_sales, forget_words, shut_out
from app.fulfilment.order_terms import IS_OF_SALE, OrderTerms, Part, Term, Trail, list_trails
from app.fulfilment.speaking import speak_of_orders
from app.invoices.models import Annulment, Document, DocumentFile
from app.mail.models import Mail
from app.orders.models import Order, OrderLine, OrderStatus
from app.payments.models import Payment, Receipt, ReceiptCase
from app.privacy.models import Acceptance, Consent
from app.privacy.storage_terms import StorageTerms
from app.shipping.models import Label, Shipment

S = OrderStatus
MOST_NAMED = 20
"""So many orders are named by their numbers; of more, how many there are is enough."""

UNDER_WAY = Text("Поръчки в изпълнение", "Orders under way")
WITHOUT = Text("Несъстояли се поръчки", "Orders that came to nothing")
SOLD = Text(
    "Име, адрес, данни за фактура, артикули и плащане, приетата декларация и на кого са предоставени данни, по"
    " приключени поръчки",
    "Name, address, invoice data, articles and payment, the accepted declaration and to whom data were given, of"
    " finished orders",
)
CONTACT = Text(
    "Имейл, телефон, IP адрес и браузър при приемане на декларацията, по приключени поръчки",
    "E-mail, phone, IP address and browser of the acceptance of the declaration, of finished orders",
)
DISPUTED = Text(
    "Всичко друго по поръчки, нужни за спор или ремонт по гаранцията",
    "Everything else of orders that a dispute, or a repair under the guarantee, needs",
)
DOCUMENTS = Text("Фактури и известия", "Invoices and notes")
PARTS = {
    Part.UNDER_WAY: UNDER_WAY,
    Part.WITHOUT: WITHOUT,
    Part.CONTACT: CONTACT,
    Part.SOLD: SOLD,
    Part.DOCUMENTS: DOCUMENTS,
    Part.DISPUTED: DISPUTED,
}
WORDS = Text(
    "Коментарите, бележките за куриера и етикетите на приключените поръчки",
    "Comments, notes for the courier and labels of finished orders",
)


@dataclass(frozen=True, slots=True)
class OrderHolder:
    """An order under way goes on. One that is over keeps what the books rest on, and for a while how to reach whom."""

    terms: StorageTerms
    tables: frozenset[str] = frozenset(
        {"orders", "order_lines", "payments", "receipts", "documents", "document_files", "annulments", "labels"}
    )

    def own(self, person: Person) -> Sequence[Own]:
        orders = Own(Order, _own_orders(person))
        ids = orders.ids(Order.id)
        documents, parcels = Own(Document, Document.order_id.in_(ids)), Own(Shipment, Shipment.order_id.in_(ids))
        return (
            orders,
            Own(OrderLine, OrderLine.order_id.in_(ids)),
            Own(Payment, Payment.order_id.in_(ids)),
            Own(Receipt, Receipt.id.in_(Own(ReceiptCase, ReceiptCase.order_id.in_(ids)).ids(ReceiptCase.receipt_id))),
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
        trails, terms = await _lock_trails(session, person), OrderTerms(self.terms)
        await _release(session, person, at=at)
        disputed = await list_disputed(session, [trail.id for trail in trails], at=at)
        today, over = legal_date(at), [trail for trail in trails if trail.is_over and trail.id not in disputed]
        gone = [trail for trail in over if terms.until(trail) < today]
        unreachable = [trail for trail in over if (until := terms.contact_until(trail)) and until < today]
        await shut_out(session, [trail.id for trail in trails])
        await forget_words(session, [trail.id for trail in over])
        await forget_addresses(session, [trail.id for trail in over], but=person.email)
        await forget_contact(session, [trail.id for trail in unreachable])
        await forget_sales(session, [trail.id for trail in gone])
        kept = self._kept([trail for trail in trails if trail not in gone], disputed, today=today)
        return Erasure([WORDS] if over else [], [*kept], [trail.id for trail in trails])

    async def speak(self, session: AsyncSession, person: Person, language: Language, *, at: datetime) -> Spoken:
        """Tell until when each order is kept, and what its documents state."""
        ids = (await session.scalars(select(Order.id).where(_own_orders(person)))).all()
        disputed = await list_disputed(session, ids, at=at)
        kept = self._kept(await list_trails(session, ids), disputed, today=legal_date(at))
        return await speak_of_orders(session, ids, [*kept], language)

    def rectifiable(self, person: Person) -> Sequence[Rectifiable]:
        """Of an order that is not sent yet, all that the courier and the invoice need; later, how to reach the buyer.

        That is not put back into an order whose term for it is over.
        What was issued states what it stated: an error in it is cured by another document (чл. 116 ЗДДС).
        """
        [orders, *_] = self.own(person)
        sent = select(Shipment.order_id).where(Shipment.sent_at.is_not(None))
        documented = select(Document.order_id).where(IS_OF_SALE)
        is_open = Order.status.in_([S.PLACED, S.CONFIRMED]) & Order.id.not_in(sent) & Order.id.not_in(documented)
        names, company = frozenset({"first_name", "last_name"}), frozenset({"company_name", "company_address"})
        return (
            Rectifiable(Own(Order, orders.of_person & (Order.email != "")), frozenset({"email", "phone"})),
            Rectifiable(Own(Order, orders.of_person & is_open), names | company | PLACE, NUMBERED),
        )

    def _kept(self, trails: Sequence[Trail], disputed: Mapping[UUID, date], *, today: date) -> Iterator[Kept]:
        """Make one entry of the orders of which the same part is kept to the same day."""
        groups = defaultdict[Term, list[Trail]](list)
        for trail in trails:
            for term in OrderTerms(self.terms).of(trail, disputed_until=disputed.get(trail.id)):
                if term.until is None or term.until >= today:
                    groups[term].append(trail)
        for term in sorted(groups, key=_in_order):
            what, found = PARTS[term.part], groups[term]
            if term.part is Part.DOCUMENTS:
                yield Kept(what, term.law, term.until, sum(trail.documents for trail in found))
                continue
            numbers = sorted(trail.number for trail in found)
            named = ": " + ", ".join(map(str, numbers)) if len(numbers) <= MOST_NAMED else ""
            yield Kept(Text(what.bg + named, what.en + named), term.law, term.until, len(numbers))


def _in_order(term: Term) -> tuple[int, date]:
    return [*PARTS].index(term.part), term.until or date.min


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
    return await list_trails(session, ids)


async def _release(session: AsyncSession, person: Person, *, at: datetime) -> None:
    """Say of the account's orders that it was closed: they are not taken for a guest's from then on."""
    released = update(Order).where(person.owns(Order.account_id)).values(account_closed_at=at)
    await session.execute(released, execution_options={"synchronize_session": False})
