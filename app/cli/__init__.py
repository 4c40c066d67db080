"""The command `shop`: what operators and developers call."""

import typer

from app.cli.contract import openapi
from app.cli.dev import dev
from app.cli.migrate import migrate
from app.cli.serve import api, worker

shop = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
for command in (api, worker, migrate, openapi, dev):
    shop.command()(command)


def main() -> None:
    shop()
