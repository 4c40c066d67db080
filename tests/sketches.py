"""Stand for the pages of papers until somebody looks: laying out and writing them was a tenth of the run."""

from collections.abc import Callable
from functools import lru_cache, partial
from hashlib import sha256

from app.core.drawing import Enclosure, draw

_SKETCHED: dict[bytes, Callable[[], bytes]] = {}


def sketch(html: str, css: str, *, variant: str, enclosure: Enclosure | None = None) -> bytes:
    """Return what is another for each other page, without drawing it."""
    sketched = b"%PDF-" + sha256(repr((html, css, variant, enclosure)).encode()).hexdigest().encode()
    _SKETCHED[sketched] = partial(draw, html, css, variant=variant, enclosure=enclosure)
    return sketched


@lru_cache(maxsize=200)
def drawn(pdf: bytes) -> bytes:
    """Draw what was sketched; give back what is a PDF already."""
    return _SKETCHED[pdf]() if pdf in _SKETCHED else pdf
