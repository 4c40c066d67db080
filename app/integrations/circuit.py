"""Stops calling an outside system that does not answer."""

import time
from collections.abc import Callable
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a call."""

    ANSWERED = "answered"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    HELD_BACK = "held_back"
    """Not made: the circuit was open."""


Count = Callable[[Outcome], None]


class Circuit:
    """Opens after a number of failures in a row; then lets one call through per cool-down until one succeeds.

    One per outside system and process; every call passes it, so it tells who counts what became of each. A refusal is
    an answer, so it counts as success.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        cool_down: float = 30.0,
        monotonic: Callable[[], float] = time.monotonic,
        count: Count = lambda _: None,
    ) -> None:
        self._count = count
        self._limit = failures
        self._cool_down = cool_down
        self._monotonic = monotonic
        self._failures = 0
        self._next_trial = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= self._limit

    def admits(self) -> bool:
        """Say whether a call may go out now; while open, a yes uses up the trial."""
        if not self.is_open:
            return True
        if self._monotonic() < self._next_trial:
            self._count(Outcome.HELD_BACK)
            return False
        self._next_trial = self._monotonic() + self._cool_down
        return True

    def let_one_through(self) -> None:
        """Admit the next call, open or not: it is to tell whose failures those were."""
        self._next_trial = self._monotonic()

    def succeeded(self) -> None:
        self._count(Outcome.ANSWERED)
        self._failures = 0

    def refused(self) -> None:
        self._count(Outcome.REFUSED)
        self._failures = 0

    def failed(self, *, of_one: bool = False) -> None:
        """Note a failure; one of which a single subject may be the cause says nothing of the others."""
        self._count(Outcome.UNANSWERED)
        if of_one:
            return
        self._failures += 1
        if self._failures == self._limit:
            self._next_trial = self._monotonic() + self._cool_down
