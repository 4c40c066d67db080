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
from app.core.conditions import Conditions
from app.core.language import Language, preferred
from app.core.routing import Route

MOST = 256
"""Answers kept by one process for one route; a page of 100 products is some 50 KiB."""

# Texts and prices may be a minute old on a screen: the quote and the order always read the shop's own tables.
CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=120"

Key = tuple[str, bytes, Language | None]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is sent, and until when it may be."""

    etag: str
    body: bytes
    common: Headers
    until: float

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
    """Answers by path, query and language; the one asked for longest ago makes room."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._makers: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    def find(self, key: Key) -> Kept | None:
        kept = self._kept.get(key)
        if kept is None or kept.until <= monotonic():
            return None
        self._kept.move_to_end(key)
        return kept

    async def make(self, key: Key, make: Callable[[], Awaitable[Kept]]) -> Kept:
        """Make the answer once, however many ask for it at the same time; a refusal is not kept."""
        maker = self._makers.setdefault(key, asyncio.Lock())
        async with maker:
            if kept := self.find(key):
                return kept
            kept = self._kept[key] = await make()
            self._kept.move_to_end(key)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
            return kept


class KeptRoute(Route):
    """A route whose answers are kept for `app.state.catalog_kept_seconds`; each app that includes it has its own shelf.

    A kept answer is sent before parameters are read and without a session: only what was answered 200 is kept, so the
    same address is right again.
    """

    bilingual: ClassVar[bool] = False

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        assert not is_guarded(self), "a kept answer is sent before any guard is asked"
        endpoint = super().get_route_handler()
        shelf = Shelf()

        async def handle(request: Request) -> Response:
            language = None if self.bilingual else preferred(request.headers.get("accept-language"))
            key = (request.scope["path"], request.scope["query_string"], language)

            async def make() -> Kept:
                until = monotonic() + request.app.state.catalog_kept_seconds
                return _keep(await endpoint(request), language, until)

            kept = shelf.find(key) or await shelf.make(key, make)
            return kept.answer(Conditions.of(request))

        return handle


class BilingualRoute(KeptRoute):
    """A kept route whose answers hold both languages, whichever is preferred."""

    bilingual = True


def _keep(response: Response, language: Language | None, until: float) -> Kept:
    body = bytes(response.body)
    etag = f'"{hashlib.sha256((language or "").encode() + body).hexdigest()[:32]}"'
    headers = {
        "content-language": language or ", ".join(Language),
        **({"vary": "Accept-Language"} if language else {}),
        "cache-control": CACHE_CONTROL,
        "etag": etag,
    }
    return Kept(etag, body, [(name.encode(), value.encode()) for name, value in headers.items()], until)
