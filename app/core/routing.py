"""Routes of the shop: who may call, and how often, is asked before a body is read; everything else comes after it."""

import email.message
import json
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import replace
from operator import is_
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi._compat import Undefined
from fastapi.dependencies.models import Dependant, _get_cache_key
from fastapi.dependencies.utils import request_body_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, _effective_route_context_var

from app.core.errors import ShopError
from app.core.language import Text
from app.core.problems import BodyUnreadable

Function = TypeVar("Function", bound=Callable[..., Any])

DEEPEST = 16
MOST_VALUES = 2_000
MOST_MEMBERS = 100
"""Of a body and of one object in it: what every form of ours stays far below, whatever the size of its texts."""
# One that does not end takes all that is left, so that no letter is looked at twice.
STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
BRACKET = re.compile(r"[\[\]{}]")


class BodyTooComplex(ShopError):
    status = 422
    title = Text("Твърде сложно тяло на заявката", "Body too complex")
    advice = Text(
        f"Изпратете най-много {MOST_VALUES} стойности, {MOST_MEMBERS} в един обект, вложени най-много {DEEPEST} пъти.",
        f"Send at most {MOST_VALUES} values, {MOST_MEMBERS} in one object, nested at most {DEEPEST} deep.",
    )


class MediaTypeUnsupported(ShopError):
    status = 415
    title = Text("Неподдържан вид на тялото", "Unsupported media type")
    advice = Text(
        "Изпратете тялото като JSON, със заглавие Content-Type: application/json.",
        "Send the body as JSON, with the header Content-Type: application/json.",
    )
    headers = {"Accept": "application/json"}  # noqa: RUF012 - read only


def door(dependency: Function) -> Function:
    """Mark a dependency that is asked before the body is read. It keeps no connection to the database."""
    dependency.is_door = True  # type: ignore[attr-defined] # read by `_doors`
    return dependency


def reading_body(dependency: Function) -> Function:
    """Mark a dependency that reads the body, and asks for nothing but the request."""
    dependency.reads_body = True  # type: ignore[attr-defined] # read by `_reads`
    return dependency


class Route(APIRoute):
    """A route whose doors are passed first, from wherever below the endpoint they are asked for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        # FastAPI would read the body before any dependency. Here reading it is a dependency, the one after the doors;
        # for the contract the body stays what it is. A route that was included has a description of its own.
        described: Any = _effective_route_context_var.get() or self
        whole, body = described.dependant, described.body_field
        described.dependant, described.body_field = asked_once(doors_first(whole)), None
        try:
            return super().get_route_handler()
        finally:
            described.dependant, described.body_field = whole, body


class Router(APIRouter):
    """The router that every domain makes its routes with."""

    def __init__(self, *, route_class: type[APIRoute] = Route, **given: Any) -> None:
        super().__init__(route_class=route_class, **given)


def doors_first(dependant: Dependant) -> Dependant:
    """Order what an endpoint needs: its doors, its body, the rest. What was asked is not asked again."""
    doors = [*_doors(dependant)]
    others = [below for below in dependant.dependencies if not _reads(below)]
    # Reading asks for the doors itself: one whose own parameters are invalid is not passed.
    reading = [replace(below, dependencies=doors) for below in dependant.dependencies if _reads(below)]
    if dependant.body_params:
        [name] = [field.name for field in dependant.body_params]  # a second one would make them members of one body
        read = _reader(dependant)
        reading.append(
            Dependant(call=read, name=name, path=dependant.path, request_param_name="request", dependencies=doors)
        )
    return replace(dependant, dependencies=[*(reading or doors), *others], body_params=[])


def asked_once(dependant: Dependant, known: set[object] | None = None) -> Dependant:
    """Leave away what a dependency needs where the same one was answered before.

    FastAPI asks for it again, level by level, before it finds that it has the answer. Only of what no parameter can
    make invalid: else there may be no answer. By the scopes that a route names, too, an answer is known.
    """
    known = set() if known is None else known
    below = []
    for each in dependant.dependencies:
        key, short = _get_cache_key(dependant=each), replace(each, dependencies=[])
        if each.use_cache and key in known and _get_cache_key(dependant=short) == key and _is_always_answered(each):
            below.append(short)
        else:
            below.append(asked_once(each, known))
            known.add(key)
    is_whole = all(map(is_, below, dependant.dependencies))
    return dependant if is_whole else replace(dependant, dependencies=below)  # kept once: there are thousands of them


def _is_always_answered(dependant: Dependant) -> bool:
    asks = (dependant.path_params, dependant.query_params, dependant.header_params, dependant.cookie_params)
    return not any(asks) and all(map(_is_always_answered, dependant.dependencies))


def _reads(dependant: Dependant) -> bool:
    return getattr(dependant.call, "reads_body", False)


def _doors(dependant: Dependant) -> Iterator[Dependant]:
    for below in dependant.dependencies:
        if getattr(below.call, "is_door", False):
            yield replace(below, name=None)
        else:
            yield from _doors(below)


def _reader(dependant: Dependant) -> Callable[[Request], Awaitable[Any]]:
    fields = dependant.body_params

    async def read(request: Request) -> Any:
        body = await read_json(request)
        values, errors = await request_body_to_args(fields, body, embed_body_fields=False)
        if errors:
            raise RequestValidationError(errors, body=body)
        request.state.body = values[fields[0].name]  # for what is looked up before the request's session is opened
        return request.state.body

    return read


@reading_body
async def read_body(request: Request) -> bytes:
    """Read a file as it is sent; how long it may be is said where `core.http.Net` is set up."""
    return await request.body()


Sent = Annotated[bytes, Depends(read_body)]


def takes(*kinds: str) -> dict[str, Any]:
    """Describe a body that is a file of one of these media types, for a route's `openapi_extra`."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {"requestBody": {"required": True, "content": dict.fromkeys(kinds, binary)}}


async def read_json(request: Request) -> Any:
    """Read a body of JSON.

    Refused: what does not say that it is JSON (MediaTypeUnsupported), what is none in UTF-8 (BodyUnreadable), and what
    is deeper or longer than any form (BodyTooComplex).
    """
    body = await request.body()
    if not body:
        return Undefined
    if not _is_json(request.headers.get("content-type", "")):
        raise MediaTypeUnsupported
    try:
        text = body.decode()
        _measure(text)
        return json.loads(text, object_pairs_hook=_object)
    except ValueError:
        raise BodyUnreadable from None


def _is_json(content_type: str) -> bool:
    named = email.message.Message()
    named["content-type"] = content_type
    subtype = named.get_content_subtype()
    return named.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(members) > MOST_MEMBERS:
        raise BodyTooComplex  # two thousand that nobody knows took longer to refuse by name than all else
    return dict(members)


def _measure(text: str) -> None:
    """Count values and depth before anything is made of them, by what is between the strings."""
    bare = STRING.sub("", text)
    if bare.count(",") + bare.count("[") + bare.count("{") > MOST_VALUES:
        raise BodyTooComplex
    depth = 0
    for bracket in BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise BodyTooComplex
        if depth < 0:
            return  # no JSON, as its reader is about to say
