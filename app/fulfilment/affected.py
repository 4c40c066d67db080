"""Whose data a breach touched: from the audit and the disclosures to orders and accounts, and from these to people.

An entry of the audit names what it showed by words as `number:100000001` or `account:…`, in its subject or its detail;
a list names each order on the page that was shown. Who exports a register, or packs all of them, is taken to have seen
everybody who had an order by then. Entries that name nothing known here are counted as unresolved, never left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.models import Action, AuditEntry
from app.auth.models import Account, LoginSession, Realm
from app.core.language import Language
from app.core.personal import Category
from app.fulfilment.exposed import NAMES_SOMEBODY, everybody_in, named_by, orders, record_of, touch
from app.orders.models import Order
from app.privacy.breaches.errors import LoginNotOnRecord
from app.privacy.breaches.ports import ExposedTable, Found, Search, SearchKind, Unresolved
from app.privacy.models import Disclosure, Handing

EXPORTS = (Action.REGISTER_EXPORTED, Action.INSPECTION_PACKED)
OF_PEOPLE = (Action.PERSONAL_DATA_READ, Action.PERSONAL_DATA_CHANGED)
TELL_ELSEWHERE = (
    *(
        "list_contract_withdrawals",
        "record_withdrawal",
        "list_orders",
        "search_orders",
        "search_customers",
        "download_document",
    ),
    *("read_register", "search_register", "export_register_as_csv", "export_register_as_pdf", "make_inspection_pack"),
)
"""Routes whose own entry names nobody because a second one, or a disclosure, names everybody whom they showed."""
SHOW_NOBODY = ("list_breaches", "record_breach", "list_documents", "list_registers", "read_statistics")
BY_DISCLOSURE = {"download_document": "invoice", "list_shipments": "shipment", "download_label": "label"}
"""What the log of disclosures calls that which these routes hand over."""


async def find_people(session: AsyncSession, searches: Sequence[Search]) -> Found:
    """Find whose data the searches touch; all of it is computed in the database, whatever the number of people."""
    resolved = [await _as_actor(session, search) for search in searches]
    touched = union_all(*(part for search in resolved for part in _touched(search))).subquery("touched")
    kinds = await session.scalars(select(func.unnest(touched.c.categories)).distinct())
    return Found(
        people=_people(touched),
        categories=sorted(Category(name) for name in kinds),
        unresolved=await _unresolved(session, resolved),
    )


async def _as_actor(session: AsyncSession, search: Search) -> Search:
    """Take a login for all that its owner did while it lasted: the audit does not tell logins apart."""
    if search.kind is not SearchKind.SESSION:
        return search
    login = await session.get(LoginSession, UUID(search.what))
    if login is None:
        raise LoginNotOnRecord(login=search.what)
    who = f"{Realm.STAFF}:{login.staff_id}" if login.staff_id else f"{Realm.ACCOUNT}:{login.account_id}"
    since = max(search.since, login.created_at) if search.since else login.created_at
    until = min(search.until, login.ended_at or search.until)
    return replace(search, kind=SearchKind.ACTOR, what=who, since=since, until=until)


def _touched(search: Search) -> Iterator[Select[Any]]:
    if search.kind is SearchKind.TABLE:
        yield everybody_in(ExposedTable(search.what), search)
        return
    yield _disclosed(search)
    if search.kind is SearchKind.RECIPIENT:
        return
    audited = _audited(search)
    yield from named_by(audited, search)
    exported_at = select(func.max(AuditEntry.at)).where(audited, AuditEntry.action.in_(EXPORTS))
    yield orders(search).where(Order.placed_at <= exported_at.scalar_subquery())
    realm, _, account_id = search.what.partition(":")
    if search.kind is SearchKind.ACTOR and realm == Realm.ACCOUNT:
        # Whoever has a shopper's login sees all that is the shopper's.
        yield from _of_shopper(search, UUID(account_id))


def _of_shopper(search: Search, account_id: UUID) -> Iterator[Select[Any]]:
    yield orders(search).where(Order.account_id == account_id)
    owner = literal(account_id)
    yield touch(search, record_of("account", owner), _ACCOUNT_KINDS, account_id=owner)


_ACCOUNT_KINDS = (Category.ADDRESS, Category.EMAIL, Category.INVOICE, Category.NAME, Category.PHONE)


def _within(moment: Any, search: Search) -> ColumnElement[bool]:
    return and_(true() if search.since is None else moment >= search.since, moment <= search.until)


def _audited(search: Search) -> ColumnElement[bool]:
    if search.kind is SearchKind.ROUTE:
        fits = func.split_part(AuditEntry.subject, " ", 1) == search.what
    else:
        fits = AuditEntry.actor == search.what
    return and_(fits, _within(AuditEntry.at, search))


def _disclosed(search: Search) -> Select[Any]:
    if search.kind is SearchKind.RECIPIENT:
        fits = Disclosure.recipient == search.what
    elif search.kind is SearchKind.ROUTE:
        by_route = Disclosure.means.in_((Handing.PULL, Handing.DOWNLOAD))
        fits = and_(by_route, Disclosure.what == BY_DISCLOSURE.get(search.what, ""))
    else:
        fits = Disclosure.actor == search.what
    order_id = Disclosure.order_id.expression
    given = touch(search, record_of("order", order_id), Disclosure.categories.expression, order_id=order_id)
    return given.where(fits, _within(Disclosure.disclosed_at, search))


def _people(touched: Subquery) -> Select[Any]:
    """Make one row of all that touches the same person: whose account it is, or whose address."""
    # An account's own address is the one that was proved last.
    email = func.coalesce(Account.email, func.nullif(Order.email, ""), touched.c.email)
    nameless = func.coalesce(
        literal("order:", Text) + cast(Order.number, Text),
        literal("account:", Text) + cast(touched.c.account_id, Text),
        literal("order:", Text) + cast(touched.c.order_id, Text),
    )
    usable = email.like("_%@_%")
    owner_id = func.coalesce(Order.account_id, touched.c.account_id)
    each = (
        select(
            case((usable, func.lower(email)), else_=nameless).label("key"),
            case((usable, email)).label("email"),
            owner_id.label("account_id"),
            func.coalesce(
                cast(Account.language, Text), cast(Order.language, Text), touched.c.language, Language.BG.value
            ).label("language"),
            touched.c.reason,
            touched.c.record,
        )
        .select_from(touched)
        .outerjoin(Order, Order.id == touched.c.order_id)
        .outerjoin(Account, Account.id == owner_id)
        .subquery("each")
    )
    known = each.c.account_id.is_not(None)
    return select(
        each.c.key,
        func.min(each.c.email).label("email"),
        func.array_agg(each.c.account_id).filter(known)[1].label("account_id"),
        # As the account has it, or else as the last order was placed: ids of rows made later sort later.
        func.array_agg(aggregate_order_by(each.c.language, each.c.record.desc()))[1].label("language"),
        func.array_agg(aggregate_order_by(each.c.reason.distinct(), each.c.reason)).label("found_by"),
        func.count(each.c.record.distinct()).label("records"),
    ).group_by(each.c.key)


async def _unresolved(session: AsyncSession, searches: Sequence[Search]) -> list[Unresolved]:
    """Count, by route, the entries that show customers' data and name nobody."""
    asked = [_audited(search) for search in searches if search.kind in {SearchKind.ACTOR, SearchKind.ROUTE}]
    if not asked:
        return []
    operation = func.split_part(AuditEntry.subject, " ", 1)
    said = func.concat_ws(" ", AuditEntry.subject, AuditEntry.detail)
    wanted = (
        select(operation, func.count())
        .where(
            or_(*asked),
            AuditEntry.action.in_(OF_PEOPLE),
            ~said.regexp_match(NAMES_SOMEBODY),
            operation.not_in((*TELL_ELSEWHERE, *SHOW_NOBODY)),
        )
        .group_by(operation)
        .order_by(operation)
    )
    return [Unresolved(name, count) for name, count in await session.execute(wanted)]
