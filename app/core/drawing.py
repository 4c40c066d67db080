"""Draws HTML as PDF with WeasyPrint; as a program it reads the page from its input and writes the PDF to its output.

Who serves HTTP never imports it: it takes half a process's memory (`core.pdf` starts it apart).
"""

import logging
import sys
from functools import cache
from typing import NoReturn

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

UNDRAWABLE = "\N{REPLACEMENT CHARACTER}"

# A warning of WeasyPrint's names the letter it cannot draw: a piece of somebody's name.
logging.getLogger("weasyprint").setLevel(logging.ERROR)


def draw(html: str, css: str, *, variant: str) -> bytes:
    """Return the PDF. Characters that no installed face can draw become �, as PDF/A allows no empty glyph."""
    pdf, missing = _draw(html, css, variant)
    if missing:
        pdf, _ = _draw(html.translate(dict.fromkeys(missing, UNDRAWABLE)), css, variant)
    return pdf


def _draw(html: str, css: str, variant: str) -> tuple[bytes, set[int]]:
    """Return the PDF and the code points that found no glyph."""
    document = HTML(string=html, url_fetcher=_refuse).render(
        font_config=_fonts(), stylesheets=[_stylesheet(css)], pdf_variant=variant
    )
    pdf: bytes = document.write_pdf(pdf_variant=variant)
    return pdf, {point for font in document.fonts.values() for point in font.missing}


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
