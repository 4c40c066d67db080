"""What the accountant sees of a month."""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import Field

from app.accounting.month.figures import Sum
from app.accounting.month.rows import ReportRow
from app.accounting.month.summary import Summary
from app.core.fields import View
from app.core.money import CURRENCY, Money
from app.invoices.view import DocumentKind
from app.orders.models import PaymentMethod
from app.payments.models import RefundMeans


class AmountsView(View):
    documents: int
    base: Money
    vat: Money
    total: Money


class KindView(AmountsView):
    kind: DocumentKind


class MethodView(AmountsView):
    """Sales with and without invoice; `documents` counts the former."""

    method: PaymentMethod


class DayView(AmountsView):
    """Sales with and without invoice; `documents` counts the former."""

    on: date


class RateView(View):
    rate: int
    base: Money
    vat: Money


class RefundsView(View):
    means: RefundMeans
    count: int
    amount: Money


class OutstandingView(View):
    orders: int
    amount: Money


class NumbersView(View):
    series: str
    first: str
    last: str
    used: int
    annulled: int


class MonthCheckView(View):
    name: str = Field(examples=["audit_file"])
    expected: Money
    found: Money
    agrees: bool


class DifferenceView(View):
    check: str
    reference: str = Field(description="Number of the document or of the order")
    expected: str | None
    found: str | None = Field(description="Null: it is not there")


class SummaryView(View):
    """A month in figures; credit notes and annulments count as less.

    Rates, payment methods and days are of all sales, `documents` and `by_kind` of those with a document.
    """

    month: str = Field(examples=["2026-11"])
    currency: Literal["EUR"] = CURRENCY
    made_at: datetime
    closed_at: datetime | None = Field(None, description="Null: open; what is learnt of it later still changes it")
    agrees: bool = Field(
        description="Whether documents, orders, ledger, audit file and I-Cash agree, and all names can be written"
    )
    documents: AmountsView
    by_kind: list[KindView]
    by_rate: list[RateView]
    by_payment: list[MethodView]
    by_day: list[DayView]
    annulled: int
    reversed: int = Field(description="Documents of months before that were annulled in this one")
    without_invoice: AmountsView = Field(description="What the sales report sums up")
    refunds: list[RefundsView]
    cash_on_delivery_outstanding: OutstandingView
    numbers: list[NumbersView]
    checks: list[MonthCheckView]
    differences: list[DifferenceView]
    more_differences: int = Field(description="How many are not listed")

    @classmethod
    def of(cls, summary: Summary) -> Self:
        tally = summary.tally
        whole = Sum()
        for each in tally.by_kind.values():
            whole = Sum(whole.documents + each.documents, whole.base + each.base, whole.vat + each.vat)
        return cls(
            month=str(summary.month),
            made_at=summary.made_at,
            agrees=summary.agrees,
            documents=AmountsView(**_amounts(whole)),
            by_kind=[KindView(kind=kind, **_amounts(each)) for kind, each in sorted(tally.by_kind.items())],
            by_rate=[RateView.model_validate(each) for each in tally.by_rate],
            by_payment=[MethodView(method=key, **_amounts(each)) for key, each in sorted(tally.by_payment.items())],
            by_day=[DayView(on=on, **_amounts(each)) for on, each in sorted(tally.by_day.items())],
            annulled=tally.annulled,
            reversed=tally.reversed,
            without_invoice=AmountsView(**_amounts(summary.uninvoiced)),
            refunds=[RefundsView.model_validate(each) for each in summary.refunds],
            cash_on_delivery_outstanding=OutstandingView.model_validate(summary.outstanding),
            numbers=[NumbersView.model_validate(each) for each in summary.numbers],
            checks=[MonthCheckView.model_validate(each) for each in summary.checks],
            differences=[DifferenceView.model_validate(each) for each in summary.differences],
            more_differences=summary.untold,
        )


def _amounts(of: Sum) -> dict[str, int | Money]:
    return {"documents": of.documents, "base": of.base, "vat": of.vat, "total": of.total}


class ReportRowView(View):
    on: date
    rate: int
    payment: PaymentMethod
    sales: int
    base: Money
    vat: Money
    total: Money


class ReportView(View):
    """Sales without invoice by day, rate and payment (ЗДДС чл. 119); refunds of such are rows that count as less."""

    month: str = Field(examples=["2026-11"])
    rows: list[ReportRowView]
    base: Money
    vat: Money
    total: Money

    @classmethod
    def of(cls, month: str, rows: list[ReportRow]) -> Self:
        base = sum((row.base for row in rows), start=Money.ZERO)
        vat = sum((row.vat for row in rows), start=Money.ZERO)
        return cls(
            month=month,
            rows=[ReportRowView.model_validate(row) for row in rows],
            base=base,
            vat=vat,
            total=base + vat,
        )
