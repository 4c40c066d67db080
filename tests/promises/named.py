"""Finds which promises a test shows: its name begins with their numbers, as `test_s75_c16_…`."""

import re

IDS = re.compile(r"test_((?:[sc]\d{1,2}_)+)")


def promises_of(test: str) -> list[str]:
    """Return the promises that a test is named by, as `promises.md` numbers them."""
    found = IDS.match(test)
    return [f"{part[0].upper()}{int(part[1:])}" for part in found[1].split("_") if part] if found else []
