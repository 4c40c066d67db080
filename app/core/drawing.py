"""Draws HTML as PDF with WeasyPrint; as a program it reads the page from its input and writes the PDF to its output.

Who serves HTTP never imports it: it takes half a process's memory (`core.pdf` starts it apart).
"""

import logging
import sys
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any, NoReturn

from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

UNDRAWABLE = "\N{REPLACEMENT CHARACTER}"

# A warning of WeasyPrint's names the letter it cannot draw: a piece of somebody's name.
logging.getLogger("weasyprint").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Carried:
    """A file that the PDF carries, and what its metadata say of it, as RDF descriptions."""

    name: str
    content: bytes
    description: str
    descriptions: bytes
    at: datetime


def draw(html: str, css: str, *, variant: str, carried: Carried | None = None) -> bytes:
    """Return the PDF. Characters that no installed face can draw become �, as PDF/A allows no empty glyph."""
    pdf, missing = _draw(html, css, variant, carried)
    if missing:
        pdf, _ = _draw(html.translate(dict.fromkeys(missing, UNDRAWABLE)), css, variant, carried)
    return pdf


def _draw(html: str, css: str, variant: str, carried: Carried | None) -> tuple[bytes, set[int]]:
    """Return the PDF and the code points that found no glyph."""
    document = HTML(string=html, url_fetcher=_refuse).render(
        font_config=_fonts(), stylesheets=[_stylesheet(css)], pdf_variant=variant
    )
    attachments = None
    if carried is not None:
        _describe(document.metadata, carried.descriptions)
        attachments = [
            Attachment(
                file_obj=BytesIO(carried.content),
                name=carried.name,
                description=carried.description,
                created=carried.at,
                modified=carried.at,
                relationship="Alternative",
            )
        ]
    pdf: bytes = document.write_pdf(pdf_variant=variant, attachments=attachments)
    return pdf, {point for font in document.fonts.values() for point in font.missing}


def _describe(metadata: Any, descriptions: bytes) -> None:
    """Put descriptions among WeasyPrint's own: XMP has room for one RDF, and its option for this adds another."""
    written = metadata.generate_rdf_metadata

    def with_ours(*of: Any) -> bytes:
        rdf: bytes = written(*of)
        before, end, after = rdf.rpartition(b"</rdf:RDF>")
        if not end:
            raise ValueError("WeasyPrint wrote its metadata in another form")
        return before + descriptions + end + after

    metadata.generate_rdf_metadata = with_ours


@cache
def _fonts() -> FontConfiguration:
    """Return the one configuration of this process: making it anew costs more than a page."""
    return FontConfiguration()


@cache
def _stylesheet(css: str) -> CSS:
    return CSS(string=css, url_fetcher=_refuse, font_config=_fonts())


def _refuse(url: str) -> NoReturn:
    raise FatalURLFetchingError(f"a page fetches nothing: {url}")


if __name__ == "__main__":
    page, _, style = sys.stdin.buffer.read().partition(b"\0")
    sys.stdout.buffer.write(draw(page.decode(), style.decode(), variant="pdf/a-3b"))
