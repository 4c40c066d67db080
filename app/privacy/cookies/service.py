"""Choices about cookies: what was chosen, whether it still counts, and the one gate to a pixel (S84)."""

import ipaddress
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Due, Write, together
from app.core.errors import NotFound
from app.core.ids import uuid7
from app.privacy import queries
from app.privacy.cookies.models import CookieConsent
from app.privacy.cookies.schemas import ChooseCookies
from app.privacy.errors import DeclarationOutdated
from app.privacy.models import Declaration, DeclarationPurpose
from app.privacy.service import Evidence

PROVED_MONTHS = 36
"""How long a choice is proved after it stopped to count; the cookie policy states it."""
# In this order: each calls itself by the names of those after it, too.
BROWSERS = (
    ("Edge", re.compile(r"Edg(e|A|iOS)?/")),
    ("Opera", re.compile(r"OPR/|Opera")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"Chrome/|CriOS/|Chromium/")),
    ("Safari", re.compile(r"Safari/")),
)
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The last choice of one visitor."""

    choice: CookieConsent
    version: str
    ask_again_at: datetime
    ask_again: bool


async def choose(session: AsyncSession, wish: ChooseCookies, evidence: Evidence) -> UUID:
    """Record a choice under the text in force; refuses with DeclarationOutdated one made under another."""
    current = await queries.get_current(session, DeclarationPurpose.COOKIES, at=evidence.at)
    if wish.version != current.version:
        raise DeclarationOutdated(purpose=current.purpose, current_version=current.version)
    consent_id = wish.consent_id or uuid4()
    row = {
        "id": uuid7(),
        "consent_id": consent_id,
        "declaration_id": current.id,
        **wish.choices.model_dump(),
        "method": wish.method,
        "language": evidence.language,
        "text_sha256": current.sha256(evidence.language),
        "network": network_of(evidence.ip),
        "browser": browser_of(evidence.user_agent),
        "recorded_at": evidence.at,
    }
    await session.execute(together(Write(CookieConsent, [row])))
    return consent_id


async def get_chosen(session: AsyncSession, consent_id: UUID, *, months: int, at: datetime) -> Chosen:
    """Get how a visitor's choice stands: the last one counts."""
    wanted = select(CookieConsent, Declaration.version).join(
        Declaration, Declaration.id == CookieConsent.declaration_id
    )
    last = wanted.where(CookieConsent.consent_id == consent_id).order_by(
        CookieConsent.recorded_at.desc(), CookieConsent.id.desc()
    )
    found = (await session.execute(last.limit(1))).one_or_none()
    if found is None:
        raise NotFound
    choice, version = found
    current = await queries.get_current(session, DeclarationPurpose.COOKIES, at=at)
    again_at = months_after(choice.recorded_at, months)
    return Chosen(choice, version, again_at, at >= again_at or choice.declaration_id != current.id)


def may_send_to_pixel(chosen: Chosen | None) -> bool:
    """Say whether anything about a visitor may go to a third party's pixel: the one gate, which nothing passes now.

    The shop sends nothing to Facebook from its servers; whatever is ever to be sent asks here first (S84).
    """
    return chosen is not None and chosen.choice.marketing and not chosen.ask_again


def choices_due(at: datetime, *, months: int) -> Due:
    """Find choices whose proof is no longer needed."""
    return Due(CookieConsent, CookieConsent.recorded_at < months_after(at, -(months + PROVED_MONTHS)))


def months_after(at: datetime, months: int) -> datetime:
    """Give the same day so many months on, or the last one of a shorter month."""
    years, month = divmod(at.month - 1 + months, 12)
    year = at.year + years
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


def network_of(ip: str | None) -> str | None:
    """Truncate an address to what many share: its /24, or /48 of IPv6."""
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address
    bits = 48 if isinstance(address, ipaddress.IPv6Address) else 24
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def browser_of(user_agent: str | None) -> str:
    """Name the family of a browser, and nothing that would tell one from another."""
    return next((family for family, sign in BROWSERS if sign.search(user_agent or "")), OTHER)
