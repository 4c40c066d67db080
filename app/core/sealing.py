"""Seals what must not be readable in the database or a copy of it: encrypted and authenticated (Fernet, AES-128)."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Annotated

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from fastapi import Depends, Request

from app.core.secrets import parts


class SealBroken(Exception):
    """Sealed under another secret, or altered."""


class Sealer:
    """Seals and opens under the shop's secret.

    `secret` may be several, parted by commas: the first seals, each opens what it sealed. All are random and long, so
    that stretching them would only cost time.
    """

    def __init__(self, secret: str) -> None:
        keys = [hashlib.sha256(b"sealing:" + part.encode()).digest() for part in parts(secret)]
        self._keys = MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])

    def seal(self, content: bytes) -> bytes:
        return self._keys.encrypt(content)

    def open(self, sealed: bytes) -> bytes:
        try:
            return self._keys.decrypt(sealed)
        except InvalidToken:
            raise SealBroken from None


async def get_sealer(request: Request) -> Sealer:
    sealer: Sealer = request.app.state.sealer
    return sealer


SealerDep = Annotated[Sealer, Depends(get_sealer)]
