"""Rules, runs and holds for the privacy officer."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid, ShopError
from app.core.jobs import Promise, defer
from app.core.language import Language, Speaks, Text
from app.core.paging import Cursor, CursorUnknown, Limit, ListedId, Page, read_cursor, write_cursor
from app.core.problems import problems
from app.core.routing import Router
from app.privacy.retention import holds, queries
from app.privacy.retention.holds import HoldNotFound, HoldWithoutEnd
from app.privacy.retention.jobs import RunRetention
from app.privacy.retention.rules import Rule
from app.privacy.retention.running import Keeper
from app.privacy.retention.schemas import (
    DryRunView,
    HoldView,
    RetentionCountView,
    RulesView,
    RuleView,
    RunView,
    SetHold,
)

router = Router(prefix="/staff/retention", tags=["staff"])
Officer = Annotated[Person, staff_with(Right.MANAGE_RETENTION)]


class HoldOfOne(ShopError):
    status = 422
    title = Text("Задържа се едно нещо", "A hold is of one thing")
    advice = Text("Посочете или order_id, или email.", "Give either order_id or email.")


async def get_keeper(request: Request) -> Keeper:
    keeper: Keeper = request.app.state.keeper
    return keeper


KeeperDep = Annotated[Keeper, Depends(get_keeper)]


@router.get("/rules", responses=problems(*STAFF_REFUSALS))
async def list_retention_rules(_: Officer, keeper: KeeperDep, language: Speaks) -> RulesView:
    """List what is kept from when, how long, by which law (S30, C10)."""
    return RulesView(items=[_rule(rule, language) for rule in keeper.rules])


def _rule(rule: Rule, language: Language) -> RuleView:
    told = rule.told
    return RuleView(
        key=rule.key,
        retention=rule.retention,
        tables=sorted(rule.tables),
        does=rule.does,
        what=told.what.in_(language),
        since=told.since.in_(language),
        term=told.term.in_(language),
        law=told.law.in_(language),
        factors=[*told.factors],
    )


@router.get("/dry-run", responses=problems(*STAFF_REFUSALS))
async def count_retention(_: Officer, keeper: KeeperDep) -> DryRunView:
    """Count what a run would let go of now; nothing is changed."""
    counted = await keeper.count()
    return DryRunView(counts={key: RetentionCountView(**asdict(count)) for key, count in counted.items()})


@router.get("/runs", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_retention_runs(
    _: Officer, session: SessionDep, limit: Limit = 50, cursor: Cursor = None
) -> Page[RunView]:
    """List the runs, the last one first."""
    before = read_cursor(cursor, datetime.fromisoformat, UUID)
    found = await queries.list_runs(session, before=(before[0], before[1]) if before else None, limit=limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    return Page(
        items=[RunView.model_validate(run) for run in shown],
        next_cursor=write_cursor(shown[-1].started_at.isoformat(), shown[-1].id) if more else None,
    )


@router.post("/runs", status_code=202, response_class=Response, responses=problems(*STAFF_REFUSALS))
async def start_retention_run(caller: Officer, session: SessionDep) -> None:
    """Have the worker run the rules now; the list of runs shows what became of it."""
    await defer(session, Promise(RunRetention(caller.actor), lock="retention"))


@router.get("/holds", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_holds(_: Officer, session: SessionDep, limit: Limit = 50, cursor: Cursor = None) -> Page[HoldView]:
    """List what is held for disputes, and was."""
    after = read_cursor(cursor, UUID)
    found = await queries.list_holds(session, after=after[0] if after else None, limit=limit + 1)
    shown = found[:limit]
    return Page(
        items=[HoldView.model_validate(each) for each in shown],
        next_cursor=write_cursor(shown[-1].id) if len(found) > limit else None,
    )


@router.post("/holds", status_code=201, responses=problems(*STAFF_REFUSALS, HoldWithoutEnd, HoldOfOne, Invalid))
async def set_hold(wish: SetHold, caller: Officer, session: SessionDep, at: At) -> HoldView:
    """Hold an order, or all that is somebody's, for a dispute, to a last day (S48)."""
    if (wish.order_id is None) == (wish.email is None):
        raise HoldOfOne
    made = await holds.hold(
        session,
        order_id=wish.order_id,
        email=wish.email,
        ground=wish.ground,
        until=wish.until,
        by=caller.actor,
        at=at,
    )
    return HoldView.model_validate(made)


@router.post("/holds/{hold_id}/lifting", responses=problems(*STAFF_REFUSALS, HoldNotFound, Invalid))
async def lift_hold(
    hold_id: ListedId,
    caller: Officer,
    session: SessionDep,
    at: At,
) -> HoldView:
    """End a hold: what is due by then goes with the next run."""
    return HoldView.model_validate(await holds.lift(session, hold_id, by=caller.actor, at=at))
