"""Tokens of links in mails: made from what they are for, kept nowhere.

They are derived, so that the worker can write the same link again when a mail has to be sent twice; what is kept is a
row by that id, which says until when and whether the link still works.
"""

import base64
import binascii
import re
from uuid import UUID

from app.core.secrets import Secret

LENGTH = 64
"""Letters of a token: 16 bytes of the row's id, 32 that only this shop can make."""

SHAPE = re.compile(rf"[A-Za-z0-9_-]{{{LENGTH}}}")


def link_token(secret: Secret, purpose: str, row_id: UUID) -> str:
    """Make the token of the link that this row is about."""
    return base64.urlsafe_b64encode(row_id.bytes + secret.code(_said(purpose, row_id))).decode()


def read_link(secret: Secret, purpose: str, token: str) -> UUID | None:
    """Return the row that a token is about; None for what this shop never made for this purpose."""
    if len(token) != LENGTH:
        return None
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    row_id = UUID(bytes=raw[:16])
    return row_id if secret.made(raw[16:], _said(purpose, row_id)) else None


def is_shaped(token: str) -> bool:
    """Say whether a token looks like one of a link, whatever it is for."""
    return SHAPE.fullmatch(token) is not None


def _said(purpose: str, row_id: UUID) -> str:
    return f"link:{purpose}:{row_id}"
