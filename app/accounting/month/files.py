"""The files of a month, each written as it is read; the archive and the single downloads are made of the same."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.disclosing import TO_AUDIT, TO_DELTA, TO_LEDGER
from app.accounting.models import ClosedMonth
from app.accounting.month import audit_file, audit_queries, delta, lists, queries, report_queries, sales_ledger
from app.accounting.month.errors import NothingDelivered, NoVatLedger, ShopNotRegistered, ZeroRateGroundMissing
from app.accounting.month.period import Month
from app.accounting.month.rows import AuditOrder
from app.accounting.month.schemas import ReportView, SummaryView
from app.accounting.month.summary import summarise
from app.accounting.month.terms import Terms
from app.core.clock import legal_date
from app.core.errors import ShopError
from app.core.language import Text
from app.core.sheets import as_csv
from app.privacy.disclosing import HandingOver, disclose_selected

Parts = AsyncGenerator[bytes]
# All of a file is of one moment.
PATIENT = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SET LOCAL statement_timeout = 0")


async def be_patient(session: AsyncSession) -> None:
    """Prepare a session, before its first select, for a reading that lasts."""
    for setting in PATIENT:
        await session.execute(text(setting))


class FileName(StrEnum):
    LEDGER = "PRODAGBI.TXT"
    AUDIT = "audit-file.xml"
    DELTA = "delta-import.txt"
    REPORT = "sales-report.csv"
    CSV = "documents.csv"
    XLSX = "documents.xlsx"
    SUMMARY = "summary.json"


TITLES = {
    FileName.LEDGER: Text("Дневник за продажбите (Приложение № 12 ППЗДДС)", "VAT ledger of sales"),
    FileName.AUDIT: Text("Одиторски файл (Наредба Н-18, Приложение № 38)", "Audit file of the shop"),
    FileName.DELTA: Text("Импорт в Microinvest Делта", "Import for Microinvest Delta"),
    FileName.REPORT: Text("Отчет за извършените продажби (чл. 119 ЗДДС)", "Report of sales without invoice"),
    FileName.CSV: Text("Списък на документите", "List of documents"),
    FileName.XLSX: Text("Списък на документите, Excel", "List of documents, Excel"),
    FileName.SUMMARY: Text("Обобщение и равнения", "Summary and checks"),
}


@dataclass(frozen=True)
class Reading:
    """From where, of which month, and under which terms the files are written."""

    session: AsyncSession
    month: Month
    terms: Terms
    at: datetime


async def summary(reading: Reading) -> SummaryView:
    """Sum a month up; one that is closed stays as it was."""
    closed = await reading.session.get(ClosedMonth, str(reading.month))
    if closed is not None:
        return SummaryView.model_validate({**closed.summary, "closed_at": closed.closed_at})
    return SummaryView.of(await summarise(reading.session, reading.month, reading.terms, at=reading.at))


async def ledger(reading: Reading) -> Parts:
    """Write PRODAGBI.TXT; refuses with NoVatLedger what a seller without VAT does not keep.

    With ZeroRateGroundMissing it refuses before the first byte: only the report of sales may lack a ground.
    """
    session, month, terms = reading.session, reading.month, reading.terms
    seller = await queries.find_vat_number(session, month, terms.seller)
    if seller is None:
        raise NoVatLedger
    report_rows = await report_queries.list_report(session, month, at=reading.at)
    of_report = sales_ledger.record_of_report(report_rows, month, terms)
    row = 0
    async with aclosing(queries.stream_entries(session, month)) as entries:
        async for entry in entries:
            if entry.is_in_ledger:
                row += 1
                yield sales_ledger.line(sales_ledger.record_of(entry, terms), row, seller=seller, month=month)
    if of_report:
        yield sales_ledger.line(of_report, row + 1, seller=seller, month=month)


async def audit(reading: Reading) -> Parts:
    """Write the audit file; refuses with ShopNotRegistered, and with NothingDelivered an empty month."""
    if reading.terms.shop_number is None:
        raise ShopNotRegistered
    returns = await audit_queries.list_returns(reading.session, reading.month, reading.terms.audit_event, at=reading.at)
    stream = audit_queries.stream_audit_orders(reading.session, reading.month, reading.terms.audit_event, at=reading.at)
    async with aclosing(stream) as orders:
        told = (order async for order in orders if order.document_number)
        first = await anext(told, None)
        if first is None:
            raise NothingDelivered

        async def all_of_them() -> AsyncIterator[AuditOrder]:
            yield first
            async for order in told:
                yield order

        made_on = legal_date(reading.at)
        async for part in audit_file.write(all_of_them(), returns, reading.terms, reading.month, made_on=made_on):
            yield part


async def import_lines(reading: Reading) -> Parts:
    operation = reading.terms.delta_operation
    async with aclosing(queries.stream_entries(reading.session, reading.month)) as entries:
        async for entry in entries:
            for line in delta.lines_of(entry, operation=operation):
                yield line
    rows = await report_queries.list_report(reading.session, reading.month, at=reading.at)
    for line in delta.lines_of_report(rows, reading.month, operation=operation):
        yield line


async def as_list(reading: Reading) -> Parts:
    async with aclosing(queries.stream_entries(reading.session, reading.month)) as entries:
        async for part in lists.write_csv(entries):
            yield part


async def as_workbook(reading: Reading) -> Parts:
    async with aclosing(queries.stream_entries(reading.session, reading.month)) as entries:
        async for part in lists.write_xlsx(entries):
            yield part


async def report(reading: Reading) -> ReportView:
    rows = await report_queries.list_report(reading.session, reading.month, at=reading.at)
    return ReportView.of(str(reading.month), rows)


async def report_as_list(reading: Reading) -> Parts:
    said = await report(reading)
    columns = ("Дата", "Ставка, %", "Плащане", "Продажби", "Основа", "ДДС", "Общо")
    rows = [
        (row.on, row.rate, lists.PAYMENTS[row.payment], row.sales, row.base, row.vat, row.total) for row in said.rows
    ]
    yield as_csv(columns, rows)


async def summary_as_json(reading: Reading) -> Parts:
    said = await summary(reading)
    yield json.dumps(said.model_dump(mode="json"), ensure_ascii=False, indent=1).encode()


async def record_handing_over(reading: Reading, name: FileName, *, actor: str) -> None:
    """Record whose data go to the accountant in a file (S35), in the transaction that reads it."""
    handing_over, chosen = await handed_over(reading, name)
    await disclose_selected(reading.session, handing_over, chosen, at=reading.at, actor=actor)


async def handed_over(reading: Reading, name: FileName) -> tuple[HandingOver, Select[UUID, UUID | None]]:
    """Say as what a file goes, and choose whose data are in it."""
    if name is FileName.AUDIT:
        event = reading.terms.audit_event
        return TO_AUDIT, await audit_queries.told_in_audit_file(reading.session, reading.month, event, at=reading.at)
    return (TO_DELTA if name is FileName.DELTA else TO_LEDGER), queries.named_in_ledger(reading.month)


WRITERS: dict[FileName, Callable[[Reading], Parts]] = {
    FileName.LEDGER: ledger,
    FileName.AUDIT: audit,
    FileName.DELTA: import_lines,
    FileName.REPORT: report_as_list,
    FileName.CSV: as_list,
    FileName.XLSX: as_workbook,
    FileName.SUMMARY: summary_as_json,
}
NOT_DUE: tuple[type[ShopError], ...] = (NoVatLedger, ZeroRateGroundMissing, ShopNotRegistered, NothingDelivered)
"""Why a file is not in the archive: there is nothing to write, or something is to be set first."""
