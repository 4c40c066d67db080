"""Turns every refusal, and every failure, into problem+json (RFC 9457)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.core.errors import Invalid, NotFound, ShopError
from app.core.explaining import explain
from app.core.language import Language, Text, preferred
from app.core.methods import MethodNotAllowed, allowed

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
Answer = Callable[[Request, ShopError], Response]
"""How a refusal is given to whoever asked: as a document, or as a page."""
Speaking = Callable[[Request], Language]
"""In which language whoever asked is told."""


class FieldError(BaseModel):
    """Where in the request, and what is wrong there."""

    pointer: str = Field(
        examples=["/customer/phone"], description="RFC 6901, within the body; or `?name`, `header:name`"
    )
    detail: str


class Problem(BaseModel):
    """RFC 9457; members beside these belong to the type."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(
        examples=["/problems/out-of-stock"],
        json_schema_extra={"format": "uri-reference"},
        description="The address of a page that explains it: the shop's own, then `/problems/` and the code",
    )
    code: str = Field(examples=["out-of-stock"], description="Which refusal it is: for a program to tell by")
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None


class BodyUnreadable(ShopError):
    status = 400
    title = Text("Нечетимо тяло на заявката", "Unreadable body")
    advice = Text("Изпратете правилно оформен JSON в UTF-8.", "Send well-formed JSON in UTF-8.")


class RequestRefused(ShopError):
    status = 400
    title = Text("Отказана заявка", "Request refused")
    advice = Text("Проверете заявката.", "Check the request.")


class TryLater(ShopError):
    status = 503
    title = Text("Временно недостъпно", "Temporarily unavailable")
    advice = Text("Нищо не е променено. Опитайте отново след малко.", "Nothing was changed. Try again shortly.")
    headers = {"Retry-After": "2"}  # noqa: RUF012 - read only


class Failure(ShopError):
    status = 500
    title = Text("Грешка при нас", "Our failure")
    advice = Text(
        "Нищо не е променено. Съобщете ни номера на заявката (X-Request-Id).",
        "Nothing was changed. Tell us the request's number (X-Request-Id).",
    )


BY_STATUS: dict[int, type[ShopError]] = {404: NotFound, 405: MethodNotAllowed}
MOST_ERRORS = 20
LONGEST_POINTER = 200
"""What a refusal repeats of the request does not grow with it."""

UNION_TAGS = frozenset({"union_tag_invalid", "union_tag_not_found"})


def pointer(location: Sequence[Any]) -> str:
    """Name a field: a JSON pointer for the body, `?name` for the query, `header:name`, `path:name`."""
    where, *steps = location
    if where == "body":
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    name = ".".join(str(step) for step in steps)
    return f"?{name}" if where == "query" else f"{where}:{name}"


def place(error: dict[str, Any], body: Any) -> list[Any]:
    """Name where in the request a fault is, without the step that pydantic adds for the member of a union."""
    where, *path = error["loc"]
    if where != "body":
        return [where, *path]
    place, here = [where], body
    for number, step in enumerate(path, start=1):
        last = number == len(path)
        if isinstance(here, dict) and step not in here and not (last and error["type"] == "missing"):
            continue
        place.append(step)
        inside = isinstance(here, dict) or (isinstance(here, list) and step in range(len(here)))
        here = here[step] if inside and not last else None
    if error["type"] in UNION_TAGS:
        place.append(error["ctx"]["discriminator"].strip("'"))
    return place


def _safe(text: str) -> str:
    """Shorten an unknown field's name, which comes from the client, and drop what could not be sent back."""
    return text[:LONGEST_POINTER].encode("utf-8", "replace").decode("utf-8")


def headers_with(problem: ShopError, language: Language) -> dict[str, str]:
    headers = {"Content-Language": language.value, "Cache-Control": "no-store", **problem.headers}
    if "retry_after" in problem.members:
        headers["Retry-After"] = str(problem.members["retry_after"])
    return headers


def respond(problem: ShopError, language: Language, public_url: str) -> JSONResponse:
    document = problem.document(language)
    if "type" in document:  # RFC 6749 has a form of its own
        document["type"] = public_url + document["type"]
    return JSONResponse(document, problem.status, headers_with(problem, language), MEDIA_TYPE)


def answer(request: Request, problem: ShopError) -> JSONResponse:
    return respond(problem, _language(request), request.app.state.public_url)


def _language(request: Request) -> Language:
    return preferred(request.headers.get("accept-language"))


async def _refused(give: Answer, request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ShopError)
    return give(request, problem)


async def _invalid(give: Answer, speaks: Speaking, request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)
    language = speaks(request)
    # What two dependencies ask for is told once.
    found = [*{(e["loc"], e["type"]): e for e in problem.errors()}.values()][:MOST_ERRORS]
    errors = [{"pointer": _safe(pointer(place(e, problem.body))), "detail": explain(e, language)} for e in found]
    return give(request, Invalid(errors=errors))


async def _http(give: Answer, request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    kind = BY_STATUS.get(problem.status_code, RequestRefused)
    response = give(request, kind())
    response.headers.update(problem.headers or {})
    if kind is MethodNotAllowed:
        response.headers["Allow"] = allowed(request)
    return response


async def _unavailable(give: Answer, request: Request, problem: Exception) -> Response:
    log.warning("database_unavailable", reason=type(problem).__name__, code=getattr(problem, "code", None))
    return give(request, TryLater())


async def _busy(give: Answer, request: Request, _: Exception) -> Response:
    """Answer where work took longer than it may on this machine, such as the drawing of a page."""
    return give(request, TryLater())


def install(app: FastAPI, give: Answer = answer, speaks: Speaking = _language) -> None:
    """Make the app answer every refusal in one form; what nobody foresaw is answered by `core.http.Net`."""
    app.add_exception_handler(ShopError, partial(_refused, give))
    app.add_exception_handler(RequestValidationError, partial(_invalid, give, speaks))
    app.add_exception_handler(HTTPException, partial(_http, give))
    app.add_exception_handler(OperationalError, partial(_unavailable, give))
    app.add_exception_handler(PoolTimeout, partial(_unavailable, give))
    app.add_exception_handler(TimeoutError, partial(_busy, give))


def headers_of(refusal: type[ShopError]) -> dict[str, Any]:
    """Describe the headers of a refusal that say when to come again, if it has them."""
    if "Retry-After" not in refusal.headers and "retry_after" not in refusal.example:
        return {}
    seconds = {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}}
    return {"headers": {"Retry-After": seconds}}


def _example(refusal: type[ShopError]) -> dict[str, Any]:
    return {
        **refusal.example,
        "type": refusal.type(),
        "code": refusal.slug(),
        "title": refusal.title.en,
        "status": refusal.status,
        "detail": refusal.exemplary_advice(),
    }


def problems(*refusals: type[ShopError]) -> dict[int | str, dict[str, Any]]:
    """Describe an endpoint's refusals for its `responses`; several of one status are listed together."""
    described: dict[int | str, dict[str, Any]] = {}
    for refusal in refusals:
        entry = described.setdefault(refusal.status, {"description": "", "content": {MEDIA_TYPE: {"examples": {}}}})
        entry["description"] = (entry["description"] + "; " if entry["description"] else "") + refusal.title.en
        entry["content"][MEDIA_TYPE]["schema"] = {"$ref": "#/components/schemas/Problem"}
        entry["content"][MEDIA_TYPE]["examples"][refusal.slug()] = {"value": _example(refusal)}
        entry.update(headers_of(refusal))
    return described
