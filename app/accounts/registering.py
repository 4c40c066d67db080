"""Registering: anybody may ask for an account; it is made once the address is proved by who chose the password."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import queries
from app.accounts.errors import ConsentMissing
from app.accounts.jobs import ClaimGuestOrders
from app.accounts.models import Address, Profile, Registration
from app.accounts.schemas import Register
from app.auth.auditing.recording import Action, note
from app.auth.errors import LinkInvalid, PasswordWrong
from app.auth.models import Account, Realm
from app.auth.passwords import hash_password, refuse_weak, verify_password
from app.auth.sessions import actor_of
from app.core.db import Due, Sessions, Write, together
from app.core.ids import uuid7
from app.core.jobs import Promise, defer
from app.mail import service as mail
from app.mail.models import MailKind
from app.mail.personal_data import letters_of_kind_due
from app.mail.queries import find_sent_at
from app.privacy import queries as privacy_queries
from app.privacy import service as privacy
from app.privacy.models import ConsentPurpose, DeclarationPurpose, Means
from app.privacy.service import ConsentWish, Evidence, Proved

LINK = "registration"
"""What the mailed link is for (`auth.link_tokens`)."""

PROVED_WITHIN = timedelta(hours=24)

REGISTRATION = ConsentWish(ConsentPurpose.REGISTRATION)


async def register(session: AsyncSession, wish: Register, evidence: Evidence) -> datetime:
    """Keep what somebody asks and promise a mail to the address; returns until when its link works.

    Whether the address has an account is not looked up here but when the mail is written, so that the answer takes
    the same work for both. The session is first used when the password is hashed: no connection waits for that.
    """
    if "registration" not in wish.consents:
        raise ConsentMissing
    password = wish.password.get_secret_value()
    refuse_weak(password, wish.first_name, wish.last_name, wish.email)
    hashed = await hash_password(password)
    declaration = await privacy_queries.get_current(session, DeclarationPurpose.REGISTRATION, at=evidence.at)
    privacy.check_declaration(wish.privacy_declaration, declaration)
    newsletter = None
    if "newsletter" in wish.consents:
        newsletter = await privacy_queries.get_current(session, DeclarationPurpose.NEWSLETTER, at=evidence.at)
    registration_id, expires_at = uuid4(), evidence.at + PROVED_WITHIN
    row = {
        "id": registration_id,
        **wish.model_dump(include={"email", "first_name", "last_name", "phone", "address"}),
        "password_hash": hashed,
        "language": evidence.language,
        "declaration_id": declaration.id,
        "newsletter_declaration_id": newsletter and newsletter.id,
        "origin": evidence.origin,
        "ip": evidence.ip,
        "user_agent": evidence.user_agent,
        "created_at": evidence.at,
        "expires_at": expires_at,
    }
    letter, promise = mail.promised(
        kind=MailKind.REGISTRATION,
        address=wish.email,
        language=evidence.language,
        about_id=registration_id,
        at=evidence.at,
    )
    await session.execute(together(Write(Registration, [row]), letter))
    await defer(session, promise)
    return expires_at


async def check_password(sessions: Sessions, registration_id: UUID, password: str, *, at: datetime) -> None:
    """Refuse with PasswordWrong who did not choose the password, with LinkInvalid what has expired.

    In a connection of its own: none is held, and no row is locked, while argon2 computes.
    """
    async with sessions() as session:
        registration = await queries.find_registration(session, registration_id, at=at)
    if registration is None:
        raise LinkInvalid
    if not await verify_password(password, registration.password_hash):
        raise PasswordWrong


async def open_account(session: AsyncSession, registration_id: UUID, *, at: datetime) -> None:
    """Make the account whose address is proved, with all that was asked for; refuses with LinkInvalid a second one."""
    pending = await queries.lock_registrations(session, registration_id)
    registration = next((each for each in pending if each.id == registration_id), None)
    if registration is None:
        raise LinkInvalid
    account_id, acceptance_id = uuid7(), uuid7()
    proofs = await _proofs(session, registration, acceptance_id, at=at)
    try:
        await session.execute(together(*proofs, *_rows(account_id, acceptance_id, registration, at)))
    except IntegrityError as problem:
        if "uq_accounts_email" in str(problem.orig):
            raise LinkInvalid from None
        raise
    await session.execute(delete(Registration).where(Registration.id.in_([each.id for each in pending])))
    await defer(session, Promise(ClaimGuestOrders(account_id)))
    owner = actor_of(Realm.ACCOUNT, account_id)
    await note(session, Action.ACCOUNT_REGISTERED, actor=owner, subject=owner, at=at)


async def _proofs(
    session: AsyncSession, registration: Registration, acceptance_id: UUID, *, at: datetime
) -> list[Write]:
    """Write what was accepted and agreed to as it was at registration, each purpose alone (S12).

    The mail whose link was opened proves the address for the newsletter, too (complaint 22).
    """
    asked = registration
    evidence = Evidence(asked.created_at, asked.language, Means.API, asked.origin, asked.ip, asked.user_agent)
    proved = Proved(at, await find_sent_at(session, registration.id, MailKind.REGISTRATION))
    accepted = await privacy_queries.get_accepted(session, registration.declaration_id)
    given = [(REGISTRATION, accepted)]
    if registration.newsletter_declaration_id:
        wording = await privacy_queries.get_accepted(session, registration.newsletter_declaration_id)
        given.append((privacy.NEWSLETTER_BY_EMAIL, wording))
    return [
        privacy.acceptance_insert(acceptance_id, accepted, evidence),
        *(
            privacy.consent_insert(wish, wording, evidence, email=registration.email, proved=proved)
            for wish, wording in given
        ),
    ]


def _rows(account_id: UUID, acceptance_id: UUID, registration: Registration, at: datetime) -> list[Write]:
    account = {
        "id": account_id,
        "email": registration.email,
        "password_hash": registration.password_hash,
        "language": registration.language,
        "created_at": at,
    }
    profile = {
        "account_id": account_id,
        "first_name": registration.first_name,
        "last_name": registration.last_name,
        "phone": registration.phone,
        "acceptance_id": acceptance_id,
        "changed_at": at,
    }
    rows = [Write(Account, [account]), Write(Profile, [profile])]
    if registration.address:
        address = {"id": uuid7(), "account_id": account_id, "is_default": True, **registration.address}
        rows.append(Write(Address, [address]))
    return rows


def registrations_due(at: datetime) -> Sequence[Due]:
    """Find what nobody proved in time, and the letters that name the address."""
    letters = letters_of_kind_due(MailKind.REGISTRATION, promised_by=at - PROVED_WITHIN)
    return letters, Due(Registration, Registration.expires_at <= at)
