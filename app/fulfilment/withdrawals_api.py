"""Endpoint of the withdrawal from a contract: a consumer's statement, without a login (чл. 52а ЗЗП)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.auth.guards import MAYBE_ACCOUNT, AccountOrNobody
from app.auth.guest_tokens import OrderToken
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid
from app.core.language import Speaks
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.core.throttle import HOUR, TooManyRequests, limited
from app.fulfilment.api import Holder
from app.orders import queries as order_queries
from app.orders.naming import order_number_in
from app.returns import service
from app.returns.errors import WithdrawalKeyReused
from app.returns.models import Withdrawal
from app.returns.schemas import StateWithdrawal, WithdrawalView
from app.returns.service import Stating
from app.returns.texts.terms import ContractTerms

router = Router(prefix="/withdrawals", tags=["order"])
STATEMENTS = limited("withdrawal-statement", 600, HOUR)
"""Many share one address of a carrier, in the last minute of a term too; each mailbox has an allowance of its own."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who takes statements, for whichever caller: what the endpoint and the page ask of a request."""

    session: SessionDep
    terms: ContractTerms
    caller: Holder
    language: Speaks
    at: datetime

    async def state(self, statement: StateWithdrawal) -> Withdrawal:
        """Take a statement; refuses with WithdrawalKeyReused another one under a key that is used."""
        opened = await self._opened(statement.order_number)
        stating = Stating(self.at, self.language, statement.email, opened)
        return await service.state(self.session, statement, stating, self.terms, at=self.at)

    async def _opened(self, words: str) -> UUID | None:
        """Find the order that the caller can open anyway; for others no order is looked up, so nothing is told."""
        number = order_number_in(words)
        if number is None or (self.caller.token is None and self.caller.account_id is None):
            return None
        order = await order_queries.find_order(self.session, number)
        is_theirs = order is not None and self.caller.holds(order)
        return order.id if order is not None and is_theirs else None


async def get_desk(
    request: Request, account: AccountOrNobody, session: SessionDep, language: Speaks, at: At, token: OrderToken = None
) -> Desk:
    caller = Holder(request.app.state.terms.guest_token_secret, token, account.id if account else None, at)
    return Desk(session, request.app.state.contract_terms, caller, language, at)


DeskDep = Annotated[Desk, Depends(get_desk, scope="function")]


@router.post(
    "",
    status_code=201,
    dependencies=[STATEMENTS],
    openapi_extra=MAYBE_ACCOUNT,
    responses=problems(TooManyRequests, WithdrawalKeyReused, BodyUnreadable, Invalid),
)
async def state_withdrawal(statement: StateWithdrawal, desk: DeskDep) -> WithdrawalView:
    """Withdraw from a contract, from the order to the end of the period and after: every statement is accepted.

    The receipt, with the statement and its moment, goes to the address given. The answer repeats what was stated; it is
    the same whether or not there is such an order, and whose it is is checked before money moves.
    """
    return WithdrawalView.model_validate(await desk.state(statement))
