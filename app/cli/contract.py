"""`shop openapi`: the contract in openapi.yaml, written from the code or compared with it."""

import sys
from pathlib import Path
from typing import Annotated

import typer
import yaml

from app import main

FILE = Path("openapi.yaml")


def openapi(
    check: Annotated[bool, typer.Option("--check", help="Compare only; fails on a difference")] = False,
) -> None:
    """Write the contract from the code."""
    text = yaml.safe_dump(main.contract(), sort_keys=False, allow_unicode=True, width=120)
    if not check:
        FILE.write_text(text)
    elif not FILE.exists() or FILE.read_text() != text:
        print("openapi.yaml is not what the code says; rewrite it with: make openapi", file=sys.stderr)
        raise typer.Exit(1)
