"""Which methods an address is answered to."""

import re
from functools import cache

from fastapi import Request
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

from app.core.errors import ShopError
from app.core.language import Text


class MethodNotAllowed(ShopError):
    status = 405
    title = Text("Неподдържан метод", "Method not allowed")
    advice = Text("Използвайте метод от заглавието Allow.", "Use a method of the Allow header.")


def allowed(request: Request) -> str:
    """List the methods of every route that has this address: Starlette names those of the first one alone.

    HEAD is answered wherever GET is (`core.http.Frame`).
    """
    methods = {
        method
        for context in iter_route_contexts(request.app.routes)
        if context.path is not None and _pattern(context.path).match(request.scope["path"])
        for method in context.methods or ()
    }
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]
