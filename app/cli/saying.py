"""Says how far a command has come; where nobody can hear it, the command goes on."""

import sys
from contextlib import suppress


def say(line: str) -> None:
    """Say it among what the command prints."""
    with suppress(OSError):
        print(line, flush=True)


def say_aside(line: str) -> None:
    """Say it beside what the command prints, which may be read by a program."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)
