"""Signs of life on one machine: who lives, who is silent, and who is killed for it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.core.signs import SignOfLife, find_signs, look

LIVES = """
import sys, time
from pathlib import Path
from app.core.signs import SignOfLife
with SignOfLife(Path(sys.argv[1]), silent_for=float(sys.argv[2])):
    print("lives", flush=True)
    time.sleep(600)
"""


@contextmanager
def a_process(folder: Path, *, silent_for: float) -> Iterator["subprocess.Popen[str]"]:
    """Run a process that gave a sign as it began, and none since."""
    command = [sys.executable, "-c", LIVES, str(folder), str(silent_for)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "lives\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_process_that_gives_signs_is_well(tmp_path: Path) -> None:
    with a_process(tmp_path, silent_for=3600):
        assert look(tmp_path) is None


def test_one_that_lives_and_is_silent_is_killed(tmp_path: Path) -> None:
    with a_process(tmp_path, silent_for=-1) as process:
        assert look(tmp_path, again=0) == f"no sign of life, killed: {process.pid}"
        assert process.wait() == -9
    assert look(tmp_path) == "no process is there"


def test_f4_a_sign_of_a_clock_that_ran_ahead_is_none(tmp_path: Path) -> None:
    with a_process(tmp_path, silent_for=3600) as process:
        ahead = time.time() + 7200
        os.utime(tmp_path / str(process.pid), (ahead, ahead))
        assert look(tmp_path, again=0) == f"no sign of life, killed: {process.pid}"


def test_f5_who_finds_the_disk_full_begins_and_ends_all_the_same(tmp_path: Path) -> None:
    (tmp_path / str(os.getpid())).symlink_to("/dev/full")
    with SignOfLife(tmp_path, silent_for=1):
        pass
    assert [*tmp_path.iterdir()] == []


def test_one_that_is_gone_is_not_taken_for_another_of_its_number(tmp_path: Path) -> None:
    with a_process(tmp_path, silent_for=-1) as process:
        process.kill()
        process.wait()
    (tmp_path / str(process.pid)).rename(tmp_path / "1")
    assert look(tmp_path, again=0) == "no process is there"


def test_who_ends_in_peace_leaves_nothing(tmp_path: Path) -> None:
    with SignOfLife(tmp_path, silent_for=1):
        assert [*tmp_path.iterdir()]
    assert [*tmp_path.iterdir()] == []


def test_who_was_silent_because_the_machine_stood_still_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_process(tmp_path, silent_for=-1) as process:
        assert [sign.is_silent for sign in find_signs(tmp_path)] == [True]

        def wakes(_seconds: float) -> None:
            (tmp_path / str(process.pid)).write_text("3600")  # as a sign of life does, this renews its moment

        monkeypatch.setattr(time, "sleep", wakes)
        assert look(tmp_path) is None
        assert process.poll() is None


def test_the_health_check_loads_nothing_of_the_shop_and_ends_as_docker_reads_it(tmp_path: Path) -> None:
    check = [sys.executable, "-X", "importtime", "-m", "app.core.signs", str(tmp_path)]
    ended = subprocess.run(check, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.endswith("no process is there\n")
    assert "sqlalchemy" not in ended.stderr
