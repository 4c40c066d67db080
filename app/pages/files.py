"""Style and script of the pages, each under an address that names its content."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi import Response

from app.core.errors import NotFound
from app.pages.routing import PageRouter

router = PageRouter("/files")
KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
NAMES = ("page.css", "page.js", "icon.svg")
FOR_EVER = "public, max-age=31536000, immutable"


@cache
def _served() -> dict[str, bytes]:
    """Read each file once, by the name that it is served under."""
    contents = {name: (files("app.pages") / "static" / name).read_bytes() for name in NAMES}
    return {_name(name, content): content for name, content in contents.items()}


def _name(name: str, content: bytes) -> str:
    stem, _, kind = name.partition(".")
    return f"{stem}.{sha256(content).hexdigest()[:16]}.{kind}"


@cache
def address_of(name: str) -> str:
    stem, _, kind = name.partition(".")
    [served] = [each for each in _served() if each.startswith(f"{stem}.") and each.endswith(f".{kind}")]
    return f"{router.prefix}/{served}"


@router.get("/{name}")
async def show_file(name: str) -> Response:
    content = _served().get(name)
    if content is None:
        raise NotFound
    return Response(content, media_type=KINDS[name.rpartition(".")[2]], headers={"Cache-Control": FOR_EVER})
