"""Reads off a request what proves an acceptance or a consent later."""

from typing import Annotated

from fastapi import Depends, Request

from app.core.clock import At
from app.core.language import Speaks
from app.privacy.models import Means
from app.privacy.service import Evidence

LONGEST_ORIGIN = 255
LONGEST_USER_AGENT = 512


async def get_evidence(request: Request, language: Speaks, at: At) -> Evidence:
    origin = request.headers.get("origin")
    ip = request.client.host if request.client else None
    user_agent = _printable(request.headers.get("user-agent", ""))[:LONGEST_USER_AGENT]
    return Evidence(at, language, Means.API, origin[:LONGEST_ORIGIN] if origin else None, ip, user_agent or None)


def _printable(text: str) -> str:
    """Drop what PostgreSQL would not take as text."""
    return "".join(letter for letter in text if letter.isprintable())


EvidenceDep = Annotated[Evidence, Depends(get_evidence)]
