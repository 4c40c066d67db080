"""What staff do until there are pages for it: payments, agreements, clients, parked jobs."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import typer
from pydantic import SecretStr, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import queries as auth_queries
from app.auth import service as auth
from app.auth.keys import generate_key
from app.auth.models import StaffRole
from app.auth.schemas import NewStaff
from app.auth.scopes import Scope
from app.cli.database import in_transaction
from app.core import jobs
from app.core.errors import ShopError
from app.core.language import Language
from app.core.money import Money
from app.core.personal import Recipient
from app.fulfilment.concerns import Settled, list_concerns, settle
from app.fulfilment.paying import receive_payment
from app.orders import queries as orders
from app.orders.models import Order
from app.privacy import disclosing

payments = typer.Typer(no_args_is_help=True, help="Money that came.")
recipients = typer.Typer(no_args_is_help=True, help="The register of recipients and the agreements with them.")
clients = typer.Typer(no_args_is_help=True, help="Machine clients: the courier's integration, accounting scripts.")
staff = typer.Typer(no_args_is_help=True, help="People who work here.")
work = typer.Typer(no_args_is_help=True, help="Jobs that wait for a person.")

keys = typer.Typer(no_args_is_help=True, help="Keys that sign tokens.")

GROUPS = {
    "keys": keys,
    "payments": payments,
    "recipients": recipients,
    "clients": clients,
    "staff": staff,
    "jobs": work,
}


class Refused(typer.BadParameter):
    """A refusal of the shop, as a command says it."""

    def __init__(self, problem: ShopError) -> None:
        document = problem.document(Language.EN)
        super().__init__(f"{document['title']}. {document['detail']}")


def _do(command: Any) -> Any:
    try:
        return in_transaction(command)
    except ShopError as problem:
        raise Refused(problem) from None


@keys.command("new")
def new_keys() -> None:
    """Print a new key set, as SHOP_SIGNING_KEYS takes it; to change keys put it behind the old one first."""
    print(json.dumps({"keys": [generate_key()]}))


async def _order(session: AsyncSession, number: str) -> Order:
    order = await orders.find_order(session, number)
    if order is None:
        raise typer.BadParameter(f"no order has the number {number}")
    return order


@payments.command("receive")
def receive(
    number: Annotated[str, typer.Argument(help="Of the order")],
    amount: Annotated[str, typer.Argument(help="In euro: 129.90")],
    reference: Annotated[str | None, typer.Option(help="As the bank statement names the transfer")] = None,
) -> None:
    """Note that the whole amount of an order came; it is confirmed and invoiced."""
    try:
        money = Money.of(Decimal(amount))
    except (ValueError, ArithmeticError):
        raise typer.BadParameter("an amount in euro, with a point: 129.90") from None

    async def command(session: AsyncSession, at: datetime) -> None:
        order = await _order(session, number)
        await receive_payment(session, order.id, money, reference=reference, at=at)

    _do(command)
    print(f"Order {number}: {money} EUR received.")


@recipients.command("agree")
def agree(
    recipient: Recipient,
    reference: Annotated[str, typer.Option(help="Number and date of the paper")],
    signed_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])],
    by: Annotated[str, typer.Option(help="Who records it")] = "operator",
    ends_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
) -> None:
    """Record an agreement that was signed; without one nothing personal leaves for the recipient."""
    until: date | None = ends_on.date() if ends_on else None
    if until and until < signed_on.date():
        raise typer.BadParameter("an agreement ends on the day it was signed or later")

    async def command(session: AsyncSession, at: datetime) -> None:
        await disclosing.record_agreement(
            session, recipient, reference=reference, signed_on=signed_on.date(), ends_on=until, at=at, by=by
        )

    _do(command)
    print(f"Agreement {reference} with {recipient} is on record. Release what waited for it: shop jobs list")


@recipients.command("name")
def name(recipient: Recipient, legal_name: str, contact: Annotated[str | None, typer.Option()] = None) -> None:
    """Enter who a recipient is: the accounting house, say."""

    async def command(session: AsyncSession, _at: datetime) -> None:
        await disclosing.name_recipient(session, recipient, legal_name=legal_name, contact=contact)

    _do(command)
    print(f"{recipient}: {legal_name}")


@clients.command("add")
def add_client(
    name: str,
    scope: Annotated[list[Scope], typer.Option(help="Repeat for several, all of one recipient")],
) -> None:
    """Create a machine client; its secret is shown here and never again."""

    async def command(session: AsyncSession, at: datetime) -> auth.Credentials:
        return await auth.create_client(session, name, scope, at=at)

    made = _do(command)
    print(json.dumps({"client_id": made.client_id, "client_secret": made.secret}))


@clients.command("rotate")
def rotate_client(client_id: str, overlap_hours: Annotated[int, typer.Option(min=0)] = 24) -> None:
    """Give a client a new secret; the old one is accepted for the overlap."""

    async def command(session: AsyncSession, at: datetime) -> auth.Credentials:
        return await auth.rotate_secret(session, client_id, overlap=timedelta(hours=overlap_hours), at=at)

    made = _do(command)
    print(json.dumps({"client_id": made.client_id, "client_secret": made.secret}))


@clients.command("revoke")
def revoke_client(client_id: str) -> None:
    """End a client for good; its live tokens are refused from now on."""

    async def command(session: AsyncSession, at: datetime) -> None:
        await auth.revoke_client(session, client_id, at=at)

    _do(command)
    print(f"{client_id} is revoked.")


@clients.command("list")
def list_clients() -> None:
    """List the clients, never their secrets."""

    async def command(session: AsyncSession, _at: datetime) -> list[str]:
        found = await auth_queries.list_clients(session)
        return [f"{client.id}  {client.name}  {' '.join(client.scopes)}  {_state(client)}" for client in found]

    for line in _do(command):
        print(line)


def _state(client: Any) -> str:
    if client.revoked_at:
        return "revoked"
    return f"last used {client.last_used_at:%Y-%m-%d}" if client.last_used_at else "never used"


@staff.command("add")
def add_staff(
    email: str,
    name: str,
    role: StaffRole,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Enter a member of staff; the password is asked for."""
    try:
        wish = NewStaff(email=email, name=name, password=SecretStr(password), role=role)
    except ValidationError as problem:
        raise typer.BadParameter("; ".join(f"{e['loc'][0]}: {e['msg']}" for e in problem.errors())) from None

    async def command(session: AsyncSession, at: datetime) -> None:
        await auth.create_staff(session, wish, at=at)

    _do(command)
    print(f"{email}: {role}")


@work.command("list")
def list_jobs() -> None:
    """List parked jobs, and what the shop is concerned about."""

    async def command(session: AsyncSession, _at: datetime) -> list[str]:
        parked = [
            f"job {job.id}  {job.name}  {json.dumps(job.arguments)}  after {job.attempts} attempts"
            for job in await jobs.list_parked(session)
        ]
        found = await list_concerns(session)
        return [*parked, *(f"order {each.order_number}  {each.about}: {each.code}" for each in found)]

    lines = _do(command)
    print("\n".join(lines) if lines else "Nothing waits for a person.")


@work.command("release")
def release_job(
    job_id: Annotated[int | None, typer.Argument(help="As `jobs list` shows it")] = None,
    all_of: Annotated[str | None, typer.Option("--all", help="Every parked job of this name")] = None,
) -> None:
    """Run a parked job again, once what was in its way is mended."""
    if (job_id is None) == (all_of is None):
        raise typer.BadParameter("give the number of one job, or --all and the name of many")

    async def command(session: AsyncSession, _at: datetime) -> int:
        return await jobs.release(session, job_id=job_id, name=all_of)

    released = _do(command)
    if job_id is not None and not released:
        raise typer.BadParameter(f"no parked job has the number {job_id}")
    print(f"Job {job_id} runs again." if job_id is not None else f"{released} jobs run again.")


@work.command("settle")
def settle_concern(number: Annotated[str, typer.Argument(help="Of the order")], about: Settled) -> None:
    """Say that a concern was looked at and done with."""

    async def command(session: AsyncSession, _at: datetime) -> bool:
        return await settle(session, await _order(session, number), about)

    if not _do(command):
        raise typer.BadParameter(f"order {number} has no concern about its {about}")
    print(f"Order {number}: the concern about its {about} is settled.")
