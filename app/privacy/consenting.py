"""Consents as they stand: the last act of a purpose and channel decides; one is taken back as easily as it was given.

Acts are added, never changed. Whoever sends anything that rests on a consent asks `live_consents` first.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Write, together
from app.core.ids import uuid7
from app.privacy import queries
from app.privacy.models import Channel, Consent, ConsentAct, ConsentPurpose, DeclarationPurpose
from app.privacy.queries import LastAct
from app.privacy.schemas import DeclarationWish
from app.privacy.service import ConsentWish, Evidence, check_declaration, consent_insert


async def live_consents(session: AsyncSession, email: str) -> list[LastAct]:
    """List what somebody agrees to now, by purpose and channel."""
    return [last for last in await queries.list_last_acts(session, email) if last.act is ConsentAct.GIVEN]


async def give(
    session: AsyncSession,
    email: str,
    wish: ConsentWish,
    declaration: DeclarationWish,
    wording: DeclarationPurpose,
    evidence: Evidence,
) -> None:
    """Record a consent to one purpose (S12), under the wording in force; the same again records nothing."""
    current = await queries.get_current(session, wording, at=evidence.at)
    check_declaration(declaration, current)
    given = {(live.purpose, live.channel, live.declaration_id) for live in await live_consents(session, email)}
    if (wish.purpose, wish.channel, current.id) not in given:
        await session.execute(together(consent_insert(wish, current, evidence, email=email)))


async def withdraw(
    session: AsyncSession,
    email: str,
    purpose: ConsentPurpose | None,
    evidence: Evidence,
    *,
    channel: Channel | None = None,
    words: str | None = None,
) -> list[LastAct]:
    """Take back what is agreed to now: of one purpose or of all, by one channel or by all; returns these acts.

    No reason is asked for; what somebody writes is kept as it is (S18). What is not given any more is no error.
    """
    taken = [
        live._replace(act=ConsentAct.WITHDRAWN, at=evidence.at)
        for live in await live_consents(session, email)
        if purpose in {None, live.purpose} and channel in {None, live.channel}
    ]
    await _record(session, taken, email, evidence, words)
    return taken


async def carry_consents(session: AsyncSession, old_email: str, new_email: str, evidence: Evidence) -> None:
    """Let consents follow somebody to a new address, proved to be theirs; the old one is written to no more.

    What was once taken back under the new address stays so, but for the registration: its account goes on.
    """
    if old_email.lower() == new_email.lower():
        return  # the same address to whoever asks
    said = {(last.purpose, last.channel) for last in await queries.list_last_acts(session, new_email)}
    said -= {(ConsentPurpose.REGISTRATION, None)}
    live = await withdraw(session, old_email, None, evidence)
    carried = [each._replace(act=ConsentAct.GIVEN) for each in live if (each.purpose, each.channel) not in said]
    await _record(session, carried, new_email, evidence)


async def _record(
    session: AsyncSession, acts: Sequence[LastAct], email: str, evidence: Evidence, words: str | None = None
) -> None:
    """Add acts about consents, each under the wording that its consent was given under."""
    rows = [
        {
            "id": uuid7(),
            "purpose": act.purpose,
            "channel": act.channel,
            "act": act.act,
            "email": email,
            "order_id": None,
            "declaration_id": act.declaration_id,
            "language": act.language,
            "text_sha256": act.text_sha256,
            "recorded_at": act.at,
            "means": evidence.means,
            "origin": evidence.origin,
            "ip": evidence.ip,
            "words": words,
        }
        for act in acts
    ]
    if rows:
        await session.execute(together(Write(Consent, rows)))
