"""A line of text that a command takes: held to the rule that requests are held to."""

from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from app.core.fields import ANY_LINE, upto

LINE = TypeAdapter(Annotated[str, upto(200), ANY_LINE])


def line(typed: str) -> str:
    """Read what was typed, as an option's `parser`; the refusal names the option."""
    try:
        return LINE.validate_python(typed)
    except ValidationError as refusal:
        raise typer.BadParameter(refusal.errors(include_url=False)[0]["msg"]) from None
