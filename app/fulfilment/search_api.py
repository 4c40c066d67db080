"""How staff look for orders: by POST, so that nothing personal stands in an address; each use is audited."""

from app.auth.guards import STAFF_REFUSALS
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid
from app.core.language import Speaks
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.fulfilment import staff_queries
from app.fulfilment.account_api import read_number
from app.fulfilment.staff_api import Reader, decides, found_page
from app.fulfilment.staff_schemas import FoundOrderView, SearchOrders, SearchStaff

router = Router(prefix="/staff", tags=["staff"])


@router.post("/orders/searches", responses=problems(*STAFF_REFUSALS, CursorUnknown, BodyUnreadable, Invalid))
async def search_orders(
    wish: SearchOrders,
    caller: Reader,
    session: SessionDep,
    language: Speaks,
    at: At,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[FoundOrderView]:
    """List the orders placed with an e-mail address or a phone number, newest first."""
    after = read_cursor(cursor, read_number)
    rows = await staff_queries.list_orders(
        session,
        email=wish.email,
        phone=wish.phone,
        with_restricted=decides(caller),
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return found_page(session, "search_orders", rows, limit, caller, language, at)


@router.post("/search", responses=problems(*STAFF_REFUSALS, CursorUnknown, BodyUnreadable, Invalid))
async def search_as_staff(
    wish: SearchStaff,
    caller: Reader,
    session: SessionDep,
    language: Speaks,
    at: At,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[FoundOrderView]:
    """Find orders by whatever one knows of them, newest first."""
    after = read_cursor(cursor, read_number)
    rows = await staff_queries.list_orders(
        session,
        words=wish.words,
        with_restricted=decides(caller),
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return found_page(session, "search_as_staff", rows, limit, caller, language, at)
