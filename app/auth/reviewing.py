"""The access review: who can see what, and when each was last here (C15)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import queries, staff_queries
from app.auth.auditing.recording import Action, note
from app.auth.roles import PERSONAL, rights_of
from app.auth.staff_queries import Member
from app.auth.staff_schemas import AccessReviewView, AccessView, ClientAccessView, MemberState
from app.core import sheets

COLUMNS = (
    *("kind", "id", "name", "email", "role_or_scopes", "rights", "opens_personal_data", "is_trained", "trained_until"),
    *("state", "recipient", "networks", "created_at", "last_login_at", "last_used_at"),
)


def state_of(member: Member) -> MemberState:
    if member.disabled_at:
        return MemberState.DISABLED
    return MemberState.ACTIVE if member.activated_at else MemberState.INVITED


def access_of(member: Member) -> AccessView:
    """Say what a member of staff may do, and whether customers' data are open to them as things are."""
    rights = rights_of(member.role)
    state = state_of(member)
    return AccessView(
        **member._asdict(),
        state=state,
        rights=sorted(rights),
        opens_personal_data=state is MemberState.ACTIVE and member.is_trained and not rights.isdisjoint(PERSONAL),
    )


async def review_access(session: AsyncSession, *, actor: str, at: datetime) -> AccessReviewView:
    """Read who can see what; that it was reviewed is audited."""
    review = await read_access(session, at=at)
    await note(session, Action.ACCESS_REVIEWED, actor=actor, at=at)
    return review


async def read_access(session: AsyncSession, *, at: datetime) -> AccessReviewView:
    """Read who can see what, for whoever audits it as a part of more."""
    members = await staff_queries.list_members(session, at=at)
    clients = await queries.list_clients(session)
    return AccessReviewView(
        reviewed_at=at,
        members=[access_of(member) for member in members],
        clients=[ClientAccessView.model_validate(client) for client in clients],
    )


def as_csv(review: AccessReviewView) -> bytes:
    """Write the review as one table, members of staff first."""
    rows = (*map(_of_member, review.members), *map(_of_client, review.clients))
    return sheets.as_csv(COLUMNS, ([row.get(name) for name in COLUMNS] for row in rows))


def _of_member(member: AccessView) -> dict[str, object]:
    shown = {name: value for name, value in member if name in COLUMNS}
    return {"kind": "staff", **shown, "role_or_scopes": member.role, "rights": " ".join(member.rights)}


def _of_client(client: ClientAccessView) -> dict[str, object]:
    shown = {name: value for name, value in client if name in COLUMNS}
    return {
        "kind": "client",
        **shown,
        "role_or_scopes": " ".join(client.scopes),
        "opens_personal_data": client.opens_personal_data,
        "state": "revoked" if client.revoked_at else "active",
        "networks": "any" if client.networks is None else " ".join(client.networks),
    }
