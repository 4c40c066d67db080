"""`shop breach`: starts the clock of a breach with one command, at night too."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, note
from app.cli.operate import do
from app.cli.people import read
from app.core.clock import SOFIA
from app.privacy.breaches.deadlines import promised_by
from app.privacy.breaches.models import Breach, BreachChannel
from app.privacy.breaches.recording import Discovery, record
from app.privacy.breaches.schemas import RecordBreach

breach = typer.Typer(no_args_is_help=True, help="Breaches of the security of personal data.")
OPERATOR = "operator"


@breach.callback()
def desk() -> None:
    """Keep `discovered` a command of a group."""


@breach.command("discovered")
def discovered(
    summary: Annotated[str, typer.Argument(help="What happened, in a sentence that names nobody")],
    at: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M"], help="When it was discovered, Sofia time: 2026-11-23T02:40"),
    ] = None,
    channel: Annotated[BreachChannel, typer.Option(help="Who told of it")] = BreachChannel.STAFF,
    drill: Annotated[bool, typer.Option("--drill", help="An exercise")] = False,
) -> None:
    """Record a breach: the 72 hours to notify the authority run from its discovery."""
    wish = read(RecordBreach, summary=summary, channel=channel)

    async def command(session: AsyncSession, now: datetime) -> Breach:
        found_at = at.replace(tzinfo=SOFIA).astimezone(UTC) if at else now
        discovery = Discovery(wish.summary, channel, found_at, drill=drill)
        recorded = await record(session, discovery, at=now, by=OPERATOR)
        subject = f"record_breach breach:{recorded.id}"
        await note(session, Action.PERSONAL_DATA_CHANGED, actor=OPERATOR, subject=subject, at=now)
        return recorded

    recorded = do(command)
    due_at = promised_by(recorded.discovered_at).astimezone(SOFIA)
    kind = "Drill" if recorded.drill else "Breach"
    print(f"{kind} No. {recorded.number} is on record. The authority is to be notified by {due_at:%Y-%m-%d %H:%M}.")
    print(f"Go on with it: /v1/staff/breaches/{recorded.id}")
