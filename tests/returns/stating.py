"""What a test does with a statement of withdrawal, and what it then looks at."""

from typing import Any
from uuid import uuid4

import httpx

from tests.shop import Shop

RECEIVED = "Получихме отказа Ви от договора"


def a_statement(**changes: Any) -> dict[str, Any]:
    """State as Ива Петрова; constant values but for the key, so that assertions can be exact."""
    return {
        "name": "Ива Петрова",
        "order_number": "100000001",
        "email": "iva@example.bg",
        "key": str(uuid4()),
        **changes,
    }


async def state(shop: Shop, headers: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """State over HTTP; returns the answer."""
    answer = await shop.http.post("/v1/withdrawals", json=a_statement(**changes), headers=headers or {})
    assert answer.status_code == httpx.codes.CREATED, answer.text
    stated: dict[str, Any] = answer.json()
    return stated
