"""Stops calling an outside system that does not answer."""

import time
from collections.abc import Callable


class Circuit:
    """Opens after a number of failures in a row; then lets one call through per cool-down until one succeeds.

    One per outside system and process. A refusal is an answer, so it counts as success.
    """

    def __init__(
        self, *, failures: int = 5, cool_down: float = 30.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
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
            return False
        self._next_trial = self._monotonic() + self._cool_down
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self._failures == self._limit:
            self._next_trial = self._monotonic() + self._cool_down
