"""A client that may see answers outside the contract, and apps on databases that fail."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.core.db import Sessions
from app.main import create_app
from tests.shop import Shop, TestClock, Transport, settings_of


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=Transport(app), base_url="http://shop.test")


def app_on(sessions: Sessions, folder: Path, **changes: Any) -> FastAPI:
    return create_app(settings_of(folder, **changes), sessions, TestClock(), None)


@pytest.fixture
def unused_port() -> int:
    """Name a port on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture
async def http(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(shop.app) as http:
        yield http
