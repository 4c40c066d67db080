"""What a run of the tests tells besides pytest: its seed, the logs of what failed, and what failed, last of all.

A plugin of pytest, named in pyproject.toml. `SHOP_TEST_PART=2/4` runs the second of four parts.
"""

import os
import re
import shutil
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import hypothesis.core
import pytest

from tests import examples as _examples  # noqa: F401 - names its profiles before hypothesis takes one
from tests import processes
from tests.dice import SEED

LOGS = "Logs of the processes"
Item = TypeVar("Item")
PART = re.compile(r"([1-9]\d*)/([1-9]\d*)")


def pytest_configure(config: pytest.Config) -> None:
    if hypothesis.core.global_force_seed is None:  # else it was given to hypothesis itself
        hypothesis.core.global_force_seed = SEED  # type: ignore[assignment] # the library leaves it untyped
    if not hasattr(config, "workerinput") and not config.option.collectonly:  # once for all processes of the run
        shutil.rmtree(_kept(config), ignore_errors=True)


def _kept(config: pytest.Config) -> Path:
    return config.rootpath / "var" / "tests"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if part := os.environ.get("SHOP_TEST_PART"):
        chosen = part_of(items, part)
        left = set(items).difference(chosen)
        config.hook.pytest_deselected(items=list(left))
        items[:] = chosen


def part_of(items: Sequence[Item], part: str) -> Sequence[Item]:
    """Return a part such as `2/4` of the tests, dealt out like cards: neighbours take about as long as each other."""
    found = PART.fullmatch(part)
    if not found or int(found[1]) > int(found[2]):
        raise pytest.UsageError(f"SHOP_TEST_PART={part}: give it as 1/4, 2/4, 3/4 and 4/4")
    return items[int(found[1]) - 1 :: int(found[2])]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections.append(("Seed", f"SHOP_TEST_SEED={SEED} throws the same dice again"))
        if kept := _keep_logs(item):
            report.sections.append((LOGS, str(kept.relative_to(item.config.rootpath))))
    if report.when == "teardown":
        processes.LOGS.clear()
    return report


def _keep_logs(item: pytest.Item) -> Path | None:
    """Copy what the test's processes wrote, before the test's folder goes."""
    logs = [log for log in processes.LOGS if log.exists()]
    folder = _kept(item.config) / re.sub(r"[^\w.-]+", "_", item.nodeid.removeprefix("tests/"))[:200]
    for log in logs:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log, folder / log.name)
    return folder if logs else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Generator[None, None, None]:
    """Name the seed, and once more what failed, with where its logs are; after pytest's own summary, long in CI."""
    yield
    terminalreporter.line(f"The dice of this run: SHOP_TEST_SEED={SEED}")
    for kind in ("failed", "error"):
        for report in terminalreporter.stats.get(kind, []):
            terminalreporter.line(f"{kind}: {report.nodeid} ({getattr(report, 'when', 'collection')})")
            for title, words in getattr(report, "sections", []):
                if title == LOGS:
                    terminalreporter.line(f"    its logs: {words}")
