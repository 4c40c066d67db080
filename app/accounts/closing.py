"""Closes an account: what may go goes at once, what a law holds is named; orders under way go on."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, note
from app.auth.errors import Unauthenticated
from app.auth.models import Account, Realm
from app.auth.sessions import actor_of
from app.core.clock import legal_date
from app.core.holders import Erasure, Holder, Kept, Person
from app.core.language import Text
from app.core.sealing import Sealer
from app.mail import service as mail
from app.mail.models import MailKind
from app.mail.personal_data import LETTERS_KEPT
from app.privacy.erasing import erase_person
from app.privacy.service import Evidence

LETTER = Text(
    "Писмото, с което потвърждаваме закриването, и адресът, на който е изпратено",
    "The letter that confirms the closing, and the address that it was sent to",
)
ANSWER = Text(
    "чл. 12, пар. 3 от Регламент (ЕС) 2016/679: отговор на искането",
    "Regulation (EU) 2016/679, Art. 12(3): answer to the request",
)


async def lock_account(session: AsyncSession, account_id: UUID) -> Account:
    """Lock what everybody locks first who changes anything of an account; refuses one that was closed meanwhile."""
    wanted = select(Account).where(Account.id == account_id).with_for_update(key_share=True)
    account = await session.scalar(wanted.execution_options(populate_existing=True))
    if account is None:
        raise Unauthenticated
    return account


async def close_account(
    session: AsyncSession, holders: Sequence[Holder], account_id: UUID, evidence: Evidence, sealer: Sealer
) -> Erasure:
    """Close an account with all that hangs on it, and promise its owner a letter.

    An order that is being placed goes on until the account's holder waits for it; what comes after finds no account.
    """
    account = await lock_account(session, account_id)
    letter = Kept(LETTER, ANSWER, legal_date(evidence.at + LETTERS_KEPT), 1)
    person = Person(account.email, account_id)
    done = await erase_person(session, holders, person, evidence, sealer=sealer, also=[letter])
    await mail.promise(
        session,
        kind=MailKind.ACCOUNT_CLOSED,
        address=account.email,
        language=account.language,
        about_id=account_id,
        document_id=done.id,
        at=evidence.at,
    )
    owner = actor_of(Realm.ACCOUNT, account_id)
    await note(session, Action.ACCOUNT_CLOSED, actor=owner, subject=owner, at=evidence.at)
    return done.erasure
