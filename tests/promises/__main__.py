"""Runs every test that is named by a promise and prints the table: promise, tests, kept or not yet and why."""

import sys
from collections import defaultdict
from collections.abc import Sequence

import pytest

from tests.promises.named import promises_of
from tests.promises.rows import NOT_YET, PROMISES

NARROW = 78


class Table:
    """What became of each promise's tests."""

    def __init__(self) -> None:
        self.tests = defaultdict[str, set[str]](set)
        self.failed = set[str]()

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        kept: list[pytest.Item] = []
        left: list[pytest.Item] = []
        for item in items:
            promises = promises_of(item.name)
            for promise in promises:
                self.tests[promise].add(item.nodeid.partition("[")[0])
            (kept if promises else left).append(item)
        config.hook.pytest_deselected(items=left)
        items[:] = kept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self.failed.add(report.nodeid.partition("[")[0])

    def lines(self) -> Sequence[str]:
        printed, kept = [], 0
        for promise, words in PROMISES.items():
            tests = sorted(self.tests[promise])
            broken = [test for test in tests if test in self.failed]
            is_kept = bool(tests) and not broken and promise not in NOT_YET
            kept += is_kept
            why = f"fails: {', '.join(broken)}" if broken else NOT_YET.get(promise, "no test is named by it")
            printed.append(f"{promise:<4} {'kept' if is_kept else 'NOT YET':<8} {_short(words)}")
            printed += [f"              {test.removeprefix('tests/')}" for test in tests]
            printed += [] if is_kept else [f"              {why}"]
        return [*printed, "", f"{kept} of {len(PROMISES)} promises are kept."]


def _short(words: str) -> str:
    return words if len(words) <= NARROW else words[: NARROW - 1] + "…"


def main() -> int:
    table = Table()
    print("Running the tests of the promises …", flush=True)
    code = pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", "tests"], plugins=[table])
    print("\n".join(["", *table.lines()]))
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
