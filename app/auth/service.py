"""What changes machine clients; each change is audited with its actor."""

import hmac
import ipaddress
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import queries
from app.auth.auditing.recording import Action, note
from app.auth.errors import InvalidClient, InvalidScope
from app.auth.models import Client
from app.auth.noting import note_use
from app.auth.random_secrets import digest
from app.auth.scopes import ACTS_FOR, Scope
from app.auth.staff_errors import ClientRevoked, RecipientsDiffer
from app.core.db import Sessions

CLIENT_ID = re.compile(r"cl_[0-9a-f]{16}")
NOBODY = ""
"""The id that no client has: looked up for ids that cannot exist, so that they cost the same."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client says it is, and its proof."""

    client_id: str
    secret: str = field(repr=False)


def _new_secret() -> str:
    return f"cs_{secrets.token_urlsafe(32)}"


async def create_client(
    session: AsyncSession,
    name: str,
    scopes: Collection[Scope],
    *,
    networks: Collection[str] | None = None,
    actor: str,
    at: datetime,
) -> Credentials:
    """Create a machine client; its secret is told here and never again.

    It acts for one recipient: refused with RecipientsDiffer are scopes that would show it what is another's.
    """
    recipients = {ACTS_FOR[scope] for scope in scopes}
    if len(recipients) != 1:
        raise RecipientsDiffer
    made = Credentials(f"cl_{secrets.token_hex(8)}", _new_secret())
    session.add(
        Client(
            id=made.client_id,
            name=name,
            scopes=sorted(set(scopes)),
            recipient=recipients.pop(),
            secret_hash=digest(made.secret),
            networks=None if networks is None else list(networks),
            created_at=at,
        )
    )
    await session.flush()  # what the database refuses is to be known before the secret is shown
    await _note(session, Action.CLIENT_CREATED, made.client_id, detail=" ".join(sorted(scopes)), actor=actor, at=at)
    return made


async def rotate_secret(
    session: AsyncSession, client_id: str, *, overlap: timedelta, actor: str, at: datetime
) -> Credentials:
    """Give the client a new secret; the one before it is accepted for as long as `overlap` says.

    Rotated again while an overlap runs, because the answer was lost say, the secret from before that overlap stays
    accepted until the later end: scripts still have it. The one between stops at once. Without an overlap all stop.
    """
    client = await queries.lock_client(session, client_id)
    if client.revoked_at:
        raise ClientRevoked
    made = Credentials(client_id, _new_secret())
    if overlap and client.previous_valid_until and at < client.previous_valid_until:
        client.previous_valid_until = max(client.previous_valid_until, at + overlap)
    else:
        client.previous_secret_hash, client.previous_valid_until = client.secret_hash, at + overlap
    client.secret_hash = digest(made.secret)
    await session.flush()  # before the audit's lock is taken
    hours = f"overlap_hours: {overlap // timedelta(hours=1)}"
    await _note(session, Action.CLIENT_ROTATED, client_id, detail=hours, actor=actor, at=at)
    return made


async def limit_networks(
    session: AsyncSession, client_id: str, networks: Collection[str] | None, *, actor: str, at: datetime
) -> Client:
    """Say from where the client may call, from the commit on; None: from anywhere."""
    client = await queries.lock_client(session, client_id)
    before, client.networks = client.networks, None if networks is None else list(networks)
    await session.flush()  # before the audit's lock is taken
    detail = f"networks: {_written(before)} → {_written(client.networks)}"
    await _note(session, Action.CLIENT_NETWORKS_CHANGED, client_id, detail=detail, actor=actor, at=at)
    return client


def _written(networks: Collection[str] | None) -> str:
    return "any" if networks is None else " ".join(networks)


async def revoke_client(session: AsyncSession, client_id: str, *, actor: str, at: datetime) -> None:
    """End the client for good: from the commit on its secrets and its live tokens are refused."""
    client = await queries.lock_client(session, client_id)
    if client.revoked_at:
        return
    client.revoked_at = at
    await session.flush()  # before the audit's lock is taken
    await _note(session, Action.CLIENT_REVOKED, client_id, actor=actor, at=at)


async def _note(
    session: AsyncSession, action: Action, client_id: str, *, detail: str | None = None, actor: str, at: datetime
) -> None:
    await note(session, action, actor=actor, subject=f"client:{client_id}", detail=detail, at=at)


def may_come_from(client: Client, address: str | None) -> bool:
    """Tell whether the client may call from this address; from one that cannot be read only a client without a list."""
    if client.networks is None:
        return True
    try:
        here = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    if isinstance(here, ipaddress.IPv6Address):
        here = here.ipv4_mapped or here
    return any(here in ipaddress.ip_network(network) for network in client.networks)


async def authenticate(lookups: Sessions, credentials: Credentials, *, address: str | None, at: datetime) -> Client:
    """Return the client whose secret this is; the work done tells nobody which ids exist."""
    id_ = credentials.client_id if CLIENT_ID.fullmatch(credentials.client_id) else NOBODY
    client = await queries.find_calling_client(lookups, id_)
    shown = digest(credentials.secret)
    absent = bytes(len(shown))
    previous = client is not None and client.previous_valid_until is not None and at < client.previous_valid_until
    current_matches = hmac.compare_digest(shown, client.secret_hash if client else absent)
    previous_matches = hmac.compare_digest(shown, (client and client.previous_secret_hash) or absent)
    if client is None or not (current_matches or (previous and previous_matches)) or not may_come_from(client, address):
        raise InvalidClient
    await note_use(lookups, Client, client.id, last=client.last_used_at, at=at)
    return client


def grant(client: Client, asked: str | None) -> list[str]:
    """Choose the scopes of a token: what is asked for, if all of it was given; all that was given, if nothing is."""
    wanted = (asked or "").split()
    if not set(wanted) <= set(client.scopes):
        raise InvalidScope
    return sorted(set(wanted)) or client.scopes
