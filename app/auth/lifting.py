"""Lifts what limits one address: for somebody whom strangers, or own mistakes, have used up an allowance or locked."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import login_queries, second_factor
from app.auth.auditing.recording import Action, note
from app.auth.entering import place_of
from app.auth.models import Realm, Staff
from app.auth.sessions import actor_of
from app.core.jobs import hasten
from app.core.throttle import Throttle
from app.mail import queries as mail_queries
from app.mail.holding import allowance_keys
from app.mail.jobs import SendMail


async def lift_limits(
    session: AsyncSession, throttle: Throttle, email: str, *, of_staff: bool, actor: str, at: datetime
) -> None:
    """Let a mailbox be written to and logged in with again, and send what was held back of it.

    `of_staff`: of a login of staff the second factor, too. The audit names the mailbox by a digest, and the person by
    the id of whom the address belongs to.
    """
    realms = [Realm.ACCOUNT, *([Realm.STAFF] if of_staff else [])]
    places = [place_of(realm, email) for realm in realms]
    await throttle.lift(session, *allowance_keys(email, at=at), *places)
    await hasten(session, SendMail.name, "mail_id", await mail_queries.list_held(session, email))
    persons = [await login_queries.find_person(session, realm, email) for realm in realms]
    for person in persons:
        if isinstance(person, Staff) and person.locked_until is not None:
            await second_factor.unlock(session, person.id, actor=actor, at=at)
    whose = [actor_of(realm, person.id) for realm, person in zip(realms, persons, strict=True) if person]
    detail = " ".join([f"mailbox:{throttle.name(email.lower())}", *whose])
    await note(session, Action.LIMITS_LIFTED, actor=actor, subject=whose[0] if whose else None, detail=detail, at=at)
