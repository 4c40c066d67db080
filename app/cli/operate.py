"""What staff do until there are pages for it: payments, agreements, parked jobs."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, note
from app.auth.keys import generate_key
from app.cli.database import in_transaction
from app.cli.lines import line
from app.core import jobs
from app.core.errors import ShopError
from app.core.language import Language
from app.core.money import Money
from app.core.personal import Recipient
from app.fulfilment.concerns import SERIES, Concern, Settled, list_concerns, settle
from app.fulfilment.paying import receive_payment
from app.fulfilment.receipts_queries import get_shown
from app.fulfilment.receipts_schemas import LARGEST, StaffReceiptView
from app.orders import queries as orders
from app.orders.models import Order
from app.privacy import disclosing
from app.settings import Settings

payments = typer.Typer(no_args_is_help=True, help="Money that came.")
recipients = typer.Typer(no_args_is_help=True, help="The register of recipients and the agreements with them.")
OPERATOR = "operator"
NO_ORDER = "-"
STUBBORN_ATTEMPTS = 3
"""What was tried so often in vain is shown, though it is tried again by itself."""
work = typer.Typer(no_args_is_help=True, help="Jobs that wait for a person.")

keys = typer.Typer(no_args_is_help=True, help="Keys that sign tokens.")


class Refused(typer.BadParameter):
    """A refusal of the shop, as a command says it."""

    def __init__(self, problem: ShopError) -> None:
        document = problem.document(Language.EN)
        super().__init__(f"{document['title']}. {document['detail']}")


def do(command: Any) -> Any:
    """Do a command's work in one transaction; what the shop refuses, the command refuses."""
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
    number: Annotated[str, typer.Argument(help="Of the order; - where none is known")],
    amount: Annotated[str, typer.Argument(help="In euro: 129.90")],
    reference: Annotated[str | None, typer.Option(help="As the bank statement names the transfer", parser=line)] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which it came; today when left out")
    ] = None,
) -> None:
    """Record money that came; an order that is paid whole by it is confirmed and invoiced."""
    money = _amount(amount)
    let_off = Settings().shortfall_accepted

    async def command(session: AsyncSession, at: datetime) -> StaffReceiptView:
        order_id = None if number == NO_ORDER else (await _order(session, number)).id
        day = on.date() if on else None
        receipt_id = await receive_payment(
            session, order_id, money, reference=reference, received_on=day, let_off=let_off, at=at
        )
        await session.flush()  # it is read as it is now
        return StaffReceiptView.of(await get_shown(session, receipt_id))

    receipt = do(command)
    print(f"Order {number}: {money} EUR received.")
    if receipt.left:
        print(f"{receipt.left} EUR is to be settled ({receipt.state}): receipt {receipt.id}")
    if receipt.alike:
        print(f"The same amount came on that day by receipt {receipt.alike[0]}: is it the same line of the statement?")


def _amount(written: str) -> Money:
    try:
        money = Money.of(Decimal(written))
    except (ValueError, ArithmeticError):
        money = Money.ZERO
    if not Money.ZERO < money <= LARGEST:
        raise typer.BadParameter("an amount in euro, with a point: 129.90")
    return money


@recipients.command("agree")
def agree(
    recipient: Recipient,
    reference: Annotated[str, typer.Option(help="Number and date of the paper", parser=line)],
    signed_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])],
    by: Annotated[str, typer.Option(help="Who records it", parser=line)] = OPERATOR,
    ends_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
) -> None:
    """Record an agreement that was signed; without one nothing personal leaves for the recipient."""
    until: date | None = ends_on.date() if ends_on else None
    if until and until < signed_on.date():
        raise typer.BadParameter("an agreement ends on the day it was signed or later")

    async def command(session: AsyncSession, at: datetime) -> None:
        agreement = await disclosing.record_agreement(
            session, recipient, reference=reference, signed_on=signed_on.date(), ends_on=until, at=at, by=by
        )
        subject, detail = f"recipient:{recipient}", f"agreement:{agreement.id}"
        await note(session, Action.AGREEMENT_RECORDED, actor=OPERATOR, subject=subject, detail=detail, at=at)

    do(command)
    print(f"Agreement {reference} with {recipient} is on record. Release what waited for it: shop jobs list")


@recipients.command("name")
def name(
    recipient: Recipient,
    legal_name: Annotated[str, typer.Argument(parser=line)],
    contact: Annotated[str | None, typer.Option(parser=line)] = None,
) -> None:
    """Enter who a recipient is: the accounting house, say."""

    async def command(session: AsyncSession, at: datetime) -> None:
        await disclosing.name_recipient(session, recipient, legal_name=legal_name, contact=contact)
        await session.flush()
        await note(session, Action.RECIPIENT_NAMED, actor=OPERATOR, subject=f"recipient:{recipient}", at=at)

    do(command)
    print(f"{recipient}: {legal_name}")


@work.command("list")
def list_jobs() -> None:
    """List parked jobs, those tried in vain again and again, and what the shop is concerned about."""

    async def command(session: AsyncSession, at: datetime) -> list[str]:
        parked = [_shown(job) for job in await jobs.list_parked(session)]
        retried = [
            f"{_shown(job)}, is tried again" for job in await jobs.list_retried(session, attempts=STUBBORN_ATTEMPTS)
        ]
        found = await list_concerns(session, at=at)
        return [*parked, *retried, *map(_said, found)]

    lines = do(command)
    print("\n".join(lines) if lines else "Nothing waits for a person.")


def _said(concern: Concern) -> str:
    if concern.about == SERIES:
        return f"series {concern.order_number}: {concern.code}"
    return f"order {concern.order_number}  {concern.about}: {concern.code}"


def _shown(job: jobs.ParkedJob) -> str:
    died = f", {job.deaths} workers died over it" if job.deaths else ""
    return f"job {job.id}  {job.name}  {json.dumps(job.arguments)}  after {job.attempts} attempts{died}"


@work.command("release")
def release_job(
    job_id: Annotated[int | None, typer.Argument(help="As `jobs list` shows it")] = None,
    all_of: Annotated[str | None, typer.Option("--all", help="Every parked job of this name")] = None,
) -> None:
    """Run a parked job again, once what was in its way is mended; by its number also one that waits for a try."""
    if (job_id is None) == (all_of is None):
        raise typer.BadParameter("give the number of one job, or --all and the name of many")

    async def command(session: AsyncSession, _at: datetime) -> int:
        released = await jobs.release(session, job_id=job_id, name=all_of)
        return released if released or job_id is None else int(await jobs.hasten_one(session, job_id))

    released = do(command)
    if job_id is not None and not released:
        raise typer.BadParameter(f"no parked or waiting job has the number {job_id}")
    print(f"Job {job_id} runs again." if job_id is not None else f"{released} jobs run again.")


@work.command("set-aside")
def set_job_aside(job_id: Annotated[int, typer.Argument(help="As `jobs list` shows it")]) -> None:
    """Park a job that is tried in vain, so that those behind it go on; `jobs release` runs it again."""

    async def command(session: AsyncSession, _at: datetime) -> bool:
        return await jobs.set_aside(session, job_id)

    if not do(command):
        raise typer.BadParameter(f"no job that was tried in vain waits with the number {job_id}; is it under way?")
    print(f"Job {job_id} is set aside. Run it again: shop jobs release {job_id}")


@work.command("settle")
def settle_concern(number: Annotated[str, typer.Argument(help="Of the order")], about: Settled) -> None:
    """Say that a concern was looked at and done with."""

    async def command(session: AsyncSession, at: datetime) -> bool:
        return await settle(session, await _order(session, number), about, at=at)

    if not do(command):
        raise typer.BadParameter(f"order {number} has no concern about its {about}")
    print(f"Order {number}: the concern about its {about} is settled.")
