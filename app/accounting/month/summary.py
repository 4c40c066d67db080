"""Sums a month up, and compares what must agree: documents, orders, ledger, audit file, I-Cash."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.month import audit_queries, comparing, counting, letters, queries, report_queries, report_sums
from app.accounting.month.entry_sums import Summed, sum_entries
from app.accounting.month.errors import ZeroRateGroundMissing
from app.accounting.month.figures import Check, Difference, Numbers, Outstanding, Refunds, Reported, Sum
from app.accounting.month.period import Month
from app.accounting.month.rows import ComparedOrder, Entry, ReportRow
from app.accounting.month.sales_ledger import COLUMNS, Record, number_of_report, record_of, record_of_report
from app.accounting.month.terms import Terms
from app.core.money import Money, total
from app.core.vat import VatSum, sums_of
from app.invoices.view import DocumentKind
from app.orders.models import PaymentMethod

MOST_LISTED = 1_000


@dataclass
class Tally:
    """What one reading of the month's documents adds up to, and the report of sales without invoice with them."""

    terms: Terms
    by_kind: dict[DocumentKind, Sum] = field(default_factory=lambda: defaultdict(Sum))
    by_payment: dict[PaymentMethod, Sum] = field(default_factory=lambda: defaultdict(Sum))
    by_day: dict[date, Sum] = field(default_factory=lambda: defaultdict(Sum))
    rates: list[tuple[int, Money, Money]] = field(default_factory=list)
    annulled: int = 0
    reversed: int = 0
    kept: Money = Money.ZERO
    written: Money = Money.ZERO
    """What the ledger has of the documents, beside what the list of documents has of them."""
    differences: list[Difference] = field(default_factory=list)
    spelling: letters.Spelling = field(default_factory=letters.Spelling)

    def add(self, summed: Summed) -> None:
        """Count the documents, and look at those that strike."""
        for group in summed.groups:
            self.annulled += group.documents * group.is_annulled
            self.reversed += group.documents * group.is_reversal
            for sums in (self.by_kind[group.kind], self.by_payment[group.payment], self.by_day[group.issued_on]):
                sums.documents += group.documents
                sums.add_amounts(group.base, group.vat)
            amount = group.base + group.vat
            self.spelling.count(amount)
            if group.is_plain:
                self.kept += amount
                self.written += amount
        self._add_rates(summed.rates)
        for entry in summed.striking:
            self.spelling.add(entry)
            if entry.is_in_ledger:
                self._compare(entry)

    def add_report(self, rows: Sequence[ReportRow]) -> None:
        """Count the sales without invoice among those of their day, payment method and rate."""
        for row in rows:
            for sums in (self.by_payment[row.payment], self.by_day[row.on]):
                sums.add_amounts(row.base, row.vat)
        self._add_rates(rows)

    def _add_rates(self, sums: Iterable[VatSum | ReportRow]) -> None:
        added = ((each.rate, each.base, each.vat) for each in sums)
        self.rates = [(each.rate, each.base, each.vat) for each in sums_of([*self.rates, *added])]

    def _compare(self, entry: Entry) -> None:
        record, kept = record_of(entry, self.terms), entry.kept_base + entry.kept_vat
        self.kept += kept
        self.written += record.total
        if (record.total, record.vat) != (kept, entry.kept_vat):
            self.differences.append(Difference("ledger", entry.number, str(kept), str(record.total)))

    @property
    def by_rate(self) -> Sequence[VatSum]:
        return sums_of(self.rates)


@dataclass(frozen=True)
class Summary:
    month: Month
    made_at: datetime
    tally: Tally
    uninvoiced: Sum
    refunds: Sequence[Refunds]
    outstanding: Outstanding
    numbers: Sequence[Numbers]
    checks: Sequence[Check]
    differences: Sequence[Difference]
    untold: int

    @property
    def agrees(self) -> bool:
        return all(check.agrees for check in self.checks)


async def summarise(session: AsyncSession, month: Month, terms: Terms, *, at: datetime) -> Summary:
    """Read the month once and compare; flat in memory, one statement for each kind of thing."""
    tally = Tally(terms)
    tally.add(await sum_entries(session, month))
    report = await report_queries.list_report(session, month, at=at)
    tally.add_report(report)
    owed = await report_sums.sum_report(session, month, at=at)
    uninvoiced = Sum(owed.sales, total(row.base for row in report), total(row.vat for row in report))
    ledger, unlike = await _compare_ledger(session, tally, report, owed, month, at=at)
    orders, missing = await comparing.compare_orders(session, month, every_order=terms.every_order, at=at)
    audit, told = await _compare_audit(session, month, terms, at=at)
    refunds, unnoted = await comparing.compare_refunds(session, month, at=at)
    icash, found = await comparing.compare_icash(session, month, at=at)
    differences = [*unlike, *missing, *told, *unnoted, *found, *tally.spelling.differences]
    return Summary(
        month,
        at,
        tally,
        uninvoiced,
        await counting.list_refunds(session, month),
        await counting.count_outstanding(session),
        await counting.list_numbers(session, month),
        [orders, ledger, audit, refunds, icash, tally.spelling.check],
        differences[:MOST_LISTED],
        max(0, len(differences) - MOST_LISTED),
    )


async def _compare_ledger(
    session: AsyncSession, tally: Tally, report: Sequence[ReportRow], owed: Reported, month: Month, *, at: datetime
) -> tuple[Check, list[Difference]]:
    """Compare the ledger's columns, its row of the report among them, with documents, and orders without invoice."""
    if await queries.find_vat_number(session, month, tally.terms.seller) is None:
        return Check("ledger", tally.kept, tally.written, not tally.differences), tally.differences
    record = _record(report, month, tally.terms)
    written = record.total if record else Money.ZERO
    differences = [
        *tally.differences,
        *_of_report(record, owed, number_of_report(month)),
        *await report_sums.list_misallotted(session, month, at=at),
    ]
    return Check("ledger", tally.kept + owed.total, tally.written + written, not differences), differences


def _record(report: Sequence[ReportRow], month: Month, terms: Terms) -> Record | None:
    try:
        return record_of_report(report, month, terms)
    except ZeroRateGroundMissing:  # the ledger is not written before that is set
        return None


def _of_report(record: Record | None, owed: Reported, number: str) -> Iterable[Difference]:
    """Hold the ledger's row of the report against what the orders come to, as a whole and in the columns of VAT."""
    if record is None:
        if owed.rates or owed.total:
            yield Difference("ledger", number, str(owed.total), None)
        return
    if record.total != owed.total:
        yield Difference("ledger", number, str(owed.total), str(record.total))
    sold = {each.rate: (each.base, each.vat) for each in owed.rates}
    for rate, (base, vat) in COLUMNS.items():
        expected = sold.get(rate, (Money.ZERO, Money.ZERO))
        found = record.amounts.get(base, Money.ZERO), record.amounts.get(vat, Money.ZERO)
        if found != expected:
            yield Difference("ledger", f"{number}, {rate} %", ", ".join(map(str, expected)), ", ".join(map(str, found)))


async def _compare_audit(
    session: AsyncSession, month: Month, terms: Terms, *, at: datetime
) -> tuple[Check, list[Difference]]:
    """Compare what the audit file tells of each order with the order, and with its invoice or the sales report.

    What it tells of an order is what its lines come to, however they are written
    (tests/checkout/test_documents_agree.py).
    """
    expected, found, differing = await audit_queries.compare_orders(session, month, terms.audit_event, at=at)
    differences = [difference for order in differing for difference in _of_order(order)]
    return Check("audit_file", expected, found, not differences), differences


def _of_order(order: ComparedOrder) -> Iterable[Difference]:
    if (order.told, order.told_vat) != (order.total, order.vat):
        yield Difference("audit_file", order.number, str(order.total), str(order.told))
    if not order.has_document:
        yield Difference("audit_file", order.number, "document", None)
    if order.documented is None and not order.is_reported:
        yield Difference("audit_file", order.number, str(order.total), None)
    elif order.documented is not None and order.documented != order.total:
        yield Difference("audit_file", order.number, str(order.total), str(order.documented))
