"""Endpoints about machine clients: made, renewed, limited to networks, revoked."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Path, Response

from app.auth import queries, service
from app.auth.errors import ClientUnknown, TrainingMissing
from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.auth.service import Credentials
from app.auth.staff_errors import ClientRevoked, RecipientsDiffer
from app.auth.staff_schemas import ClientsView, ClientView, LimitNetworks, MakeClient, RotateSecret, SecretView
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid
from app.core.explaining import shape
from app.core.language import Text
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router, door

router = Router(prefix="/staff/clients", tags=["staff"])
CLIENT_ID = shape(
    "^cl_[0-9a-f]{16}$",
    Text("Напишете номера така, както е в списъка на достъпите", "Write the id as the list of clients has it"),
)
ClientId = Annotated[
    str,
    Path(pattern=CLIENT_ID, description="As the list of clients names it", examples=["cl_0123456789abcdef"]),
]
Manager = Annotated[Person, staff_with(Right.MANAGE_CLIENTS)]


@door
async def get_trained(caller: Manager) -> Person:
    """Refuse a secret to who may not see what it opens: customers' data (S44, C15)."""
    if not caller.is_trained:
        raise TrainingMissing
    return caller


Trained = Annotated[Person, Depends(get_trained)]
OF_ONE = (*STAFF_REFUSALS, ClientUnknown, Invalid)


@router.get("", responses=problems(*STAFF_REFUSALS))
async def list_clients(_: Manager, session: SessionDep) -> ClientsView:
    """List machine clients, the revoked ones too; never their secrets."""
    found = await queries.list_clients(session)
    return ClientsView(items=[ClientView.model_validate(client) for client in found])


@router.post("", status_code=201, responses=problems(*STAFF_REFUSALS, RecipientsDiffer, BodyUnreadable, Invalid))
async def make_client(wish: MakeClient, caller: Trained, response: Response, session: SessionDep, at: At) -> SecretView:
    """Make a machine client; its secret is shown here and never again."""
    made = await service.create_client(
        session, wish.name, wish.scopes, networks=wish.networks, actor=caller.actor, at=at
    )
    return _shown_once(made, response)


@router.post("/{client_id}/secret", responses=problems(*OF_ONE, ClientRevoked, BodyUnreadable))
async def rotate_secret(
    client_id: ClientId, wish: RotateSecret, caller: Trained, response: Response, session: SessionDep, at: At
) -> SecretView:
    """Give a client a new secret, shown here and never again; the one before works beside it for a while.

    Rotated again within that while, it is still the first that works beside the new one; the one between stops at once.
    """
    overlap = timedelta(hours=wish.overlap_hours)
    made = await service.rotate_secret(session, client_id, overlap=overlap, actor=caller.actor, at=at)
    return _shown_once(made, response)


@router.put("/{client_id}/networks", responses=problems(*OF_ONE, BodyUnreadable))
async def limit_networks(
    client_id: ClientId, wish: LimitNetworks, caller: Manager, session: SessionDep, at: At
) -> ClientView:
    """Say from where a client may call, from the next request on."""
    client = await service.limit_networks(session, client_id, wish.networks, actor=caller.actor, at=at)
    return ClientView.model_validate(client)


@router.delete("/{client_id}", status_code=204, response_class=Response, responses=problems(*OF_ONE))
async def revoke_client(client_id: ClientId, caller: Manager, session: SessionDep, at: At) -> None:
    """End a client for good; its secrets and live tokens are refused from now on."""
    await service.revoke_client(session, client_id, actor=caller.actor, at=at)


def _shown_once(made: Credentials, response: Response) -> SecretView:
    response.headers["Cache-Control"] = "no-store"
    return SecretView(client_id=made.client_id, client_secret=made.secret)
