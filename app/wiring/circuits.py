"""Makes the circuits of the ways to the outside, and names who counts what passes them."""

from collections.abc import Callable

from app.integrations.circuit import Circuit, Count, Outcome
from app.settings import Settings

Counts = Callable[[str], Count]
"""Gives who counts the calls to the outside system of a name."""


def count_nothing(_adapter: str) -> Count:
    def count(_outcome: Outcome) -> None:
        pass

    return count


def circuit(settings: Settings, count: Count) -> Circuit:
    return Circuit(cool_down=settings.circuit_seconds, count=count)
