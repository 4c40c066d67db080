"""Endpoints of what leaves outside the standing ways, and of one's own disclosure log."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.auth.errors import Unauthenticated
from app.auth.guards import ACCOUNT_REFUSALS, STAFF_REFUSALS, AccountCaller, staff_with
from app.auth.models import Account
from app.auth.persons import Person
from app.auth.roles import Right
from app.backoffice import disclosures_queries as queries
from app.backoffice.ad_hoc_schemas import AdHocDisclosureView, OwnDisclosureView, RecordAdHocDisclosure
from app.backoffice.disclosures import ad_hoc_entry, newest, standing_entry
from app.backoffice.errors import FieldsUnknown
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.holders import Person as Subject
from app.core.language import Speaks
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.orders import queries as orders
from app.privacy.ad_hoc.models import AdHocKind
from app.privacy.ad_hoc.recording import HandedOver, NoSuchFields, record
from app.privacy.models import Disclosure
from app.privacy.restricting import PersonRestricted, Whose, require_unrestricted

router = Router()
Keeper = Annotated[Person, staff_with(Right.READ_REGISTERS)]
# Of a restricted person (S64): what a law demands, and what a legal claim needs.
LAWFUL_WHILE_RESTRICTED = frozenset({AdHocKind.AUTHORITY, AdHocKind.LAWYER})
MANAGES = Depends(staff_with(Right.MANAGE_RECIPIENTS).dependency)


@router.post(
    "/staff/ad-hoc-disclosures",
    status_code=201,
    tags=["registers"],
    dependencies=[MANAGES],
    responses=problems(*STAFF_REFUSALS, NotFound, FieldsUnknown, PersonRestricted, BodyUnreadable, Invalid),
)
async def record_ad_hoc_disclosure(
    wish: RecordAdHocDisclosure, caller: Keeper, session: SessionDep, at: At
) -> AdHocDisclosureView:
    """Record what is given to an authority, a lawyer, an auditor or a consultant; the person sees it in their log."""
    order = await orders.get_order(session, wish.order_number) if wish.order_number else None
    if wish.kind not in LAWFUL_WHILE_RESTRICTED:
        await require_unrestricted(
            session, [Whose(order.email, order.account_id) if order else Whose(wish.email or "")]
        )
    handed = HandedOver(
        kind=wish.kind,
        recipient=wish.recipient,
        ground=wish.ground,
        reference=wish.reference,
        reason=wish.reason,
        fields=wish.fields,
        order_id=order.id if order else None,
        email=wish.email,
    )
    try:
        log = await record(session, handed, by=caller.actor, at=at)
    except NoSuchFields:
        raise FieldsUnknown from None
    return AdHocDisclosureView.model_validate(log)


@router.get("/me/disclosures", tags=["account"], responses=problems(*ACCOUNT_REFUSALS, CursorUnknown, Invalid))
async def list_own_disclosures(
    caller: AccountCaller, session: SessionDep, language: Speaks, limit: Limit = 50, cursor: Cursor = None
) -> Page[OwnDisclosureView]:
    """List to whom one's own data went, newest first: which, why, on which ground."""
    account = await session.get(Account, caller.id)
    if account is None:
        raise Unauthenticated  # closed since the guard let it pass
    after = read_cursor(cursor, UUID)
    below, person = after[0] if after else None, Subject(account.email, account.id)
    own = Disclosure.order_id.in_(queries.own_order_ids(person))
    standing = await queries.list_standing(session, own, below, limit + 1)
    once = await queries.list_ad_hoc(session, queries.ad_hoc_of(person), below, limit + 1)
    entries = newest([*map(standing_entry, standing), *map(ad_hoc_entry, once)], limit + 1)
    return Page(
        items=[OwnDisclosureView.of(entry, language) for entry in entries[:limit]],
        next_cursor=write_cursor(*entries[limit - 1].key) if len(entries) > limit else None,
    )
