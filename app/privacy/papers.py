"""The shop's letters and lists on A4: one paper for the rights desk, the registers and the breach desk.

A paper is HTML of a template that extends `paper.html`; it is drawn as PDF/A-3b in a process of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from app.core.language import Language
from app.core.pdf import draw_apart
from app.mail.writing import Trader, day, moment


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """A list on a paper; a cell is shown as `str` writes it, None as nothing."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    title: str = ""
    widths: Sequence[int] = ()
    """Of the columns, in relation to each other; without them each is as wide as its words ask."""


async def draw_paper(
    template: str,
    *,
    title: str,
    trader: Trader,
    language: Language = Language.BG,
    package: str = "app.privacy",
    wide: bool = False,
    **members: Any,
) -> bytes:
    """Draw a paper from a template of a package; the members are what the template names."""
    html = (
        _templates(package)
        .get_template(template)
        .render(title=title, trader=trader, language=language, wide=wide, **members)
    )
    return await draw_apart(html, _css())


async def draw_tables(
    *tables: Table,
    title: str,
    trader: Trader,
    language: Language = Language.BG,
    paragraphs: Sequence[str] = (),
    wide: bool = True,
) -> bytes:
    """Draw lists, one below the other, across the page's long side unless told otherwise."""
    return await draw_paper(
        "table.html", title=title, trader=trader, language=language, wide=wide, tables=tables, paragraphs=paragraphs
    )


@cache
def _templates(package: str) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("app.privacy")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=day, moment=moment)
    return environment


@cache
def _css() -> str:
    return (Path(__file__).parent / "templates" / "paper.css").read_text()
