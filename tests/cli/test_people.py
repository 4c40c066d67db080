"""Who may do what, from the command line: machine clients, and the staff's first owner."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.auth.logins import OWNER, code_at, log_in, with_staff
from tests.auth.members import answered, audited, member_id
from tests.cli.test_operate import Terminal
from tests.sheets import read_records
from tests.shop import Shop

INVITE = ("staff", "invite", "maria@example.bg", "Мария Стоянова", "owner")
PAGE = "http://127.0.0.1:8000/staff/invitation#token="


@pytest.fixture
def terminal(shop: Shop, tmp_path: Path) -> Terminal:
    return Terminal(shop, tmp_path)


async def token(shop: Shop, made: Mapping[str, Any]) -> int:
    shop.clock.at = datetime.now(UTC)
    answer = await shop.http.post(
        "/v1/auth/token",
        data={"grant_type": "client_credentials"},
        auth=(made["client_id"], made["client_secret"]),
    )
    return answer.status_code


async def test_a_client_is_made_listed_renewed_and_ended(shop: Shop, terminal: Terminal) -> None:
    began = datetime.now(UTC)
    assert await terminal.done("clients", "list") == ""
    first = json.loads(await terminal.done("clients", "add", "Счетоводство", "--scope", "accounting"))
    client_id = first["client_id"]
    assert await terminal.done("clients", "list") == f"{client_id}  Счетоводство  accounting  never used"
    assert await token(shop, first) == httpx.codes.OK

    second = json.loads(await terminal.done("clients", "rotate", client_id, "--overlap-hours", "1"))
    assert second["client_id"] == client_id
    assert second["client_secret"] != first["client_secret"]
    assert [await token(shop, each) for each in (first, second)] == [200, 200]
    third = json.loads(await terminal.done("clients", "rotate", client_id, "--overlap-hours", "0"))
    assert [await token(shop, each) for each in (first, second, third)] == [401, 401, 200]
    shown = await terminal.done("clients", "list")
    [(used_at,)] = await shop.rows("SELECT last_used_at FROM clients")
    assert began <= used_at <= shop.clock.at
    assert shown == f"{client_id}  Счетоводство  accounting  last used {used_at:%Y-%m-%d}"

    assert await terminal.done("clients", "limit", client_id, "--network", "192.0.2.7/32") == (
        f"{client_id} may call from 192.0.2.7."
    )
    assert await token(shop, third) == httpx.codes.UNAUTHORIZED
    assert await terminal.done("clients", "limit", client_id) == f"{client_id} may call from anywhere."
    assert await token(shop, third) == httpx.codes.OK

    assert await terminal.done("clients", "revoke", client_id) == f"{client_id} is revoked."
    assert await terminal.done("clients", "list") == f"{client_id}  Счетоводство  accounting  revoked"
    assert await token(shop, third) == httpx.codes.UNAUTHORIZED
    subject = f"client:{client_id}"
    assert await audited(shop) == [
        ("operator", "client_created", subject, "accounting"),
        ("operator", "client_rotated", subject, "overlap_hours: 1"),
        ("operator", "client_rotated", subject, "overlap_hours: 0"),
        ("operator", "client_networks_changed", subject, "networks: any → 192.0.2.7"),
        ("operator", "client_networks_changed", subject, "networks: 192.0.2.7 → any"),
        ("operator", "client_revoked", subject, None),
    ]


async def test_a_client_that_cannot_be_is_refused(shop: Shop, terminal: Terminal) -> None:
    add = ("clients", "add", "a", "--scope", "accounting")
    assert await terminal.refused(*add, "--scope", "shipments") == (
        "The scopes are of different recipients. Make a client for each recipient."
    )
    assert await terminal.refused(*add, "--network", "shop.example") == (
        "networks: Not an IP address and not a network as 192.0.2.0/24"
    )
    assert await shop.count("clients") == 0


async def test_a_client_that_does_not_exist_is_named(terminal: Terminal) -> None:
    for command in ("rotate", "revoke"):
        said = await terminal.refused("clients", command, "cl_0123456789abcdef")
        assert said == "No such client. Check the id cl_0123456789abcdef."


async def test_the_first_owner_is_invited_and_let_in_again_when_the_second_factor_is_lost(
    shop: Shop, terminal: Terminal
) -> None:
    shop.clock.at = datetime.now(UTC)
    for command in (INVITE, ("staff", "reset", "MARIA@example.bg")):
        link = await terminal.done(*command)
        assert link.startswith(PAGE)
        secret, codes = await answered(shop, link.removeprefix(PAGE))
        assert (secret.strip() != "", len(codes)) == (True, 10)
    assert await shop.rows("SELECT name, role, activated_at IS NULL FROM staff") == [("Мария Стоянова", "owner", False)]
    who = f"staff:{await member_id(shop, 'maria@example.bg')}"
    assert await audited(shop) == [
        ("operator", "staff_invited", who, "role: owner"),
        (who, "staff_activated", who, None),
        ("operator", "second_factor_reset", who, None),
        (who, "staff_activated", who, None),
    ]
    assert await terminal.refused(*INVITE) == "Staff member exists. Use another e-mail address."
    day = f"{shop.clock.at:%Y-%m-%d}"
    said = await terminal.done("staff", "train", "Maria@example.bg", "Вътрешни правила", day)
    assert said == f"The training of Maria@example.bg on {day} is on record."
    assert await shop.rows("SELECT subject, valid_until, recorded_by FROM trainings") == [
        ("Вътрешни правила", None, "operator")
    ]
    review = read_records((await terminal.done("staff", "review") + "\r\n").encode())
    assert [(row["email"], row["role_or_scopes"]) for row in review] == [("maria@example.bg", "owner")]
    assert (await audited(shop))[-1] == ("operator", "access_reviewed", None, None)


async def test_the_second_factor_of_a_sole_owner_is_unlocked(shop: Shop, terminal: Terminal) -> None:
    staff_id = await with_staff(shop)
    shop.clock.at = datetime.now(UTC)
    for _ in range(5):
        await log_in(shop, OWNER, scope="staff", otp="000000")
    assert (await log_in(shop, OWNER, scope="staff", otp=code_at(shop))).json()["error"] == "slow_down"

    said = await terminal.done("staff", "unlock", OWNER.upper())

    assert said.startswith(f"{OWNER.upper()} may log in again.")
    assert (await log_in(shop, OWNER, scope="staff", otp=code_at(shop))).status_code == 200
    assert (await audited(shop))[-1] == ("operator", "second_factor_unlocked", f"staff:{staff_id}", None)


async def test_who_cannot_be_invited_is_refused(shop: Shop, terminal: Terminal) -> None:
    said = await terminal.refused("staff", "invite", "no address", " ", "support")
    assert said == "email: Not an e-mail address; name: Must not be blank"
    for command in (
        ("reset", "maria@example.bg"),
        ("unlock", "maria@example.bg"),
        ("train", "maria@example.bg", "Правила", "2026-11-20"),
    ):
        assert await terminal.refused("staff", *command) == "nobody on the staff has this address"
    ends = ("2026-11-20", "--valid-until", "2026-11-19")
    said = await terminal.refused("staff", "train", "maria@example.bg", "Правила", *ends)
    assert said == "Must not end before it was held"
    assert (await shop.count("staff"), await audited(shop)) == (0, [])
