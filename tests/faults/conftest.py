"""The shop in processes, for each test anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.house import House, build


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[House]:
    async with build(database, tmp_path) as house:
        yield house
