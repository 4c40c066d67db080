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

HEADER = "X-Order-Token"
SHAPE = re.compile(r"([0-9]{1,11})\.[A-Za-z0-9_-]{43}")

OrderToken = Annotated[
    str | None,
    Header(alias=HEADER, description="`access_token` of the answer to a guest's order; opens that order alone"),
]


def guest_token(secret: bytes, order_id: UUID, expires_at: datetime) -> str:
    """Make the token that opens this order until that moment."""
    return _token(secret, order_id, int(expires_at.timestamp()))


def verify(secret: bytes, token: str, order_id: UUID, at: datetime) -> bool:
    found = SHAPE.fullmatch(token)
    if not found:
        return False
    expires = int(found[1])
    # Compared as text with the one way to write it: no second spelling of a token is accepted.
    genuine = hmac.compare_digest(_token(secret, order_id, expires).encode(), token.encode())
    return genuine and at.timestamp() < expires


def _token(secret: bytes, order_id: UUID, expires: int) -> str:
    mac = hmac.digest(secret, f"guest-order:{order_id}:{expires}".encode(), "sha256")
    return f"{expires}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
