"""Endpoints of the accountant; read only, and each download leaves its record (S35)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID
from zipfile import ZipFile

from fastapi import Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.disclosing import TO_ACCOUNTANT
from app.accounting.month.period import Month as PeriodMonth
from app.accounting.schemas import DocumentView, SearchDocuments, SelectDocuments
from app.auth.guards import STAFF_REFUSALS, AccountingCaller
from app.core.clock import At
from app.core.conditions import Conditions, ConditionsDep
from app.core.db import LookupsDep, SessionDep, Sessions, let_go
from app.core.errors import Invalid, NotFound
from app.core.explaining import MONTH
from app.core.files import PDF, etag_of, file_response, file_responses
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.core.spooling import READING, FileAnswer, SpoolDep
from app.core.zips import ZIP, named
from app.invoices import queries
from app.invoices.papers import filename
from app.invoices.queries import KeptFile, Wanted
from app.invoices.view import NUMBER, DocumentKind
from app.orders.whose import whose, whose_of
from app.privacy.disclosing import Sent, disclose, disclose_file
from app.privacy.errors import AgreementMissing
from app.privacy.restricting import PersonRestricted

XML = "application/xml"
router = Router(prefix="/accounting/documents", tags=["accounting"])
DocumentId = Annotated[
    UUID, Path(description="As the list of documents names it", examples=["5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"])
]
Month = Annotated[str, Query(pattern=MONTH, description="Of issue, in Bulgaria", examples=["2026-11"])]


@router.get("", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_documents(
    caller: AccountingCaller,  # noqa: ARG001 - the guard is the argument
    lookups: LookupsDep,
    month: Month,
    kind: Annotated[DocumentKind | None, Query(description="Of one kind alone")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DocumentView]:
    """List the documents issued in a month, by day and number."""
    of = PeriodMonth.of(month)
    return await _page(lookups, Wanted(of.first, of.last, kind), cursor, limit)


@router.post("/searches", responses=problems(*STAFF_REFUSALS, CursorUnknown, BodyUnreadable, Invalid))
async def search_documents(
    wish: SearchDocuments,
    caller: AccountingCaller,  # noqa: ARG001 - the guard is the argument
    lookups: LookupsDep,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DocumentView]:
    """List the documents that fit: by number, days of issue, kind, company, EIK, order."""
    return await _page(lookups, wish.wanted(), cursor, limit)


async def _page(lookups: Sessions, wanted: Wanted, cursor: str | None, limit: int) -> Page[DocumentView]:
    after = read_cursor(cursor, date.fromisoformat, _number, UUID)
    key = (after[0], after[1], after[2]) if after else None
    rows = await queries.search(lookups, wanted, after=key, limit=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        items=[DocumentView.of(row) for row in rows[:limit]],
        next_cursor=write_cursor(last.issued_on, last.number, last.id) if last else None,
    )


@router.post(
    "/selection.zip",
    response_class=Response,
    responses={
        200: {
            "description": "PDFs and e-invoices of the documents named",
            "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(*STAFF_REFUSALS, AgreementMissing, PersonRestricted, NotFound, BodyUnreadable, Invalid),
    },
)
async def download_selection(
    wish: SelectDocuments, caller: AccountingCaller, session: SessionDep, spool: SpoolDep, at: At
) -> FileAnswer:
    """Download the documents named, each with its e-invoice; all of them, or none."""
    await let_go(session)
    async with READING.one():
        orders = await queries.list_orders_of(session, wish.documents)
        if len(orders) != len(set(wish.documents)):
            raise NotFound
        with ZipFile(spool, "w") as archive:
            for document_id in dict.fromkeys(wish.documents):  # one at a time: the memory is not long
                document, file = await queries.get_file(session, document_id)
                archive.writestr(named(filename(document.kind, document.number), at, packed=False), file.pdf)
                if file.xml is not None:
                    archive.writestr(named(filename(document.kind, document.number, "xml"), at), file.xml)
        sent = [Sent(order.id, whose_of(order), document_id) for document_id, order in orders]
        await disclose(session, TO_ACCOUNTANT, sent, at=at, actor=caller.actor)
        await let_go(session)
    return FileAnswer(spool, media_type=ZIP, filename="documents.zip")


@router.get(
    "/{document_id}.xml",
    response_class=Response,
    responses={
        **file_responses("The e-invoice, EN 16931 in UBL 2.1", XML),
        **problems(*STAFF_REFUSALS, AgreementMissing, PersonRestricted, NotFound, Invalid),
    },
)
async def download_e_invoice(
    document_id: DocumentId,
    caller: AccountingCaller,
    asked: ConditionsDep,
    lookups: LookupsDep,
    session: SessionDep,
    at: At,
) -> Response:
    """Download a document as an e-invoice for import (UBL 2.1); the download is recorded."""
    kept = await queries.get_kept(lookups, queries.AS_XML, document_id)
    return await _handed_over(session, document_id, kept, "xml", XML, asked, at=at, actor=caller.actor)


@router.get(
    "/{document_id}.pdf",
    response_class=Response,
    responses={
        **file_responses("The document", PDF),
        **problems(*STAFF_REFUSALS, AgreementMissing, PersonRestricted, NotFound, Invalid),
    },
)
async def download_document(
    document_id: DocumentId,
    caller: AccountingCaller,
    asked: ConditionsDep,
    lookups: LookupsDep,
    session: SessionDep,
    at: At,
) -> Response:
    """Download a document as it was issued; the download is recorded."""
    kept = await queries.get_kept(lookups, queries.AS_PDF, document_id)
    return await _handed_over(session, document_id, kept, "pdf", PDF, asked, at=at, actor=caller.actor)


async def _handed_over(
    session: AsyncSession,
    document_id: UUID,
    kept: KeptFile,
    suffix: str,
    media_type: str,
    asked: Conditions,
    *,
    at: datetime,
    actor: str,
) -> Response:
    sent = Sent(kept.order_id, whose(kept.email, kept.account_id, kept.order_status), document_id)
    await disclose_file(session, TO_ACCOUNTANT, sent, etag_of(kept.sha256), asked, at=at, actor=actor)
    name = filename(kept.kind, kept.number, suffix)
    return file_response(kept.content, media_type=media_type, sha256=kept.sha256, filename=name, asked=asked)


def _number(text: str) -> str:
    if not NUMBER.fullmatch(text):
        raise ValueError("not the number of a document")
    return text
