"""Double opt-in: what is ticked under an address that nobody has proved is a wish, until the mailed link is opened.

No offer is sent before that (complaint 22). The link is made of the wish's own row in the ledger, and works while
nothing was taken back since; a wish that stays unconfirmed is forgotten with its address.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.auth.errors import LinkInvalid
from app.core.db import Due, Write, together
from app.core.jobs import Promise, defer
from app.mail import service as mail
from app.mail.models import MailKind
from app.mail.queries import find_sent_at
from app.privacy import queries
from app.privacy.consenting import by
from app.privacy.models import Consent, ConsentAct, Means
from app.privacy.purposes import Point, askable
from app.privacy.queries import CurrentDeclaration
from app.privacy.schemas import DeclarationWish
from app.privacy.service import ConsentWish, Evidence, Proved, check_declaration, consent_insert
from app.privacy.withdrawals.suppressing import suppressed_since

LINK = "confirm-consent"
"""What the mailed link is for (`auth.link_tokens`)."""
CONFIRMED_WITHIN = timedelta(days=7)
FORGOTTEN_AFTER = timedelta(days=30)
"""A wish that nobody confirmed; the text of the newsletter states it."""


@dataclass(frozen=True, slots=True)
class OptingIn:
    """What is written, and promised, of one wish."""

    writes: Sequence[Write]
    promises: Sequence[Promise]


def opt_in(
    wish: ConsentWish, wording: CurrentDeclaration, evidence: Evidence, *, email: str, order_id: UUID | None = None
) -> OptingIn:
    """Write a wish and the mail that asks to confirm it, for whoever writes them together with more.

    Whether the address is known, or agreed before, is looked up when the mail is written: no answer tells it.
    """
    wished = replace(wish, act=ConsentAct.ASKED)
    ledger = consent_insert(wished, wording, evidence, email=email, order_id=order_id)
    letter, promise = mail.promised(
        kind=MailKind.MARKETING_PROOF,
        address=email,
        language=evidence.language,
        about_id=ledger.rows[0]["id"],
        at=evidence.at,
    )
    return OptingIn([ledger, letter], [promise])


async def ask(
    session: AsyncSession,
    email: str,
    wish: ConsentWish,
    declaration: DeclarationWish,
    evidence: Evidence,
    *,
    point: Point,
) -> None:
    """Record what somebody wishes under an address, and promise the mail: for forms that anybody may fill in."""
    offered = askable(wish.purpose, wish.channel, point)
    current = await queries.get_current(session, offered.wording, at=evidence.at)
    check_declaration(declaration, current)
    asked = opt_in(wish, current, evidence, email=email)
    await session.execute(together(*asked.writes))
    await defer(session, *asked.promises)


async def find_open_wish(session: AsyncSession, wish_id: UUID, *, at: datetime) -> Consent | None:
    """Find a wish that may still be confirmed: not expired, and nothing was decided about the same since."""
    later = aliased(Consent)
    is_decided = exists().where(
        func.lower(later.email) == func.lower(Consent.email),
        later.purpose == Consent.purpose,
        later.channel.is_not_distinct_from(Consent.channel),
        later.act != ConsentAct.ASKED,
        later.recorded_at >= Consent.recorded_at,
    )
    suppressed_at = suppressed_since(Consent.email, Consent.purpose, Consent.channel, Consent.recorded_at)
    return await session.scalar(
        select(Consent).where(
            Consent.id == wish_id,
            Consent.act == ConsentAct.ASKED,
            Consent.recorded_at > at - CONFIRMED_WITHIN,
            ~is_decided,
            suppressed_at.is_(None),
        )
    )


async def find_newest_open(session: AsyncSession, wish: Consent) -> Consent:
    """Find the last wish for the same of one address, which its link is to confirm: one for all that were made."""
    same = (
        func.lower(Consent.email) == func.lower(wish.email),
        Consent.purpose == wish.purpose,
        Consent.channel.is_not_distinct_from(wish.channel),
        Consent.act == ConsentAct.ASKED,
        Consent.recorded_at >= wish.recorded_at,
    )
    newest = select(Consent).where(*same).order_by(Consent.recorded_at.desc(), Consent.id.desc()).limit(1)
    return (await session.scalars(newest)).one()


async def confirm(session: AsyncSession, wish_id: UUID, evidence: Evidence) -> None:
    """Make a consent of a wish; the same link again changes nothing. Refuses with LinkInvalid what cannot be one."""
    await session.execute(select(Consent.id).where(Consent.id == wish_id).with_for_update())  # one after the other
    if await _is_confirmed(session, wish_id):
        return
    wish = await find_open_wish(session, wish_id, at=evidence.at)
    if wish is None:
        raise LinkInvalid
    sent_at = await find_sent_at(session, wish_id, MailKind.MARKETING_PROOF)
    given = ConsentWish(wish.purpose, wish.channel)
    wording = await queries.get_accepted(session, wish.declaration_id)
    proof = replace(by(evidence, Means.LINK), language=wish.language)
    proved = Proved(evidence.at, sent_at, wish_id)
    row = consent_insert(given, wording, proof, email=wish.email, order_id=wish.order_id, proved=proved)
    await session.execute(together(row))


async def _is_confirmed(session: AsyncSession, wish_id: UUID) -> bool:
    """Say whether the wish became a consent that still is one."""
    given = await session.scalar(select(Consent).where(Consent.follows_id == wish_id, Consent.act == ConsentAct.GIVEN))
    if given is None:
        return False
    live = {act.id for act in await queries.list_last_acts(session, given.email) if act.act is ConsentAct.GIVEN}
    return given.id in live


def unconfirmed_due(at: datetime) -> Due:
    """Find wishes that nobody confirmed in time, with the address that may be anybody's."""
    followed = aliased(Consent)
    is_open = ~exists().where(followed.follows_id == Consent.id)
    is_old = Consent.recorded_at < at - FORGOTTEN_AFTER
    return Due(Consent, and_(Consent.act == ConsentAct.ASKED, is_old, is_open))
