"""Whether the process lives, and whether it can serve."""

from typing import Literal

from fastapi import Request
from pydantic import Field

from app.core.backlog import count_workers
from app.core.db import Sessions
from app.core.fields import View
from app.core.logs import OUTPUT
from app.core.problems import TryLater, problems
from app.core.routing import Router
from app.core.schema import find_revision, is_behind

router = Router(prefix="/health", tags=["operations"])


class HealthView(View):
    status: Literal["ok"] = "ok"


class ReadinessView(View):
    status: Literal["ok", "degraded"] = Field(
        description="`degraded`: requests are served, but no worker does what was promised (staff read more under"
        " `/v1/staff/upkeep/standstills`), or this process cannot write its log"
    )


@router.get("/live")
async def live() -> HealthView:
    """Answer as long as the process can."""
    return HealthView()


@router.get("/ready", responses=problems(TryLater))
async def ready(request: Request) -> ReadinessView:
    """Answer once the database answers and has the schema this release was written for."""
    sessions: Sessions = request.app.state.sessions
    async with sessions() as session:
        if is_behind(await find_revision(session)):
            raise TryLater
        workers = await count_workers(session, silent_for=request.app.state.worker_silent_seconds)
    return ReadinessView(status="ok" if workers.alive and not OUTPUT.is_failing else "degraded")
