"""Passwords of people: what one must be, and argon2id in threads, so that the loop goes on serving."""

import os
import re
import unicodedata
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from passlib.hash import argon2  # type: ignore[import-untyped] # libpass says nothing of its types
from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError, PydanticKnownError

from app.auth.weak_passwords import is_weak
from app.core.db import require_empty_handed
from app.core.errors import ShopError
from app.core.language import Language, Text

SHORTEST, LONGEST = 12, 128
# A letter has at most four parts (Unicode's normal forms): what is longer than this is no password, typed as it may be.
LONGEST_TYPED = 4 * LONGEST
HALF_LETTERS = re.compile("[\ud800-\udfff]")

# Now, not at the first use: two threads that use it first at once would stumble over each other.
argon2.set_backend()

# OWASP's password storage cheat sheet: 19 MiB, two passes, one lane. Raising it rehashes at the next login.
HASHER = argon2.using(type="ID", memory_cost=19_456, time_cost=2, parallelism=1)
# Of random bytes that were thrown away: for whom the shop does not know, it costs what a real one does.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$HyMEQKj1HkNI6d3bGyNE6A$zgNyBCS6Yq4rPDyYXlSPYdxeY7GxUA54hP7VwN7o8eo"

CORES = len(os.sched_getaffinity(0))
# More at once than there are cores would only wait for each other, each with its 19 MiB.
AT_ONCE = CapacityLimiter(CORES)


class PasswordTooCommon(ShopError):
    status = 422
    title = Text("Лесна за отгатване парола", "Password too easy to guess")
    advice = Text(
        "Изберете друга парола: не от често срещаните, не поредни клавиши, не името или адреса Ви. Няколко случайни"
        " думи са добра парола.",
        "Choose another password: none in common use, no keys in a row, not your name or address. A few random words"
        " make a good one.",
    )

    def __init__(self, pointer: str = "/password") -> None:
        super().__init__()
        self.pointer = pointer

    def document(self, language: Language) -> dict[str, Any]:
        return {
            **super().document(language),
            "errors": [{"pointer": self.pointer, "detail": self.advice.in_(language)}],
        }


def _composed(password: str) -> str:
    """Write it in one form (NIST SP 800-63B): keyboards differ in how they send the same letter."""
    return unicodedata.normalize("NFKC", password)


def _letters(typed: str) -> int:
    # What is too long anyway is not composed: that takes time by the square of the length.
    return len(typed) if len(typed) > LONGEST_TYPED else len(_composed(typed))


def _possible(password: SecretStr) -> SecretStr:
    typed = password.get_secret_value()
    letters = _letters(typed)
    if letters < SHORTEST:
        raise PydanticKnownError("string_too_short", {"min_length": SHORTEST})
    if letters > LONGEST:
        raise PydanticKnownError("string_too_long", {"max_length": LONGEST})
    if HALF_LETTERS.search(typed):
        raise PydanticKnownError("string_unicode")
    if "\0" in typed:
        raise PydanticCustomError("unprintable", "Contains characters that cannot be printed")
    return password


Password = Annotated[
    SecretStr,
    AfterValidator(_possible),
    Field(
        description="Any letters, digits, signs and spaces, just as they are typed; none that is easy to guess",
        json_schema_extra={
            "minLength": SHORTEST,
            "maxLength": LONGEST,
            "examples": ["трамвай лимон петък облак"],
        },
    ),
]
"""A password that somebody chooses; in models with `hide_input_in_errors`."""


def refuse_weak(password: str, *own_words: str, pointer: str = "/password") -> None:
    """Refuse with PasswordTooCommon what is easy to guess, also for who knows the person's own names or address."""
    if is_weak(password, own_words):
        raise PasswordTooCommon(pointer)


def share_cores(processes: int) -> None:
    """Leave their part of the cores to the other processes that serve on this machine."""
    AT_ONCE.total_tokens = max(1, CORES // processes)


def hashed(password: str) -> str:
    """Hash a password here and now, where nobody else is served."""
    made: str = HASHER.hash(_composed(password))
    return made


async def hash_password(password: str) -> str:
    require_empty_handed()
    return await to_thread.run_sync(hashed, password, limiter=AT_ONCE)


async def verify_password(password: str, kept: str | None) -> bool:
    """Tell whether this is the password; where there is no account and no hash, after the same work."""
    require_empty_handed()
    if _letters(password) > LONGEST or HALF_LETTERS.search(password):
        password, kept = "", None  # nobody could choose it
    against = NOBODY if kept is None else kept
    right: bool = await to_thread.run_sync(HASHER.verify, _composed(password), against, limiter=AT_ONCE)
    return right and kept is not None


def needs_rehash(kept: str) -> bool:
    """Tell whether the hash was made at another cost than today's."""
    outdated: bool = HASHER.needs_update(kept)
    return outdated
