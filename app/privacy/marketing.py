"""Whom offers may be written to: the one question before each, and the list for a campaign.

Somebody agreed to this purpose by this channel under an address that was proved, took nothing back since, and is not
restricted. What goes out bears a way back that works with one click (RFC 8058); no other mail bears it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.link_tokens import link_token
from app.core.language import Language
from app.core.secrets import Secret
from app.privacy.models import Channel, Consent, ConsentAct, ConsentPurpose
from app.privacy.queries import IS_PROVED
from app.privacy.restricting import is_unrestricted
from app.privacy.withdrawals.suppressing import suppressed_since

UNSUBSCRIBE = "unsubscribe"
"""What the token in each marketing mail is for (`auth.link_tokens`): it names recipient and list, and has no end."""


class Addressee(NamedTuple):
    """Somebody who agreed, in which language, and by which act: the link in the mail is made of it."""

    email: str
    language: Language
    consent_id: UUID


async def may_write_to(
    session: AsyncSession, email: str, purpose: ConsentPurpose, channel: Channel
) -> Addressee | None:
    """Find somebody who may be written to, asked at the moment of sending; None: nothing is sent."""
    found = (await session.execute(_live(purpose, channel, func.lower(Consent.email) == func.lower(email)))).first()
    return Addressee._make(found) if found else None


async def list_addressees(
    session: AsyncSession,
    purpose: ConsentPurpose,
    channel: Channel,
    *,
    after: str | None = None,
    limit: int = 500,
) -> Sequence[Addressee]:
    """List whom a campaign goes to, by address in small letters; `after` is the last one of the page before."""
    beyond = func.lower(Consent.email) > func.lower(after) if after else true()
    found = await session.execute(_live(purpose, channel, beyond).limit(limit))
    return [Addressee._make(row) for row in found]


def live_addresses(purpose: ConsentPurpose, channel: Channel) -> Select[str, Language]:
    """Select address and language of all who may be written to, as a part of a greater statement."""
    live = _live(purpose, channel, true()).subquery()
    return select(live.c.email, live.c.language)


def _live(purpose: ConsentPurpose, channel: Channel, which: ColumnElement[bool]) -> Select[str, Language, UUID]:
    address = func.lower(Consent.email)
    last = (
        select(
            Consent.id,
            Consent.email,
            Consent.language,
            Consent.act,
            Consent.purpose,
            Consent.channel,
            Consent.recorded_at,
            address.label("address"),
            IS_PROVED.label("is_proved"),
        )
        .where(Consent.purpose == purpose, Consent.channel == channel, Consent.act != ConsentAct.ASKED, which)
        .ext(distinct_on(address))
        .order_by(address, Consent.recorded_at.desc(), Consent.id.desc())
        .subquery()
    )
    columns = last.c
    overridden = suppressed_since(columns.email, columns.purpose, columns.channel, columns.recorded_at)
    return (
        select(columns.email, columns.language, columns.id)
        .where(columns.act == ConsentAct.GIVEN, columns.is_proved, overridden.is_(None))
        .where(is_unrestricted(columns.email))
        .order_by(columns.address)
    )


def unsubscribe_url(public_url: str, secret: Secret, consent_id: UUID) -> str:
    return f"{public_url}/v1/newsletter/unsubscribe/{link_token(secret, UNSUBSCRIBE, consent_id)}"


def one_click_headers(public_url: str, secret: Secret, consent_id: UUID) -> Mapping[str, str]:
    """Make the headers that a marketing mail bears, and no other mail (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{unsubscribe_url(public_url, secret, consent_id)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
