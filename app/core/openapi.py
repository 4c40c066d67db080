"""The contract: what the generated description of the API is given beside the code's own words; how it is served."""

import json
import re
from hashlib import sha256
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.responses import HTMLResponse

from app.core.clock import get_instant
from app.core.conditions import Conditions, conditional
from app.core.errors import ShopError
from app.core.explaining import CHOICES
from app.core.fields import View, Wish
from app.core.http import AddressTooLong, BodyTooLarge, BodyTooSlow, HeaderRepeated
from app.core.problems import (
    MEDIA_TYPE,
    BodyUnreadable,
    Failure,
    Problem,
    TryLater,
    problems,
)
from app.core.routing import BodyTooComplex, MediaTypeUnsupported
from app.core.throttle import HOUR, get_throttle, origin

VERSION = "1.0.0"
DESCRIPTION = """
Shop for ionic toothbrushes: catalogue, cart, checkout with a privacy declaration, documents, courier and accounting.

Amounts are euro, as text with two decimals. Moments are UTC, legal dates are dates in Bulgaria. Refusals are
`application/problem+json` (RFC 9457): `code` is stable, `type` is the address of a page that explains it, the text is
Bulgarian or English by `Accept-Language`.
Lists go on at `next_cursor`. Fields that are not described are refused.
""".strip()
TAGS = [
    {"name": "catalog", "description": "Products and prices."},
    {"name": "privacy", "description": "Declarations, policies, recipients of personal data."},
    {"name": "registers", "description": "Registers of the responsible person: views, searches, exports."},
    {"name": "cart", "description": "What somebody means to buy."},
    {"name": "checkout", "description": "Quote and order."},
    {"name": "order", "description": "One's own order; a guest shows it by `X-Order-Token`, a shopper by logging in."},
    {"name": "auth", "description": "Tokens, sessions, passwords, second factors."},
    {"name": "account", "description": "One's own account: profile, addresses, orders, consents; scope `account`."},
    {"name": "staff", "description": "What roles among the staff permit; scope `staff`."},
    {"name": "courier", "description": "The courier's integration; scope `shipments`."},
    {"name": "accounting", "description": "The accountant; scope `accounting`."},
    {"name": "operations", "description": "Health."},
]
# Its pages alone load anything, and only where they are served: in development.
PAGES_LOAD = (
    "default-src 'none'; script-src https://cdn.jsdelivr.net 'unsafe-inline'; style-src https://cdn.jsdelivr.net;"
    " img-src data: https://fastapi.tiangolo.com; connect-src 'self'; frame-ancestors 'none'"
)
OF_BODIES = (BodyUnreadable, BodyTooLarge, BodyTooSlow, BodyTooComplex)

URL = "/openapi.json"
SENT, ANSWERED = re.compile(r"\b([A-Z][A-Za-z]+)-Input\b"), re.compile(r"\b([A-Z][A-Za-z]+)-Output\b")
STAFF_ALONE = [{"person": ["staff"]}]
SCHEMA = re.compile(r'"#/components/schemas/([^"]+)"')
AN_HOUR = 120
"""How often one address is given it."""


class Contract:
    """The description as it is served: made once, when the process starts."""

    def __init__(self, app: FastAPI, *, to_strangers: bool) -> None:
        schema = describe(app)
        app.openapi_schema = None  # only the bytes stay: the whole takes twenty times their memory
        self.content = json.dumps(for_strangers(schema) if to_strangers else schema, ensure_ascii=False).encode()
        self.etag = f'"{sha256(self.content).hexdigest()}"'


def is_shown(*, chosen: bool | None, in_production: bool) -> bool:
    return not in_production if chosen is None else chosen


def for_strangers(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the staff alone may call, and the words that only that uses."""
    paths: dict[str, Any] = {}
    for path, operations in schema["paths"].items():
        if shown := {method: each for method, each in operations.items() if each.get("security") != STAFF_ALONE}:
            paths[path] = shown
    schemas, used = schema["components"]["schemas"], set[str]()
    asked = set(SCHEMA.findall(json.dumps(paths)))
    while asked:
        used |= asked
        asked = set(SCHEMA.findall(json.dumps([schemas[name] for name in asked]))) - used
    tags = {tag for operations in paths.values() for operation in operations.values() for tag in operation["tags"]}
    return {
        **schema,
        "paths": paths,
        "components": {**schema["components"], "schemas": {name: schemas[name] for name in schemas if name in used}},
        "tags": [tag for tag in schema["tags"] if tag["name"] in tags],
    }


async def serve(request: Request) -> Response:
    """Give the contract as it was made."""
    throttle, at = await get_throttle(request), await get_instant(request)
    await throttle.take(f"contract:{origin(request)}", limit=AN_HOUR, per_seconds=HOUR, at=at)
    contract: Contract = request.app.state.contract
    whole = Response(contract.content, media_type="application/json", headers={"Cache-Control": "public, max-age=300"})
    return conditional(whole, contract.etag, Conditions.of(request))


async def pages(request: Request) -> HTMLResponse:
    """Show the contract to a developer."""
    page = get_swagger_ui_html(openapi_url=URL, title=request.app.title)
    page.headers["content-security-policy"] = PAGES_LOAD
    return page


def describe(app: FastAPI) -> dict[str, Any]:
    """Generate the description once: FastAPI's own, its validation error replaced by the shop's problem."""
    if app.openapi_schema:
        return app.openapi_schema
    schema = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        tags=app.openapi_tags,
        routes=app.routes,
    )
    schema = _named(schema)
    components = schema["components"]["schemas"]
    _put_back_nulls(components)
    _name_values(components)
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components.update(problem.pop("$defs"))
    components["Problem"] = problem
    for path in schema["paths"].values():
        for operation in path.values():
            _complete(operation)
    app.openapi_schema = schema
    return schema


def _named(schema: dict[str, Any]) -> dict[str, Any]:
    """Name what is both sent and answered: as it is sent by its own name, as it is answered as a view."""
    return dict(json.loads(SENT.sub(r"\1", ANSWERED.sub(r"\1View", json.dumps(schema)))))


def _put_back_nulls(schemas: dict[str, Any]) -> None:
    """Give examples as they are written: FastAPI leaves every null out of what it generates."""
    kinds: list[type[BaseModel]] = [Wish, View]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
        extra = kind.model_config.get("json_schema_extra")
        if kind.__name__ in schemas and isinstance(extra, dict) and "examples" in extra:
            schemas[kind.__name__]["examples"] = jsonable_encoder(extra["examples"])


def _name_values(schemas: dict[str, Any]) -> None:
    """Give the values that a person may be shown their names in both languages."""
    for kind, words in CHOICES.items():
        for name in (kind.__name__, f"{kind.__module__}.{kind.__name__}".replace(".", "__")):
            if schemas.get(name, {}).get("enum") == [value.value for value in kind]:
                named = {value.value: {"bg": text.bg, "en": text.en} for value, text in words.items()}
                schemas[name]["x-enum-words"] = named


def _complete(operation: dict[str, Any]) -> None:
    """Say in words what is generated, and what any operation may answer."""
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    responses = operation["responses"]
    _replace_validation_error(responses)
    operation.setdefault("security", [])  # said of what anybody may call, lest it be taken for forgotten
    anywhere: list[type[ShopError]] = [Failure, TryLater, AddressTooLong, HeaderRepeated, *_of_bodies(operation)]
    for status, described in problems(*anywhere).items():
        _add(responses.setdefault(str(status), {"description": "", "content": {}}), described)
    operation["responses"] = dict(sorted(responses.items()))


def _of_bodies(operation: dict[str, Any]) -> tuple[type[ShopError], ...]:
    if "requestBody" not in operation:
        return ()
    is_json = "application/json" in operation["requestBody"]["content"]
    return (*OF_BODIES, MediaTypeUnsupported) if is_json else OF_BODIES


def _replace_validation_error(responses: dict[str, Any]) -> None:
    content = responses.get("422", {}).get("content", {})
    if content.pop("application/json", None) is not None and MEDIA_TYPE not in content:
        content[MEDIA_TYPE] = {"schema": {"$ref": "#/components/schemas/Problem"}}


def _add(entry: dict[str, Any], described: dict[str, Any]) -> None:
    """Add refusals to those of the same status, each once."""
    if "headers" in described:
        entry.setdefault("headers", described["headers"])
    there = entry["content"].setdefault(MEDIA_TYPE, {**described["content"][MEDIA_TYPE], "examples": {}})
    for slug, example in described["content"][MEDIA_TYPE]["examples"].items():
        if slug not in there["examples"]:
            there["examples"][slug] = example
            entry["description"] += ("; " if entry["description"] else "") + example["value"]["title"]
