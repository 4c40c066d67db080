"""The keys that tokens are signed with: ES256 JSON Web Keys."""

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from cryptography.hazmat.primitives.asymmetric import ec
from jose import jws
from jose.backends import ECKey
from jose.backends.base import Key
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

ALGORITHM = "ES256"

Coordinate = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class KeysUnusable(Exception):
    """The signing keys cannot be used; the text never repeats any of them."""


class PrivateKey(BaseModel):
    """A private key as RFC 7517 writes it."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: Coordinate
    y: Coordinate
    d: Annotated[Coordinate, Field(repr=False)]
    kid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")] | None = None
    alg: Literal["ES256"] = "ES256"

    def name(self) -> str:
        return self.kid or thumbprint(self.x, self.y)


def thumbprint(x: str, y: str) -> str:
    """Name a key by what it is (RFC 7638)."""
    canonical = json.dumps({"crv": "P-256", "kty": "EC", "x": x, "y": y}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).decode().rstrip("=")


def generate_key() -> dict[str, str]:
    """Make a new private key; `{"keys": [newest, …, oldest]}` is what `KeyRing.from_json` reads."""
    key: dict[str, str] = ECKey(ec.generate_private_key(ec.SECP256R1()), ALGORITHM).to_dict()
    return {**key, "kid": thumbprint(key["x"], key["y"])}


class KeyRing:
    """Signs with its first key, verifies with any.

    To change keys while several processes run: add the new key at the end, restart all; move it to the front, restart
    all; remove the old one a token's lifetime later. Nobody's token is refused on the way.
    """

    def __init__(self, keys: Sequence[PrivateKey]) -> None:
        try:
            pairs = {key.name(): ECKey(key.model_dump(exclude={"kid"}), ALGORITHM) for key in keys}
        except ValueError:
            raise KeysUnusable("a signing key's parts do not belong together") from None
        if not pairs or len(pairs) != len(keys):
            raise KeysUnusable("no signing key, or two of one name")
        self._newest = next(iter(pairs))
        self._private = pairs[self._newest]
        self._public = {name: pair.public_key() for name, pair in pairs.items()}

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read private keys, newest first: a JSON Web Key Set or its list alone."""
        try:
            found = json.loads(text)
            keys = found.get("keys") if isinstance(found, dict) else found
            return cls(TypeAdapter(list[PrivateKey]).validate_python(keys))
        except (ValueError, ValidationError):
            raise KeysUnusable("the signing keys are not a JSON list of private ES256 JSON Web Keys") from None

    @classmethod
    def kept_in(cls, file: Path) -> Self:
        """Read a development machine's keys; they are made once, by whichever process is the first to need them."""
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            draft = file.with_suffix(f".{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps({"keys": [generate_key()]}))
            with suppress(FileExistsError):
                file.hardlink_to(draft)
            draft.unlink()
        return cls.from_json(file.read_text())

    def sign(self, claims: Mapping[str, Any], kind: str) -> str:
        headers = {"kid": self._newest, "typ": kind}
        return jws.sign(claims, self._private, headers=headers, algorithm=ALGORITHM)

    def find(self, name: object) -> Key | None:
        """Return a public key for verifying."""
        return self._public.get(name) if isinstance(name, str) else None

    def public(self) -> dict[str, list[dict[str, str]]]:
        """Return the key set for everybody (RFC 7517): no private part."""
        keys = [{**key.to_dict(), "kid": name, "use": "sig"} for name, key in self._public.items()]
        return {"keys": keys}
