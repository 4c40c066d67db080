"""The rule of statements: what was settled is kept for claims, what is open stays."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, exists, select

from app.core.language import Text
from app.core.personal import Retention
from app.orders.models import Order
from app.privacy.retention.holds import is_held
from app.privacy.retention.rules import ActRule, Does, Rule, Told
from app.privacy.storage_terms import CLAIMS, Factor, StorageTerms
from app.returns.forgetting import OF_NO_CONTRACT, forget_withdrawals
from app.returns.models import Withdrawal, WithdrawalCase

YEAR = timedelta(days=366)
"""As long as the longest year: nothing goes a day before its term ends."""


def rules(terms: StorageTerms) -> tuple[Rule, ...]:
    years, short = terms.claims_years, terms.cancelled_years

    def settled(at: datetime) -> ColumnElement[bool]:
        since = case((OF_NO_CONTRACT, at - short * YEAR), else_=at - years * YEAR)
        return exists().where(WithdrawalCase.withdrawal_id == Withdrawal.id, WithdrawalCase.settled_at < since)

    def held(at: datetime) -> ColumnElement[bool]:
        matched = select(Order.id).join(WithdrawalCase, WithdrawalCase.order_id == Order.id)
        of_this = matched.where(WithdrawalCase.withdrawal_id == Withdrawal.id).correlate(Withdrawal)
        buyer = of_this.with_only_columns(Order.account_id).scalar_subquery()
        return is_held(of_this.scalar_subquery(), Withdrawal.email, buyer, at=at)

    return (
        ActRule(
            key="withdrawals",
            retention=Retention.ORDER,
            tables=frozenset({"withdrawals", "withdrawal_cases", "mails"}),
            does=Does.DELETE,
            told=Told(
                Text("Заявления за отказ от договор, с разписките", "Statements of withdrawal, with their receipts"),
                Text("от уреждането; неуредено се пази", "from the settlement; one that is open is kept"),
                Text(
                    f"{years} г.; което не е отказ или не е по поръчка, {short} г.",
                    f"years: {years}; of what is no withdrawal or of no order, {short}",
                ),
                CLAIMS,
                (Factor.CLAIMS, Factor.DUTY),
            ),
            table=Withdrawal,
            which=settled,
            held=held,
            act=forget_withdrawals,
        ),
    )
