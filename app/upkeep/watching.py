"""What somebody who waits for a long piece of work is told, and how it is asked to stop."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """Somebody asked the work to stop; nothing of it is left behind."""


def _say_nothing(_what: str) -> None:
    pass


@dataclass(frozen=True)
class Watch:
    """Passed down into long work: it tells each step, and looks now and then whether it is still wanted."""

    tell: Callable[[str], None] = _say_nothing
    asked_to_stop: Event = field(default_factory=Event)

    def breathe(self) -> None:
        if self.asked_to_stop.is_set():
            raise Stopped


async def in_thread(work: Callable[[Watch], T], watch: Watch) -> T:
    """Do blocking work in a thread of its own; cancelled, it is asked to stop and waited for until it has cleaned up.

    A worker that is told to end would otherwise wait for the whole of it, or leave it half done.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work, watch))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        watch.asked_to_stop.set()
        await asyncio.gather(running, return_exceptions=True)
        raise
