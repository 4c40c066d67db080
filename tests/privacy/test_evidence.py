"""What is read off a request."""

import pytest
from starlette.requests import Request

from app.core.language import Language
from app.privacy.evidence import get_evidence
from app.privacy.models import Means
from app.privacy.service import Evidence
from tests.factories.privacy import AT, IP, ORIGIN


def request(*headers: tuple[bytes, bytes], client: tuple[str, int] | None = (IP, 50_000)) -> Request:
    return Request({"type": "http", "headers": list(headers), "client": client})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (request((b"origin", ORIGIN.encode())), Evidence(AT, Language.BG, Means.API, ORIGIN, IP)),
        (request(), Evidence(AT, Language.BG, Means.API, None, IP)),
        (request(client=None), Evidence(AT, Language.BG, Means.API, None, None)),
        (request((b"origin", b"x" * 300)), Evidence(AT, Language.BG, Means.API, "x" * 255, IP)),
    ],
)
async def test_origin_and_address_come_from_the_request(asked: Request, expected: Evidence) -> None:
    assert await get_evidence(asked, Language.BG, AT) == expected
