"""Identifiers of rows are UUIDv7: new, and in the order they were made."""

import time
from uuid import RFC_4122

from app.core.ids import uuid7


def test_an_id_is_a_uuid_of_version_7() -> None:
    for _ in range(1000):
        made = uuid7()
        assert made.version == 7
        assert made.variant == RFC_4122


def test_an_id_begins_with_the_moment() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7().int >> 80
    assert before <= made <= time.time_ns() // 1_000_000


def test_ids_of_different_milliseconds_are_in_order() -> None:
    made = [uuid7()]
    while len(made) < 20:
        if (another := uuid7()).int >> 80 != made[-1].int >> 80:
            made.append(another)
    assert made == sorted(made)


def test_no_id_is_made_twice() -> None:
    assert len({uuid7() for _ in range(100_000)}) == 100_000
