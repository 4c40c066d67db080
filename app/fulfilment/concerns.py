"""What waits for a person: parcels, postings and mails with a concern, jobs that are parked."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.accounting.models import Posting
from app.mail.models import Mail
from app.orders.models import Order
from app.shipping.models import Shipment


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to look at; nothing personal."""

    about: str
    order_number: str
    code: str


async def list_concerns(session: AsyncSession) -> list[Concern]:
    """List by order, oldest first."""
    parts = [
        _part("shipment", Shipment.order_id, Shipment.concern),
        _part("posting", Posting.order_id, Posting.concern),
        _part("mail", Mail.order_id, Mail.refusal),
    ]
    found = await session.execute(union_all(*parts).order_by("number"))
    return [Concern(about, str(number), code or "") for about, number, code in found]


def _part(
    about: str, order_id: InstrumentedAttribute[UUID], code: InstrumentedAttribute[str | None]
) -> Select[str, int, str | None]:
    named = select(literal(about).label("about"), Order.number.label("number"), code.label("code"))
    return named.join(Order, Order.id == order_id).where(code.is_not(None))
