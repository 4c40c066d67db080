"""Consents as they stand: the last act of a purpose and channel decides; one is taken back as easily as it was given.

Acts are added, never changed. Whoever sends anything that rests on a consent asks `live_consents` first, and whoever
sends offers asks `marketing.may_write_to`, which leaves out whoever may not be written to for another reason too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Write, together
from app.core.ids import uuid7
from app.privacy import queries
from app.privacy.models import Channel, Consent, ConsentAct, ConsentPurpose, Means, ReceivedBy, SaidBy
from app.privacy.purposes import MARKETING, Point, askable
from app.privacy.queries import LastAct
from app.privacy.schemas import DeclarationWish
from app.privacy.service import ConsentWish, Evidence, check_declaration, consent_insert
from app.privacy.withdrawals.suppressing import list_suppressed, suppress


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """What somebody said when taking a consent back, and how it reached us; nothing of it is asked for (S18)."""

    words: str | None = None
    received_by: ReceivedBy | None = None
    """Set where a member of staff recorded it (C9)."""
    said_by: SaidBy | None = None


async def live_consents(session: AsyncSession, email: str) -> list[LastAct]:
    """List what somebody agrees to now, by purpose and channel."""
    return [last for last in await queries.list_last_acts(session, email) if last.act is ConsentAct.GIVEN]


async def give(
    session: AsyncSession,
    email: str,
    wish: ConsentWish,
    declaration: DeclarationWish,
    evidence: Evidence,
    *,
    point: Point,
) -> None:
    """Record a consent to one purpose (S12), under the wording in force; the same again records nothing.

    The address is proved to be theirs: whoever has it from a form alone asks `opting_in.opt_in` for marketing.
    """
    offered = askable(wish.purpose, wish.channel, point)
    current = await queries.get_current(session, offered.wording, at=evidence.at)
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
    wanted = frozenset(ConsentPurpose) if purpose is None else frozenset({purpose})
    named = wanted if purpose else frozenset[ConsentPurpose]()
    return await _take_back(session, email, wanted, named, evidence, channel=channel, said=Said(words))


async def take_back(
    session: AsyncSession,
    email: str,
    purposes: Collection[ConsentPurpose],
    evidence: Evidence,
    *,
    channel: Channel | None = None,
    said: Said = Said(),
) -> list[LastAct]:
    """Take back what is agreed to now of these purposes; the address is suppressed for the marketing among them.

    Whether anything was ever agreed to makes no difference to that: whoever objects is not written to (S72).
    """
    wanted = frozenset(purposes)
    return await _take_back(session, email, wanted, wanted, evidence, channel=channel, said=said)


async def _take_back(
    session: AsyncSession,
    email: str,
    wanted: frozenset[ConsentPurpose],
    named: frozenset[ConsentPurpose],
    evidence: Evidence,
    *,
    channel: Channel | None,
    said: Said,
) -> list[LastAct]:
    found = [
        act
        for act in await queries.list_acts(session, email)
        if act.purpose in wanted
        and (channel is None or act.channel in {None, channel})
        and act.act is not ConsentAct.WITHDRAWN
    ]
    lists = {(purpose, channel) for purpose in named & MARKETING}
    lists |= {(act.purpose, act.channel) for act in found if act.purpose in MARKETING - named}
    await suppress(session, email, lists, at=evidence.at)
    ended = [act._replace(act=ConsentAct.WITHDRAWN, at=evidence.at) for act in found]
    # Of a consent and a wish for the same, one act ends both.
    once = {(act.purpose, act.channel): act for act in reversed(ended)}
    await _record(session, [*once.values()], email, evidence, said=said)
    return [end for end, was in zip(ended, found, strict=True) if was.act is ConsentAct.GIVEN]


async def carry_consents(session: AsyncSession, old_email: str, new_email: str, evidence: Evidence) -> None:
    """Let consents follow somebody to a new address, proved to be theirs; the old one is written to no more.

    What was once taken back under the new address stays so, but for the registration: its account goes on.
    """
    if old_email.lower() == new_email.lower():
        return  # the same address to whoever asks
    acts = await queries.list_last_acts(session, new_email)
    said = {(last.purpose, last.channel) for last in acts if last.act is not ConsentAct.ASKED}
    said -= {(ConsentPurpose.REGISTRATION, None)}
    unwanted = await list_suppressed(session, new_email)
    live = await withdraw(session, old_email, None, evidence)
    carried = [
        each._replace(act=ConsentAct.GIVEN)
        for each in live
        if (each.purpose, each.channel) not in said
        and not {(each.purpose, None), (each.purpose, each.channel)} & unwanted
    ]
    await _record(session, carried, new_email, evidence)


async def _record(
    session: AsyncSession, acts: Sequence[LastAct], email: str, evidence: Evidence, *, said: Said = Said()
) -> None:
    """Add acts about consents, each under the wording that its consent was given under, and naming it."""
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
            "recorded_at": evidence.at,
            "means": evidence.means,
            "origin": evidence.origin,
            "ip": evidence.ip,
            "user_agent": evidence.user_agent,
            "words": said.words,
            "follows_id": act.id,
            "received_by": said.received_by,
            "said_by": said.said_by,
        }
        for act in acts
    ]
    if rows:
        await session.execute(together(Write(Consent, rows)))


async def stop_by_act(
    session: AsyncSession, consent_id: UUID, evidence: Evidence, *, said: Said = Said()
) -> frozenset[ConsentPurpose]:
    """Take back the purpose and channel of one act, as a link in a mail names it, wherever the consent went since.

    Returns the purpose; of an act that is not on record any more, none. What was taken back before is no error.
    """
    following = await queries.list_following(session, consent_id)
    for consent in following:
        await take_back(session, consent.email, {consent.purpose}, evidence, channel=consent.channel, said=said)
    return frozenset(consent.purpose for consent in following)


def by(evidence: Evidence, means: Means) -> Evidence:
    """Say by which means it came, where that is not the plain API."""
    return Evidence(evidence.at, evidence.language, means, evidence.origin, evidence.ip, evidence.user_agent)
