"""The user that the embedded server runs as is created once, however many want it."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

NAME = f"shop-test-{os.getpid()}"
WISH = """
import pwd, sys
from app.core.processes import system_user
print("ready", flush=True)
sys.stdin.readline()
print(system_user(sys.argv[1]).pw_uid, flush=True)
sys.stdin.readline()
print(pwd.getpwnam(sys.argv[1]).pw_uid)
"""


@pytest.fixture
def name() -> Iterator[str]:
    yield NAME
    subprocess.run(["userdel", NAME], check=False, capture_output=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root creates users")
def test_who_create_one_user_at_once_are_given_the_same_and_keep_it(name: str) -> None:
    wishes = [
        subprocess.Popen([sys.executable, "-c", WISH, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    pipes = [(wish.stdin, wish.stdout) for wish in wishes if wish.stdin and wish.stdout]
    assert [said.readline() for _, said in pipes] == ["ready\n"] * 6
    for ask, _ in pipes:
        ask.write("\n")
        ask.flush()
    given = [said.readline() for _, said in pipes]
    later = [wish.communicate("\n")[0] for wish in wishes]
    assert len(set(given)) == 1
    assert later == given
    assert given[0].strip().isdigit()
