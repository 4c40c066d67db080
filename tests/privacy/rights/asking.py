"""What tests of the rights desk ask, and how they read what came of it."""

import re
from typing import Any
from uuid import UUID, uuid4

import httpx

from app.auth.models import StaffRole
from tests.fulfilment.story import letters
from tests.security.callers import claims_of, token_of
from tests.shop import Shop

REQUESTS = "/v1/privacy/requests"
PROOFS = "/v1/privacy/request-proofs"
DESK = "/v1/staff/privacy/requests"
TOKEN = re.compile(r"#token=([A-Za-z0-9_-]{64})")
PAPER = b"%PDF-1.7 " + b"upylnomoshtavam Petar Ivanov " * 20
TEXT = "Моля за достъп до личните ми данни и копие от тях."
ADDRESS = "гр. София 1618, ул. „Българска легия“ № 2"
IVA = "iva@example.bg"


async def officer(shop: Shop, role: StaffRole = StaffRole.PRIVACY_OFFICER) -> dict[str, str]:
    """Log an officer in, another one each time: a token is good for a quarter of an hour of the shop's clock."""
    return await shop.staff(role, email=f"{uuid4().hex}@shop.example")


def renewed(shop: Shop, me: dict[str, str]) -> dict[str, str]:
    """Give the token that a refresh brings, within the month that a session lives."""
    claims = claims_of(token_of(me))
    token = shop.app.state.tokens.issue(
        subject=claims["sub"], client_id="shop", scopes=["account"], session_id=UUID(claims["sid"]), at=shop.clock.now()
    )
    return {"Authorization": f"Bearer {token}"}


def asks(kind: str = "access", **changes: Any) -> dict[str, Any]:
    """Ask as Ива Петрова, with every part that the policy names."""
    text = {} if kind == "withdrawal" or changes.get("against") == "marketing" else {"text": TEXT}
    return {"kind": kind, "name": "Ива Петрова", "address": ADDRESS, **text, **changes}


def enters(kind: str = "access", **changes: Any) -> dict[str, Any]:
    """Enter a signed letter of hers, whose sender is known."""
    return {
        **asks(kind),
        "via": "post",
        "email": IVA,
        "preferred_form": "electronic",
        "is_signed": True,
        "dated_on": "2026-11-20",
        "identified_by": "Подписът е като в пълномощното от 2025 г.",
        **changes,
    }


async def ask(shop: Shop, me: dict[str, str], kind: str = "access", **changes: Any) -> dict[str, Any]:
    """Ask while logged in; returns what one sees."""
    answer = await shop.http.post(REQUESTS, json=asks(kind, **changes), headers=me)
    assert answer.status_code == 201, answer.text
    seen: dict[str, Any] = answer.json()
    return seen


async def ask_as_guest(shop: Shop, kind: str = "access", email: str = IVA, **changes: Any) -> dict[str, Any]:
    """Ask as a guest and open the mailed link; returns the request, with the headers that open it."""
    answer = await shop.http.post(REQUESTS, json=asks(kind, email=email, **changes))
    assert answer.status_code == 202, answer.text
    await shop.run_jobs()
    proved = await confirm(shop, mailed_token(shop, "Потвърдете искането си"))
    assert proved.status_code == 200, proved.text
    return {**proved.json()["request"], "key": {"X-Request-Token": proved.json()["access_token"]}}


async def confirm(shop: Shop, token: str) -> httpx.Response:
    """See what a mailed link would sign, and sign it."""
    shown = await shop.http.post(PROOFS, json={"token": token})
    if shown.status_code != httpx.codes.ACCEPTED:
        return shown
    return await shop.http.post(PROOFS, json={"token": token, "confirmed": shown.json()["asked"]})


async def enter(shop: Shop, staff: dict[str, str], kind: str = "access", **changes: Any) -> dict[str, Any]:
    answer = await shop.http.post(DESK, json=enters(kind, **changes), headers=staff)
    assert answer.status_code == 201, answer.text
    entered: dict[str, Any] = answer.json()
    return entered


async def case(shop: Shop, staff: dict[str, str], request: dict[str, Any]) -> dict[str, Any]:
    answer = await shop.http.get(f"{DESK}/{request['id']}", headers=staff)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def act(shop: Shop, staff: dict[str, str], request: dict[str, Any], what: str, **wish: Any) -> httpx.Response:
    """Do something at the desk, with its own path below the request."""
    return await shop.http.post(f"{DESK}/{request['id']}/{what}", json=wish, headers=staff)


async def settle(
    shop: Shop, staff: dict[str, str], request: dict[str, Any], how: str, *, may_be_used: bool = True
) -> httpx.Response:
    """Look at where the answer is to go, and decide on that."""
    destination = (await case(shop, staff, request))["destination"]
    return await act(shop, staff, request, "destination", destination=destination, may_be_used=may_be_used, how=how)


async def decide(shop: Shop, staff: dict[str, str], request: dict[str, Any], **wish: Any) -> dict[str, Any]:
    """Decide, let the letter be drawn and mailed; returns the case."""
    answer = await act(shop, staff, request, "decision", **{"outcome": "granted", **wish})
    assert answer.status_code == 200, answer.text
    await shop.run_jobs()
    return await case(shop, staff, request)


async def mind(shop: Shop) -> None:
    """Let the periodic job of the desk run, and what follows from it."""
    [minding] = [periodic for periodic in shop.work.periodic if periodic.name == "mind_requests"]
    await minding.run()
    await shop.run_jobs()


async def log_of(shop: Shop, staff: dict[str, str], request: dict[str, Any]) -> list[str]:
    """Name what stands in the log, a move by where it went."""
    events = (await case(shop, staff, request))["events"]
    return [event["details"]["to"] if event["kind"] == "moved" else event["kind"] for event in events]


def attachment(content: bytes = PAPER, kind: str = "power_of_attorney") -> dict[str, Any]:
    """Give what a client sends of a paper."""
    return {"params": {"kind": kind}, "content": content}


def mailed_token(shop: Shop, subject: str) -> str:
    """Read the key out of the link in the last letter with this subject."""
    [token] = TOKEN.findall(body(shop, subject))
    return str(token)


def body(shop: Shop, subject: str) -> str:
    """Read the plain text of the last letter with this subject."""
    text = letters(shop, subject)[-1].get_body(("plain",))
    assert text is not None
    read: str = text.get_content()
    return read


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
