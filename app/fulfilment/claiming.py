"""Gives an account the orders that its owner placed as a guest: those of the address that was proved, no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.jobs import ClaimGuestOrders
from app.auth.auditing.recording import Action, note
from app.core.clock import Clock
from app.core.db import Sessions
from app.fulfilment import queries
from app.orders.models import Order


async def claim_orders(session: AsyncSession, account_id: UUID, *, at: datetime) -> list[str]:
    """Attach the guests' orders placed with the account's own address; returns their numbers, oldest first.

    Neither name nor phone counts: who shares them is not who ordered. An order that has an account keeps it, and one
    whose account was closed is nobody's: the address may be somebody else's by now.
    """
    email = await queries.lock_proved_email(session, account_id)
    numbers = await _claim(session, account_id, email, at=at) if email else []
    await _note(session, account_id, numbers, at=at)
    return numbers


async def follow_address(session: AsyncSession, account_id: UUID, old: str, new: str, *, at: datetime) -> None:
    """Let an account's orders follow to its new e-mail address: what is still to be mailed about them goes there.

    Guest orders of the old address, which was proved too, are claimed first: whoever has it next does not get them. An
    order placed with another address than the account's own keeps it, as issued documents and acceptances do.
    """
    numbers = await _claim(session, account_id, old, at=at)
    own = (Order.account_id == account_id, func.lower(Order.email) == func.lower(old))
    await session.execute(update(Order).where(*own).values(email=new), execution_options={"synchronize_session": False})
    await _note(session, account_id, numbers, at=at)


async def _claim(session: AsyncSession, account_id: UUID, email: str, *, at: datetime) -> list[str]:
    """Attach guests' orders, whose address is proved now; one that waits to be confirmed waits all the same."""
    proved_at = case((Order.confirmation_due_at.is_(None), func.coalesce(Order.proved_at, at)), else_=Order.proved_at)
    digest = case((Order.confirmation_due_at.is_not(None), Order.origin_digest))
    is_guests = Order.account_id.is_(None) & Order.account_closed_at.is_(None)
    claimed = await session.scalars(
        update(Order)
        .where(is_guests, func.lower(Order.email) == func.lower(email))
        .values(account_id=account_id, proved_at=proved_at, origin_digest=digest)
        .returning(Order.number)
        .execution_options(synchronize_session=False)
    )
    return [str(number) for number in sorted(claimed)]


async def _note(session: AsyncSession, account_id: UUID, numbers: Sequence[str], *, at: datetime) -> None:
    """Note the claim once every order is locked: others wait for the audit's head while they hold orders."""
    if numbers:
        actor = f"account:{account_id}"
        await note(session, Action.ORDERS_CLAIMED, actor=actor, subject=actor, detail=" ".join(numbers), at=at)


@dataclass(frozen=True)
class Claiming:
    """Claims for an account whose address was proved just now; a second run finds nothing left."""

    sessions: Sessions
    clock: Clock

    async def claim(self, job: ClaimGuestOrders) -> None:
        async with self.sessions.begin() as session:
            await claim_orders(session, job.account_id, at=self.clock.now())
