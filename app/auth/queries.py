"""Every select of auth."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.errors import ClientUnknown
from app.auth.models import Client
from app.core.db import Sessions
from app.core.rows import Read, Shown


async def find_live_client(session: AsyncSession, client_id: str) -> Client | None:
    """Find a client that is not revoked."""
    return await session.scalar(select(Client).where(Client.id == client_id, Client.revoked_at.is_(None)))


_CLIENT = Shown(Client)
_CALLING = Read(
    select(*_CLIENT.columns).where(Client.id == bindparam("client_id"), Client.revoked_at.is_(None)), _CLIENT.of
)


async def find_calling_client(lookups: Sessions, client_id: str) -> Client | None:
    """Find as `find_live_client` does, for each call: to be asked, not to be changed."""
    found: Sequence[Client] = await _CALLING.rows(lookups, client_id=client_id)
    return found[0] if found else None


async def lock_client(session: AsyncSession, client_id: str) -> Client:
    found = await session.scalar(select(Client).where(Client.id == client_id).with_for_update())
    if found is None:
        raise ClientUnknown(client_id=client_id)
    return found


async def list_clients(session: AsyncSession) -> Sequence[Client]:
    """List all clients, the revoked ones too, oldest first; they are few."""
    return (await session.scalars(select(Client).order_by(Client.created_at, Client.id))).all()
