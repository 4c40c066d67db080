"""Announces material changes in batches: each address once, whatever happens in between (C21).

With whom there is a ground: who has an account, or agreed to be written to; who has an order under way, which other
domains name. Whoever's processing is restricted is left out, and told by the policy itself, which is public.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, literal, select, true, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import login_queries
from app.auth.models import Account, Realm
from app.core.clock import Clock
from app.core.db import Sessions, Write, together
from app.core.ids import uuid7
from app.core.jobs import Promise, defer
from app.core.language import Language, Text
from app.core.personal import Ground
from app.mail import service as mail
from app.mail.models import Mail, MailKind
from app.mail.writing import Letterhead
from app.privacy import consenting, letters
from app.privacy.letters import PolicyLetter
from app.privacy.marketing import live_addresses
from app.privacy.models import Channel, ConsentPurpose, Declaration, DeclarationPurpose
from app.privacy.policies.jobs import AnnounceChange
from app.privacy.policies.models import Announcement
from app.privacy.restricting import is_unrestricted
from app.privacy.withdrawals.suppressing import key_of

BATCH = 200

Addresses = Callable[[], Select[str, Language]]
"""Selects address and language of everybody with whom there is a contract under way."""

WHAT = {
    DeclarationPurpose.POLICY: Text("политиката за защита на личните данни", "the personal data protection policy"),
    DeclarationPurpose.COOKIES: Text("политиката за бисквитките", "the cookie policy"),
}
PAGES = {DeclarationPurpose.POLICY: "policies/privacy", DeclarationPurpose.COOKIES: "policies/cookies"}
REASONS = {
    Ground.CONTRACT: Text(
        "Пишем Ви, защото имате поръчка, която изпълняваме.", "We write to you because you have an order under way."
    ),
    Ground.CONSENT: Text(
        "Пишем Ви, защото имате профил при нас или сте се съгласили да Ви пишем.",
        "We write to you because you have an account with us or agreed that we write to you.",
    ),
}


class Told(NamedTuple):
    """Somebody who is to be told."""

    email: str
    language: Language
    ground: Ground
    key: bytes


@dataclass(frozen=True)
class Announcing:
    """The handler of `AnnounceChange`."""

    sessions: Sessions
    clock: Clock
    contracts: Sequence[Addresses] = field(default=())

    async def announce(self, job: AnnounceChange) -> None:
        """Go through all addresses, a batch in a transaction; begun again, it goes on where it was stopped."""
        after: str | None = None
        while True:
            async with self.sessions.begin() as session:
                told = await self._next(session, job.declaration_id, after)
                if told:
                    await self._tell(session, job.declaration_id, told)
            if len(told) < BATCH:
                return
            after = told[-1].email

    async def _next(self, session: AsyncSession, declaration_id: UUID, after: str | None) -> list[Told]:
        people = self._people().subquery()
        email: ColumnElement[Any] = people.c.email
        is_told = exists().where(Announcement.declaration_id == declaration_id, Announcement.key == key_of(email))
        wanted = (
            select(people.c.email, people.c.language, people.c.ground, key_of(email))
            .where(func.lower(email) > func.lower(after) if after else true())
            .where(~is_told, is_unrestricted(email))
            .order_by(func.lower(email))
            .limit(BATCH)
        )
        found = await session.execute(wanted)
        return [Told(email, Language(language), Ground(ground), bytes(key)) for email, language, ground, key in found]

    def _people(self) -> Select[Any]:
        """Select everybody once: by the contract where there is one."""
        sources = [(Ground.CONTRACT, each()) for each in self.contracts]
        sources.append((Ground.CONSENT, select(Account.email, Account.language)))
        sources += [(Ground.CONSENT, live_addresses(ConsentPurpose.NEWSLETTER, Channel.EMAIL))]
        parts = []
        for rank, (ground, addresses) in enumerate(sources):
            part = addresses.subquery()
            email, language = part.columns
            parts.append(
                select(
                    email.label("email"),
                    language.label("language"),
                    literal(ground.value).label("ground"),
                    literal(rank).label("rank"),
                )
            )
        everybody = union_all(*parts).subquery()
        address = func.lower(everybody.c.email)
        once = select(everybody.c.email, everybody.c.language, everybody.c.ground).ext(distinct_on(address))
        return once.where(everybody.c.email != "").order_by(address, everybody.c.rank)

    async def _tell(self, session: AsyncSession, declaration_id: UUID, told: Sequence[Told]) -> None:
        """Enter who is told, and promise the mails, in one transaction: neither is there without the other."""
        at = self.clock.now()
        entries: list[dict[str, Any]] = []
        mails: list[dict[str, Any]] = []
        promises: list[Promise] = []
        for each in told:
            entry = {
                "id": (entry_id := uuid7()),
                "declaration_id": declaration_id,
                "key": each.key,
                "ground": each.ground,
                "announced_at": at,
            }
            letter, promise = mail.promised(
                kind=MailKind.POLICY_CHANGED, address=each.email, language=each.language, about_id=entry_id, at=at
            )
            entries.append(entry)
            mails += [dict(row) for row in letter.rows]
            promises.append(promise)
        await session.execute(together(Write(Mail, mails), Write(Announcement, entries)))
        await defer(session, *promises)


@dataclass(frozen=True)
class PolicyMails:
    """The composer of the letter about a change; it is no marketing, and cannot be unsubscribed from."""

    letterhead: Letterhead

    async def changed(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Write to whom there still is a ground to write."""
        announcement = await session.get_one(Announcement, mail.about_id)
        if announcement.ground is Ground.CONSENT and not await _still_agrees(session, mail.address):
            return None
        declaration = await session.get_one(Declaration, announcement.declaration_id)
        page = f"{PAGES[declaration.purpose]}/versions/{declaration.version}"
        letter = PolicyLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            what=WHAT[declaration.purpose].in_(mail.language),
            title=declaration.title(mail.language),
            effective_on=declaration.effective_on,
            url=self.letterhead.page(page),
            reason=REASONS[announcement.ground].in_(mail.language),
        )
        return self.letterhead.message(mail, letters.policy_changed(letter))


async def _still_agrees(session: AsyncSession, email: str) -> bool:
    has_account = await login_queries.find_person(session, Realm.ACCOUNT, email) is not None
    return has_account or bool(await consenting.live_consents(session, email))
