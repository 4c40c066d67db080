"""Endpoints of the accountant; read only, and each download leaves its record (S35)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from app.accounting.schemas import DocumentView
from app.auth.guards import STAFF_REFUSALS, AccountingCaller
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.files import pdf_response, pdf_responses
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.personal import Ground, Purpose, Recipient
from app.core.problems import problems
from app.invoices import queries
from app.invoices.papers import filename
from app.invoices.view import NUMBER, DocumentKind
from app.orders.models import Order
from app.orders.whose import whose_of
from app.privacy.disclosing import HandingOver, Sent, disclose
from app.privacy.errors import AgreementMissing
from app.privacy.models import Handing
from app.privacy.restricting import PersonRestricted

router = APIRouter(prefix="/accounting/documents", tags=["accounting"])
TO_ACCOUNTANT = HandingOver(
    Recipient.ACCOUNTANT, "invoice", Purpose.ACCOUNTING, Ground.LEGAL_OBLIGATION, Handing.DOWNLOAD
)
DocumentId = Annotated[
    UUID, Path(description="As the list of documents names it", examples=["5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"])
]
Month = Annotated[
    str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="Of issue, in Bulgaria", examples=["2026-11"])
]


@router.get("", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_documents(
    caller: AccountingCaller,  # noqa: ARG001 - the guard is the argument
    session: SessionDep,
    month: Month,
    kind: Annotated[DocumentKind | None, Query(description="Of one kind alone")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DocumentView]:
    """List the documents issued in a month, by day and number."""
    first = date.fromisoformat(f"{month}-01")
    after = read_cursor(cursor, date.fromisoformat, _number, UUID)
    rows = await queries.list_of_period(
        session,
        first,
        _next_month(first),
        kind=kind,
        after=(after[0], after[1], after[2]) if after else None,
        limit=limit + 1,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    items = [
        DocumentView.model_validate(
            {**{name: getattr(row, name) for name in row.__slots__}, "pdf": f"/v1/accounting/documents/{row.id}.pdf"}
        )
        for row in rows[:limit]
    ]
    return Page(items=items, next_cursor=write_cursor(last.issued_on, last.number, last.id) if last else None)


@router.get(
    "/{document_id}.pdf",
    response_class=Response,
    responses={
        **pdf_responses("The document"),
        **problems(*STAFF_REFUSALS, AgreementMissing, PersonRestricted, NotFound, Invalid),
    },
)
async def download_document(document_id: DocumentId, caller: AccountingCaller, session: SessionDep, at: At) -> Response:
    """Download a document as it was issued; the download is recorded."""
    document, file = await queries.get_file(session, document_id)
    order = await session.get_one(Order, document.order_id)
    sent = [Sent(order.id, whose_of(order), document.id)]
    await disclose(session, TO_ACCOUNTANT, sent, at=at, actor=caller.actor)
    return pdf_response(file.pdf, sha256=file.sha256, filename=filename(document.kind, document.number))


def _number(text: str) -> str:
    if not NUMBER.fullmatch(text):
        raise ValueError("not the number of a document")
    return text


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
