"""Tokens of links in mails: made from what they are for, kept nowhere.

They are derived, so that the worker can write the same link again when a mail has to be sent twice; what is kept is a
row by that id, which says until when and whether the link still works.
"""

import base64
import binascii
import hmac
from uuid import UUID

LENGTH = 64
"""Letters of a token: 16 bytes of the row's id, 32 that only this shop can make."""


def link_token(secret: bytes, purpose: str, row_id: UUID) -> str:
    """Make the token of the link that this row is about."""
    return base64.urlsafe_b64encode(row_id.bytes + _seal(secret, purpose, row_id)).decode()


def read_link(secret: bytes, purpose: str, token: str) -> UUID | None:
    """Return the row that a token is about; None for what this shop never made for this purpose."""
    if len(token) != LENGTH:
        return None
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    row_id = UUID(bytes=raw[:16])
    return row_id if hmac.compare_digest(raw[16:], _seal(secret, purpose, row_id)) else None


def _seal(secret: bytes, purpose: str, row_id: UUID) -> bytes:
    return hmac.digest(secret, f"link:{purpose}:{row_id}".encode(), "sha256")
