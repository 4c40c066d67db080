"""Children are kept running, stopped in time, and outlive nobody."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.supervisor import Child, StepFailed, Supervisor
from tests.processes import is_running, until, wait_until

STUBBORN = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pool = subprocess.Popen([sys.executable, "-c", "import signal as s; s.signal(15, s.SIG_IGN); s.pause()"])
open(sys.argv[1], "w").write(f"{os.getpid()} {pool.pid}")
signal.pause()
"""

KEEPER = """
import asyncio, sys
from pathlib import Path
from app.cli.supervisor import Child, Supervisor
async def main():
    async with Supervisor({}, Path(sys.argv[1]), print) as supervisor:
        supervisor.keep(Child("sleeper", ["sleep", "600"]))
        supervisor.keep(Child("other", ["sleep", "600"]))
        while len(supervisor._running) < 2:
            await asyncio.sleep(0.01)
        print(*(process.pid for process in supervisor._running.values()), flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def python(script: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", script, *arguments]


async def test_a_child_that_dies_is_reported_and_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    lives, log = tmp_path / "lives", tmp_path / "log" / "worker.log"
    script = "import os, sys, time; open(sys.argv[1], 'a').write('x'); print('born', flush=True); time.sleep(600)"
    async with Supervisor({}, tmp_path / "log", said.append) as supervisor:
        supervisor.keep(Child("Worker", python(script, str(lives))))
        await until(lambda: log.exists() and log.read_text() == "born\n")
        first = supervisor._running["Worker"].pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: log.read_text() == "born\nborn\n" and supervisor._running["Worker"].pid != first)
        second = supervisor._running["Worker"].pid
    assert said == [f"Worker ended by itself (SIGKILL), see {log}; it is started again in 1 s"]
    assert lives.read_text() == "xx"
    assert not is_running(first)
    assert not is_running(second)


async def test_who_does_not_stop_is_ended_in_time_with_all_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    async with Supervisor({}, tmp_path / "log", print, grace=0.3) as supervisor:
        supervisor.keep(Child("stubborn", python(STUBBORN, str(note))))
        await until(lambda: note.exists() and len(note.read_text().split()) == 2)
        child, grandchild = (int(pid) for pid in note.read_text().split())
        assert is_running(child)
        assert is_running(grandchild)
    await until(lambda: not is_running(child) and not is_running(grandchild))


async def test_a_step_gives_back_what_it_printed(tmp_path: Path) -> None:
    script = "import os, sys; print(os.environ['SHOP_WORD']); print('aside', file=sys.stderr)"
    async with Supervisor({"SHOP_WORD": "дума"}, tmp_path, print) as supervisor:
        assert await supervisor.run(Child("step", python(script))) == "дума\n"
    assert (tmp_path / "step.log").read_text() == "aside\n"


async def test_a_step_that_fails_says_why(tmp_path: Path) -> None:
    async with Supervisor({}, tmp_path, print) as supervisor:
        with pytest.raises(StepFailed, match=r"^migrate failed \(exit code 1\):\nno such table$"):
            await supervisor.run(Child("migrate", python("import sys; sys.exit('no such table')")))


def test_children_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    keeper = subprocess.Popen(python(KEEPER, str(tmp_path)), stdout=subprocess.PIPE, text=True)
    assert keeper.stdout
    children = [int(pid) for pid in keeper.stdout.readline().split()]
    assert [is_running(pid) for pid in children] == [True, True]
    keeper.kill()
    keeper.communicate()
    wait_until(lambda: not any(is_running(pid) for pid in children))
