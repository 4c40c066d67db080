"""Endpoints of the accountant's month; read only, and each download leaves its record (S35)."""

from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response

from app.accounting.disclosing import TO_ACCOUNTANT
from app.accounting.month import files
from app.accounting.month.closing import close_month
from app.accounting.month.errors import (
    MonthClosed,
    MonthNotOver,
    NothingDelivered,
    NoVatLedger,
    ShopNotRegistered,
    ZeroRateGroundMissing,
)
from app.accounting.month.files import FileName, Reading
from app.accounting.month.period import Month
from app.accounting.month.schemas import ReportView, SummaryView
from app.accounting.month.sending import hand_over_archive, hand_over_file
from app.accounting.month.terms import Terms
from app.auth.guards import STAFF_REFUSALS, AccountingCaller, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At
from app.core.db import SessionDep, SessionsDep
from app.core.errors import Invalid
from app.core.explaining import MONTH
from app.core.problems import problems
from app.core.routing import Router
from app.core.spooling import FileAnswer, SpoolDep
from app.core.zips import ZIP
from app.mail.writing import Trader
from app.privacy.disclosing import require_agreement
from app.privacy.errors import AgreementMissing
from app.privacy.restricting import PersonRestricted

router = Router(prefix="/accounting/months", tags=["accounting"])
staff_router = Router(prefix="/staff/months", tags=["staff"])
MonthPath = Annotated[
    str,
    Path(pattern=MONTH, description="A calendar month in Bulgaria", examples=["2026-11"]),
]
TEXT, XML = "text/plain; charset=windows-1251", "application/xml"


def _file(media_type: str, what: str) -> dict[int | str, dict[str, Any]]:
    kind = media_type.partition(";")[0]
    return {200: {"description": what, "content": {kind: {"schema": {"type": "string", "format": "binary"}}}}}


async def get_terms(request: Request) -> Terms:
    terms: Terms = request.app.state.month_terms
    return terms


async def get_trader(request: Request) -> Trader:
    trader: Trader = request.app.state.trader
    return trader


TermsDep = Annotated[Terms, Depends(get_terms)]


@router.get("/{month}/summary", responses=problems(*STAFF_REFUSALS, Invalid))
async def read_month_summary(
    month: MonthPath,
    caller: AccountingCaller,  # noqa: ARG001 - the guard is the argument
    session: SessionDep,
    terms: TermsDep,
    at: At,
) -> SummaryView:
    """Sum a month up, and compare documents, orders, ledger, audit file and I-Cash; differences are listed."""
    return await files.summary(Reading(session, Month.of(month), terms, at))


@router.get("/{month}/sales-report", responses=problems(*STAFF_REFUSALS, Invalid))
async def read_sales_report(
    month: MonthPath,
    caller: AccountingCaller,  # noqa: ARG001 - the guard is the argument
    session: SessionDep,
    terms: TermsDep,
    at: At,
) -> ReportView:
    """Show the sales without invoice, by day, rate and payment method (ЗДДС чл. 119)."""
    return await files.report(Reading(session, Month.of(month), terms, at))


@router.get(
    "/{month}/sales-ledger.txt",
    response_class=Response,
    responses={
        **_file(TEXT, "PRODAGBI.TXT, windows-1251"),
        **problems(*STAFF_REFUSALS, AgreementMissing, NoVatLedger, ZeroRateGroundMissing, Invalid),
    },
)
async def download_sales_ledger(
    month: MonthPath, caller: AccountingCaller, session: SessionDep, spool: SpoolDep, terms: TermsDep, at: At
) -> FileAnswer:
    """Download the ledger of sales of the VAT return, PRODAGBI.TXT."""
    reading = Reading(session, Month.of(month), terms, at)
    return await hand_over_file(
        FileName.LEDGER, reading, spool, actor=caller.actor, media_type=TEXT, filename="PRODAGBI.TXT"
    )


@router.get(
    "/{month}/audit-file.xml",
    response_class=Response,
    responses={
        **_file(XML, "The audit file of Наредба Н-18, Annex 38, windows-1251"),
        **problems(*STAFF_REFUSALS, AgreementMissing, ShopNotRegistered, NothingDelivered, Invalid),
    },
)
async def download_audit_file(
    month: MonthPath, caller: AccountingCaller, session: SessionDep, spool: SpoolDep, terms: TermsDep, at: At
) -> FileAnswer:
    """Download the standard audit file of the shop, to be filed from the 1st to the 15th of the next month."""
    name = f"dec_audit-{month}.xml"
    reading = Reading(session, Month.of(month), terms, at)
    return await hand_over_file(FileName.AUDIT, reading, spool, actor=caller.actor, media_type=XML, filename=name)


@router.get(
    "/{month}/delta-import.txt",
    response_class=Response,
    responses={
        **_file(TEXT, "Import lines of Microinvest Delta, windows-1251"),
        **problems(*STAFF_REFUSALS, AgreementMissing, Invalid),
    },
)
async def download_delta_import(
    month: MonthPath, caller: AccountingCaller, session: SessionDep, spool: SpoolDep, terms: TermsDep, at: At
) -> FileAnswer:
    """Download invoices, credit notes and the report of sales for Microinvest Delta; try it with your version first.

    Debit notes are not in it: how Delta imports them is not known.
    """
    reading = Reading(session, Month.of(month), terms, at)
    return await hand_over_file(
        FileName.DELTA, reading, spool, actor=caller.actor, media_type=TEXT, filename="Import.txt"
    )


@router.get(
    "/{month}/archive.zip",
    response_class=Response,
    responses={
        **_file(ZIP, "All documents, the files for NRA and accounting programs, and a cover page"),
        **problems(*STAFF_REFUSALS, AgreementMissing, PersonRestricted, Invalid),
    },
)
async def download_month_archive(
    month: MonthPath,
    caller: AccountingCaller,
    session: SessionDep,
    spool: SpoolDep,
    terms: TermsDep,
    trader: Annotated[Trader, Depends(get_trader)],
    at: At,
) -> FileAnswer:
    """Download the whole month: PDFs, e-invoices, lists, files, a cover page; sent when all of it is written."""
    await require_agreement(session, TO_ACCOUNTANT.recipient, at=at)
    return await hand_over_archive(Reading(session, Month.of(month), terms, at), trader, spool, actor=caller.actor)


@staff_router.post(
    "/{month}/closing", status_code=201, responses=problems(*STAFF_REFUSALS, MonthNotOver, MonthClosed, Invalid)
)
async def close_books_of_month(
    month: MonthPath,
    caller: Annotated[Person, staff_with(Right.CLOSE_MONTHS)],
    session: SessionDep,
    sessions: SessionsDep,
    terms: TermsDep,
    at: At,
) -> SummaryView:
    """Close a month that is over: its figures stay as they are, and what is learnt later is in the next one."""
    return await close_month(session, sessions, Month.of(month), terms, by=caller.actor, at=at)
