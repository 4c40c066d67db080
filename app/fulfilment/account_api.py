"""Endpoints of an account's orders; each order itself is read where a guest's is."""

from typing import Any

from app.auth.guards import ACCOUNT_REFUSALS, AccountCaller
from app.core.clock import At
from app.core.db import LookupsDep, SessionDep
from app.core.errors import Invalid
from app.core.language import Speaks
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.problems import problems
from app.core.routing import Router
from app.fulfilment import queries
from app.fulfilment.attention import row_parcel
from app.fulfilment.claiming import claim_orders
from app.fulfilment.schemas import ClaimedOrdersView, OwnOrderView

router = Router(prefix="/me/orders", tags=["account"])


@router.get("", responses=problems(*ACCOUNT_REFUSALS, CursorUnknown, Invalid))
async def list_own_orders(
    caller: AccountCaller, lookups: LookupsDep, language: Speaks, limit: Limit = 20, cursor: Cursor = None
) -> Page[OwnOrderView]:
    """List the account's orders, newest first."""
    after = read_cursor(cursor, read_number)
    rows = await queries.list_own_orders(
        lookups, caller.id, language, after=after[0] if after else None, limit=limit + 1
    )
    shown = rows[:limit]
    return Page(
        items=[OwnOrderView.of(row, row_parcel(row, language)) for row in shown],
        next_cursor=write_cursor(shown[-1].number) if len(rows) > limit else None,
    )


@router.post("/claims", responses=problems(*ACCOUNT_REFUSALS))
async def claim_guest_orders(caller: AccountCaller, session: SessionDep, at: At) -> ClaimedOrdersView:
    """Attach to the account the orders placed as a guest with its proved e-mail address.

    This happens by itself when the address is proved; a repeated call finds nothing left.
    """
    numbers = await claim_orders(session, caller.id, at=at)
    return ClaimedOrdersView(numbers=numbers, count=len(numbers))


def read_number(value: Any) -> int:
    if type(value) is not int or not 0 < value < 10**9:
        raise ValueError("not the number of an order")
    return value
