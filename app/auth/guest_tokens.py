"""What opens a guest's order: a token made from the order, kept nowhere.

It is derived, so that a repeated request for the same order is answered with the same token.
"""

import base64
import hmac
import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Header

from app.core.secrets import Secret

HEADER = "X-Order-Token"
SHAPE = re.compile(r"([0-9]{1,11})\.[A-Za-z0-9_-]{43}")

OrderToken = Annotated[
    str | None,
    Header(alias=HEADER, description="`access_token` of the answer to a guest's order; opens that order alone"),
]


def guest_token(secret: Secret, order_id: UUID, expires_at: datetime) -> str:
    """Make the token that opens this order until that moment."""
    expires = int(expires_at.timestamp())
    return _token(secret.code(_said(order_id, expires)), expires)


def verify(secret: Secret, token: str, order_id: UUID, at: datetime) -> bool:
    found = SHAPE.fullmatch(token)
    if not found:
        return False
    expires = int(found[1])
    # Compared as text with the one way to write it: no second spelling of a token is accepted.
    spelled = [_token(code, expires).encode() for code in secret.codes(_said(order_id, expires))]
    genuine = any(hmac.compare_digest(each, token.encode()) for each in spelled)
    return genuine and at.timestamp() < expires


def is_current(token: str, at: datetime) -> bool:
    """Say whether a token has the shape of ours and its time is not over: what any of them must, whatever it opens."""
    found = SHAPE.fullmatch(token)
    return found is not None and at.timestamp() < int(found[1])


def _said(order_id: UUID, expires: int) -> str:
    return f"guest-order:{order_id}:{expires}"


def _token(code: bytes, expires: int) -> str:
    return f"{expires}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}"
