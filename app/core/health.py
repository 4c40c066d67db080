"""Whether the process lives, and whether it can serve."""

from typing import Literal

from fastapi import APIRouter, Request

from app.core.db import Sessions
from app.core.fields import View
from app.core.problems import TryLater, problems
from app.core.schema import find_revision, is_behind

router = APIRouter(prefix="/health", tags=["operations"])


class HealthView(View):
    status: Literal["ok"] = "ok"


@router.get("/live")
async def live() -> HealthView:
    """Answer as long as the process can."""
    return HealthView()


@router.get("/ready", responses=problems(TryLater))
async def ready(request: Request) -> HealthView:
    """Answer once the database answers and has the schema this release was written for."""
    sessions: Sessions = request.app.state.sessions
    async with sessions() as session:
        found = await find_revision(session)
    if is_behind(found):
        raise TryLater
    return HealthView()
