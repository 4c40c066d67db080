"""E3: examples are valid today: every example of a request is sent to a fresh shop, and is taken."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from app.auth.models import StaffRole
from app.auth.scopes import Scope
from app.privacy.models import DeclarationPurpose
from app.privacy.schemas import newest
from tests.contract import contract
from tests.prepared import PREPARED
from tests.shop import Shop

NEEDED = {
    # A token that a mail of marketing holds.
    "link-invalid": ("withdraw_consents",),
    # What is done before: a document issued, a request or a breach recorded.
    "task-not-found": ("acknowledge_recipient_task",),
    "nothing-to-correct": ("issue_credit_note", "issue_debit_note"),
    "refund-exceeds-payment": ("record_refund",),
    "not-found": (
        *("unsubscribe", "annul_document", "download_selection"),
        *("match_withdrawal", "check_withdrawer", "settle_withdrawal", "reopen_withdrawal", "note_bounce"),
        *("resend_receipt", "match_receipt", "settle_receipt", "record_posting"),
        *("add_to_privacy_request", "attach_to_privacy_request", "enter_privacy_message", "enter_privacy_attachment"),
        *("ask_for_missing_parts", "ask_for_identity", "record_identity", "settle_destination", "note_in_privacy_case"),
        *("extend_privacy_request", "tell_of_delay", "decide_privacy_request"),
        *("add_breach_entry", "assess_breach", "decide_not_to_notify", "exempt_from_letters", "record_public_notice"),
        *("close_breach", "advance_drill", "preview_affected_people", "compute_affected_people"),
        *("send_breach_letters", "mark_notification_sent", "record_reference"),
    ),
}
"""What an example is refused for though it is written as it must be: it names what only another request makes."""
FILE = {"application/pdf": b"%PDF-1.7\n", "image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff"}


Operation = tuple[str, str, dict[str, Any]]


def when_all_are_in_force() -> datetime:
    """Name a day on which the newest text of each purpose is in force."""
    days = [
        newest(purpose)[:10] for purpose in DeclarationPurpose if purpose != DeclarationPurpose.THIRD_PARTY_MARKETING
    ]
    return datetime.fromisoformat(max(days)).replace(hour=10, tzinfo=UTC) + timedelta(days=1)


def bodies() -> list[Operation]:
    return [
        (path, verb, operation)
        for path, item in contract()["paths"].items()
        for verb, operation in item.items()
        if "requestBody" in operation
    ]


def shown(operation: dict[str, Any]) -> list[tuple[str, Any]]:
    """Give each example of a body with its media type."""
    found = []
    for kind, content in operation["requestBody"]["content"].items():
        schema = content["schema"]
        named = contract()["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        found += [(kind, each) for each in named.get("examples") or [named.get("example", FILE.get(kind))]]
    return found


async def log_in(shop: Shop, operation: dict[str, Any], body: Any, number: int) -> dict[str, str]:
    """Come as whoever may; a guest where an address is named, which an account has."""
    schemes = operation.get("security", [])
    if not schemes or ({} in schemes and isinstance(body, dict) and "email" in body):
        return {}
    scheme: dict[str, list[str]] = next(each for each in schemes if each)
    if "machine_client" in scheme:
        return await shop.client(Scope(scheme["machine_client"][0]))
    if "account" in scheme.get("person", []):
        return await shop.account(f"shopper{number}@example.bg")
    return await shop.staff(StaffRole.OWNER, email=f"owner{number}@shop.example")


async def send(
    shop: Shop, of: Operation, example: tuple[str, Any], order: dict[str, Any], number: int
) -> httpx.Response:
    (path, verb, operation), (kind, body) = of, example
    headers = await log_in(shop, operation, body, number)
    made = {"number": order["number"], "key": str(uuid4()), **await created(shop, path, headers)}
    if prepare := PREPARED.get(operation["operationId"]):
        made |= await prepare(shop, made, headers)
    headers |= {"Content-Type": kind, "Idempotency-Key": f"example-{number}"}
    query: dict[str, Any] = {}
    for parameter in operation.get("parameters", []):
        schema, name = parameter["schema"], parameter["name"]
        if "$ref" in schema:
            schema = contract()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        value = made.get(name, (schema.get("examples") or schema.get("enum") or [None])[0])
        path = path.replace(f"{{{name}}}", str(value))
        if parameter["in"] == "query" and parameter["required"]:
            query[name] = value
    if not isinstance(body, bytes):
        sent = {name: made.get(name, value) for name, value in body.items()}
        body = (json.dumps(sent) if kind == "application/json" else urlencode(sent)).encode()
    return await shop.http.request(verb, path, params=query, headers=headers, content=body)


async def created(shop: Shop, path: str, headers: dict[str, str]) -> dict[str, str]:
    """Create what an example only names: a cart with something in it, an address, a company's profile."""
    if "cart" in path or path == "/v1/orders":
        return {"cart_id": await shop.cart({"ION-H-SOFT-2": 1})}
    if "{address_id}" in path or "{profile_id}" in path:
        kind = "KeepAddress" if "address" in path else "KeepInvoiceProfile"
        example = contract()["components"]["schemas"][kind]["examples"][0]
        kept = await shop.http.post(path.rpartition("/")[0], json=example, headers=headers)
        return dict.fromkeys(("address_id", "profile_id"), kept.json()["id"])
    return {}


@pytest.mark.slow
async def test_e3_every_example_of_a_request_is_sent_and_taken(shop: Shop) -> None:
    order = await shop.ordered()
    shop.clock.at = when_all_are_in_force()
    refused: dict[str, set[str]] = {}
    for number, (path, verb, operation) in enumerate(bodies()):
        for place, example in enumerate(shown(operation)):
            answer = await send(shop, (path, verb, operation), example, order, 100 * number + place)
            assert answer.is_success or answer.status_code < 500, answer.text
            if not answer.is_success:
                document = answer.json()
                refused.setdefault(operation["operationId"], set()).add(document.get("code") or document["error"])
    assert refused == {name: {code} for code, names in NEEDED.items() for name in names}


async def test_e3_every_example_of_a_body_passes_the_endpoint_s_own_validation(shop: Shop) -> None:
    bodies_of = {
        (context.path_format, method.lower()): context.original_route.body_field
        for context in iter_route_contexts(shop.app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in context.methods or ()
    }
    tried = 0
    for path, verb, operation in bodies():
        for kind, example in shown(operation):
            field = bodies_of[path, verb]
            if kind == "application/json":
                assert field is not None, path
                assert field.validate(json.loads(json.dumps(example)), loc=("body",))[1] == [], (path, example)
                tried += 1
    assert tried > 90
