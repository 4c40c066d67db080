"""Whatever is sent to it, the API answers as its contract says (schemathesis)."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from schemathesis.config._checks import NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES

from app.auth import service as auth
from app.auth.keys import KeyRing
from app.auth.models import Account, Realm, Staff, StaffRole
from app.auth.scopes import Scope
from app.auth.sessions import open_session
from app.auth.tokens import Tokens
from app.settings import Settings
from tests.factories.accounts import make_account, make_staff
from tests.faults.house import House, build
from tests.processes import PATIENCE
from tests.shop import a_wish_today

ROOT = Path(__file__).parent.parent
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
    "use_after_free",
)
# Its own, and what is refused before anybody looks whether it is right: addresses and bodies that are too long.
REFUSED = (*NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES, "413", "414")
REFUSALS = f"[checks.negative_data_rejection]\nexpected-statuses = {[*REFUSED]}\n".replace("'", '"')
LEFT_OUT = (
    *("close_own_account", "end_own_sessions", "end_own_session", "withdraw_own_consent", "change_member"),
    *("make_inspection_pack", "export_register_as_pdf"),
)
pytestmark = pytest.mark.slow


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[House]:
    async with build(database, tmp_path) as house:
        await house.open("api")
        yield house


async def token(house: House, scope: Scope) -> dict[str, str]:
    async with house.sessions.begin() as session:
        made = await auth.create_client(session, scope, [scope], actor="test", at=datetime.now(UTC))
    answer = await house.http.post(
        "/v1/auth/token", data={"grant_type": "client_credentials"}, auth=(made.client_id, made.secret)
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def login(house: House, realm: Realm, person_id: UUID) -> dict[str, str]:
    """Log somebody in past the endpoints, with the keys that the API keeps in its folder."""
    public, at = Settings().public_url, datetime.now(UTC)
    tokens = Tokens(keys=KeyRing.kept_in(house.folder / "signing-keys.json"), issuer=public, audience=public)
    async with house.sessions.begin() as session:
        opened = await open_session(session, realm, person_id, device="Tests", idle=timedelta(days=1), at=at)
    token = tokens.issue(subject=str(person_id), client_id="shop", scopes=[realm], session_id=opened.session_id, at=at)
    return {"Authorization": f"Bearer {token}"}


async def filled_cart(house: House) -> str:
    cart: str = (await house.http.post("/v1/carts")).json()["id"]
    await house.http.put(f"/v1/carts/{cart}/lines/ION-H-SOFT-2", json={"quantity": 1})
    return cart


async def ordered(house: House) -> dict[str, Any]:
    wish = a_wish_today(await filled_cart(house))
    answer = await house.http.post("/v1/orders", json=wish, headers={"Idempotency-Key": uuid4().hex})
    order: dict[str, Any] = answer.json()
    return order


async def examine(
    house: House,
    *arguments: str,
    headers: dict[str, str],
    known: dict[str, str],
    checks: Sequence[str] = CHECKS,
) -> None:
    """Run schemathesis over the contract; `known` are parameters of things that exist."""
    config = house.folder / "schemathesis.toml"
    paths = "".join(f'"path.{name}" = "{value}"\n' for name, value in known.items())
    config.write_text(f"[parameters]\n{paths}{REFUSALS}")
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "--config-file",
        str(config),
        "run",
        str(ROOT / "openapi.yaml"),
    ]
    options = ["--url", str(house.http.base_url), "--no-color", "--generation-deterministic", "--warnings", "off"]
    options.append(f"--request-timeout={PATIENCE}")
    shown = [f"--header={name}:{value}" for name, value in headers.items()]
    process = await asyncio.create_subprocess_exec(
        *command,
        *options,
        "--checks",
        ",".join(checks),
        *shown,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=house.folder,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def test_anything_is_answered_as_the_contract_says(house: House) -> None:
    for scope, tags in (
        (
            Scope.SHIPMENTS,
            ("courier", "order", "cart", "checkout", "catalog", "privacy", "auth", "operations"),
        ),
        (Scope.ACCOUNTING, ("accounting",)),
    ):
        only = [f"--include-tag={tag}" for tag in tags]
        headers = await token(house, scope)
        await examine(
            house, "--max-examples=15", "--phases=examples,coverage,fuzzing", *only, headers=headers, known={}
        )


@pytest.mark.parametrize("realm", [Realm.STAFF, Realm.ACCOUNT])
async def test_whatever_a_person_who_is_logged_in_sends_is_answered_so_too(house: House, realm: Realm) -> None:
    at = datetime.now(UTC)
    async with house.sessions.begin() as session:
        made: Account | Staff = (
            await make_staff(session, StaffRole.OWNER, "owner@shop.example", trained=True, at=at)
            if realm is Realm.STAFF
            else await make_account(session, "iva@example.bg", at=at)
        )
        person_id = made.id
    tags = ("staff", "registers") if realm is Realm.STAFF else ("account",)
    only = [f"--include-tag={tag}" for tag in tags]
    # Whoever leaves would be somebody else from then on; what is drawn takes seconds each time.
    left = [f"--exclude-operation-id={name}" for name in LEFT_OUT]
    headers = await login(house, realm, person_id)
    phases = ("--max-examples=6", "--phases=examples,coverage,fuzzing")
    # Beside `/orders/{number}` stands `/orders/searches`: to GET it is a number that is none.
    checks = [check for check in CHECKS if check != "unsupported_method"]
    await examine(house, *phases, *only, *left, headers=headers, known={}, checks=checks)


async def test_what_exists_is_shown_as_the_contract_says(house: House) -> None:
    order = await ordered(house)
    known = {"number": order["number"], "cart_id": await filled_cart(house), "sku": "ION-H-SOFT-2"}
    headers = {"X-Order-Token": order["access_token"]}
    only = [f"--include-tag={tag}" for tag in ("order", "cart", "checkout")]
    await examine(
        house, "--max-examples=10", "--mode=positive", "--phases=examples,fuzzing", *only, headers=headers, known=known
    )
