"""Keeps answers ready as bytes: the catalogue is read far more often than it changes."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar
from weakref import WeakValueDictionary

from fastapi import Request, Response

from app.auth.guards import is_guarded
from app.catalog.watching import CatalogWatch
from app.core.conditions import Conditions
from app.core.language import Language, preferred
from app.core.routing import Route

MOST_BYTES = 8 * 2**20
"""Of answers kept by one process for one route; a page of 100 products is some 50 KiB."""
OVERHEAD = 1024
"""Bytes of an answer that is kept, beside its body and its key."""

# Texts and prices may be a minute old on a screen: the quote and the order always read the shop's own tables.
CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=120"

Key = tuple[str, bytes, Language | None]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is sent, and for how long it may be."""

    etag: str
    body: bytes
    common: Headers
    until: float
    """Whatever is known of the catalogue."""
    version: int | None
    """Of the catalogue that it shows at the least; None where that was not known, or is no matter of the catalogue."""

    def holds(self, version: int | None) -> bool:
        return self.until > monotonic() or (version is not None and self.version == version)

    def answer(self, asked: Conditions) -> Response:
        if asked.has(self.etag):
            return _Ready(304, b"", self.common)
        length = str(len(self.body)).encode()
        of_body = [(b"content-type", b"application/json"), (b"content-length", length)]
        return _Ready(200, self.body, [*self.common, *of_body])


class _Ready(Response):
    """A response whose headers are written already."""

    def __init__(self, status: int, body: bytes, headers: Headers) -> None:
        self.status_code = status
        self.body = body
        self.raw_headers = [*headers]
        self.background = None


class Shelf:
    """Answers by path, query and language; when there is no room, the one asked for longest ago makes it."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._left = most_bytes
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._makers: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    def find(self, key: Key, version: int | None) -> Kept | None:
        kept = self._kept.get(key)
        if kept is None or not kept.holds(version):
            return None
        self._kept.move_to_end(key)
        return kept

    async def make(self, key: Key, version: int | None, make: Callable[[], Awaitable[Kept]]) -> Kept:
        """Make the answer once, however many ask for it at the same time; a refusal is not kept."""
        maker = self._makers.setdefault(key, asyncio.Lock())
        async with maker:
            if kept := self.find(key, version):
                return kept
            made = await make()
            self._take(key, made)
            return made

    def _take(self, key: Key, made: Kept) -> None:
        if (before := self._kept.pop(key, None)) is not None:
            self._left += _size(key, before)
        self._kept[key] = made
        self._left -= _size(key, made)
        while self._left < 0:
            self._left += _size(*self._kept.popitem(last=False))


def _size(key: Key, kept: Kept) -> int:
    path, query, _ = key
    return len(path) + len(query) + len(kept.body) + OVERHEAD


class KeptRoute(Route):
    """A route whose answers are kept until the catalogue changes; each app that includes it has its own shelf.

    Where `app.state.catalog_watch` does not know whether it has, they are kept as long as they may be out of date.

    A kept answer is sent before parameters are read and without a session: only what was answered 200 is kept, so the
    same address is right again.
    """

    bilingual: ClassVar[bool] = False
    of_catalog: ClassVar[bool] = True

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        assert not is_guarded(self), "a kept answer is sent before any guard is asked"
        endpoint = super().get_route_handler()
        shelf = Shelf()

        async def handle(request: Request) -> Response:
            language = None if self.bilingual else preferred(request.headers.get("accept-language"))
            key = (request.scope["path"], request.scope["query_string"], language)

            watch: CatalogWatch = request.app.state.catalog_watch
            version = watch.version if self.of_catalog else None

            async def make() -> Kept:
                until = monotonic() + (watch.seconds if version is None else 0)
                return _keep(await endpoint(request), language, until, version)

            kept = shelf.find(key, version) or await shelf.make(key, version, make)
            return kept.answer(Conditions.of(request))

        return handle


class BilingualRoute(KeptRoute):
    """A kept route whose answers hold both languages, whichever is preferred, and nothing of the catalogue."""

    bilingual = True
    of_catalog = False


def _keep(response: Response, language: Language | None, until: float, version: int | None) -> Kept:
    body = bytes(response.body)
    etag = f'"{hashlib.sha256((language or "").encode() + body).hexdigest()[:32]}"'
    headers = {
        "content-language": language or ", ".join(Language),
        **({"vary": "Accept-Language"} if language else {}),
        "cache-control": CACHE_CONTROL,
        "etag": etag,
    }
    return Kept(etag, body, [(name.encode(), value.encode()) for name, value in headers.items()], until, version)
