"""Identifiers of rows."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a UUIDv7 (RFC 9562): rows made later sort later, so that an index grows at its end."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62 & 0xFFF) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=value)
