"""Databases to restore into, and what a backup is compared by."""

from collections.abc import Iterator

import pytest

from app.upkeep.restoring import create_database, drop_database
from tests.shop import Shop


@pytest.fixture
def empty(shop: Shop) -> Iterator[str]:
    """Give an empty database beside the shop's."""
    name = f"{shop.engine.url.database}_restored"
    yield create_database(shop.database, name)
    drop_database(shop.database, name)
