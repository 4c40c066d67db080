"""Pages that rotted on the medium are found, each by its table and block, and the rest is read all the same."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.clock import SystemClock
from app.core.db import make_engine, make_sessions
from app.core.embedded import EmbeddedServer
from app.upkeep.alarms import Alarms
from app.upkeep.backing_up import Backups
from app.upkeep.faults import UpkeepFailed
from app.upkeep.integrity.findings import Finding
from app.upkeep.integrity.running import check_integrity
from app.upkeep.keeping import Vault
from app.upkeep.watching import Watch
from tests.conftest import SETTINGS, migrate
from tests.upkeep.rows import ask, files

PAGE = 8192
MANY = "INSERT INTO throttle (key, full_at) SELECT sha256(n::text::bytea), now() FROM generate_series(1, 3000) AS n"
LARGE = """
    INSERT INTO declarations SELECT gen_random_uuid(), 'blog', 'v' || n, '2020-01-01', '', '', body, '',
        encode(sha256(convert_to(body, 'UTF8')), 'hex'), encode(sha256(''), 'hex'), false, now()
    FROM generate_series(1, 3) AS n, LATERAL (
        SELECT string_agg(md5((n * 100000 + k)::text), '') AS body FROM generate_series(1, 2000) AS k
    ) AS written
"""
FILES = """
    SELECT pg_relation_filepath('throttle'), pg_relation_filepath('ix_of_the_test'),
        pg_relation_filepath(reltoastrelid::regclass) FROM pg_class WHERE relname = 'declarations'
"""


@pytest.fixture(scope="module")
def damaged() -> Iterator[tuple[str, Path]]:
    """Give a database on a server of its own that was stopped, changed on the medium, and started again."""
    with tempfile.TemporaryDirectory(prefix="shop-") as place:
        folder = Path(place) / "pg"
        with EmbeddedServer.start(folder, durable=False, settings=SETTINGS) as server:
            url = server.url()
            migrate(url)
            ask(url, "CREATE INDEX ix_of_the_test ON throttle (key, full_at)")
            ask(url, MANY)
            ask(url, LARGE)
            table, index, aside = ask(url, FILES)[0]
        for path, blocks in ((table, (2, 5)), (index, (3,)), (aside, (1,))):
            for block in blocks:
                _flip(folder / path, block)
        with EmbeddedServer.start(folder, durable=False, settings=SETTINGS) as server:
            yield server.url(), Path(place)


def _flip(path: Path, block: int) -> None:
    with path.open("r+b") as file:
        file.seek(block * PAGE + 4000)
        [byte] = file.read(1)
        file.seek(block * PAGE + 4000)
        file.write(bytes([byte ^ 0x10]))


async def test_each_damaged_page_is_named_by_table_and_block(damaged: tuple[str, Path]) -> None:
    url, _ = damaged
    engine = make_engine(url)
    try:
        report = await check_integrity(
            url, make_sessions(engine), SystemClock(), Alarms("officer@shop.example"), Watch()
        )
    finally:
        await engine.dispose()
    found = {
        check["name"]: [str(Finding(**finding)) for finding in check["findings"]]
        for check in report.checks
        if check["findings"]
    }
    [[toast]] = ask(url, "SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'declarations'")
    assert found["pages"] == [
        f"declarations, block 1: the page is not what was written (in {toast.removeprefix('pg_toast.')})",
        "throttle, block 2: the page is not what was written",
        "throttle, block 5: the page is not what was written",
    ]
    assert "throttle, block 3: index ix_of_the_test: the page is not what was written" in found["indexes"]
    assert report.outcome == "unsound"
    rows = ask(url, "SELECT count(*) FROM throttle WHERE ctid >= '(6,0)'")[0][0]
    pages = next(check for check in report.checks if check["name"] == "pages")
    assert pages["examined"] > rows, "what lies behind a damaged block is read"
    assert ask(url, "SELECT kind FROM mails") == [("upkeep_alarm",)]


async def test_a_backup_of_a_damaged_table_is_none(damaged: tuple[str, Path]) -> None:
    url, place = damaged
    engine = make_engine(url)
    vault = Vault(place / "backups", 90, "s")
    try:
        keeper = Backups(make_sessions(engine), url, vault, SystemClock(), Alarms("officer@shop.example"))
        with pytest.raises(
            UpkeepFailed, match=r"a page of the database cannot be read \(SQLSTATE XX001\): shop integrity names it"
        ):
            await keeper.take(Watch())
    finally:
        await engine.dispose()
    assert files(vault.folder) == []
