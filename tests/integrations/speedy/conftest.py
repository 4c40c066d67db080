"""A simulated Speedy on a Monday morning, and the shop's adapter before it."""

import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.core.money import Money
from app.integrations.speedy.account import SpeedyAccount
from app.integrations.speedy.client import SpeedyCourier
from app.integrations.speedy.simulator import Conduct, SpeedySimulator
from app.shipping.ports import AddressDestination, OfficeDestination, Parcel, Recipient
from tests.processes import PATIENCE

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loopback speaks plain HTTP: a context without certificates, whose loading would cost each test 100 ms."""
OFFICE, LOCKER = OfficeDestination(14), OfficeDestination(9016)
ADDRESS = AddressDestination(
    city="гр. София", postcode="1618", street="ул. Българска легия", street_no="2", floor="3", apartment="9"
)


@dataclass(slots=True)
class StoppedClock:
    at: datetime = AT

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Wire:
    """What went out: each request's path and its JSON, byte for byte."""

    sent: list[tuple[str, bytes]] = field(default_factory=list)

    async def record(self, request: httpx.Request) -> None:
        self.sent.append((request.url.path, request.content))

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(content, parse_float=Decimal) for place, content in self.sent if place == f"/v1{path}"]


def make_parcel(
    reference: str = "100000001",
    *,
    destination: AddressDestination | OfficeDestination = ADDRESS,
    cash_on_delivery: Money | None = None,
    name: str = "Ива Петрова",
    phone: str = "+359888123456",
    contents: str = "Йонна четка за зъби",
) -> Parcel:
    return Parcel(
        reference=reference,
        recipient=Recipient(name, phone),
        destination=destination,
        weight_grams=400,
        contents=contents,
        cash_on_delivery=cash_on_delivery,
    )


def make_account(url: str, **differences: Any) -> SpeedyAccount:
    patient = dict.fromkeys(("connect_seconds", "read_seconds", "command_seconds"), PATIENCE)
    usual: dict[str, Any] = {"pause": 0.01, "track_interval": 0.0, "quiet_period": 60.0, **patient}
    return SpeedyAccount(user_name="demo", password=SecretStr("demo"), url=url, **usual | differences)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def speedy(clock: StoppedClock) -> AsyncIterator[SpeedySimulator]:
    conduct = Conduct(cancellation_seconds=0, tracks_per_second=1000)
    async with SpeedySimulator.serve(clock=clock, conduct=conduct) as simulator:
        yield simulator


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def http(wire: Wire) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=NO_TLS, timeout=PATIENCE, event_hooks={"request": [wire.record]}) as client:
        yield client


@pytest.fixture
def courier(http: httpx.AsyncClient, speedy: SpeedySimulator) -> SpeedyCourier:
    return SpeedyCourier(http, make_account(speedy.url))
