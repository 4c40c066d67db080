"""Statements of withdrawal: kept while they are open, and afterwards for as long as there may be claims."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Date, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.holders import Erasure, Kept, Own, Person
from app.core.language import Text
from app.mail.models import Mail, MailKind
from app.orders.models import Order
from app.privacy.retention.holds import in_force_for
from app.privacy.retention.models import RetentionHold
from app.privacy.storage_terms import CLAIMS, CONTRACT, StorageTerms
from app.returns.forgetting import OF_NO_CONTRACT, forget_withdrawals
from app.returns.models import Identity, Withdrawal, WithdrawalCase

OPEN = Text("Заявления за отказ, по които се работи", "Statements of withdrawal under way")
SETTLED = Text("Уредени заявления за отказ от договор", "Statements of withdrawal that were settled")
GONE = Text("Заявленията за отказ от договор", "Statements of withdrawal from a contract")


@dataclass(frozen=True, slots=True)
class StatementHolder:
    terms: StorageTerms
    tables: frozenset[str] = frozenset({"withdrawals", "withdrawal_cases"})

    def own(self, person: Person) -> Sequence[Own]:
        own = Own(Withdrawal, _of(person))
        ids = own.ids(Withdrawal.id)
        return (
            own,
            Own(WithdrawalCase, WithdrawalCase.withdrawal_id.in_(ids)),
            # To whatever address they went.
            Own(Mail, (Mail.kind == MailKind.WITHDRAWAL_RECEIPT) & Mail.about_id.in_(ids)),
        )

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:
        held = (
            select(func.coalesce(func.max(RetentionHold.until), date.min, type_=Date))
            .where(in_force_for(WithdrawalCase.order_id, Withdrawal.email, at=at))
            .correlate(Withdrawal, WithdrawalCase)
            .scalar_subquery()
        )
        wanted = (
            select(Withdrawal.id, WithdrawalCase.settled_at, OF_NO_CONTRACT, held.label("held"))
            .join(WithdrawalCase, WithdrawalCase.withdrawal_id == Withdrawal.id)
            .where(_of(person))
            .order_by(Withdrawal.id)
            .with_for_update(of=WithdrawalCase)
        )
        gone, kept, under_way = list[UUID](), Counter[date](), 0
        for withdrawal_id, settled_at, is_of_none, held_until in await session.execute(wanted):
            if settled_at is None:
                under_way += 1
                continue
            term = self.terms.of_cancelled if is_of_none else self.terms.of_claims
            until = max(term(legal_date(settled_at)), held_until)
            if until < legal_date(at):
                gone.append(withdrawal_id)
            else:
                kept[until] += 1
        await forget_withdrawals(session, gone)
        return Erasure(
            [GONE] if gone else [],
            [
                *([Kept(OPEN, CONTRACT, None, under_way)] if under_way else []),
                *(Kept(SETTLED, CLAIMS, until, count) for until, count in sorted(kept.items())),
            ],
        )


def _of(person: Person) -> ColumnElement[bool]:
    """Take what was stated under somebody's address, and what was shown to be of their order: a number alone is not."""
    orders = select(Order.id).where(or_(person.owns(Order.account_id), Order.id.in_(person.orders)))
    theirs = select(WithdrawalCase.withdrawal_id).where(
        WithdrawalCase.order_id.in_(orders), WithdrawalCase.identity != Identity.UNPROVED
    )
    return or_(person.is_at(Withdrawal.email), Withdrawal.id.in_(theirs))
