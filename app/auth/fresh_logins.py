"""What nobody does who merely found a device logged in: it needs the password again, or a login a moment old."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import login_queries as queries
from app.auth.errors import FreshLoginNeeded, PasswordWrong
from app.auth.passwords import verify_password
from app.auth.persons import Person
from app.core.db import let_go

FRESH_FOR = timedelta(minutes=10)


async def require_owner(session: AsyncSession, person: Person, password: str | None, *, at: datetime) -> None:
    """Refuse with FreshLoginNeeded or PasswordWrong who does not show to be the account's owner.

    Refreshing a token makes a login no younger.
    """
    if password is None:
        if abs(at - await queries.get_login_moment(session, person.session_id)) > FRESH_FOR:
            raise FreshLoginNeeded
        return
    checked = (await queries.get_person(session, person.realm, person.id)).password_hash
    await let_go(session)
    if not await verify_password(password, checked):
        raise PasswordWrong
    known = await queries.lock_person(session, person.realm, person.id)
    if known is None or known.password_hash != checked:
        raise PasswordWrong  # another was set since it was checked
