"""Reads the number of an order out of what somebody typed to say which contract they mean."""

import re

NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{8}(?![0-9])")
PARTED = re.compile(r"(?<=[0-9])[\s.,-]+(?=[0-9])")
"""What people write between the digits of one number."""


def order_number_in(words: str) -> str | None:
    """Return the one number that is named, as in „№ 100 000 001 от вчера“; None where there is none, or several."""
    found = {*NUMBER.findall(words)} or {*NUMBER.findall(PARTED.sub("", words))}
    return found.pop() if len(found) == 1 else None
