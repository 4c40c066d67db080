"""Endpoints that prove the series of numbers, for the accountant and whoever inspects."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Path, Request, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.month.api import get_trader
from app.accounting.proving import Sign, draw_proof, statement
from app.auth.guards import STAFF_REFUSALS, AccountingCaller
from app.core.clock import At
from app.core.db import SessionDep, let_go
from app.core.errors import Invalid, NotFound
from app.core.fields import View
from app.core.files import PDF, pdf_responses
from app.core.problems import problems
from app.core.routing import Router
from app.invoices.numbering import SeriesKey
from app.invoices.queries import find_last_report
from app.invoices.verifying import SeriesProof, check_series, list_series
from app.mail.writing import Trader

router = Router(prefix="/accounting/series", tags=["accounting"])
Key = Annotated[SeriesKey, Path(description="As the list of series names it", examples=["invoices"])]


class SeriesView(View):
    id: SeriesKey
    proof: str = Field(examples=["/v1/accounting/series/invoices/proof"])


class SeriesListView(View):
    items: list[SeriesView]


class FilesCheckView(View):
    """What the last nightly check said of the files of all series."""

    made_at: datetime
    outcome: str
    faults: list[str]


class ProofView(View):
    """What a check of the series just found; `signature` is a JSON Web Signature of the same facts."""

    id: SeriesKey
    first: int
    last: int
    issued: int
    annulled: int
    retired: int = Field(description="Removed when their storage term was over; their places stay")
    first_on: date | None
    last_on: date | None
    head: str = Field(description="The hash of the last document: it stands for all before it")
    files_sha256: str = Field(description="Of the hashes of the files, in the order of the numbers")
    is_sound: bool
    faults: list[str]
    checked_at: datetime
    signature: str
    files: FilesCheckView | None = Field(description="Null: no nightly check yet")


async def get_sign(request: Request) -> Sign:
    sign: Sign = request.app.state.sign_proof
    return sign


SignDep = Annotated[Sign, Depends(get_sign)]
TraderDep = Annotated[Trader, Depends(get_trader)]


@router.get("", responses=problems(*STAFF_REFUSALS))
async def list_document_series(
    caller: AccountingCaller,  # noqa: ARG001 - the guard is the argument
    session: SessionDep,
) -> SeriesListView:
    """List the series of documents."""
    keys = [SeriesKey(key) for key in await list_series(session)]
    return SeriesListView(items=[SeriesView(id=key, proof=f"/v1/accounting/series/{key}/proof") for key in keys])


@router.get("/{series}/proof", responses=problems(*STAFF_REFUSALS, NotFound, Invalid))
async def prove_series(
    series: Key,
    caller: AccountingCaller,  # noqa: ARG001 - the guard is the argument
    session: SessionDep,
    sign: SignDep,
    trader: TraderDep,
    at: At,
) -> ProofView:
    """Follow a series from its first number to its last: dense, unique, in order, nothing altered since; signed."""
    proof = await _checked(session, series, at)
    report = await find_last_report(session)
    return ProofView(
        id=series,
        first=proof.first,
        last=proof.last,
        issued=proof.issued,
        annulled=proof.annulled,
        retired=proof.retired,
        first_on=proof.first_on,
        last_on=proof.last_on,
        head=proof.head,
        files_sha256=proof.files_sha256,
        is_sound=proof.is_sound,
        faults=proof.faults,
        checked_at=at,
        signature=sign(statement(proof, trader.eik, at=at)),
        files=FilesCheckView(made_at=report.made_at, outcome=report.outcome, faults=report.faults) if report else None,
    )


@router.get(
    "/{series}/proof.pdf",
    response_class=Response,
    responses={**pdf_responses("The signed page"), **problems(*STAFF_REFUSALS, NotFound, Invalid)},
)
async def print_series_proof(
    series: Key,
    caller: AccountingCaller,  # noqa: ARG001 - the guard is the argument
    session: SessionDep,
    sign: SignDep,
    trader: TraderDep,
    at: At,
) -> Response:
    """Print the proof of a series as one signed page, for an inspector."""
    proof = await _checked(session, series, at)
    await let_go(session)
    pdf = await draw_proof(proof, sign(statement(proof, trader.eik, at=at)), trader, at=at)
    headers = {"Content-Disposition": f'attachment; filename="proof-{series}.pdf"', "Cache-Control": "no-store"}
    return Response(pdf, media_type=PDF, headers=headers)


async def _checked(session: AsyncSession, series: SeriesKey, at: datetime) -> SeriesProof:
    proof = await check_series(session, series, at=at)
    if proof is None:
        raise NotFound
    return proof
