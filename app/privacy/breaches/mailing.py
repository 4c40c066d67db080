"""Composes the mails of the breach desk at the moment of sending."""

from dataclasses import dataclass
from email.message import EmailMessage
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.mail.models import Mail
from app.mail.writing import Letterhead
from app.privacy.breaches import letters, queries
from app.privacy.breaches.deadlines import promised_by
from app.privacy.breaches.letters import AlarmLetter, NoticeLetter
from app.privacy.breaches.models import BreachWording


@dataclass(frozen=True)
class BreachMails:
    """The composers of mails about breaches."""

    letterhead: Letterhead

    async def alarm(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Write the alarm, unless it was decided meanwhile what it is about."""
        assert mail.about_id is not None  # a CHECK of the table: such a mail is about no order
        raised = await queries.find_alarm(session, mail.about_id)
        if raised is None:
            return None
        breach = await queries.get_breach(session, raised.breach_id)
        if breach.is_decided:
            return None
        letter = AlarmLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            number=breach.number,
            stage=raised.stage,
            status=breach.status,
            discovered_at=breach.discovered_at,
            due_at=promised_by(breach.discovered_at),
            drill=breach.drill,
        )
        return self.letterhead.message(mail, letters.alarm(letter))

    async def notice(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Write to somebody affected, or to the officer of a drill, in the words that were given last."""
        assert mail.about_id is not None  # as above
        wording = await self._wording(session, mail, mail.about_id)
        if wording is None:
            return None
        breach = await queries.get_breach(session, wording.breach_id)
        letter = NoticeLetter(
            language=wording.language,
            trader=self.letterhead.trader,
            discovered_at=breach.discovered_at,
            nature=wording.nature,
            consequences=wording.consequences,
            measures=wording.measures,
            advice=wording.advice,
            drill=breach.drill,
        )
        return self.letterhead.message(mail, letters.notice(letter))

    async def _wording(self, session: AsyncSession, mail: Mail, about_id: UUID) -> BreachWording | None:
        person = await queries.find_person(session, about_id)
        if person is None:
            return await session.get(BreachWording, about_id)
        return await queries.find_wording(session, person.breach_id, mail.language)
