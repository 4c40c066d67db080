"""Holds every answer that a test sees against the contract."""

import functools
import re
from typing import Any

import httpx

from app import main
from app.pages import files, site

UNLISTED = {"/docs", "/openapi.json"}
OPERATIONS = ("get", "post", "put", "delete", "patch")


@functools.cache
def contract() -> dict[str, Any]:
    return main.contract()


@functools.cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    return [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), operations)
        for path, operations in contract()["paths"].items()
    ]


def find_operation(method: str, path: str) -> dict[str, Any] | None:
    """Find what the contract says of a request; several paths may match, the first that knows the method is meant."""
    verb = "get" if method == "HEAD" else method.lower()
    for pattern, operations in _paths():
        if verb in operations and pattern.fullmatch(path):
            found: dict[str, Any] = operations[verb]
            return found
    return None


async def keeps_to_the_contract(response: httpx.Response) -> None:
    """Fail the test when an answer's status or media type is not listed; a hook of the client."""
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
    operation = find_operation(request.method, request.url.path)
    if (
        operation is None
        and not request.url.path.startswith("/v1/")
        and "text/html" in request.headers.get("accept", "")
    ):
        assert (response.status_code, kind) == (404, "text/html"), asked
        return
    if operation is None:
        assert response.status_code in {404, 405}, f"{asked}, and the contract does not know it"
        assert kind == "application/problem+json", asked
        return
    listed = operation["responses"].get(str(response.status_code))
    assert listed is not None, f"{asked}; listed are {', '.join(operation['responses'])}"
    content = listed.get("content", {})
    assert kind in content if content else not kind, f"{asked}; listed are {', '.join(content) or 'no content'}"
