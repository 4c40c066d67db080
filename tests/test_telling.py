"""A run that fails tells by which dice, keeps the logs of its processes, and names what failed in its last lines."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.telling import part_of

ROOT = Path(__file__).parent.parent
FAILING = """
from hypothesis import given, strategies as st

from tests.dice import dice
from tests.processes import LOGS


def test_a_process(tmp_path):
    LOGS.append(tmp_path / "api.log")
    LOGS[-1].write_text("what it said")
    raise AssertionError(f"thrown: {dice().random()}")


@given(st.integers())
def test_a_property(number):
    print("drawn:", number)
    assert number < 1000


def test_that_passes():
    pass
"""


def run(folder: Path, seed: int) -> list[str]:
    (folder / "pytest.ini").write_text("[pytest]")
    (folder / "test_failing.py").write_text(FAILING)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.telling", "-p", "no:cacheprovider", str(folder)]
    environment = {
        **os.environ,
        "SHOP_TEST_SEED": str(seed),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "found"),
        "CI": "true",
    }
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("failing")


@pytest.fixture(scope="module")
def said(folder: Path) -> list[str]:
    return run(folder, 4711)


def test_a_failure_is_named_last_with_its_seed_and_its_logs(folder: Path, said: list[str]) -> None:
    assert "SHOP_TEST_SEED=4711 throws the same dice again" in said
    last = said[-5:]
    assert "The dice of this run: SHOP_TEST_SEED=4711" in last
    assert "failed: test_failing.py::test_a_process (call)" in last
    assert "failed: test_failing.py::test_a_property (call)" in last
    [logs] = [Path(line.split(": ")[1]) for line in last if "its logs: " in line]
    assert logs == Path("var/tests/test_failing.py_test_a_process")
    assert (folder / logs / "api.log").read_text() == "what it said"


@pytest.mark.slow
def test_one_number_throws_all_dice(folder: Path, said: list[str]) -> None:
    def thrown(lines: list[str]) -> list[str]:
        return [line for line in lines if line.startswith(("E       AssertionError: thrown: ", "drawn: "))]

    assert {line.partition(": ")[0] for line in thrown(said)} == {"E       AssertionError", "drawn"}
    assert thrown(run(folder, 4711)) == thrown(said)
    assert thrown(run(folder, 4712)) != thrown(said)


def test_the_parts_are_the_whole() -> None:
    items = list(range(10))
    assert [part_of(items, f"{part}/3") for part in (1, 2, 3)] == [[0, 3, 6, 9], [1, 4, 7], [2, 5, 8]]
    for wrong in ("0/3", "4/3", "half", "1/"):
        with pytest.raises(pytest.UsageError, match=f"SHOP_TEST_PART={wrong}: give it as 1/4"):
            part_of(items, wrong)
