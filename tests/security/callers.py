"""Every kind of caller that the matrix knows: who may come, and every way to come with a token that proves nothing."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.auth.keys import KeyRing, generate_key
from app.auth.models import StaffRole
from app.auth.scopes import Scope
from app.auth.tokens import KIND, Tokens
from tests.shop import Shop

NOBODY = ("nobody", "guest")
SHOPPERS = ("shopper", "other shopper")
STAFF = (*StaffRole, "untrained")
"""By their role; `untrained` is an owner without a training on record."""
MACHINES = tuple(Scope)
WELL_KNOWN = (*NOBODY, *SHOPPERS, *STAFF, *MACHINES)
FORGED = ("expired", "revoked", "wrong audience", "alg none", "HS for ES", "foreign key", "future nbf")
"""Tokens of whoever may pass the route in question, each with one flaw."""

Headers = dict[str, str]


@dataclass(frozen=True)
class Callers:
    headers: dict[str, Headers]
    forged: dict[tuple[str, str], Headers]
    """By flaw, and by whose token it would be: `shopper`, `owner` or a machine's scope."""


async def gather(shop: Shop, guest: Headers) -> Callers:
    """Let everybody log in; the shopper is iva@example.bg."""
    headers: dict[str, Headers] = {"nobody": {}, "guest": guest}
    headers["shopper"] = await shop.account()
    headers["other shopper"] = await shop.account("boris@example.bg")
    for role in StaffRole:
        headers[role] = await shop.staff(role)
    headers["untrained"] = await shop.staff(StaffRole.OWNER, trained=False, email="new@shop.example")
    for scope in Scope:
        headers[scope] = await shop.client(scope)
    ended = await _ended(shop)
    forged = {
        (flaw, whose): bearing(token)
        for whose in ("shopper", StaffRole.OWNER, *Scope)
        for flaw, token in _forged(shop, token_of(headers[whose]), ended[whose]).items()
    }
    return Callers(headers, forged)


async def _ended(shop: Shop) -> dict[str, str]:
    """Give tokens, not yet expired, whose session was ended or whose client was revoked."""
    live: dict[str, Headers] = {
        "shopper": await shop.account("gone@example.bg"),
        StaffRole.OWNER: await shop.staff(StaffRole.OWNER, email="gone@shop.example"),
        **{scope: await shop.client(scope) for scope in Scope},
    }
    tokens = {whose: token_of(headers) for whose, headers in live.items()}
    said = [claims_of(token) for token in tokens.values()]
    async with shop.sessions.begin() as session:
        await session.execute(
            text("UPDATE login_sessions SET ended_at = now(), ended_because = 'logout' WHERE id::text = ANY(:ids)"),
            {"ids": [each["sid"] for each in said if "sid" in each]},
        )
        await session.execute(
            text("UPDATE clients SET revoked_at = now() WHERE id = ANY(:ids)"),
            {"ids": [each["client_id"] for each in said if "sid" not in each]},
        )
    return tokens


def _forged(shop: Shop, good: str, ended: str) -> dict[str, str]:
    tokens: Tokens = shop.app.state.tokens
    now = int(shop.clock.now().timestamp())
    claims = claims_of(good)
    [key] = tokens.keys.public()["keys"]
    stranger = KeyRing.from_json(json.dumps([{**generate_key(), "kid": key["kid"]}]))
    public = tokens.keys.find(key["kid"])
    assert public is not None
    payload = good.split(".")[1]
    # Both as long as a signature of ours, so that their length is not what gives them away.
    unsigned = {"alg": "none", "kid": key["kid"], "typ": KIND}
    symmetric = f"{_part({**unsigned, 'alg': 'HS512'})}.{payload}"
    return {
        "expired": tokens.keys.sign({**claims, "iat": now - 901, "nbf": now - 901, "exp": now - 1}, KIND),
        "revoked": ended,
        "wrong audience": tokens.keys.sign({**claims, "aud": "https://elsewhere.example/v1"}, KIND),
        "alg none": f"{_part(unsigned)}.{payload}.{_b64(bytes(64))}",
        "HS for ES": f"{symmetric}.{_b64(hmac.digest(public.to_pem(), symmetric.encode(), hashlib.sha512))}",
        "foreign key": stranger.sign(claims, KIND),
        "future nbf": tokens.keys.sign({**claims, "nbf": now + 60}, KIND),
    }


def bearing(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


def token_of(headers: Headers) -> str:
    return headers["Authorization"].removeprefix("Bearer ")


def claims_of(token: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return said


def _part(content: dict[str, Any]) -> str:
    return _b64(json.dumps(content).encode())


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
