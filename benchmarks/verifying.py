"""Verifies one password over and over and prints how often, in what time and for how much CPU: the limit of a login."""

import os
import time

import typer

from app.auth.passwords import HASHER

PASSWORD = "седем стълби към морето"  # noqa: S105 - of nobody


def main(seconds: float) -> None:
    hashed = os.environ["BENCH_HASH"]
    assert HASHER.verify(PASSWORD, hashed)  # its memory is asked for once
    began, before, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() < began + seconds:
        assert HASHER.verify(PASSWORD, hashed)
        done += 1
    print(done, time.perf_counter() - began, time.process_time() - before)


if __name__ == "__main__":
    typer.run(main)
