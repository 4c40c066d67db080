"""Whose offers stop on anybody's word is told of it, once for what was agreed to: the word may have been another's."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.mail import service as mail
from app.mail.models import MailKind
from app.privacy.models import Consent, ConsentAct, ConsentPurpose
from app.privacy.purposes import MARKETING
from app.privacy.queries import LastAct
from app.privacy.service import Evidence


async def tell_owner(session: AsyncSession, email: str, stopped: Sequence[LastAct], evidence: Evidence) -> None:
    """Promise a mail about the offers among what was stopped; where nothing was agreed to, nobody is written to."""
    offers = [act for act in stopped if act.purpose in MARKETING]
    if offers:
        await mail.promise(
            session,
            kind=MailKind.OFFERS_STOPPED,
            address=email,
            language=offers[0].language,
            about_id=offers[0].id,
            at=evidence.at,
        )


async def list_stopped(
    session: AsyncSession, consent_id: UUID, *, at: datetime
) -> tuple[Consent | None, list[ConsentPurpose]]:
    """Find a consent that was stopped at this moment, and the purposes of all that were stopped with it."""
    given = await session.get(Consent, consent_id)
    if given is None or not given.email:
        return None, []
    together = (func.lower(Consent.email) == func.lower(given.email), Consent.recorded_at == at)
    wanted = select(Consent.purpose).where(*together, Consent.act == ConsentAct.WITHDRAWN)
    purposes = set((await session.scalars(wanted)).all()) & MARKETING
    return given, sorted(purposes)
