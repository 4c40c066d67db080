"""Every select of privacy."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Date, ScalarSelect, bindparam, func, or_, select
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.language import Language
from app.core.personal import Recipient
from app.privacy.errors import DeclarationNotFound
from app.privacy.models import (
    Acceptance,
    Agreement,
    Channel,
    Consent,
    ConsentAct,
    ConsentPurpose,
    Declaration,
    DeclarationPurpose,
    RegisteredRecipient,
)
from app.privacy.withdrawals.suppressing import suppressed_since


class CurrentDeclaration(NamedTuple):
    """What accepting a declaration needs of it, without its text."""

    id: UUID
    purpose: DeclarationPurpose
    version: str
    sha256_bg: str
    sha256_en: str

    def sha256(self, language: Language) -> str:
        return self.sha256_en if language is Language.EN else self.sha256_bg


def _current_id() -> ScalarSelect[UUID]:
    # Before the first version is in force it is shown already: nothing is ever collected without a text (S27).
    soonest_or_in_force = func.greatest(Declaration.effective_on, bindparam("today", type_=Date))
    return (
        select(Declaration.id)
        .where(Declaration.purpose == bindparam("purpose"))
        .order_by(soonest_or_in_force, Declaration.effective_on.desc(), Declaration.published_at.desc())
        .limit(1)
        .scalar_subquery()
    )


# The row of CurrentDeclaration, to be selected alone or as a part of a greater statement, for what `on_day` gives.
CURRENT = select(
    Declaration.id, Declaration.purpose, Declaration.version, Declaration.sha256_bg, Declaration.sha256_en
).where(Declaration.id == _current_id())


def on_day(purpose: DeclarationPurpose, at: datetime) -> dict[str, object]:
    return {"purpose": purpose, "today": legal_date(at)}


async def get_current(session: AsyncSession, purpose: DeclarationPurpose, *, at: datetime) -> CurrentDeclaration:
    found = (await session.execute(CURRENT, on_day(purpose, at))).one_or_none()
    if found is None:
        raise DeclarationNotFound
    return CurrentDeclaration._make(found)


async def get_accepted(session: AsyncSession, declaration_id: UUID) -> CurrentDeclaration:
    """Get the version that somebody accepted, in force or not."""
    columns = select(*(getattr(Declaration, name) for name in CurrentDeclaration._fields))
    return CurrentDeclaration._make((await session.execute(columns.where(Declaration.id == declaration_id))).one())


async def get_current_declaration(session: AsyncSession, purpose: DeclarationPurpose, *, at: datetime) -> Declaration:
    """Get the version in force with its texts."""
    wanted = select(Declaration).where(Declaration.id == _current_id())
    found = await session.scalar(wanted, on_day(purpose, at))
    if found is None:
        raise DeclarationNotFound
    return found


async def get_declaration(session: AsyncSession, purpose: DeclarationPurpose, version: str) -> Declaration:
    found = await session.scalar(select(Declaration).filter_by(purpose=purpose, version=version))
    if found is None:
        raise DeclarationNotFound
    return found


async def list_versions(session: AsyncSession, purpose: DeclarationPurpose) -> Sequence[Declaration]:
    """List every version ever published, newest first (S85)."""
    newest_first = (Declaration.effective_on.desc(), Declaration.published_at.desc())
    return (await session.scalars(select(Declaration).filter_by(purpose=purpose).order_by(*newest_first))).all()


async def get_acceptance(session: AsyncSession, acceptance_id: UUID) -> tuple[Acceptance, Declaration]:
    joined = select(Acceptance, Declaration).join(Declaration, Declaration.id == Acceptance.declaration_id)
    return (await session.execute(joined.where(Acceptance.id == acceptance_id))).one()


class LastAct(NamedTuple):
    """The last that somebody said of one purpose and channel, and under which wording."""

    purpose: ConsentPurpose
    channel: Channel | None
    act: ConsentAct
    at: datetime
    declaration_id: UUID
    language: Language
    text_sha256: str
    wording: DeclarationPurpose
    version: str
    id: UUID
    """Of the act in the ledger."""


# A box that an earlier release recorded with an order as a consent: nobody proved its address.
IS_PROVED = or_(Consent.order_id.is_(None), Consent.proved_at.is_not(None))
_IS_WISH = Consent.act == ConsentAct.ASKED
_LAST_ACTS = (
    select(
        Consent.purpose,
        Consent.channel,
        Consent.act,
        Consent.recorded_at,
        Consent.declaration_id,
        Consent.language,
        Consent.text_sha256,
        Declaration.purpose,
        Declaration.version,
        Consent.id,
        IS_PROVED,
        suppressed_since(bindparam("email", type_=TextType), Consent.purpose, Consent.channel, Consent.recorded_at),
    )
    .join(Declaration, Declaration.id == Consent.declaration_id)
    .where(func.lower(Consent.email) == func.lower(bindparam("email", type_=TextType)))
    .ext(distinct_on(Consent.purpose, Consent.channel, _IS_WISH))
    .order_by(Consent.purpose, Consent.channel, _IS_WISH, Consent.recorded_at.desc(), Consent.id.desc())
)


async def list_acts(session: AsyncSession, email: str) -> Sequence[LastAct]:
    """List how somebody's consents stand, and beside it what was wished since and not confirmed yet.

    A consent that the list of suppressed addresses overrides stands as taken back at that moment; a box that counts
    as none, because nobody proved its address, stands as the wish that it is.
    """
    found: list[LastAct] = []
    for *members, is_proved, suppressed_at in await session.execute(_LAST_ACTS, {"email": email}):
        act = LastAct._make(members)
        if act.act is ConsentAct.GIVEN and not is_proved:
            act = act._replace(act=ConsentAct.ASKED)
        if suppressed_at is not None:
            if act.act is ConsentAct.ASKED:
                continue
            if act.act is ConsentAct.GIVEN:
                act = act._replace(act=ConsentAct.WITHDRAWN, at=suppressed_at)
        decided = found[-1] if found and found[-1][:2] == act[:2] else None
        if decided is None or decided.at < act.at:  # a wish that is older than the decision is past
            found.append(act)
    return found


async def list_last_acts(session: AsyncSession, email: str) -> Sequence[LastAct]:
    """List how somebody's consents stand, by purpose and channel: the last act counts.

    A wish that waits for its confirmation changes nothing: a stranger could have uttered it.
    """
    stand: dict[tuple[ConsentPurpose, Channel | None], LastAct] = {}
    for act in await list_acts(session, email):
        stand.setdefault((act.purpose, act.channel), act)
    return [*stand.values()]


async def list_following(session: AsyncSession, consent_id: UUID) -> Sequence[Consent]:
    """List an act and those that carry it on, under whichever address: what a link in a mail once was about."""
    chain = select(Consent.id).where(Consent.id == consent_id).cte(recursive=True)
    chain = chain.union(select(Consent.id).join(chain, Consent.follows_id == chain.c.id))
    of_chain = select(Consent).where(Consent.id.in_(select(chain.c.id)), Consent.act != ConsentAct.WITHDRAWN)
    return (await session.scalars(of_chain.order_by(Consent.id))).all()


async def list_recipients(session: AsyncSession) -> Sequence[RegisteredRecipient]:
    return (await session.scalars(select(RegisteredRecipient).order_by(RegisteredRecipient.key))).all()


async def get_recipient(session: AsyncSession, recipient: Recipient) -> RegisteredRecipient:
    return await session.get_one(RegisteredRecipient, recipient)


AGREED = (
    select(Agreement)
    .where(Agreement.recipient == bindparam("recipient"), Agreement.signed_on <= bindparam("day"))
    .order_by(Agreement.recorded_at.desc(), Agreement.id.desc())
    .limit(1)
)


async def find_agreement(session: AsyncSession, recipient: Recipient, *, at: datetime) -> Agreement | None:
    """Find the agreement in force: the one recorded last of those signed by then, unless it has ended."""
    day = legal_date(at)
    found = await session.scalar(AGREED, {"recipient": recipient, "day": day})
    return found if found and (found.ends_on is None or found.ends_on >= day) else None
