"""The people of the demo shop: they can log in, stay from start to start, and are never in production."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from app.cli import shop as commands
from app.cli.demo_logins import Login, code_of, keep_logins
from app.cli.demo_people import People
from tests.production import GIVEN
from tests.shop import Shop

ROLES = ["owner", "support", "accountant", "warehouse", "privacy_officer", "editor"]
PEOPLE = ["shopper", *(f"staff {role}" for role in ROLES)]


async def start(shop: Shop, known: Mapping[str, Login] | None = None) -> dict[str, Login]:
    """Put the people in place, as each start of the demo shop does."""
    async with shop.sessions.begin() as session:
        people = People(session, shop.app.state.totp, known or {}, shop.clock.now())
        return {login.who: login for login in (await people.shopper(), *await people.staff())}


async def enter(shop: Shop, login: Login) -> tuple[int, dict[str, str]]:
    form = {"grant_type": "password", "username": login.login, "password": login.password}
    if login.totp:
        form |= {"scope": "staff", "otp": code_of(login.totp, shop.clock.now())}
    answer = await shop.http.post("/v1/auth/token", data=form)
    return answer.status_code, {"Authorization": f"Bearer {answer.json().get('access_token')}"}


async def test_the_people_stay_from_start_to_start_and_can_log_in(shop: Shop) -> None:
    logins = await start(shop)
    assert list(logins) == PEOPLE
    assert await start(shop, logins) == logins
    await shop.run_jobs()
    assert (await shop.count("mails"), list(shop.mails.glob("*"))) == (0, [])  # their links were used already

    code, headers = await enter(shop, logins["shopper"])
    assert code == httpx.codes.OK
    assert (await shop.http.get("/v1/me", headers=headers)).json()["email"] == "iva.demo@example.bg"
    assert await shop.rows("SELECT purpose, act, email FROM consents") == [
        ("registration", "given", "iva.demo@example.bg")
    ]
    accepted = "SELECT purpose FROM acceptances JOIN declarations ON declarations.id = declaration_id"
    assert await shop.rows(accepted) == [("registration",)]

    code, owner = await enter(shop, logins["staff owner"])
    assert code == httpx.codes.OK
    members = (await shop.http.get("/v1/staff/members", headers=owner)).json()["items"]
    assert [(each["role"], each["state"], each["is_trained"]) for each in members] == [
        (role, "active", True) for role in ROLES
    ]

    # Logins that were lost are replaced; who was disabled stays out.
    disabled = await shop.http.patch(f"/v1/staff/members/{members[-1]['id']}", json={"disabled": True}, headers=owner)
    assert disabled.status_code == httpx.codes.OK
    others = await start(shop)
    assert list(others) == PEOPLE[:-1]
    assert (await shop.count("accounts"), await shop.count("staff")) == (1, len(ROLES))
    for who in ("shopper", "staff support"):
        assert [(await enter(shop, each[who]))[0] for each in (logins, others)] == [400, 200]


def test_the_code_of_a_demo_login_is_printed(tmp_path: Path) -> None:
    environment = {"SHOP_FOLDER": str(tmp_path)}
    none = CliRunner().invoke(commands, ["demo-code", "owner"], env=environment)
    assert none.exit_code == 2
    assert "make run starts one" in none.output

    key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    keep_logins(tmp_path, [Login("staff owner", "owner.demo@example.bg", "a password", "may do everything", key)])
    [(name, mode)] = [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()]
    assert (name, mode) == ("demo-logins.json", 0o600)
    before = code_of(key)
    printed = CliRunner().invoke(commands, ["demo-code", "owner"], env=environment)
    assert printed.output.strip() in {before, code_of(key)}


@pytest.mark.parametrize("words", [["demo-data"], ["demo-code", "owner"]], ids=lambda words: words[0])
def test_a_production_shop_has_no_demo(words: list[str], tmp_path: Path) -> None:
    environment = {**{f"SHOP_{name}": value for name, value in GIVEN.items()}, "SHOP_FOLDER": str(tmp_path)}
    said = CliRunner().invoke(commands, words, env=environment)
    assert said.exit_code == 2
    assert "production" in said.output
    assert list(tmp_path.iterdir()) == []
