"""What the staff ask for all day, at a hundred thousand orders: how long it takes, and how many statements."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid4

import httpx

from app.auth.api import CLIENT
from app.auth.models import Realm, StaffRole
from app.wiring import values as wiring
from benchmarks.driver import repeat, request
from benchmarks.history import ALL, among_many
from benchmarks.measuring import Contender, compete
from benchmarks.ordering import an_order
from benchmarks.playing import recorded
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage
from benchmarks.volume import name_differently

CLIENTS = 4
MOST_MILLISECONDS, MOST_STATEMENTS = 100, 12
MEMBER = """
WITH member AS (
    INSERT INTO staff (id, email, name, password_hash, totp, role, created_at, activated_at)
    VALUES (gen_random_uuid(), %(email)s, 'Мария Иванова', 'none', 'none', %(role)s, now(), now()) RETURNING id
), trained AS (
    INSERT INTO trainings (id, staff_id, subject, trained_on, recorded_at, recorded_by)
    SELECT gen_random_uuid(), id, 'GDPR', current_date, now(), 'benchmarks' FROM member
)
INSERT INTO login_sessions (id, staff_id, created_at, last_used_at, expires_at)
SELECT gen_random_uuid(), id, now(), now(), now() + interval '8 hours' FROM member RETURNING staff_id, id
"""


async def office_figures(stage: Stage, report: Report) -> None:
    order = await an_order(stage)
    among_many(stage, order["number"])
    name_differently(stage)
    bearer = {"authorization": f"Bearer {_a_token(stage)}", "accept-language": "bg"}
    asked = {
        "order list": ("GET", "/v1/staff/orders", None),
        "order page": ("GET", f"/v1/staff/orders/{order['number']}", None),
        "search by e-mail": ("POST", "/v1/staff/orders/searches", b'{"email": "nobody@example.bg"}'),
        "search by name": ("POST", "/v1/staff/search", b'{"words": "petkov77 jeliazko"}'),
        "search by an order's number": ("POST", "/v1/staff/search", json.dumps({"words": order["number"]}).encode()),
        "search by phone": ("POST", "/v1/staff/orders/searches", b'{"phone": "+359888000111"}'),
        "search by a phone's last digits": ("POST", "/v1/staff/search", b'{"words": "000111"}'),
        "search by an address": ("POST", "/v1/staff/search", b'{"words": "nobody@example.bg"}'),
    }
    for name, (verb, path, body) in asked.items():
        wanted = repeat(request(verb, path, bearer, body))
        (runs,) = await compete(Contender(f"staff: {name}", stage.api_port, [stage.api, stage.server], wanted, CLIENTS))
        report.add(runs)

        statements = len(await recorded(stage, partial(_ask, verb, path, bearer, body)))
        report.figures += [
            Figure.below(f"staff: {name} at {ALL:,} orders, p95", runs.percentile(95), MOST_MILLISECONDS, "ms"),
            Figure.below("the same, statements", statements, MOST_STATEMENTS, ""),
        ]


async def _ask(verb: str, path: str, bearer: Mapping[str, str], body: bytes | None, client: httpx.AsyncClient) -> None:
    kind = {"content-type": "application/json"} if body else {}
    (await client.request(verb, path, content=body, headers={**bearer, **kind})).raise_for_status()


def _a_token(stage: Stage) -> str:
    """Log an owner in, as far as requests look."""
    with stage.superuser() as connection:
        made = {"email": f"{uuid4().hex}@example.bg", "role": StaffRole.OWNER.value}
        staff_id, session_id = connection.execute(MEMBER, made).fetchone() or ("", None)
    assert isinstance(session_id, UUID)
    return wiring.tokens(stage.settings()).issue(
        subject=str(staff_id), client_id=CLIENT, scopes=[Realm.STAFF], at=datetime.now(UTC), session_id=session_id
    )
