"""The second factor: codes of an authenticator app (RFC 6238), and the recovery codes that stand in for it."""

import hashlib
import re
import secrets
from base64 import b32encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from passlib.exc import TokenError  # type: ignore[import-untyped] # libpass says nothing of its types
from passlib.totp import TOTP, AppWallet  # type: ignore[import-untyped] # as above

from app.core.secrets import parts

ISSUER = "Ionickiss"
SPACES = re.compile(r"[\s-]")
CODE = re.compile(r"[0-9]{6}")
RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # 80 bits


@dataclass(frozen=True, slots=True)
class NewFactor:
    """What an authenticator app is given, once, and what the shop keeps of it."""

    encrypted: str = field(repr=False)
    key: str = field(repr=False)
    """To be typed by whoever cannot scan `uri`."""
    uri: str = field(repr=False)


class Totp:
    """Makes second factors and verifies their codes; the keys are kept encrypted under the shop's secret.

    `secret` may be several, parted by commas: the first encrypts, each decrypts what it encrypted. All are random and
    long, so that stretching them would only cost time.
    """

    def __init__(self, secret: str) -> None:
        keys = [part.encode() for part in parts(secret)]
        named = {hashlib.sha256(key).hexdigest()[:16]: key for key in keys}
        wallet = AppWallet(named, default_tag=next(iter(named)), encrypt_cost=4)
        # What every authenticator app knows: SHA-1, six digits, thirty seconds.
        self._factors = TOTP.using(wallet=wallet, issuer=ISSUER, alg="sha1", digits=6, period=30)

    def new(self, email: str) -> NewFactor:
        made = self._factors.new()
        return NewFactor(encrypted=made.to_json(), key=made.pretty_key(), uri=made.to_uri(label=email))

    def verify(self, encrypted: str, code: str, *, after: int | None, at: datetime) -> int | None:
        """Return the number of the 30 seconds that the code is of, one before or after now at most, or None.

        A code is for one use: whoever accepts it stores its number, which the next one has to exceed (`after`):
        also one that lies in the future, for by a clock that was put back a code would be good again.
        """
        typed = SPACES.sub("", code)
        if not CODE.fullmatch(typed):
            return None
        try:
            match = self._factors.from_json(encrypted).match(typed, time=at, last_counter=after)
        except TokenError:
            return None
        number: int = match.counter
        return number


def new_recovery_codes() -> list[str]:
    return [_in_groups(b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES)]


def _in_groups(text: str) -> str:
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def digest_of(code: str) -> bytes:
    """Return what is kept of a recovery code, however it is typed."""
    return hashlib.sha256(SPACES.sub("", code).upper().encode("utf-8", "surrogatepass")).digest()


async def get_totp(request: Request) -> Totp:
    totp: Totp = request.app.state.totp
    return totp


TotpDep = Annotated[Totp, Depends(get_totp)]
