"""The endpoint that closes one's own account."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.accounts.closing import close_account
from app.accounts.closing_schemas import CloseAccount, ClosedView
from app.auth.errors import FreshLoginNeeded, PasswordWrong
from app.auth.fresh_logins import require_owner
from app.auth.guards import ACCOUNT_REFUSALS, AccountCaller
from app.auth.own_api import limit_tries
from app.auth.persons import RecentDep
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid
from app.core.holders import Holder
from app.core.language import Speaks
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.core.sealing import SealerDep
from app.core.throttle import TooManyRequests
from app.privacy.evidence import EvidenceDep

router = Router(prefix="/me", tags=["account"])

NO_PASSWORD = CloseAccount()


async def get_holders(request: Request) -> Sequence[Holder]:
    holders: Sequence[Holder] = request.app.state.holders
    return holders


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing an account takes of its request."""

    session: SessionDep
    holders: Annotated[Sequence[Holder], Depends(get_holders)]
    evidence: EvidenceDep
    recent: RecentDep
    sealer: SealerDep
    language: Speaks

    async def close(self, account_id: UUID) -> ClosedView:
        """Close the account; tokens of its sessions are refused by this process at once, by others a moment later."""
        erasure = await close_account(self.session, self.holders, account_id, self.evidence, self.sealer)
        self.recent.forget(account_id)
        return ClosedView.of(erasure, self.language, at=self.evidence.at)


ClosingDep = Annotated[Closing, Depends(scope="function")]


@router.delete(
    "",
    dependencies=[Depends(limit_tries)],
    openapi_extra={"requestBody": {"required": False}},
    responses=problems(*ACCOUNT_REFUSALS, FreshLoginNeeded, PasswordWrong, TooManyRequests, BodyUnreadable, Invalid),
)
async def close_own_account(
    caller: AccountCaller, closing: ClosingDep, session: SessionDep, at: At, wish: CloseAccount = NO_PASSWORD
) -> ClosedView:
    """Close one's account: what no law holds is erased at once, the rest is named with its law and last day.

    Needs the password, or a login that is at most ten minutes old; taking back the consent to the account needs
    neither (`POST /v1/consents/withdrawals`). Every session ends and consents are taken back. Orders under way are
    still delivered and invoiced.
    """
    password = wish.password.get_secret_value() if wish.password else None
    await require_owner(session, caller, password, at=at)
    return await closing.close(caller.id)
