"""Who may do what, from the command line: machine clients, and the staff's first owner."""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import inviting, second_factor, staffing
from app.auth import queries as auth_queries
from app.auth import service as auth
from app.auth.link_tokens import link_token
from app.auth.models import LinkPurpose, StaffRole
from app.auth.reviewing import as_csv, review_access
from app.auth.scopes import Scope
from app.auth.staff_queries import find_member_id
from app.auth.staff_schemas import LONGEST_OVERLAP_HOURS, Invite, LimitNetworks, MakeClient, RecordTraining
from app.cli.operate import do
from app.core.fields import Wish
from app.core.language import Language
from app.settings import Settings
from app.wiring import values

clients = typer.Typer(no_args_is_help=True, help="Machine clients: the courier's integration, accounting scripts.")
staff = typer.Typer(no_args_is_help=True, help="People who work here.")

OPERATOR = "operator"
Networks = Annotated[
    list[str] | None, typer.Option("--network", help="From where it may call: 192.0.2.0/24; repeat for several")
]
W = TypeVar("W", bound=Wish)


def read(wish: type[W], **values: Any) -> W:
    try:
        return wish.model_validate(values)
    except ValidationError as problem:
        raise typer.BadParameter(
            "; ".join(": ".join([*map(str, e["loc"][:1]), e["msg"]]) for e in problem.errors())
        ) from None


@clients.command("add")
def add_client(
    name: str,
    scope: Annotated[list[Scope], typer.Option(help="Repeat for several, all of one recipient")],
    network: Networks = None,
) -> None:
    """Create a machine client; its secret is shown here and never again."""
    wish = read(MakeClient, name=name, scopes=scope, networks=network or None)

    async def command(session: AsyncSession, at: datetime) -> auth.Credentials:
        return await auth.create_client(session, wish.name, wish.scopes, networks=wish.networks, actor=OPERATOR, at=at)

    _show(do(command))


@clients.command("rotate")
def rotate_client(
    client_id: str, overlap_hours: Annotated[int, typer.Option(min=0, max=LONGEST_OVERLAP_HOURS)] = 24
) -> None:
    """Give a client a new secret; the old one is accepted for the overlap."""

    async def command(session: AsyncSession, at: datetime) -> auth.Credentials:
        overlap = timedelta(hours=overlap_hours)
        return await auth.rotate_secret(session, client_id, overlap=overlap, actor=OPERATOR, at=at)

    _show(do(command))


def _show(made: auth.Credentials) -> None:
    print(json.dumps({"client_id": made.client_id, "client_secret": made.secret}))


@clients.command("limit")
def limit_client(client_id: str, network: Networks = None) -> None:
    """Say from where a client may call; without a network: from anywhere."""
    wish = read(LimitNetworks, networks=network or None)

    async def command(session: AsyncSession, at: datetime) -> None:
        await auth.limit_networks(session, client_id, wish.networks, actor=OPERATOR, at=at)

    do(command)
    print(f"{client_id} may call from {' '.join(wish.networks) if wish.networks else 'anywhere'}.")


@clients.command("revoke")
def revoke_client(client_id: str) -> None:
    """End a client for good; its live tokens are refused from now on."""

    async def command(session: AsyncSession, at: datetime) -> None:
        await auth.revoke_client(session, client_id, actor=OPERATOR, at=at)

    do(command)
    print(f"{client_id} is revoked.")


@clients.command("list")
def list_clients() -> None:
    """List the clients, never their secrets."""

    async def command(session: AsyncSession, _at: datetime) -> list[str]:
        found = await auth_queries.list_clients(session)
        return [f"{client.id}  {client.name}  {' '.join(client.scopes)}  {_state(client)}" for client in found]

    for line in do(command):
        print(line)


def _state(client: Any) -> str:
    if client.revoked_at:
        return "revoked"
    return f"last used {client.last_used_at:%Y-%m-%d}" if client.last_used_at else "never used"


@staff.command("invite")
def invite(email: str, name: str, role: StaffRole, language: Language = Language.BG) -> None:
    """Invite somebody to the staff, the first owner say; prints the link, which is mailed too and works once."""
    wish = read(Invite, email=email, name=name, role=role, language=language)

    async def command(session: AsyncSession, at: datetime) -> UUID:
        return (await inviting.invite(session, wish, actor=OPERATOR, at=at)).id

    _show_link(do(command))


@staff.command("reset")
def reset(email: str) -> None:
    """Take back the second factor of who lost it and the recovery codes; prints the link of a new invitation."""

    async def command(session: AsyncSession, at: datetime) -> UUID:
        staff_id = await _member_id(session, email)
        link = await staffing.reset_second_factor(session, staff_id, actor=OPERATOR, at=at, last_owner_too=True)
        return link.id

    _show_link(do(command))


@staff.command("unlock")
def unlock(email: str) -> None:
    """Let the second factor be tried again that wrong codes locked: that of a sole owner, say."""

    async def command(session: AsyncSession, at: datetime) -> None:
        await second_factor.unlock(session, await _member_id(session, email), actor=OPERATOR, at=at)

    do(command)
    print(f"{email} may log in again. Whoever entered the wrong codes knew the password: have it changed.")


async def _member_id(session: AsyncSession, email: str) -> UUID:
    staff_id = await find_member_id(session, email)
    if staff_id is None:
        raise typer.BadParameter("nobody on the staff has this address")
    return staff_id


def _show_link(link_id: UUID) -> None:
    settings = Settings()
    token = link_token(values.secret(settings), LinkPurpose.INVITATION, link_id)
    print(f"{settings.pages_url}/staff/invitation#token={token}")


@staff.command("train")
def train(
    email: str,
    subject: Annotated[str, typer.Argument(help="What was taught")],
    trained_on: Annotated[str, typer.Argument(help="The day: 2026-11-20")],
    valid_until: Annotated[str | None, typer.Option(help="Its last day")] = None,
) -> None:
    """Record a training: that of a sole owner, say, which nobody else can record."""
    said = {"valid_until": valid_until} if valid_until else {}
    wish = read(RecordTraining, subject=subject, trained_on=trained_on, **said)

    async def command(session: AsyncSession, at: datetime) -> None:
        staff_id = await _member_id(session, email)
        await staffing.record_training(session, staff_id, wish, actor=OPERATOR, at=at)

    do(command)
    print(f"The training of {email} on {wish.trained_on} is on record.")


@staff.command("review")
def review() -> None:
    """Print who can see what, as a table (CSV); that it was read is audited."""

    async def command(session: AsyncSession, at: datetime) -> str:
        return as_csv(await review_access(session, actor=OPERATOR, at=at)).decode()

    print(do(command), end="")
