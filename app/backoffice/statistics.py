"""Counts of a month for partners and reports: no identifiers, and nothing that tells of one person (C5, C14).

A count of one to four is withheld. In a breakdown where only one is, the next smallest is withheld too: together with
the total it would be told after all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.models import Account
from app.core.clock import SOFIA
from app.orders.models import Order
from app.privacy.models import Consent, ConsentAct, Disclosure
from app.privacy.rights.models import RequestState, RightsRequest

FEWEST = 5


@dataclass(frozen=True, slots=True)
class Count:
    """How many of one kind; None: fewer than `FEWEST`, or withheld with one that is."""

    kind: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Breakdown:
    of: str
    total: int | None
    counts: Sequence[Count]


@dataclass(frozen=True, slots=True)
class Statistics:
    month: str
    fewest: int
    breakdowns: Sequence[Breakdown]


def month_of(column: InstrumentedAttribute[Any], month: str) -> ColumnElement[bool]:
    """Say that a moment is of a month as Bulgaria counts it."""
    first = date.fromisoformat(f"{month}-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    begins, ends = (datetime.combine(day, time.min, tzinfo=SOFIA) for day in (first, following))
    return and_(column >= begins, column < ends)


def withheld(of: str, found: Sequence[tuple[str, int]]) -> Breakdown:
    """Withhold what is too small to be told, and what would give it away."""
    counted = sorted((count, kind) for kind, count in found if count)
    small = {kind for count, kind in counted if count < FEWEST}
    if len(small) == 1 and len(counted) > 1:
        small.add(counted[1][1])
    total = sum(count for count, _ in counted)
    told = [Count(kind, None if kind in small else count) for kind, count in sorted(found)]
    return Breakdown(of, None if 0 < total < FEWEST else total, told)


def _by(kind: Any, *which: ColumnElement[bool]) -> Select[Any]:
    return select(kind, func.count()).where(*which).group_by(kind)


def _live_consents() -> Select[Any]:
    """Count by purpose whose last word is a consent; of one person once for each channel."""
    last = (
        select(Consent.purpose, Consent.act)
        .where(Consent.act != ConsentAct.ASKED)
        .ext(distinct_on(func.lower(Consent.email), Consent.purpose, Consent.channel))
        .order_by(
            func.lower(Consent.email), Consent.purpose, Consent.channel, Consent.recorded_at.desc(), Consent.id.desc()
        )
        .subquery()
    )
    return select(last.c.purpose, func.count()).where(last.c.act == ConsentAct.GIVEN).group_by(last.c.purpose)


async def count_month(session: AsyncSession, month: str) -> Statistics:
    of_month, acts = month_of(Order.placed_at, month), month_of(Consent.recorded_at, month)
    wanted = {
        "orders_by_status": _by(Order.status, of_month),
        "orders_by_delivery_method": _by(Order.delivery_method, of_month),
        "orders_by_payment_method": _by(Order.payment_method, of_month),
        "accounts_opened_by_language": _by(Account.language, month_of(Account.created_at, month)),
        "consents_given": _by(Consent.purpose, acts, Consent.act == ConsentAct.GIVEN),
        "consents_withdrawn": _by(Consent.purpose, acts, Consent.act == ConsentAct.WITHDRAWN),
        "consents_live_now": _live_consents(),
        "requests_by_kind": _by(
            RightsRequest.kind,
            month_of(RightsRequest.received_at, month),
            RightsRequest.state != RequestState.RECEIVED,
        ),
        "disclosures_by_recipient": _by(Disclosure.recipient, month_of(Disclosure.disclosed_at, month)),
    }
    breakdowns = []
    for of, counted in wanted.items():
        found = [(str(kind), count) for kind, count in await session.execute(counted)]
        breakdowns.append(withheld(of, found))
    return Statistics(month, FEWEST, breakdowns)
