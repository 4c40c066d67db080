"""Requests and responses of auth."""

from typing import Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from app.core.fields import View


class TokenView(View):
    """RFC 6749 §5.1."""

    access_token: str = Field(examples=["eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiIsInR5cCI6ImF0K2p3dCJ9.eyJ….MEUC…"])
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind of token, not one
    expires_in: int = Field(description="Seconds", examples=[900])
    scope: str = Field(description="What was granted, separated by spaces", examples=["account"])
    refresh_token: str | SkipJsonSchema[None] = Field(
        None,
        exclude_if=lambda token: token is None,
        description="Of a person; works once, the answer brings the next one",
        examples=["rt_…"],
    )


class OAuthProblem(View):
    """RFC 6749 §5.2."""

    error: str = Field(examples=["invalid_client"])
    error_description: str = Field(examples=["Check the client id and the client secret."])


class PublicKey(View):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    alg: Literal["ES256"]
    use: Literal["sig"]
    kid: str


class KeySet(View):
    """RFC 7517: the public keys that this shop's tokens are verified with."""

    keys: list[PublicKey]
