"""Records that data went outside the standing ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.personal import Category, Ground, Retention
from app.privacy.ad_hoc.models import AdHocDisclosure, AdHocKind
from app.privacy.personal_columns import annotated


class NoSuchFields(Exception):
    """What is named is not in the data map, or is nothing that ever leaves."""


@dataclass(frozen=True, slots=True, repr=False)
class HandedOver:
    """What went, to whom and why. No `repr`: it says whose."""

    kind: AdHocKind
    recipient: str
    ground: Ground
    reference: str
    reason: str
    fields: Sequence[str]
    order_id: UUID | None = None
    email: str | None = None


@cache
def fields_that_may_leave() -> dict[str, Category]:
    """Name the customers' columns, as the data map does; what somebody logs in with leaves for nobody."""
    return {
        str(column): said.category
        for column, said in annotated()
        if said.retention is not Retention.STAFF and said.category is not Category.CREDENTIAL
    }


async def record(session: AsyncSession, handed: HandedOver, *, by: str, at: datetime) -> AdHocDisclosure:
    """Record exactly which fields went; refuses without them, and any that the data map does not know (C12)."""
    known = fields_that_may_leave()
    if not handed.fields or not known.keys() >= {*handed.fields}:
        raise NoSuchFields
    log = AdHocDisclosure(
        disclosed_at=at,
        kind=handed.kind,
        recipient=handed.recipient,
        ground=handed.ground,
        reference=handed.reference,
        reason=handed.reason,
        fields=sorted({*handed.fields}),
        categories=sorted({known[field].value for field in handed.fields}),
        order_id=handed.order_id,
        email=handed.email,
        actor=by,
    )
    session.add(log)
    await session.flush()  # its checks are met here, before the audit is written
    return log
