"""Lets whoever reads an order's mailbox see the whole of it: by a link that is mailed, and works once."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.errors import LinkInvalid
from app.auth.models import LinkPurpose, MailLink, Realm
from app.auth.pending_links import make_link
from app.core.ids import uuid7
from app.core.language import Language
from app.mail import service as mail
from app.mail.models import MailKind
from app.orders.models import Order

OPENED_WITHIN = timedelta(minutes=30)
OPEN_FOR = timedelta(hours=24)
"""How long the order is open to whoever followed the link."""


async def ask_for_access(session: AsyncSession, number: int, email: str, *, language: Language, at: datetime) -> None:
    """Promise a mail with a link, whatever was typed: whether the order is of this address is looked up by the mail.

    Each mail has a link of its own: asking again lets none that was mailed work for longer, and ends none.
    """
    link_id = await make_link(
        session,
        LinkPurpose.ORDER_ACCESS,
        Realm.ACCOUNT,
        email,
        order_number=number,
        within=OPENED_WITHIN,
        at=at,
    )
    await mail.promise(
        session,
        kind=MailKind.ORDER_ACCESS,
        address=email,
        language=language,
        about_id=link_id,
        document_id=uuid7(),  # mailed each time it is asked for
        at=at,
    )


async def is_for_nobody(session: AsyncSession, link_id: UUID) -> bool:
    """Say whether a link was asked for by another address than the order's: then nobody is written to."""
    return await session.scalar(select(Order.id).where(MailLink.id == link_id, _is_of_order())) is None


async def find_order_of(session: AsyncSession, link: MailLink) -> Order | None:
    """Find the order that a link was asked for, if the address is its own."""
    return await session.scalar(select(Order).where(MailLink.id == link.id, _is_of_order()))


async def use_link(session: AsyncSession, link_id: UUID, number: int, *, at: datetime) -> UUID:
    """Use a link up and return whose order it opens; refuses with LinkInvalid one that works no more.

    Of two who use it at once, the second waits for the row and finds it used.
    """
    order_id: UUID | None = await session.scalar(
        update(MailLink)
        .where(
            MailLink.id == link_id,
            MailLink.order_number == number,
            MailLink.used_at.is_(None),
            MailLink.expires_at > at,
            _is_of_order(),
        )
        .values(used_at=at)
        .returning(Order.id),
        execution_options={"synchronize_session": False},
    )
    if order_id is None:
        raise LinkInvalid
    return order_id


async def raise_view_counter(session: AsyncSession, order_id: UUID) -> None:
    """End the keys of an order's view that were made so far."""
    raised = update(Order).where(Order.id == order_id).values(view_counter=Order.view_counter + 1)
    await session.execute(raised, execution_options={"synchronize_session": False})


def _is_of_order() -> ColumnElement[bool]:
    """Say that a link was asked for by the order's own address, and that its person may still be let in by mail.

    Not into an order of a closed account: whoever has its address by now need not be who had it then (complaint 13).
    """
    return and_(
        MailLink.purpose == LinkPurpose.ORDER_ACCESS,
        MailLink.order_number == Order.number,
        func.lower(MailLink.email) == func.lower(Order.email),
        Order.view_counter.is_not(None),
        Order.account_closed_at.is_(None),
    )
