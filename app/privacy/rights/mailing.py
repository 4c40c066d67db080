"""Composes the desk's mails: the link that proves an address, the receipt, the letters, the alarms."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.link_tokens import link_token
from app.core.language import Text
from app.core.secrets import Secret
from app.mail.authority import Authority
from app.mail.messages import Pdf
from app.mail.models import Mail
from app.mail.writing import Letter, Letterhead, write
from app.privacy.papers import Table
from app.privacy.rights.destinations import destination_of
from app.privacy.rights.drawing import letter_of, told
from app.privacy.rights.intake import ACCESS, PROOF, PROVED_WITHIN
from app.privacy.rights.letters import TITLES, receipt
from app.privacy.rights.models import (
    LetterKind,
    PreferredForm,
    RequestKind,
    RequestState,
    RightsEvent,
    RightsLetter,
    RightsRequest,
    Via,
)
from app.privacy.rights.states import WAITING
from app.privacy.rights.words import FORMS, KINDS, STATES

PACKAGE = "app.privacy.rights"
PROOF_SUBJECT = Text("Потвърдете искането си", "Confirm your request")
RECEIPT_SUBJECT = Text("Получихме искането Ви", "We have received your request")
DOWNLOAD = Text("Изтеглете копието", "Download the copy")
OPEN = Text("Вижте искането", "See the request")
FILENAMES = {
    LetterKind.PARTS: "missing-parts.pdf",
    LetterKind.IDENTITY: "identity.pdf",
    LetterKind.EXTENSION: "extension.pdf",
    LetterKind.DELAY: "delay.pdf",
    LetterKind.ANSWER: "answer.pdf",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ProofLetter(Letter):
    """With a link, and what it would sign: anybody may have asked, and to anywhere."""

    url: str
    expires_at: datetime
    kind: str
    form: str
    destination: str
    proxy: str | None
    person_email: str | None


class Listed(NamedTuple):
    """A table of the paper, as a mail has it: under its title, a line for each row."""

    title: str
    entries: list[str]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ToldLetter(Letter):
    """What the paper says, and where the request is to be seen."""

    paragraphs: list[str]
    lists: list[Listed]
    authority: str
    url: str
    button: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AlarmLetter(Letter):
    """To the responsible person; it names nobody."""

    number: str
    kind: str
    state: str
    last_day: date
    is_overdue: bool
    is_waiting: bool


ALARMS = {
    "7": Text("Искане за лични данни: остават 7 дни", "A data subject's request: 7 days left"),
    "3": Text("Искане за лични данни: остават 3 дни", "A data subject's request: 3 days left"),
    "1": Text("Искане за лични данни: остава 1 ден", "A data subject's request: 1 day left"),
    "overdue": Text("Искане за лични данни: срокът изтече", "A data subject's request is overdue"),
}


@dataclass(frozen=True)
class RightsMails:
    """The composers of the desk's mails."""

    letterhead: Letterhead
    authority: Authority
    secret: Secret = field(repr=False)

    async def proof(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        request = await session.get(RightsRequest, mail.about_id)
        if request is None or request.state is not RequestState.RECEIVED:
            return None
        letter = ProofLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            url=self.letterhead.page(f"privacy-request#token={link_token(self.secret, PROOF, request.id)}"),
            expires_at=request.entered_at + PROVED_WITHIN,
            kind=KINDS[RequestKind(request.kind)].in_(mail.language),
            form=FORMS[request.preferred_form or PreferredForm.ELECTRONIC].in_(mail.language),
            destination=" ".join((destination_of(request) or "").split()),
            proxy=request.proxy_name,
            person_email=request.person_email,
        )
        return self.letterhead.message(mail, write(PACKAGE, "proof", letter, PROOF_SUBJECT.in_(mail.language)))

    async def received(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Confirm the receipt (S75)."""
        request = await session.get(RightsRequest, mail.about_id)
        if request is None:
            return None
        paragraphs = [each.in_(mail.language) for each in receipt(told(request), request.missing)]
        letter = self._told(mail, request, paragraphs, OPEN)
        return self.letterhead.message(mail, write(PACKAGE, "told", letter, RECEIPT_SUBJECT.in_(mail.language)))

    async def letter(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Bring a letter: what it says, and the paper itself as it is kept."""
        kept = await session.get(RightsLetter, mail.document_id)
        if kept is None:
            return None
        event = await session.get_one(RightsEvent, kept.event_id)
        request = await session.get_one(RightsRequest, kept.request_id)
        drawn = letter_of(event, request)
        button = DOWNLOAD if event.details.get("copy_until") else OPEN
        lists = [_listed(table) for table in drawn.writing.tables]
        letter = self._told(mail, request, [*drawn.writing.paragraphs], button, lists)
        writing = write(PACKAGE, "told", letter, TITLES[drawn.kind].in_(mail.language))
        return self.letterhead.message(mail, writing, Pdf(FILENAMES[drawn.kind], kept.pdf))

    async def alarm(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        event = await session.get(RightsEvent, mail.document_id)
        request = await session.get(RightsRequest, mail.about_id)
        if event is None or request is None or request.is_decided:
            return None
        step = event.details["step"]
        letter = AlarmLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            number=told(request).number,
            kind=KINDS[RequestKind(request.kind)].in_(mail.language),
            state=STATES[RequestState(request.state)].in_(mail.language),
            last_day=date.fromisoformat(event.details["last_day"]),
            is_overdue=step == "overdue",
            is_waiting=request.state in WAITING,
        )
        return self.letterhead.message(mail, write(PACKAGE, "alarm", letter, ALARMS[step].in_(mail.language)))

    def _told(
        self, mail: Mail, request: RightsRequest, paragraphs: list[str], button: Text, lists: Sequence[Listed] = ()
    ) -> ToldLetter:
        return ToldLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            paragraphs=paragraphs,
            lists=[*lists],
            authority=self.authority.paragraph().in_(mail.language),
            url=self._url(request),
            button=button.in_(mail.language),
        )

    def _url(self, request: RightsRequest) -> str:
        """Lead to the request: an account's owner logs in, others have the key behind the `#`.

        Who is not identified yet gets no key: a letter may have named an address that is somebody else's.
        """
        if request.via is Via.ACCOUNT:
            return self.letterhead.page(f"account/privacy-requests/{request.id}")
        if request.identified_at is None and request.via is not Via.EMAIL_PROOF:
            return ""
        token = link_token(self.secret, ACCESS, request.id)
        return self.letterhead.page(f"privacy-requests/{request.id}#token={token}")


def _listed(table: Table) -> Listed:
    """Write each row with its columns' names, but the first, which says what the row is."""
    _, *names = table.columns
    entries = []
    for what, *rest in table.rows:
        said = [f"{name.lower()}: {cell}" for name, cell in zip(names, rest, strict=True) if cell is not None]
        entries.append("; ".join([str(what), *said]))
    return Listed(table.title, entries)
