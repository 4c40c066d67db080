"""Passwords of people: argon2id, in threads, so that the loop goes on serving."""

import os
import unicodedata

from anyio import CapacityLimiter, to_thread
from passlib.hash import argon2  # type: ignore[import-untyped] # libpass says nothing of its types

# OWASP's password storage cheat sheet: 19 MiB, two passes, one lane. Raising it rehashes at the next login.
HASHER = argon2.using(type="ID", memory_cost=19_456, time_cost=2, parallelism=1)

# More at once than there are cores would only wait for each other, each with its 19 MiB.
AT_ONCE = CapacityLimiter(os.cpu_count() or 1)


def _composed(password: str) -> str:
    """Write it in one form (NIST SP 800-63B): keyboards differ in how they send the same letter."""
    return unicodedata.normalize("NFKC", password)


async def hash_password(password: str) -> str:
    hashed: str = await to_thread.run_sync(HASHER.hash, _composed(password), limiter=AT_ONCE)
    return hashed


async def verify_password(password: str, hashed: str) -> bool:
    right: bool = await to_thread.run_sync(HASHER.verify, _composed(password), hashed, limiter=AT_ONCE)
    return right


def needs_rehash(hashed: str) -> bool:
    """Tell whether the hash was made at another cost than today's."""
    outdated: bool = HASHER.needs_update(hashed)
    return outdated
