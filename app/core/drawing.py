"""Draws HTML as PDF with WeasyPrint; as a program it reads the page from its input and writes the PDF to its output.

Who serves HTTP never imports it: it takes half a process's memory (`core.pdf` starts it apart).
"""

import logging
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, NoReturn

from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

UNDRAWABLE = "\N{REPLACEMENT CHARACTER}"

# A warning of WeasyPrint's names the letter it cannot draw: a piece of somebody's name.
logging.getLogger("weasyprint").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that a PDF carries within itself, and what the PDF's metadata say of it."""

    name: str
    content: bytes
    description: str
    relationship: str
    """To the page, in a word of ISO 32000-2, 7.11.3."""
    dated: date
    statements: bytes
    """Elements of RDF, each with its namespaces."""


def draw(html: str, css: str, *, variant: str, enclosure: Enclosure | None = None) -> bytes:
    """Return the PDF. Characters that no installed face can draw become �, as PDF/A allows no empty glyph."""
    pdf, missing = _draw(html, css, variant, enclosure)
    if missing:
        pdf, _ = _draw(html.translate(dict.fromkeys(missing, UNDRAWABLE)), css, variant, enclosure)
    return pdf


def _draw(html: str, css: str, variant: str, enclosure: Enclosure | None) -> tuple[bytes, set[int]]:
    """Return the PDF and the code points that found no glyph."""
    document = HTML(string=html, url_fetcher=_refuse).render(
        font_config=_fonts(), stylesheets=[_stylesheet(css)], pdf_variant=variant
    )
    pdf: bytes = _written(document, variant, enclosure) if enclosure else document.write_pdf(pdf_variant=variant)
    return pdf, {point for font in document.fonts.values() for point in font.missing}


def _written(document: Any, variant: str, enclosure: Enclosure) -> bytes:
    at = datetime.combine(enclosure.dated, time.min, UTC)
    attachment = Attachment(
        string=enclosure.content,
        url_fetcher=_refuse,
        name=enclosure.name,
        description=enclosure.description,
        created=at,
        modified=at,
        relationship=enclosure.relationship,
    )
    _state(document.metadata, enclosure.statements)
    pdf: bytes = document.write_pdf(pdf_variant=variant, attachments=[attachment], finisher=_list_files_once)
    return pdf


def _state(metadata: Any, statements: bytes) -> None:
    """Add statements to the one `rdf:RDF` that XMP allows (ISO 16684-1, 7.3).

    WeasyPrint's own `xmp_metadata` would write a second one behind it, which readers of XMP do not look at.
    """
    generate = metadata.generate_rdf_metadata

    def with_statements(*about: Any) -> bytes:
        rdf, end, _ = generate(*about).rpartition(b"</rdf:RDF>")
        return bytes(rdf + statements + end)

    metadata.generate_rdf_metadata = with_statements


def _list_files_once(_: Any, pdf: Any) -> None:
    """Name each file once: WeasyPrint collects them for PDF/A-3 by their names and by their kind, and lists both."""
    files = pdf.catalog["AF"]
    files[:] = dict.fromkeys(files)


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
