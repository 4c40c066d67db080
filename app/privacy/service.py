"""Accepting declarations and giving consents.

The checkout is in haste: it reads `queries.CURRENT` with what else it needs, and writes what is given here together
with the order's own.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Write
from app.core.ids import uuid7
from app.core.language import Language
from app.privacy import queries
from app.privacy.errors import AcceptedTextAltered, DeclarationNotAccepted, DeclarationOutdated
from app.privacy.models import Acceptance, Channel, Consent, ConsentAct, ConsentPurpose, DeclarationPurpose, Means
from app.privacy.queries import CurrentDeclaration
from app.privacy.schemas import DeclarationWish


@dataclass(frozen=True, slots=True, repr=False)
class Evidence:
    """How an acceptance or a consent reached us (GDPR Art. 7(1)).

    No `repr`, so that no log line can hold the address.
    """

    at: datetime
    language: Language
    means: Means
    origin: str | None
    ip: str | None
    user_agent: str | None = None


def check_declaration(wish: DeclarationWish, current: CurrentDeclaration) -> None:
    """Refuse unless the box was ticked under the version in force (S9, S10)."""
    if not wish.accepted:
        raise DeclarationNotAccepted
    if wish.version != current.version:
        raise DeclarationOutdated(purpose=current.purpose, current_version=current.version)


def acceptance_insert(acceptance_id: UUID, declaration: CurrentDeclaration, evidence: Evidence) -> Write:
    """Write that the declaration was accepted: which text, when, by which means."""
    row = {
        "id": acceptance_id,
        "declaration_id": declaration.id,
        "language": evidence.language,
        "text_sha256": declaration.sha256(evidence.language),
        "accepted_at": evidence.at,
        "means": evidence.means,
        "origin": evidence.origin,
        "ip": evidence.ip,
        "user_agent": evidence.user_agent,
    }
    return Write(Acceptance, [row])


@dataclass(frozen=True, slots=True)
class ConsentWish:
    """One purpose, agreed to alone (S12)."""

    purpose: ConsentPurpose
    channel: Channel | None = None
    act: ConsentAct = ConsentAct.GIVEN


@dataclass(frozen=True, slots=True)
class Proved:
    """That the address is somebody's own: since when, by which mail, and which wish it confirms."""

    at: datetime
    mail_sent_at: datetime | None = None
    wish_id: UUID | None = None


NEWSLETTER_BY_EMAIL = ConsentWish(ConsentPurpose.NEWSLETTER, Channel.EMAIL)


def consent_insert(
    wish: ConsentWish,
    wording: CurrentDeclaration,
    evidence: Evidence,
    *,
    email: str,
    order_id: UUID | None = None,
    proved: Proved | None = None,
) -> Write:
    """Write one act of consent to one purpose, under the wording that was shown."""
    row = {
        "id": uuid7(),
        "purpose": wish.purpose,
        "channel": wish.channel,
        "act": wish.act,
        "email": email,
        "order_id": order_id,
        "declaration_id": wording.id,
        "language": evidence.language,
        "text_sha256": wording.sha256(evidence.language),
        "recorded_at": evidence.at,
        "means": evidence.means,
        "origin": evidence.origin,
        "ip": evidence.ip,
        "user_agent": evidence.user_agent,
        "follows_id": proved and proved.wish_id,
        "proof_sent_at": proved and proved.mail_sent_at,
        "proved_at": proved and proved.at,
    }
    return Write(Consent, [row])


@dataclass(frozen=True, slots=True)
class AcceptedText:
    """The very words that were accepted, and the proof that they are these."""

    purpose: DeclarationPurpose
    version: str
    language: Language
    title: str
    text: str
    sha256: str
    accepted_at: datetime
    means: Means
    origin: str | None


async def show_accepted_text(session: AsyncSession, acceptance_id: UUID) -> AcceptedText:
    """Show the text again that was accepted, letter for letter; its hash is computed anew and compared."""
    acceptance, declaration = await queries.get_acceptance(session, acceptance_id)
    text = declaration.text(acceptance.language)
    if sha256(text.encode()).hexdigest() != acceptance.text_sha256:
        raise AcceptedTextAltered
    return AcceptedText(
        purpose=declaration.purpose,
        version=declaration.version,
        language=acceptance.language,
        title=declaration.title(acceptance.language),
        text=text,
        sha256=acceptance.text_sha256,
        accepted_at=acceptance.accepted_at,
        means=acceptance.means,
        origin=acceptance.origin,
    )
