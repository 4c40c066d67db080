"""The command `shop`: what operators and developers call."""

import sys

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.cli import operate, people, upkeep
from app.cli.audit import audit
from app.cli.breaches import breach
from app.cli.contract import openapi
from app.cli.demo import demo
from app.cli.demo_data import demo_data
from app.cli.demo_logins import demo_code
from app.cli.dev import dev
from app.cli.documents import documents
from app.cli.inspection import inspection
from app.cli.migrate import migrate
from app.cli.retention import retention
from app.cli.serve import api, worker
from app.core import logs
from app.core.embedded import EmbeddedServerFailed
from app.core.privileges import RoleUnfit
from app.settings import MisconfiguredError, Settings

shop = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
for command in (api, worker, migrate, openapi, dev, demo, demo_data, demo_code, *upkeep.COMMANDS):
    shop.command()(command)
GROUPS = {
    **operate.GROUPS,
    **people.GROUPS,
    **upkeep.GROUPS,
    "audit": audit,
    "breach": breach,
    "documents": documents,
    "inspect": inspection,
    "retention": retention,
}
for name, group in GROUPS.items():
    shop.add_typer(group, name=name)


def main() -> None:
    logs.configure_command()
    try:
        shop()
    except (MisconfiguredError, EmbeddedServerFailed, RoleUnfit) as problem:
        sys.exit(str(problem))
    except ValidationError as problem:
        if problem.title != Settings.__name__:
            raise
        sys.exit("; ".join(map(_said, problem.errors())))


def _said(fault: ErrorDetails) -> str:
    """Name the setting as the operator wrote it, and not what was written: it may be a secret."""
    name = "_".join(str(part) for part in fault["loc"][:1]).upper()
    return f"SHOP_{name}: {fault['msg']}" if name else fault["msg"]
