"""The command `shop`: what operators and developers call."""

import sys
from importlib import import_module
from typing import Any

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from typer.core import TyperGroup
from typer.main import get_group

from app.core import logs
from app.core.embedded import EmbeddedServerFailed
from app.core.privileges import RoleUnfit
from app.settings import MisconfiguredError, Settings

PLACES = {
    "api": "serve:api",
    "worker": "serve:worker",
    "migrate": "migrate:migrate",
    "openapi": "contract:openapi",
    "dev": "dev:dev",
    "demo": "demo:demo",
    "demo-data": "demo_data:demo_data",
    "demo-code": "demo_logins:demo_code",
    "restore": "upkeep:restore",
    "integrity": "upkeep:integrity",
    "dependencies": "upkeep:dependencies",
    "keys": "operate:keys",
    "payments": "operate:payments",
    "recipients": "operate:recipients",
    "jobs": "operate:work",
    "clients": "people:clients",
    "staff": "people:staff",
    "backup": "upkeep:backup",
    "audit": "audit:audit",
    "breach": "breaches:breach",
    "documents": "documents:documents",
    "inspect": "inspection:inspection",
    "retention": "retention:retention",
}
"""Where each command, or group of commands, stands: module and name."""


class Commands(TyperGroup):
    """Loads a command when it is called: a worker need not hold the whole API, nor `shop migrate` wait for it."""

    def list_commands(self, _: Any) -> list[str]:
        return [*PLACES]

    def get_command(self, _: Any, name: str) -> Any:
        if name not in PLACES:
            return None
        module, _, called = PLACES[name].partition(":")
        found = getattr(import_module(f"app.cli.{module}"), called)
        alone = typer.Typer(add_completion=False)
        if isinstance(found, typer.Typer):
            alone.add_typer(found, name=name)
        else:
            alone.command(name)(found)
        return get_group(alone).commands[name]


shop = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)


@shop.callback()
def _shop() -> None:
    pass


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
