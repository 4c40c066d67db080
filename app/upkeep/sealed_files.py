"""Files that are encrypted and authenticated piece by piece: one larger than the memory can be written and read.

After a head with a random salt come chunks under AES-256-GCM. A chunk's nonce is its place and whether it is the last:
one that was altered, moved, left out or repeated, or a file that was cut off, does not open. Each file has a key of its
own, derived from the shop's secret and the salt (HKDF-SHA-256), so that no nonce is ever used twice under a key.
"""

import os
from collections.abc import Iterator
from hashlib import sha256
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.secrets import parts

MAGIC = b"SHOPBAK1"
SALT, MARK, TAG = 32, 8, 16
CHUNK = 1 << 20
LAST = 1 << 31
"""The bit beside a chunk's length that says it is the last one."""


class FileUnsound(Exception):
    """It is not what was written; the text says where that shows, and nothing of what it holds."""


class WrongKey(FileUnsound):
    """None of the secrets given is the one it was sealed under."""


def _derived(secret: str, salt: bytes, use: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, b"shop backup: " + use).derive(secret.encode())


def _nonce(place: int, *, last: bool) -> bytes:
    return place.to_bytes(11, "big") + bytes([last])


class SealedWriter:
    """Writes what it is given into a file that is opened for writing bytes; `close` seals its end."""

    def __init__(self, file: IO[bytes], secret: str) -> None:
        first = parts(secret)[0]
        salt = os.urandom(SALT)
        self._head = MAGIC + salt + _derived(first, salt, b"mark", MARK)
        self._cipher = AESGCM(_derived(first, salt, b"file", 32))
        self._file, self._waiting, self._place = file, bytearray(), 0
        self._digest, self.bytes = sha256(), 0
        self._put(self._head)

    @property
    def sha256(self) -> str:
        """Of the file, as far as it is written."""
        return self._digest.hexdigest()

    def write(self, content: bytes) -> None:
        self._waiting += content
        # The last chunk is sealed as such, so that what exactly fills one still waits for what comes.
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]

    def close(self) -> None:
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, content: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._place, last=last), content, self._head)
        self._put((len(sealed) | (LAST if last else 0)).to_bytes(4, "big") + sealed)
        self._place += 1

    def _put(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)
        self.bytes += len(content)


def opened(file: IO[bytes], secret: str) -> Iterator[bytes]:
    """Give what was sealed, chunk by chunk, each only once it has proved to be what was written at its place."""
    head = file.read(len(MAGIC) + SALT + MARK)
    salt, mark = head[len(MAGIC) : -MARK], head[-MARK:]
    if not head.startswith(MAGIC) or len(salt) != SALT:
        raise FileUnsound("it is no backup of this shop, or its head is damaged")
    for each in parts(secret):
        if _derived(each, salt, b"mark", MARK) == mark:
            yield from _chunks(file, head, AESGCM(_derived(each, salt, b"file", 32)))
            return
    raise WrongKey("it was sealed under another secret than SHOP_BACKUP_SECRET, or its head is damaged")


def _chunks(file: IO[bytes], head: bytes, cipher: AESGCM) -> Iterator[bytes]:
    place, last = 0, False
    while not last:
        length = int.from_bytes(said, "big") if len(said := file.read(4)) == 4 else 0  # noqa: PLR2004 - as written above
        last, length = bool(length & LAST), length & ~LAST
        sealed = file.read(length) if TAG <= length <= CHUNK + TAG else b""
        if not said or (sealed and len(sealed) < length):
            raise FileUnsound(f"it is cut off: chunk {place + 1} is missing or incomplete")
        try:
            yield cipher.decrypt(_nonce(place, last=last), sealed, head)
        except (InvalidTag, ValueError):
            raise FileUnsound(f"chunk {place + 1} was altered, or stands in another's place") from None
        place += 1
    if file.read(1):
        raise FileUnsound(f"it goes on after its end, chunk {place}")
