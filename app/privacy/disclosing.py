"""The one gate through which personal data leaves: an agreement is on record, and each handing over is written down."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Insert, Select, Uuid, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.conditions import Conditions
from app.core.db import BODILESS
from app.core.ids import uuid7
from app.core.personal import Category, Ground, Purpose, Recipient
from app.privacy import queries
from app.privacy.errors import AgreementMissing
from app.privacy.models import Agreement, AgreementKind, Disclosure, Handing, RecipientKind
from app.privacy.personal_columns import categories_for
from app.privacy.restricting import PersonRestricted, Whose, require_unrestricted

SYSTEM = "system"

# A processor works under GDPR Art. 28 (S38); a controller of its own under a contract (S34).
REQUIRED = {RecipientKind.PROCESSOR: AgreementKind.ART28, RecipientKind.CONTROLLER: AgreementKind.CONTRACT}


@dataclass(frozen=True, slots=True)
class HandingOver:
    """A standing way in which data leaves: to whom, what, why, on which ground."""

    recipient: Recipient
    what: str
    purpose: Purpose
    ground: Ground
    means: Handing


class Sent(NamedTuple):
    """Whose data: of which order, in which document or shipment."""

    order_id: UUID
    whose: Whose
    reference_id: UUID | None = None
    categories: Sequence[Category] = ()
    """What of it, where that differs from one to the next."""


def _insertion(chosen: Select[UUID, UUID | None, UUID]) -> Insert:
    """Write a row for each that is chosen, however many: order, document and id of the row."""
    said = [bindparam(f"said_{name}", type_=getattr(Disclosure, name).type) for name in SAID]
    columns = ["order_id", "reference_id", "id", *SAID]
    # The table: an entity would take what is said for rows.
    return insert(Disclosure.metadata.tables[Disclosure.__tablename__]).from_select(columns, chosen.add_columns(*said))


SAID = ("disclosed_at", "recipient", "purpose", "ground", "means", "what", "actor", "categories")
ROWS = ("ids", "orders", "references")
_arrays = (bindparam(name, type_=ARRAY(Uuid())) for name in ROWS)
_rows = func.unnest(*_arrays).table_valued("id", "order_id", "reference_id").render_derived()
OF_ROWS = _insertion(select(_rows.c.order_id, _rows.c.reference_id, _rows.c.id))


def _said(handing_over: HandingOver, categories: Sequence[str], *, at: datetime, actor: str) -> dict[str, Any]:
    more = {"disclosed_at": at, "actor": actor, "categories": [*map(str, categories)]}
    return {f"said_{name}": more[name] if name in more else getattr(handing_over, name) for name in SAID}


def sends_nothing(session: AsyncSession) -> bool:
    """Say whether what is read goes to nobody: then nothing is to be recorded as handed over."""
    return bool(session.info.get(BODILESS))


async def disclose(
    session: AsyncSession,
    handing_over: HandingOver,
    sent: Collection[Sent],
    *,
    at: datetime,
    actor: str = SYSTEM,
    categories: Sequence[Category] = (),
) -> None:
    """Record that this data goes to the recipient, or refuse; called in the transaction that lets it go.

    `categories` default to all that the tables allow the recipient.
    """
    await _require_allowed(session, handing_over, sent, at=at)
    await _record_sent(session, handing_over, sent, categories, at=at, actor=actor)


async def disclose_file(
    session: AsyncSession,
    handing_over: HandingOver,
    sent: Sent,
    etag: str,
    asked: Conditions,
    *,
    at: datetime,
    actor: str,
) -> None:
    """Record that a file goes, as `disclose` does, unless the recipient has it: then nothing goes."""
    await _require_allowed(session, handing_over, [sent], at=at)
    if not asked.has(etag):
        await _record_sent(session, handing_over, [sent], (), at=at, actor=actor)


async def _require_allowed(
    session: AsyncSession, handing_over: HandingOver, sent: Collection[Sent], *, at: datetime
) -> None:
    await require_agreement(session, handing_over.recipient, at=at)
    await require_unrestricted(session, [each.whose for each in sent])


async def _record_sent(
    session: AsyncSession,
    handing_over: HandingOver,
    sent: Collection[Sent],
    categories: Sequence[Category],
    *,
    at: datetime,
    actor: str,
) -> None:
    of_all = categories or categories_for(handing_over.recipient)
    rows = [(each.order_id, each.reference_id, each.categories or of_all) for each in sent]
    await _record(session, handing_over, rows, at=at, actor=actor)


async def disclose_read(
    session: AsyncSession,
    handing_over: HandingOver,
    read: Collection[tuple[UUID, UUID | None]],
    chosen: Select[UUID, UUID | None],
    *,
    at: datetime,
    actor: str,
) -> None:
    """Record that a file goes that was written in an earlier transaction, where `chosen` gave what was `read`.

    Refused with PersonRestricted: somebody has restricted the processing of their data since.
    """
    await require_agreement(session, handing_over.recipient, at=at)
    if not {*read} <= {tuple(row) for row in await session.execute(chosen)}:
        raise PersonRestricted
    of_all = categories_for(handing_over.recipient)
    await _record(session, handing_over, [(*each, of_all) for each in read], at=at, actor=actor)


async def _record(
    session: AsyncSession,
    handing_over: HandingOver,
    rows: Sequence[tuple[UUID, UUID | None, Sequence[Category]]],
    *,
    at: datetime,
    actor: str,
) -> None:
    if sends_nothing(session):
        return
    alike = defaultdict[tuple[str, ...], list[tuple[UUID, UUID, UUID | None]]](list)
    for order_id, reference_id, categories in rows:
        alike[tuple(map(str, categories))].append((uuid7(), order_id, reference_id))
    for named, sent in alike.items():
        said = _said(handing_over, named, at=at, actor=actor)
        await session.execute(OF_ROWS, said | dict(zip(ROWS, map(list, zip(*sent, strict=True)), strict=True)))


async def disclose_selected(
    session: AsyncSession, handing_over: HandingOver, chosen: Select[UUID, UUID | None], *, at: datetime, actor: str
) -> None:
    """Record that the data of many orders go in one file; `chosen` gives each order, and the document it is of.

    Whom a restriction covers is left out of the file by whoever writes it, and is not among the chosen.
    """
    recipient = handing_over.recipient
    await require_agreement(session, recipient, at=at)
    if sends_nothing(session):
        return
    insertion = _insertion(chosen.add_columns(func.gen_random_uuid()))
    await session.execute(insertion, _said(handing_over, categories_for(recipient), at=at, actor=actor))


async def require_agreement(session: AsyncSession, recipient: Recipient, *, at: datetime) -> None:
    """Refuse to hand anything to a recipient with whom nothing is agreed (S38)."""
    if await queries.find_agreement(session, recipient, at=at) is None:
        raise AgreementMissing(recipient=recipient)


async def record_agreement(
    session: AsyncSession,
    recipient: Recipient,
    *,
    reference: str,
    signed_on: date,
    at: datetime,
    by: str,
    ends_on: date | None = None,
) -> Agreement:
    """Record what was signed; recorded again with `ends_on`, an agreement is ended."""
    registered = await queries.get_recipient(session, recipient)
    agreement = Agreement(
        recipient=recipient,
        kind=REQUIRED[registered.kind],
        reference=reference,
        signed_on=signed_on,
        ends_on=ends_on,
        recorded_at=at,
        recorded_by=by,
    )
    session.add(agreement)
    await session.flush()  # the session has no autoflush, and a push of the same transaction asks for it
    return agreement


async def name_recipient(session: AsyncSession, recipient: Recipient, *, legal_name: str, contact: str | None) -> None:
    """Enter in the register who the recipient is."""
    registered = await queries.get_recipient(session, recipient)
    registered.legal_name, registered.contact = legal_name, contact
