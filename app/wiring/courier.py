"""Opens the way to the courier; apart from the other adapters, because the API needs this one alone."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import httpx

from app.core.clock import Clock, SystemClock
from app.core.db import Sessions
from app.core.pacing import SharedPace
from app.integrations.speedy.account import CashProcessing, SpeedyAccount
from app.integrations.speedy.client import SpeedyCourier
from app.settings import Settings
from app.shipping.ports import Places
from app.wiring.circuits import Counts, circuit, count_nothing


def speedy_account(settings: Settings) -> SpeedyAccount:
    assert settings.speedy_url is not None
    return SpeedyAccount(
        user_name=settings.speedy_user,
        password=settings.speedy_password,
        url=settings.speedy_url,
        service_id=settings.speedy_service_id,
        cash_processing=CashProcessing(settings.speedy_cash_processing),
        client_id=settings.speedy_client_id,
        dropoff_office_id=settings.speedy_dropoff_office_id,
        quiet_period=settings.speedy_quiet_seconds,
        send_seconds=settings.speedy_send_seconds,
        pause=settings.speedy_pause_seconds,
        track_interval=settings.speedy_track_seconds,
    )


@cache
def trusted() -> ssl.SSLContext:
    """Read the list of trusted authorities once: it takes longer than all else that a client is made of."""
    return httpx.create_ssl_context()


def courier(
    to_speedy: httpx.AsyncClient,
    settings: Settings,
    clock: Clock,
    counts: Counts = count_nothing,
    sessions: Sessions | None = None,
) -> SpeedyCourier:
    account = speedy_account(settings)
    pace = SharedPace(sessions, f"speedy:track:{account.user_name}", account.track_interval) if sessions else None
    return SpeedyCourier(to_speedy, account, circuit=circuit(settings, counts("speedy")), pace=pace, clock=clock)


@asynccontextmanager
async def places(settings: Settings) -> AsyncIterator[Places | None]:
    """Open the API's one way to the outside; None where no courier is set up."""
    if settings.speedy_url is None:
        yield None
        return
    async with httpx.AsyncClient(verify=trusted()) as to_speedy:
        yield courier(to_speedy, settings, SystemClock())
