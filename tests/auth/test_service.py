"""What changes machine clients: made, renewed, limited, revoked; each change is audited."""

import asyncio
import hashlib
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import queries, service
from app.auth.errors import ClientUnknown, InvalidClient
from app.auth.models import Client
from app.auth.scopes import PERMITS, Scope
from app.core.db import Sessions
from app.core.personal import Recipient
from tests.factories.auth import AT, make_client


async def test_a_client_is_kept_without_its_secret(sessions: Sessions) -> None:
    made = await make_client(sessions, Scope.SHIPMENTS)
    async with sessions() as session:
        (client,) = await queries.list_clients(session)
    assert client.id == made.client_id
    assert client.scopes == ["shipments"]
    assert client.recipient is Recipient.COURIER
    assert client.secret_hash == hashlib.sha256(made.secret.encode()).digest()
    assert (client.created_at, client.last_used_at, client.revoked_at) == (AT, None, None)
    assert made.secret not in f"{client!r} {made!r} {vars(client)}"


async def test_secrets_and_ids_do_not_repeat(sessions: Sessions) -> None:
    made = [await make_client(sessions) for _ in range(5)]
    assert len({client.secret for client in made}) == len({client.client_id for client in made}) == 5
    assert all(len(client.secret) == len("cs_") + 43 for client in made)
    async with sessions() as session:
        assert {client.id for client in await queries.list_clients(session)} == {client.client_id for client in made}


async def test_the_database_keeps_clients_to_what_exists(session: AsyncSession) -> None:
    wrong = [(["owner"], None), ([], None), (["accounting", "x"], None), (["accounting"], Recipient.SPEEDY)]
    for scopes, recipient in wrong:
        row = {"id": "cl_a", "name": "a", "scopes": scopes, "secret_hash": b"", "created_at": AT}
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                await session.execute(insert(Client).values(**row, recipient=recipient))


def test_every_scope_says_what_it_permits() -> None:
    assert PERMITS.keys() == set(Scope)


async def test_revoking_twice_keeps_the_first_moment(sessions: Sessions) -> None:
    made = await make_client(sessions)
    for at in (AT, AT + timedelta(days=1)):
        async with sessions.begin() as session:
            await service.revoke_client(session, made.client_id, actor="test", at=at)
    async with sessions() as session:
        assert await session.scalar(select(Client.revoked_at)) == AT
        assert await queries.find_live_client(session, made.client_id) is None


async def test_an_unknown_client_can_be_neither_rotated_nor_revoked(session: AsyncSession) -> None:
    with pytest.raises(ClientUnknown):
        await service.revoke_client(session, "cl_nobody", actor="test", at=AT)
    with pytest.raises(ClientUnknown):
        await service.rotate_secret(session, "cl_nobody", overlap=timedelta(days=1), actor="test", at=AT)


async def test_a_rotation_repeated_while_an_overlap_runs_keeps_the_secret_that_scripts_have(sessions: Sessions) -> None:
    """The first answer was lost, so nobody has its secret; the two may come at once, too."""
    first = await make_client(sessions)

    async def rotate(hours: int, at: datetime = AT) -> service.Credentials:
        overlap = timedelta(hours=hours)
        async with sessions.begin() as session:
            return await service.rotate_secret(session, first.client_id, overlap=overlap, actor="test", at=at)

    async def kept() -> tuple[set[bytes | None], datetime | None]:
        async with sessions() as session:
            client = (await queries.list_clients(session))[0]
        return {client.secret_hash, client.previous_secret_hash}, client.previous_valid_until

    def digests(*made: service.Credentials) -> set[bytes]:
        return {hashlib.sha256(one.secret.encode()).digest() for one in made}

    both = await asyncio.gather(rotate(24), rotate(1))
    assert await kept() in [(digests(first, one), AT + timedelta(hours=24)) for one in both]
    last = await rotate(24, AT + timedelta(hours=23))
    assert await kept() == (digests(first, last), AT + timedelta(hours=47))
    newer = await rotate(1, AT + timedelta(hours=47))
    assert await kept() == (digests(last, newer), AT + timedelta(hours=48)), "that overlap is over"
    leaked = await rotate(0, AT + timedelta(hours=47))
    for old in (first, last, newer):
        with pytest.raises(InvalidClient):
            await service.authenticate(sessions, old, address=None, at=AT + timedelta(hours=47))
    found = await service.authenticate(sessions, leaked, address=None, at=AT + timedelta(hours=47))
    assert found.id == first.client_id
