"""Endpoints of taking consents back by anybody: with an account, with a mail's token, with an address alone (S18)."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.accounts.closing import lock_account
from app.accounts.closing_api import ClosingDep
from app.accounts.errors import AddressMissing
from app.accounts.withdrawals_schemas import ConsentWithdrawalView, ProveWithdrawal, Withdraw, WithdrawForSomebody
from app.auth import login_queries
from app.auth.errors import LinkInvalid, RoleInsufficient, Unauthenticated
from app.auth.guards import MAYBE_ACCOUNT, STAFF_REFUSALS, MaybeAccount, staff_with
from app.auth.link_tokens import read_link
from app.auth.models import Realm
from app.auth.persons import Person
from app.auth.roles import Right, rights_of
from app.core.db import SessionDep
from app.core.errors import Invalid
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.core.throttle import HOUR, TooManyRequests, limited
from app.privacy import consenting
from app.privacy.consenting import Said, by
from app.privacy.marketing import UNSUBSCRIBE
from app.privacy.models import ConsentPurpose, Means, SaidBy
from app.privacy.purposes import MARKETING
from app.privacy.queries import LastAct
from app.privacy.service import Evidence
from app.privacy.withdrawals import proving, telling

router = Router(prefix="/consents/withdrawals", tags=["privacy"])
WITHDRAWALS = limited("withdrawal", 60, HOUR)
"""Leave room for everybody behind one address, and none for a list of strangers' addresses."""
staff_router = Router(prefix="/staff/consents/withdrawals", tags=["staff"])

REGISTRATION = ConsentPurpose.REGISTRATION


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """What taking back takes of its request."""

    session: SessionDep
    closing: ClosingDep

    @property
    def evidence(self) -> Evidence:
        return self.closing.evidence

    async def of_account(self, caller: Person, wish: Withdraw) -> ConsentWithdrawalView:
        """Take back one's own consents; the registration's closes the account."""
        email = (await lock_account(self.session, caller.id)).email
        closed = None
        if wish.purpose is REGISTRATION:
            await consenting.withdraw(self.session, email, None, self.evidence, words=wish.words)
            closed = await self.closing.close(caller.id)
        else:
            await self._take_back(email, wish.purposes, wish)
        return ConsentWithdrawalView.of(wish.purposes, self.closing.language, closed=closed)

    async def of_address(self, email: str, wish: Withdraw) -> ConsentWithdrawalView:
        """Stop marketing to an address on anybody's word, and ask its reader about what would destroy something."""
        at_once = wish.purposes & MARKETING
        stopped = await self._take_back(email, at_once, wish)
        await telling.tell_owner(self.session, email, stopped, self.evidence)
        if later := wish.purposes - MARKETING:
            await proving.ask_for_proof(self.session, email, sorted(later), self.evidence, words=wish.words)
        return ConsentWithdrawalView.of(at_once, self.closing.language, to_be_proved=later)

    async def of_mail(self, request: Request, token: str, wish: Withdraw) -> ConsentWithdrawalView:
        """Take back what a marketing mail was sent under: its token names address and list, and is its own proof."""
        consent_id = read_link(request.app.state.secret, UNSUBSCRIBE, token)
        if consent_id is None:
            raise LinkInvalid
        evidence, said = by(self.evidence, Means.LINK), Said(wish.words)
        stopped = await consenting.stop_by_act(self.session, consent_id, evidence, said=said)
        return ConsentWithdrawalView.of(stopped, self.closing.language)

    async def _take_back(self, email: str, purposes: frozenset[ConsentPurpose], wish: Withdraw) -> list[LastAct]:
        said = Said(wish.words)
        return await consenting.take_back(self.session, email, purposes, self.evidence, channel=wish.channel, said=said)

    async def lock_owner(self, email: str) -> UUID | None:
        """Lock the account of an address, if it has one: before consents and links, in the order of a closing."""
        owner = await login_queries.find_person(self.session, Realm.ACCOUNT, email)
        locked = await login_queries.lock_person(self.session, Realm.ACCOUNT, owner.id) if owner else None
        return locked.id if locked else None


WithdrawingDep = Annotated[Withdrawing, Depends(scope="function")]


@router.post(
    "",
    dependencies=[WITHDRAWALS],
    openapi_extra=MAYBE_ACCOUNT,
    responses=problems(TooManyRequests, Unauthenticated, AddressMissing, LinkInvalid, BodyUnreadable, Invalid),
)
async def withdraw_consents(
    wish: Withdraw, request: Request, caller: MaybeAccount, withdrawing: WithdrawingDep
) -> ConsentWithdrawalView:
    """Take consents back, freely and without a reason, with effect from this answer on; repeated, it changes nothing.

    Marketing to an address stops on anybody's word, and its owner is told once. What would destroy something is done
    at once for whoever is logged in; otherwise the address is proved first by a mailed link. The answer is the same
    whether or not it is known here.
    """
    if wish.token is not None:
        return await withdrawing.of_mail(request, wish.token.get_secret_value(), wish)
    if wish.email is not None:
        return await withdrawing.of_address(wish.email, wish)
    if caller is None:
        raise AddressMissing
    return await withdrawing.of_account(caller, wish)


@router.post(
    "/confirmations",
    dependencies=[WITHDRAWALS],
    responses=problems(TooManyRequests, LinkInvalid, BodyUnreadable, Invalid),
)
async def prove_withdrawal(
    wish: ProveWithdrawal, request: Request, session: SessionDep, withdrawing: WithdrawingDep
) -> ConsentWithdrawalView:
    """Prove by the mailed link that the withdrawal is one's own; it is carried out in this same moment."""
    evidence = by(withdrawing.evidence, Means.LINK)
    pending_id = read_link(request.app.state.secret, proving.LINK, wish.token.get_secret_value())
    found = await proving.find_pending(session, pending_id, at=evidence.at) if pending_id else None
    if pending_id is None or found is None:
        raise LinkInvalid
    purposes = frozenset(map(ConsentPurpose, found.purposes))
    owner_id = await withdrawing.lock_owner(found.email) if REGISTRATION in purposes else None
    pending = await proving.take_pending(session, pending_id, at=evidence.at)
    if pending is None:
        raise LinkInvalid
    await consenting.take_back(session, pending.email, purposes, evidence, said=Said(pending.words))
    closed = await withdrawing.closing.close(owner_id) if owner_id else None
    return ConsentWithdrawalView.of(purposes, withdrawing.closing.language, closed=closed)


@staff_router.post("", responses=problems(*STAFF_REFUSALS, BodyUnreadable, Invalid))
async def withdraw_for_somebody(
    wish: WithdrawForSomebody,
    withdrawing: WithdrawingDep,
    session: SessionDep,
    member: Annotated[Person, staff_with(Right.RECORD_CONSENTS)],
) -> ConsentWithdrawalView:
    """Record what somebody told us: that they withdraw or object (C9); it takes effect from this answer on.

    The registration's consent is taken back by its owner through a mailed link. A parent's word for a child under 14
    closes the account at once, by whoever may decide requests: without the parent there was no consent (ЗЗЛД чл. 25в).
    """
    assert member.role is not None  # of every member of staff
    closes = wish.purpose is REGISTRATION
    by_parent = closes and wish.said_by is SaidBy.PARENT
    if by_parent and Right.DECIDE_REQUESTS not in rights_of(member.role):
        raise RoleInsufficient(right=Right.DECIDE_REQUESTS.value)
    # Where the member of staff sits says nothing of the person.
    evidence = Evidence(withdrawing.evidence.at, withdrawing.closing.language, Means.STAFF, None, None)
    language = withdrawing.closing.language
    if closes and not by_parent:
        await proving.ask_for_proof(session, wish.email, [REGISTRATION], evidence, words=wish.words)
        return ConsentWithdrawalView.of(frozenset(), language, to_be_proved=frozenset({REGISTRATION}))
    said = Said(wish.words, wish.received_by, wish.said_by)
    purposes = frozenset(ConsentPurpose) if closes else wish.purposes
    owner_id = await withdrawing.lock_owner(wish.email) if closes else None
    stopped = await consenting.take_back(session, wish.email, purposes, evidence, channel=wish.channel, said=said)
    if not closes:
        await telling.tell_owner(session, wish.email, stopped, evidence)
    closed = await withdrawing.closing.close(owner_id) if owner_id else None
    return ConsentWithdrawalView.of(purposes, language, closed=closed)
