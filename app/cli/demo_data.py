"""`shop demo-data`: what the demo shop starts with; done again it changes nothing."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import queries as auth_queries
from app.auth import service as auth
from app.auth.scopes import Scope
from app.catalog import demo as catalog
from app.cli.database import in_transaction
from app.cli.demo_logins import Login, as_json, demo_folder, keep_logins, read_logins
from app.cli.demo_people import People
from app.core.personal import Recipient
from app.privacy import disclosing
from app.privacy.queries import find_agreement
from app.settings import Settings
from app.wiring import values as wiring

REFERENCE = "ДЕМО"
CLIENTS = (
    ("courier", Scope.SHIPMENTS, "pulls shipments: scope shipments"),
    ("accountant", Scope.ACCOUNTING, "downloads documents: scope accounting"),
)


def demo_data() -> None:
    """Put demo catalogue, agreements, clients and people in place; the last line lists the logins as JSON."""
    folder = demo_folder()
    known = read_logins(folder)
    totp = wiring.totp(Settings())

    async def command(session: AsyncSession, at: datetime) -> list[Login]:
        await catalog.load(session, at=at)
        for recipient in Recipient:
            await _agree(session, recipient, at)
        clients = [await _client(session, known, *client, at=at) for client in CLIENTS]
        people = People(session, totp, known, at)
        return [*clients, await people.shopper(), *await people.staff()]

    logins = in_transaction(command)
    keep_logins(folder, logins)
    print(as_json(logins))


async def _agree(session: AsyncSession, recipient: Recipient, at: datetime) -> None:
    if await find_agreement(session, recipient, at=at) is None:
        await disclosing.record_agreement(
            session, recipient, reference=REFERENCE, signed_on=date(2026, 1, 2), at=at, by="demo"
        )


async def _client(
    session: AsyncSession,
    known: Mapping[str, Login],
    name: str,
    scope: Scope,
    purpose: str,
    *,
    at: datetime,
) -> Login:
    """Go on with the client of an earlier start while it lives, for its secret is told only once."""
    login = known.get(name)
    if login and await auth_queries.find_live_client(session, login.login):
        return login
    made = await auth.create_client(session, name, [scope], actor="operator", at=at)
    return Login(name, made.client_id, made.secret, purpose)
