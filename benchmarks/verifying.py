"""Verifies one password over and over in one thread and prints how often: the limit of any login."""

import os
import time

import typer

from app.auth.passwords import HASHER

PASSWORD = "седем стълби към морето"  # noqa: S105 - of nobody


def main(seconds: float) -> None:
    hashed = os.environ["BENCH_HASH"]
    began, done = time.perf_counter(), 0
    while time.perf_counter() < began + seconds:
        assert HASHER.verify(PASSWORD, hashed)
        done += 1
    print(done, time.perf_counter() - began)


if __name__ == "__main__":
    typer.run(main)
