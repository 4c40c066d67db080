"""Reads off a request what proves an acceptance or a consent later."""

from typing import Annotated

from fastapi import Depends, Request

from app.core.clock import At
from app.core.language import Speaks
from app.privacy.models import Means
from app.privacy.service import Evidence

LONGEST_ORIGIN = 255


async def get_evidence(request: Request, language: Speaks, at: At) -> Evidence:
    origin = request.headers.get("origin")
    ip = request.client.host if request.client else None
    return Evidence(at, language, Means.API, origin[:LONGEST_ORIGIN] if origin else None, ip)


EvidenceDep = Annotated[Evidence, Depends(get_evidence)]
