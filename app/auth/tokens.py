"""Access tokens: signed JSON Web Tokens as RFC 9068 profiles them, alive for 15 minutes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, Request
from jose import jws
from jose.exceptions import JWSError
from pydantic import BaseModel, ConfigDict

from app.auth.keys import ALGORITHM, KeyRing
from app.auth.scopes import written

LIFETIME = timedelta(minutes=15)
KIND = "at+jwt"
"""Tells an access token from any other that these keys may come to sign."""

SKEW = timedelta(seconds=5)
"""How far the clocks of the shop's own machines may differ."""

LONGEST = 4096
# Three parts in the strict alphabet: python-jose skips letters that are none of base64, and an encrypted token, whose
# unpacking could fill the memory, has five parts. 86 letters are the 64 bytes of an ES256 signature.
SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}")
# No key of the sender's (`jwk`, `jku`, `x5c`), no compression, and no `crit`, which python-jose does not look at.
HEADER = frozenset({"alg", "kid", "typ"})


class TokenRefused(Exception):
    """The token proves nothing; the reason is for the log, not for whoever sent it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Payload(BaseModel):
    """A token's claims as they are written; exact types, nothing is converted."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    iss: str
    aud: str
    sub: str
    client_id: str
    scope: str
    iat: int
    nbf: int
    exp: int
    jti: str
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says, once it has been found to be ours and in time."""

    id: str
    subject: str
    client_id: str
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    session_id: UUID | None
    """Of a person's login; a machine has none."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issues the shop's tokens and reads them back."""

    keys: KeyRing
    issuer: str
    audience: str

    def issue(
        self, *, subject: str, client_id: str, scopes: Iterable[str], at: datetime, session_id: UUID | None = None
    ) -> str:
        now = int(at.timestamp())
        said = Payload(
            iss=self.issuer,
            aud=self.audience,
            sub=subject,
            client_id=client_id,
            scope=written(scopes),
            iat=now,
            nbf=now,
            exp=now + int(LIFETIME.total_seconds()),
            jti=uuid4().hex,
            sid=str(session_id) if session_id else None,
        )
        return self.keys.sign(said.model_dump(exclude_none=True), KIND)

    def read(self, token: str, *, at: datetime) -> Claims:
        """Return what the token says, or refuse it with TokenRefused."""
        try:
            said = Payload.model_validate_json(self._verified(token))
            session_id = UUID(said.sid) if said.sid else None
        except ValueError:  # pydantic's refusal is one, too
            raise TokenRefused("claims_missing") from None
        if (said.iss, said.aud) != (self.issuer, self.audience):
            raise TokenRefused("not_for_us")
        now = at.timestamp()
        if said.exp <= now:
            raise TokenRefused("expired")
        if max(said.iat, said.nbf) > now + SKEW.total_seconds():
            raise TokenRefused("not_yet_valid")
        if said.exp - said.iat > LIFETIME.total_seconds():
            raise TokenRefused("lives_too_long")
        return Claims(
            id=said.jti,
            subject=said.sub,
            client_id=said.client_id,
            scopes=frozenset(said.scope.split()),
            issued_at=datetime.fromtimestamp(said.iat, UTC),
            expires_at=datetime.fromtimestamp(said.exp, UTC),
            session_id=session_id,
        )

    def _verified(self, token: str) -> bytes:
        """Return what was signed; which key and which algorithm is ours to say, never the token's."""
        if len(token) > LONGEST or not SHAPE.fullmatch(token):
            raise TokenRefused("shape")
        try:
            header = jws.get_unverified_header(token)
        except (JWSError, RecursionError):
            raise TokenRefused("header") from None
        if header.keys() != HEADER or header["typ"] != KIND:
            raise TokenRefused("header")
        key = self.keys.find(header["kid"])
        if key is None:
            raise TokenRefused("key_unknown")
        try:
            return jws.verify(token, key, [ALGORITHM])
        except JWSError:
            raise TokenRefused("signature") from None


async def get_tokens(request: Request) -> Tokens:
    tokens: Tokens = request.app.state.tokens
    return tokens


TokensDep = Annotated[Tokens, Depends(get_tokens)]
