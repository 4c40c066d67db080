"""Composes the letter that tells of a restriction's end before it ends (GDPR Art. 18(3))."""

from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.language import Text
from app.mail.models import Mail
from app.mail.writing import Letter, Letterhead, write

SUBJECT = Text("Ограничаването на обработването приключва", "The restriction of processing is about to end")


@dataclass(frozen=True)
class RestrictionMails:
    letterhead: Letterhead

    async def ends(self, session: AsyncSession, mail: Mail) -> EmailMessage:  # noqa: ARG002 - as every composer
        letter = Letter(language=mail.language, trader=self.letterhead.trader)
        subject = SUBJECT.in_(mail.language)
        return self.letterhead.message(mail, write("app.privacy", "restriction_ends", letter, subject))
