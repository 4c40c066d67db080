"""`shop demo-data`: what the demo shop starts with; done again it changes nothing."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import queries as auth_queries
from app.auth import service as auth
from app.auth.scopes import Scope
from app.catalog import demo as catalog
from app.cli.database import in_transaction
from app.core.personal import Recipient
from app.privacy import disclosing
from app.privacy.queries import find_agreement
from app.settings import Settings

REFERENCE = "ДЕМО"
CLIENTS = (
    ("courier", Scope.SHIPMENTS, "pulls shipments: scope shipments"),
    ("accountant", Scope.ACCOUNTING, "downloads documents: scope accounting"),
)


@dataclass(frozen=True)
class Login:
    """A machine client of the demo shop."""

    who: str
    login: str
    password: str
    purpose: str


def demo_data() -> None:
    """Put the demo catalogue, demo agreements and demo clients in place; the last line lists the logins as JSON."""
    settings = Settings()
    if settings.is_production:
        raise typer.BadParameter("this is a production shop: demo data have no place in it")
    file = settings.folder / "demo-logins.json"
    known = [Login(**login) for login in json.loads(file.read_text())] if file.exists() else []

    async def command(session: AsyncSession, at: datetime) -> list[Login]:
        await catalog.load(session, at=at)
        for recipient in Recipient:
            await _agree(session, recipient, at)
        return [await _client(session, known, *client, at=at) for client in CLIENTS]

    logins = in_transaction(command)
    _keep(file, logins)
    print(json.dumps([asdict(login) for login in logins], ensure_ascii=False))


async def _agree(session: AsyncSession, recipient: Recipient, at: datetime) -> None:
    if await find_agreement(session, recipient, at=at) is None:
        await disclosing.record_agreement(
            session, recipient, reference=REFERENCE, signed_on=date(2026, 1, 2), at=at, by="demo"
        )


async def _client(
    session: AsyncSession,
    known: list[Login],
    name: str,
    scope: Scope,
    purpose: str,
    *,
    at: datetime,
) -> Login:
    """Go on with the client of an earlier start while it lives, for its secret is told only once."""
    for login in known:
        if login.who == name and await auth_queries.find_live_client(session, login.login):
            return login
    made = await auth.create_client(session, name, [scope], actor="operator", at=at)
    return Login(name, made.client_id, made.secret, purpose)


def _keep(file: Path, logins: list[Login]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps([asdict(login) for login in logins], ensure_ascii=False))
