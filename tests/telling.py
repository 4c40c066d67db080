"""What a run of the tests tells besides pytest: its seed, the logs of what failed, and what failed, last of all.

A plugin of pytest, named in pyproject.toml. `SHOP_TEST_PART=2/4` runs the second of four parts.
"""

import os
import re
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

import hypothesis.core
import pytest

from tests import examples as _examples  # noqa: F401 - names its profiles before hypothesis takes one
from tests import processes
from tests.dice import SEED

ROOT = Path(__file__).parent.parent
LOGS = "Logs of the processes"
KEPT = ROOT / "var" / "tests"


def pytest_configure(config: pytest.Config) -> None:
    if hypothesis.core.global_force_seed is None:  # else it was given to hypothesis itself
        hypothesis.core.global_force_seed = SEED  # type: ignore[assignment] # the library leaves it untyped
    if not _is_worker(config) and not config.option.collectonly:
        shutil.rmtree(KEPT, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    part = os.environ.get("SHOP_TEST_PART")
    if part is None:
        return
    if not (found := re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", part)) or int(found[1]) > int(found[2]):
        raise pytest.UsageError(f"SHOP_TEST_PART={part}: give it as 1/4, 2/4, 3/4 and 4/4")
    number, parts = int(found[1]), int(found[2])
    # Neighbours take about as long: dealt out like cards, each part is as long as the others.
    left = [item for place, item in enumerate(items) if place % parts != number - 1]
    items[:] = items[number - 1 :: parts]
    config.hook.pytest_deselected(items=left)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "setup":
        processes.LOGS.clear()
    if report.failed:
        report.sections.append(("Seed", f"SHOP_TEST_SEED={SEED} throws the same dice again"))
        if kept := _keep_logs(item):
            report.sections.append((LOGS, str(kept.relative_to(ROOT))))
    return report


def _keep_logs(item: pytest.Item) -> Path | None:
    """Copy what the test's processes wrote, before the test's folder goes."""
    logs = [log for log in processes.LOGS if log.exists()]
    folder = KEPT / re.sub(r"[^\w.-]+", "_", item.nodeid.removeprefix("tests/"))[:200]
    for log in logs:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log, folder / log.name)
    return folder if logs else None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what failed once more, with its seed and its logs."""
    failed = [
        report for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, []) if _has_name(report)
    ]
    if not failed:
        return
    terminalreporter.section("What failed")
    for report in failed:
        terminalreporter.line(f"{report.nodeid} ({report.when})")
        for title, words in report.sections:
            if title == LOGS:
                terminalreporter.line(f"    logs: {words}")
    terminalreporter.line(f"The same dice again: SHOP_TEST_SEED={SEED}")


def _has_name(report: object) -> bool:
    return bool(getattr(report, "nodeid", ""))


def _is_worker(config: pytest.Config) -> bool:
    """Tell whether this is one of the processes that the run is spread over."""
    return hasattr(config, "workerinput")
