"""Erases a person's data everywhere: each domain's holder lets go of what nothing holds and names what a law keeps."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.holders import Erasure, Holder, Person
from app.privacy import consenting
from app.privacy.service import Evidence


async def erase(session: AsyncSession, holders: Sequence[Holder], person: Person, evidence: Evidence) -> Erasure:
    """Take back all consents, then ask the holders in their order; all of it in this transaction or none.

    Whoever calls has locked the account, if there is one: nothing of it changes, and nothing is added to it, meanwhile.
    """
    await consenting.withdraw(session, person.email, None, evidence)
    answers = [await holder.erase(session, person, at=evidence.at) for holder in holders]
    return Erasure(
        erased=[what for answer in answers for what in answer.erased],
        kept=[what for answer in answers for what in answer.kept],
    )
