"""The shop's secrets that may be changed while it runs: a list parted by commas, newest first."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self


def parts(secrets: str) -> list[str]:
    """Part a setting that holds several secrets: the new one, and those before it."""
    return [part.strip() for part in secrets.split(",")]


@dataclass(frozen=True, slots=True)
class Secret:
    """Makes codes that nobody else can make (HMAC-SHA-256): its newest part makes, each knows what it has made."""

    keys: Sequence[bytes] = field(repr=False)

    @classmethod
    def of(cls, secrets: str) -> Self:
        return cls([part.encode() for part in parts(secrets)])

    def code(self, what: str) -> bytes:
        return self.codes(what)[0]

    def codes(self, what: str) -> list[bytes]:
        """Make the code by each part, for what is looked up by it in the database."""
        return [hmac.digest(key, what.encode("utf-8", "surrogatepass"), "sha256") for key in self.keys]

    def made(self, code: bytes, what: str) -> bool:
        """Tell whether this is our code for it, in a time that does not tell how much of it is right."""
        return any(hmac.compare_digest(code, each) for each in self.codes(what))
