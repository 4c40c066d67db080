"""The record of erasures for the privacy officer: what is still held of each, and the certificate as it stands now."""

import hashlib
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Response
from pydantic import ConfigDict, Field

from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.conditions import ConditionsDep
from app.core.db import SessionDep, let_go
from app.core.errors import Invalid
from app.core.fields import View
from app.core.files import PDF, file_responses, pdf_response
from app.core.language import Language, Speaks
from app.core.paging import Cursor, CursorUnknown, Limit, ListedId, Page, read_cursor, write_cursor
from app.core.problems import problems
from app.core.routing import Router
from app.privacy.controller_api import TraderDep
from app.privacy.erasing import draw_certificate
from app.privacy.erasures import queries
from app.privacy.erasures.models import ErasureRecord
from app.privacy.erasures.queries import ErasureNotFound

router = Router(prefix="/staff/privacy/erasures", tags=["staff"])
Reader = Annotated[Person, staff_with(Right.READ_REQUESTS)]
HELD: dict[str, Any] = {
    "what": "Фактури и известия",
    "law": "чл. 12 от Закона за счетоводството",
    "until": "2037-12-31",
    "count": 1,
}


class HeldByLawView(View):
    """What a law holds of somebody who was erased."""

    model_config = ConfigDict(json_schema_extra={"examples": [HELD]})

    what: str
    law: str
    until: date | None = Field(
        description="The last day, inclusive; null while a contract is under way, or where the law sets none"
    )
    count: int


class ErasureView(View):
    """One erasure; it names nobody."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11",
                    "request_id": None,
                    "erased_at": "2026-11-22T10:30:00Z",
                    "erased": ["Профилът: име и телефон"],
                    "held": [HELD],
                    "next_on": "2038-01-01",
                    "finished_at": None,
                }
            ]
        }
    )

    id: UUID
    request_id: UUID | None = Field(description="Null: an account was closed by its owner")
    erased_at: datetime
    erased: list[str]
    held: list[HeldByLawView]
    next_on: date | None = Field(description="When something that is held comes due; it goes in that night")
    finished_at: datetime | None

    @classmethod
    def of(cls, record: ErasureRecord, language: Language) -> Self:
        return cls(
            id=record.id,
            request_id=record.request_id,
            erased_at=record.erased_at,
            erased=[each[language] for each in record.erased],
            held=[
                HeldByLawView(
                    what=each["what"][language],
                    law=each["law"][language],
                    until=date.fromisoformat(each["until"]) if each["until"] else None,
                    count=each["count"],
                )
                for each in record.kept
            ],
            next_on=record.next_on,
            finished_at=record.finished_at,
        )


@router.get("", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_erasures(
    _: Reader, session: SessionDep, language: Speaks, limit: Limit = 50, cursor: Cursor = None
) -> Page[ErasureView]:
    """List erasures, newest first: what went, and what is held until when under which law."""
    after = read_cursor(cursor, datetime.fromisoformat, UUID)
    found = await queries.list_erasures(session, after=after, limit=limit + 1)
    shown, more = found[:limit], len(found) > limit
    return Page(
        items=[ErasureView.of(record, language) for record in shown],
        next_cursor=write_cursor(shown[-1].erased_at.isoformat(), shown[-1].id) if more else None,
    )


@router.get(
    "/{erasure_id}/certificate.pdf",
    response_class=Response,
    responses={
        **file_responses("The certificate, as it stands now", PDF),
        **problems(*STAFF_REFUSALS, ErasureNotFound, Invalid),
    },
)
async def download_certificate(
    erasure_id: ListedId,
    _: Reader,
    asked: ConditionsDep,
    session: SessionDep,
    trader: TraderDep,
    language: Speaks,
) -> Response:
    """Draw the certificate of an erasure: what went and when, what is held by which law and until when."""
    record = await queries.get_erasure(session, erasure_id)
    await let_go(session)
    pdf = await draw_certificate(record, trader, language)
    return pdf_response(pdf, sha256=hashlib.sha256(pdf).hexdigest(), filename="certificate.pdf", asked=asked)
