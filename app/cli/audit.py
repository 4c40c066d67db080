"""`shop audit`: reads the audit log and finds what was done to it."""

import re
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.models import AuditEntry
from app.auth.auditing.queries import Head, list_entries
from app.auth.auditing.verifying import Findings, verify
from app.cli.database import in_transaction
from app.cli.saying import say_aside

audit = typer.Typer(no_args_is_help=True, help="The log of logins, rights, and staff's use of personal data.")

HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
OFTEN = 100_000


def _head(written: str) -> Head:
    found = HEAD.fullmatch(written)
    if not found:
        raise typer.BadParameter("a head as `audit verify` and the log line audit_head print it: SEQUENCE:HASH")
    return Head(int(found[1]), bytes.fromhex(found[2]))


@audit.command("verify")
def verify_log(
    against: Annotated[
        str | None, typer.Option(metavar="SEQUENCE:HASH", help="A head noted down earlier, which must still be there")
    ] = None,
) -> None:
    """Compute every hash anew; names each entry that was altered, removed or reordered, and then ends with code 1."""
    noted = _head(against) if against else None

    async def command(session: AsyncSession, _at: datetime) -> Findings:
        return await verify(session, noted, progress=_tell)

    found = in_transaction(command)
    if not found.faults:
        print(f"{found.checked} entries, intact; head {found.head}")
        return
    print("\n".join(found.faults))
    if found.untold:
        print(f"and {found.untold} more")
    raise typer.Exit(1)


def _tell(checked: int) -> None:
    if checked % OFTEN == 0:
        say_aside(f"{checked} entries …")


@audit.command("list")
def list_log(last: Annotated[int, typer.Option(min=1, help="How many")] = 20) -> None:
    """Print the last entries, the newest at the end."""

    async def command(session: AsyncSession, _at: datetime) -> list[str]:
        return [_line(entry) for entry in await list_entries(session, limit=last)]

    for line in reversed(in_transaction(command)):
        print(line)


def _line(entry: AuditEntry) -> str:
    words = (f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.actor, entry.action, entry.subject, entry.detail)
    return "  ".join([str(entry.sequence), *(word for word in words if word)])
