"""The command `shop`: what operators and developers call."""

import sys

import typer

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
from app.core.embedded import EmbeddedServerFailed
from app.settings import MisconfiguredError

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
    try:
        shop()
    except (MisconfiguredError, EmbeddedServerFailed) as problem:
        sys.exit(str(problem))
