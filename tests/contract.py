"""Holds every answer that a test sees against the contract."""

import copy
import functools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema_rs

from app import main
from app.pages import files, site

UNLISTED = {"/docs", "/openapi.json"}
OPERATIONS = ("get", "post", "put", "delete", "patch")


@functools.cache
def contract() -> dict[str, Any]:
    return main.contract()


@functools.cache
def _closed() -> jsonschema_rs.Registry:
    """Hold the contract with every object closed: a member that it does not name stands in no answer."""
    closed = copy.deepcopy(contract())
    for schema in _objects(closed):
        schema.setdefault("additionalProperties", False)
    return jsonschema_rs.Registry([("urn:contract", closed)], draft=jsonschema_rs.Draft202012)


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            yield node
        for name, below in node.items():
            if name not in {"example", "examples"}:
                yield from _objects(below)
    elif isinstance(node, list):
        for below in node:
            yield from _objects(below)


@functools.cache
def _validator(*path: str) -> jsonschema_rs.Draft202012Validator:
    """Read the schema that stands at a path of the contract."""
    steps = "/".join(quote(step.replace("~", "~0").replace("/", "~1"), safe="~") for step in path)
    schema = {"$ref": f"urn:contract#/{steps}"}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, registry=_closed())


def faults(value: Any, *path: str) -> list[str]:
    """Say how a value differs from the schema at a path of the contract, where it may hold nothing unnamed."""
    return [
        f"/{'/'.join(str(step) for step in error.instance_path)}: {error.message}"
        for error in _validator(*path).iter_errors(value)
    ]


@functools.cache
def _paths() -> list[tuple[re.Pattern[str], str, dict[str, Any]]]:
    return [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), path, operations)
        for path, operations in contract()["paths"].items()
    ]


def find_path(method: str, path: str) -> tuple[str, str] | None:
    """Find path and method as the contract writes them; where several match, the first that knows the method."""
    verb = "get" if method == "HEAD" else method.lower()
    for pattern, written, operations in _paths():
        if verb in operations and pattern.fullmatch(path):
            return written, verb
    return None


async def keeps_to_the_contract(response: httpx.Response) -> None:
    """Fail the test when an answer's status, media type or JSON is none that is listed; a hook of the client."""
    request = response.request
    kind = response.headers.get("content-type", "").partition(";")[0]
    asked = f"{request.method} {request.url.path} answered {response.status_code} {kind}"
    if request.url.path in UNLISTED or "access-control-request-method" in request.headers:
        return
    if request.url.path.split("/")[1] in site.NAMES:
        # Pages are none of the contract; whatever happens on them is told by a page.
        served = {*files.KINDS.values(), "application/pdf"}
        bare = response.is_redirect or response.status_code == httpx.codes.NOT_MODIFIED
        assert kind == "text/html" or bare or (response.is_success and kind in served), asked
        return
    found = find_path(request.method, request.url.path)
    if found is None and not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", ""):
        assert (response.status_code, kind) == (404, "text/html"), asked
        return
    if found is None:
        assert response.status_code in {404, 405}, f"{asked}, and the contract does not know it"
        assert kind == "application/problem+json", asked
        return
    path, verb = found
    responses = contract()["paths"][path][verb]["responses"]
    listed = responses.get(str(response.status_code))
    assert listed is not None, f"{asked}; listed are {', '.join(responses)}"
    content = listed.get("content", {})
    assert kind in content if content else not kind, f"{asked}; listed are {', '.join(content) or 'no content'}"
    if kind.endswith("json") and request.method != "HEAD":
        await response.aread()
        at = ("paths", path, verb, "responses", str(response.status_code), "content", kind, "schema")
        assert not (found_at := faults(response.json(), *at)), f"{asked}: {found_at}"
