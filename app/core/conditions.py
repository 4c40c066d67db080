"""Conditional requests (RFC 9110 §13): what a client has is not sent again, nor is another taken for it."""

import re
from typing import Annotated, Any, Self

from fastapi import Depends, Request, Response
from starlette.datastructures import Headers

from app.core.errors import ShopError
from app.core.language import Text
from app.core.problems import problems

TAG = re.compile(r'(W/)?("[^"]*")')
DESCRIBED = {"ETag": {"description": "Changes with the content", "schema": {"type": "string"}}}


class PreconditionFailed(ShopError):
    status = 412
    title = Text("Съдържанието е друго", "The content is another one")
    advice = Text(
        "If-Match не назовава сегашното съдържание. Изтеглете го наново, без If-Match.",
        "If-Match does not name the present content. Download it anew, without If-Match.",
    )


class Conditions:
    """What a client says of its copy, in a request that reads.

    They are asked after everything that may refuse the same request without them (§13.2.1).
    """

    def __init__(self, headers: Headers) -> None:
        self._if_match = headers.getlist("if-match")
        self._if_none_match = headers.getlist("if-none-match")

    @classmethod
    def of(cls, request: Request) -> Self:
        return cls(request.headers)

    def has(self, etag: str) -> bool:
        """Say whether the client's copy is what there is; refuses with PreconditionFailed what `If-Match` does."""
        if self._if_match and not _names(self._if_match, etag, weakly=False):
            raise PreconditionFailed
        return bool(self._if_none_match) and _names(self._if_none_match, etag, weakly=True)


def _names(headers: list[str], etag: str, *, weakly: bool) -> bool:
    """Compare with any of a list, strongly or weakly (§8.8.3.2); `*` stands for whatever there is."""
    for header in headers:
        if header.strip() == "*":
            return True
        if any(tag == etag and (weakly or not weak) for weak, tag in TAG.findall(header)):
            return True
    return False


ConditionsDep = Annotated[Conditions, Depends(Conditions.of)]


def conditional(response: Response, etag: str, asked: Conditions) -> Response:
    """Give an answer its ETag, and its headers alone to who has it."""
    response.headers["ETag"] = etag
    if not asked.has(etag):
        return response
    kept = {name: value for name, value in response.headers.items() if name not in {"content-length", "content-type"}}
    return Response(status_code=304, headers=kept)


def conditional_responses() -> dict[int | str, dict[str, Any]]:
    """Describe what a conditional request is answered, for an endpoint's `responses`."""
    return {304: {"description": "What `If-None-Match` names is still so"}, **problems(PreconditionFailed)}
