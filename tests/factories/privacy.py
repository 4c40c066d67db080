"""Builders of declarations, acceptances and agreements."""

from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import together
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import Recipient
from app.privacy import disclosing, queries
from app.privacy.models import Declaration, DeclarationPurpose, Means
from app.privacy.restricting import Whose
from app.privacy.service import Evidence, acceptance_insert

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
IP = "203.0.113.7"
ORIGIN = "https://bg.ionickiss.com"
WHOSE = Whose("iva@example.bg")


def make_evidence(language: Language = Language.BG, at: datetime = AT) -> Evidence:
    return Evidence(at=at, language=language, means=Means.API, origin=ORIGIN, ip=IP)


async def make_declaration(
    session: AsyncSession,
    purpose: DeclarationPurpose = DeclarationPurpose.ORDER,
    *,
    version: str = "2027-03-01",
    effective_on: date = date(2027, 3, 1),
) -> Declaration:
    """Publish a later version, with a short text."""
    texts = {"bg": f"Декларация {version}\n\nНов текст.\n", "en": f"Declaration {version}\n\nA new text.\n"}
    declaration = Declaration(
        purpose=purpose,
        version=version,
        effective_on=effective_on,
        title_bg=f"Декларация {version}",
        title_en=f"Declaration {version}",
        text_bg=texts["bg"],
        text_en=texts["en"],
        sha256_bg=sha256(texts["bg"].encode()).hexdigest(),
        sha256_en=sha256(texts["en"].encode()).hexdigest(),
        material=False,
        published_at=AT,
    )
    session.add(declaration)
    await session.flush()  # what follows selects it, and the session has no autoflush
    return declaration


async def make_acceptance(session: AsyncSession, *, language: Language = Language.BG, at: datetime = AT) -> UUID:
    """Accept the declaration for orders; gives the acceptance's id."""
    current = await queries.get_current(session, DeclarationPurpose.ORDER, at=at)
    acceptance_id = uuid7()
    await session.execute(together(acceptance_insert(acceptance_id, current, make_evidence(language, at))))
    return acceptance_id


async def make_agreements(session: AsyncSession, *recipients: Recipient, at: datetime = AT) -> None:
    """Record an agreement with each of the recipients; with all when none is named."""
    for recipient in recipients or tuple(Recipient):
        await disclosing.record_agreement(
            session, recipient, reference=f"ДОГ-{recipient}", signed_on=date(2023, 8, 22), at=at, by="owner"
        )
