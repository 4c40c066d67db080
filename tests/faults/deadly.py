"""The worker, which knows one more job: one that kills the process it is done in (`python -m tests.faults.deadly`)."""

import os
import signal
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from app import worker
from app.core.jobs import Job, Work
from app.wiring.work import work


@dataclass(frozen=True)
class Deadly(Job):
    name: ClassVar[str] = "deadly"

    number: int


async def die_of_the_first(job: Deadly) -> None:
    if job.number == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def with_deadly(*given: Any) -> Work:
    duties = work(*given)
    return replace(duties, handlers={**duties.handlers, Deadly: die_of_the_first})


if __name__ == "__main__":
    vars(worker)["work"] = with_deadly
    worker.main()
