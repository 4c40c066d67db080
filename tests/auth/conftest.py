"""A small shop with the endpoints of auth and two guarded ones."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Security

from app.auth.api import jwks_router, router
from app.auth.entering import Door
from app.auth.guards import AccountingCaller, Caller, ShipmentsCaller, require_scope
from app.auth.logging_in import Entrance
from app.auth.persons import Recent
from app.auth.tokens import Tokens
from app.auth.totp import Totp
from app.core import problems
from app.core.db import Sessions
from app.core.secrets import Secret
from app.core.throttle import Throttle
from tests.factories.auth import AT, make_tokens
from tests.problems import PUBLIC_URL
from tests.shop import Transport

SECRET = Secret.of("a secret of the tests, 32 bytes.")


@dataclass
class SetClock:
    """A clock that a test turns."""

    at: datetime = AT

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def tokens() -> Tokens:
    return make_tokens()


@pytest.fixture
def app(sessions: Sessions, tokens: Tokens, clock: SetClock) -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.state.public_url = PUBLIC_URL
    app.state.sessions = app.state.lookups = sessions
    app.state.tokens, app.state.clock = tokens, clock
    app.state.throttle = Throttle(sessions, SECRET)
    app.state.entrance = Entrance(Door(sessions, app.state.throttle, SECRET), Totp("a secret"), timedelta(days=30))
    app.state.recent, app.state.origins = Recent(timedelta(0)), frozenset()
    app.include_router(router, prefix="/v1")
    app.include_router(jwks_router)

    @app.get("/v1/accounting/documents")
    async def list_documents(caller: AccountingCaller) -> dict[str, Any]:
        return {"client_id": caller.actor, "scopes": sorted(caller.scopes), "recipient": caller.recipient}

    @app.get("/v1/courier/shipments")
    async def list_shipments(caller: ShipmentsCaller) -> dict[str, Any]:
        return {"client_id": caller.actor}

    @app.get("/v1/both")
    async def list_both(
        caller: Annotated[Caller, Security(require_scope, scopes=["accounting", "shipments"])],
    ) -> dict[str, Any]:
        return {"client_id": caller.actor}

    return app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = Transport(app, client=("192.0.2.7", 50000))
    headers = {"Accept-Language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url="https://shop.example", headers=headers) as client:
        yield client
