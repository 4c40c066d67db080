"""The rules of orders, in each state they can end in, and of what hangs on them (S45, S46, S48)."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.retention import acceptance_rule
from app.core.clock import SOFIA, legal_date
from app.core.language import Text
from app.core.money import Money
from app.core.personal import Retention
from app.fulfilment.forgetting import forget_contact, forget_receipts, forget_sales, forget_words
from app.fulfilment.order_terms import IS_OF_SALE, IS_OWED, WITHOUT_SALE
from app.invoices.models import Document
from app.orders.models import Order, OrderEvent, OrderStatus
from app.orders.states import OVER
from app.payments.models import Payment, Receipt, ReceiptCase, ReceiptSettlement, Refund
from app.payments.receipts import came_for, last_on
from app.privacy.models import Acceptance
from app.privacy.retention.holds import is_held
from app.privacy.retention.rules import ActRule, Does, Rule, Told
from app.privacy.storage_terms import BOOKS, CLAIMS, CONTRACT, OWED, Factor, StorageTerms, of_contact
from app.shipping.models import Label, Shipment

WORDS_DAYS = 90
"""After the end: by then withdrawal and return are over."""


def rules(terms: StorageTerms) -> tuple[Rule, ...]:
    make = partial(ActRule, table=Order, held=lambda at: is_held(Order.id, Order.email, Order.account_id, at=at))
    return (
        Rule(
            "orders_under_way",
            Retention.ORDER,
            frozenset({"orders", "order_lines", "payments", "labels"}),
            Does.KEEP,
            Told(
                Text("Поръчки в изпълнение", "Orders under way"),
                Text("от поръчката", "from the order"),
                Text("до изпълнение на договора", "until the contract is performed"),
                CONTRACT,
                (Factor.SERVICE,),
            ),
        ),
        make(
            key="order_words",
            retention=Retention.ORDER,
            tables=frozenset({"orders", "labels"}),
            does=Does.ANONYMISE,
            told=Told(
                Text("Коментари, бележки за куриера и етикети", "Comments, notes for the courier and labels"),
                Text("от края на поръчката", "from the end of the order"),
                Text(f"{WORDS_DAYS} дни", f"{WORDS_DAYS} days"),
                CONTRACT,
                (Factor.SERVICE,),
            ),
            which=lambda at: and_(Order.finished_at < at - timedelta(days=WORDS_DAYS), _has_words()),
            act=forget_words,
        ),
        make(
            key="orders_without_sale",
            retention=Retention.ORDER,
            tables=frozenset({"orders", "order_lines", "payments"}),
            does=Does.AGGREGATE,
            told=Told(
                Text("Отказани и неприети поръчки без плащане и документ", "Orders that came to nothing"),
                Text("от края на поръчката", "from the end of the order"),
                Text(f"{terms.cancelled_years} г.", f"{terms.cancelled_years} year(s)"),
                CLAIMS,
                (Factor.CLAIMS,),
            ),
            which=lambda at: and_(_ended(terms.cancelled_years, at), ~_has_sale()),
            act=forget_sales,
        ),
        make(
            key="order_contact",
            retention=Retention.CONTACT,
            tables=frozenset({"orders", "acceptances", "mails"}),
            does=Does.ANONYMISE,
            told=Told(
                Text(
                    "Имейл, телефон, IP адрес и браузър при приемане на декларацията, по продажби",
                    "E-mail, phone, IP address and browser of the acceptance of the declaration, of sales",
                ),
                Text(
                    "от доставката; недоставена или върната поръчка – от края ѝ или последното връщане на пари",
                    "from the delivery; not delivered, or returned, from the order's end or the last refund",
                ),
                of_contact(terms),
                OWED,
                (Factor.SERVICE, Factor.CLAIMS),
            ),
            which=lambda at: and_(_owes_nothing_more(terms, at), _is_reachable(), _has_sale()),
            act=forget_contact,
        ),
        make(
            key="sales",
            retention=Retention.BOOKS,
            tables=frozenset(
                {"orders", "order_lines", "payments", "receipts", "documents", "document_files", "annulments"}
            ),
            does=Does.AGGREGATE,
            told=Told(
                Text("Продажби и документите за тях", "Sales and their documents"),
                Text(
                    "от края на годината на последния документ, връщане на пари или края на поръчката",
                    "from the end of the year of the last document or refund, or of the order's end",
                ),
                Text(f"{terms.books_years} календарни години", f"{terms.books_years} calendar years"),
                BOOKS,
                (Factor.DUTY,),
            ),
            which=lambda at: and_(_booked_before(terms, at), _has_sale()),
            act=forget_sales,
        ),
        ActRule(
            key="receipts",
            retention=Retention.BOOKS,
            tables=frozenset({"receipts"}),
            does=Does.DELETE,
            told=Told(
                Text("Постъпили пари, които не са по поръчка", "Money that came and is of no order"),
                Text(
                    "от края на годината, в която са постъпили или върнати; неуредено се пази",
                    "from the end of the year in which it came or went back; what is not settled is kept",
                ),
                Text(f"{terms.books_years} календарни години", f"{terms.books_years} calendar years"),
                BOOKS,
                (Factor.DUTY,),
            ),
            table=Receipt,
            which=lambda at: _is_settled_before(terms, at),
            held=lambda at: false(),  # noqa: ARG005 - of nobody who is known
            act=forget_receipts,
        ),
        acceptance_rule(terms.evidence_years, exists().where(Order.acceptance_id == Acceptance.id)),
    )


async def note_ends(session: AsyncSession) -> None:
    """Read off its history when an order ended, where the moment is missing: a release before this wrote none."""
    last = select(OrderEvent.at).where(OrderEvent.order_id == Order.id).order_by(OrderEvent.id.desc()).limit(1)
    missing = and_(Order.status.in_(OVER), Order.finished_at.is_(None))
    ends = update(Order).where(missing).values(finished_at=last.scalar_subquery())
    await session.execute(ends, execution_options={"synchronize_session": False})


def _ended(years: int, at: datetime) -> ColumnElement[bool]:
    """Say that the last day of a term of years from the order's end, in Bulgaria, is past."""
    return Order.finished_at < _day_start(_years_before(legal_date(at), years))


def _owes_nothing_more(terms: StorageTerms, at: datetime) -> ColumnElement[bool]:
    """Say that the contract obliges to nothing any more: guarantee, refund, an answer (OrderTerms.contact_until)."""
    is_delivered, first_kept = (
        Order.status == OrderStatus.DELIVERED,
        _years_before(legal_date(at), terms.cancelled_years),
    )
    refunded_lately = exists().where(Refund.order_id == Order.id, Refund.refunded_on >= first_kept)
    received_lately = func.coalesce(last_on(Order.id), date.min) >= first_kept
    is_over = or_(
        is_delivered & _ended(terms.guarantee_years, at),
        ~is_delivered & _ended(terms.cancelled_years, at) & ~refunded_lately & ~received_lately,
    )
    return is_over & ~IS_OWED


def _is_reachable() -> ColumnElement[bool]:
    return or_(Order.email != "", Order.phone != "")


def _years_before(day: date, years: int) -> date:
    """Give the first day whose term of years is not over on this day; 29 February ends on 28 (StorageTerms)."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February: what began on 28 February then is over since the day before
        return date(day.year - years, 3, 1)


def _day_start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SOFIA).astimezone(UTC)


def _booked_before(terms: StorageTerms, at: datetime) -> ColumnElement[bool]:
    """Say that the years of the books are over for all of it: documents, refunds, and the order's end.

    Each is in the books of its own year: an order invoiced in December and delivered in January is in two.
    """
    first_kept = date(legal_date(at).year - terms.books_years, 1, 1)
    # The last days are looked up for each order: an anti-join would read every document anew for each batch.
    documented_on = select(func.max(Document.issued_on)).where(Document.order_id == Order.id, IS_OF_SALE)
    refunded_on = select(func.max(Refund.refunded_on)).where(Refund.order_id == Order.id)
    booked_on = func.greatest(
        documented_on.scalar_subquery(), refunded_on.scalar_subquery(), last_on(Order.id), date.min
    )
    return and_(Order.finished_at < _day_start(first_kept), booked_on < first_kept)


def _is_settled_before(terms: StorageTerms, at: datetime) -> ColumnElement[bool]:
    """Say that the years of the books are over for a receipt that is of no order, and that nothing of it is left."""
    first_kept = date(legal_date(at).year - terms.books_years, 1, 1)
    settled_on = select(func.max(ReceiptSettlement.settled_on)).where(ReceiptSettlement.receipt_id == Receipt.id)
    is_alone = exists().where(
        ReceiptCase.receipt_id == Receipt.id, ReceiptCase.order_id.is_(None), ReceiptCase.left == Money.ZERO
    )
    return and_(func.greatest(Receipt.received_on, settled_on.scalar_subquery()) < first_kept, is_alone)


def _has_sale() -> ColumnElement[bool]:
    paid = exists().where(Payment.order_id == Order.id, Payment.received_at.is_not(None))
    documented = exists().where(Document.order_id == Order.id, IS_OF_SALE)
    return or_(Order.status.not_in(WITHOUT_SALE), paid, came_for(Order.id), documented)


def _has_words() -> ColumnElement[bool]:
    has_place = or_(Order.street.is_not(None), Order.block.is_not(None))
    labelled = exists().where(Label.shipment_id == Shipment.id, Shipment.order_id == Order.id)
    return or_(Order.comment.is_not(None), and_(Order.note.is_not(None), has_place), Order.wish_digest != "", labelled)
