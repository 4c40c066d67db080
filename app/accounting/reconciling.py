"""Compares every sale with the books of I-Cash, each night, and mirrors the invoices that I-Cash issues."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting import reconciling_queries as queries
from app.accounting.issuers import list_issuers, note_issuer
from app.accounting.mirroring import Mirror, Mirrored, number_of
from app.accounting.models import Discrepancy, Finding, InvoiceIssuer, Reconciliation
from app.accounting.month.period import Month
from app.accounting.ports import LARGEST_REFERENCE, BookedDocument, BookedSale, BookedState, BooksReader
from app.accounting.reconciling_queries import Named, Ours
from app.core.clock import Clock, legal_date
from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.money import Money, total

LIVE = frozenset({BookedState.OPEN, BookedState.WAITING, BookedState.COMPLETE, BookedState.OTHER})
D = Discrepancy


@dataclass(frozen=True, slots=True)
class Found:
    """A difference, before it is kept."""

    kind: Discrepancy
    on: date
    reference: str
    ours: Money | str | None
    theirs: Money | str | None
    """Amounts; of an invoice too many the numbers."""
    order_id: UUID | None = None


@dataclass(frozen=True)
class Reconciling:
    """The nightly comparison, from the first day of the month before to today."""

    sessions: Sessions
    books: BooksReader
    clock: Clock
    issuer: InvoiceIssuer
    mirror: Mirror

    async def run(self) -> None:
        at = self.clock.now()
        last = legal_date(at)
        first = Month.on(Month.at(at).first - timedelta(days=1)).first
        if self.issuer is InvoiceIssuer.ICASH:
            async with self.sessions.begin() as session:
                # On its screens invoices are issued unseen. The first day of a month is left, to change the setting on.
                await note_issuer(session, Month.on(last - timedelta(days=1)), self.issuer, at=at)
        sales, documents = await self._read(first, last)
        async with self.sessions() as session:
            ours = await queries.list_ours(session, first, named_in(sales, documents), at=at)
        pairs, alone = pair(ours, sales, first)
        found = compare(pairs, alone)
        found += await self._documents(documents, {each.operation_id: each for each in ours if each.operation_id})
        async with self.sessions.begin() as session:
            made = Reconciliation(
                id=uuid7(), made_at=at, first=first, last=last, compared=len(ours), sums=sum_months(pairs, alone)
            )
            await keep(session, made, found)

    async def _read(self, first: date, last: date) -> tuple[list[BookedSale], list[BookedDocument]]:
        sales, documents, day = list[BookedSale](), list[BookedDocument](), first
        while day <= last:
            sales += await self.books.list_sales(day)
            documents += await self.books.list_documents(day)
            day += timedelta(days=1)
        return sales, documents

    async def _documents(self, documents: Sequence[BookedDocument], ours: Mapping[int, Ours]) -> list[Found]:
        """Mirror what I-Cash issued; in a month in which the shop issues, each document there is one too many."""
        async with self.sessions() as session:
            begun = await list_issuers(session)
        found = []
        for document in documents:
            issues_here = self._issuer_on(document.issued_on, begun) is InvoiceIssuer.SHOP
            found += _of_document(await self.mirror.take(document, ours, issues_here=issues_here))
        async with self.sessions() as session:
            missing = await queries.list_undocumented(session, legal_date(self.clock.now()))
        return found + [
            Found(D.DOCUMENT_MISSING, on, number, owed, None, order_id)
            for order_id, number, owed, on in missing
            # What the shop left open in the month before it is I-Cash's now, and what I-Cash did stays so.
            if InvoiceIssuer.ICASH in {self.issuer, self._issuer_on(on, begun)}
        ]

    def _issuer_on(self, day: date, begun: Mapping[str, InvoiceIssuer]) -> InvoiceIssuer:
        return begun.get(str(Month.on(day)), self.issuer)


def _of_document(mirrored: Mirrored) -> list[Found]:
    if mirrored.agrees:
        return []
    document, ours = mirrored.document, mirrored.ours
    reference, order_id = (ours.number, ours.order_id) if ours else (f"I-Cash {document.number}", None)
    on = document.issued_on
    if mirrored.beside:
        return [Found(D.DOCUMENT_DOUBLED, on, reference, mirrored.beside, number_of(document), order_id)]
    return [Found(D.DOCUMENT_DIFFERS, on, reference, mirrored.expected, document.total, order_id)]


@dataclass(frozen=True, slots=True)
class Pair:
    """A sale of the shop, and what I-Cash has of it."""

    ours: Ours
    sale: BookedSale | None
    """None: there is none, or none that counts."""
    same: Sequence[BookedSale]
    """All that bear the order's number and count."""
    undoing: Sequence[BookedSale] = ()
    """What takes the sale of an order back that came to nothing."""

    @property
    def theirs(self) -> Money:
        """Return what counts there; what undoes a sale counts in the month of the sale."""
        sold = total(each.total for each in self.same or ([self.sale] if self.sale else []))
        return sold - total(each.total for each in self.undoing) if self.sale else Money.ZERO

    @property
    def is_undone(self) -> bool:
        return bool(self.undoing) and not self.theirs


def named_in(sales: Sequence[BookedSale], documents: Sequence[BookedDocument]) -> Named:
    operations = {sale.operation_id for sale in sales} | {each.operation_id for each in documents if each.operation_id}
    numbers = {int(sale.reference) for sale in sales if sale.reference and sale.reference.isdecimal()}
    return Named(operations, {number for number in numbers if number <= LARGEST_REFERENCE})


def pair(ours: Sequence[Ours], sales: Sequence[BookedSale], first: date) -> tuple[list[Pair], list[BookedSale]]:
    """Find for each sale of the shop what I-Cash has; returns the pairs, and the sales that are in I-Cash alone.

    Of a sale from before the days that were read nothing is missed.
    """
    live = [sale for sale in sales if sale.state in LIVE and not sale.is_return]
    by_operation = {sale.operation_id: sale for sale in sales if sale.state in LIVE}
    sold, returned = _by_reference(live), _by_reference([sale for sale in sales if _undoes(sale)])
    pairs = []
    for each in ours:
        same = sold[each.number]
        sale = by_operation.get(each.operation_id or 0) or (same[0] if same else None)
        if sale or each.opened_on >= first:
            pairs.append(Pair(each, sale, same, [] if each.is_sold else returned[each.number]))
    known = {each.operation_id for each in ours} | {sale.operation_id for each in pairs for sale in each.same}
    return pairs, [sale for sale in live if sale.operation_id not in known]


def _by_reference(sales: Sequence[BookedSale]) -> dict[str, list[BookedSale]]:
    found = defaultdict[str, list[BookedSale]](list)
    for sale in sales:
        if sale.reference:
            found[sale.reference].append(sale)
    return found


def _undoes(sale: BookedSale) -> bool:
    """How I-Cash marks a storno is not documented: assumed is a finished return with the reference of the sale."""
    return sale.is_return and sale.state in LIVE - {BookedState.OPEN}


def compare(pairs: Sequence[Pair], alone: Sequence[BookedSale]) -> list[Found]:
    """Find what is missing, doubled or of another total; pure."""
    found = [difference for each in pairs for difference in _of_sale(each)]
    return found + [
        Found(D.MISSING_HERE, sale.on, sale.reference or f"I-Cash {sale.operation_id}", None, sale.total)
        for sale in alone
    ]


def _of_sale(of: Pair) -> list[Found]:
    ours, sale = of.ours, of.sale
    if sale is None:
        if ours.due_on is None:
            return []
        return [Found(D.MISSING_THERE, ours.due_on, ours.number, ours.total, None, ours.order_id)]
    if of.is_undone:
        return []
    found = []
    if len(of.same) > 1:
        found.append(Found(D.DOUBLED, sale.on, ours.number, ours.total, of.theirs, ours.order_id))
    if not ours.is_sold:
        found.append(Found(D.NOT_CANCELLED, sale.on, ours.number, None, of.theirs, ours.order_id))
    elif ours.due_on and sale.total != ours.total:
        found.append(Found(D.DIFFERENT_TOTAL, sale.on, ours.number, ours.total, sale.total, ours.order_id))
    return found


def sum_months(pairs: Sequence[Pair], alone: Sequence[BookedSale]) -> dict[str, list[str]]:
    """Sum up each month here and there; what is still being entered counts on neither side; pure."""
    here, there = defaultdict[str, Money](lambda: Money.ZERO), defaultdict[str, Money](lambda: Money.ZERO)
    for each in pairs:
        on = each.sale.on if each.sale else each.ours.due_on
        if on is None or (each.ours.is_sold and not each.ours.due_on):
            continue
        month = str(Month.on(on))
        here[month] += each.ours.total if each.ours.due_on else Money.ZERO
        there[month] += each.theirs
    for sale in alone:
        there[str(Month.on(sale.on))] += sale.total
    return {month: [str(here[month]), str(there[month])] for month in sorted({*here, *there})}


async def keep(session: AsyncSession, made: Reconciliation, found: Sequence[Found]) -> None:
    """Keep what a comparison found; the newest one counts."""
    session.add(made)
    await session.flush()  # the findings name it
    session.add_all(
        Finding(
            id=uuid7(),
            reconciliation_id=made.id,
            on=each.on,
            kind=each.kind,
            order_id=each.order_id,
            reference=each.reference,
            ours=str(each.ours) if each.ours is not None else None,
            theirs=str(each.theirs) if each.theirs is not None else None,
        )
        for each in found
    )
