"""Builders of auth: keys, tokens, clients, and headers that carry them."""

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from sqlalchemy import update

from app.auth import service
from app.auth.keys import KeyRing, generate_key
from app.auth.models import Client
from app.auth.scopes import Scope
from app.auth.service import Credentials
from app.auth.tokens import Tokens
from app.core.db import Sessions

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ISSUER = "https://shop.example"
AUDIENCE = "https://shop.example/v1"


def make_ring(keys: int = 1) -> KeyRing:
    return KeyRing.from_json(json.dumps({"keys": [generate_key() for _ in range(keys)]}))


def make_tokens(ring: KeyRing | None = None) -> Tokens:
    return Tokens(ring or make_ring(), ISSUER, AUDIENCE)


async def make_client(
    sessions: Sessions, *scopes: Scope, networks: Collection[str] | None = None, at: datetime = AT
) -> Credentials:
    """Make a client, committed; its scope is accounting when none is named.

    With several it is one that only the database can hold, until two scopes act for one recipient.
    """
    first, *more = scopes or (Scope.ACCOUNTING,)
    async with sessions.begin() as session:
        made = await service.create_client(session, "Счетоводство", [first], networks=networks, actor="test", at=at)
        if more:
            await session.execute(update(Client).values(scopes=sorted(scopes)).where(Client.id == made.client_id))
        return made


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def make_bearer(
    tokens: Tokens, client_id: str, scopes: Iterable[str] = (Scope.ACCOUNTING,), at: datetime = AT
) -> dict[str, str]:
    """Make the header of a request with a token for that client, without asking the token endpoint."""
    return bearer(tokens.issue(subject=client_id, client_id=client_id, scopes=scopes, at=at))
