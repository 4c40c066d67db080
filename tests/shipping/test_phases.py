"""Where a parcel is, from histories as Speedy tells them."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from app.integrations.speedy.codes import PHASES
from app.shipping.ports import Phase, TrackingEvent, phase_of

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def history(*codes: int) -> list[TrackingEvent]:
    """Make a history of Speedy's codes, one second apart."""
    return [
        TrackingEvent(NINE + timedelta(seconds=second), code, PHASES.get(code)) for second, code in enumerate(codes)
    ]


@pytest.mark.parametrize(
    ("codes", "phase"),
    [
        ((), Phase.REGISTERED),
        ((148,), Phase.REGISTERED),
        ((148, 39), Phase.PICKED_UP),
        ((39, 148), Phase.PICKED_UP),
        ((148, 39, 2, 1), Phase.IN_TRANSIT),
        ((148, 39, 1, 12), Phase.OUT_FOR_DELIVERY),
        ((148, 39, 1, 12, 44), Phase.ATTEMPTED),
        ((148, 39, 1, 12, 44, 38), Phase.IN_TRANSIT),
        ((148, 39, 1, 12, 44, 38, 12), Phase.OUT_FOR_DELIVERY),
        ((148, 39, 1, 134, 1134, 134), Phase.READY_FOR_PICKUP),
        ((148, 39, 12, -14), Phase.DELIVERED),
        ((148, 39, 12, -14, 195), Phase.DELIVERED),
        ((148, 39, 12, 195, -14), Phase.DELIVERED),
        ((148, 39, -14, 1), Phase.DELIVERED),
        ((148, 39, 111, -14), Phase.DELIVERED),
        ((148, 39, -14, 111), Phase.ATTENTION),
        ((148, 39, -14, 124), Phase.ATTENTION),
        ((148, 39, 12, 123), Phase.REFUSED),
        ((148, 39, 12, 123, 111, 2, 1), Phase.RETURNING),
        ((148, 39, 12, 123, 111, 1, 124), Phase.RETURNED),
        ((148, 128), Phase.CANCELLED),
        ((148, 39, 127), Phase.ATTENTION),
        ((148, 39, 129, 1), Phase.ATTENTION),
        ((148, 39, 69), Phase.DELAYED),
        ((148, 39, 175, 144, 99999), Phase.PICKED_UP),
        ((99999,), Phase.REGISTERED),
    ],
)
def test_a_history_has_one_phase(codes: tuple[int, ...], phase: Phase) -> None:
    assert phase_of(history(*codes)) is phase


def test_the_order_in_which_events_are_told_does_not_matter() -> None:
    for told in itertools.permutations(history(148, 39, 12, 123, 111, 124)):
        assert phase_of(told) is Phase.RETURNED
