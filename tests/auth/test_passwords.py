"""Passwords: argon2id at OWASP's cost, off the loop."""

import asyncio
import json
import subprocess
import sys
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from passlib.hash import argon2  # type: ignore[import-untyped] # libpass says nothing of its types
from pydantic import ConfigDict, SecretStr, TypeAdapter

from app.auth.passwords import (
    AT_ONCE,
    CORES,
    HASHER,
    NOBODY,
    Password,
    hash_password,
    needs_rehash,
    share_cores,
    verify_password,
)
from app.core import problems
from app.core.fields import Wish
from tests.problems import PUBLIC_URL, of_kind
from tests.shop import Transport

PASSWORD = "правилен кон батерия кламер"
pytestmark = pytest.mark.usefixtures("full_cost")


async def test_a_password_is_verified_and_a_wrong_one_is_not() -> None:
    hashed = await hash_password(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await verify_password(PASSWORD, hashed)
    assert not await verify_password(PASSWORD + " ", hashed)
    assert not await verify_password("", hashed)
    assert await hash_password(PASSWORD) != hashed


async def test_the_same_letters_typed_otherwise_are_the_same_password() -> None:
    hashed = await hash_password("и\u0306одна четка №1")
    assert await verify_password("йодна четка №1", hashed)


async def test_a_hash_of_another_cost_is_to_be_made_anew() -> None:
    assert not needs_rehash(await hash_password(PASSWORD))
    for cost in ({"memory_cost": 9_216, "time_cost": 4}, {"memory_cost": 19_456, "time_cost": 1}):
        cheaper = argon2.using(type="ID", parallelism=1, **cost).hash(PASSWORD)
        assert needs_rehash(cheaper)
        assert await verify_password(PASSWORD, cheaper)


async def test_the_loop_goes_on_while_passwords_are_hashed() -> None:
    hashed = await hash_password(PASSWORD)
    work = asyncio.gather(*(verify_password(PASSWORD, hashed) for _ in range(8)))
    turns = 0
    while not work.done():
        assert AT_ONCE.borrowed_tokens <= AT_ONCE.total_tokens
        await asyncio.sleep(0)
        turns += 1
    assert turns > 5
    assert await work == [True] * 8


@pytest.mark.parametrize(("processes", "part"), [(1, CORES), (2, max(1, CORES // 2)), (64, max(1, CORES // 64))])
def test_processes_on_one_machine_share_its_cores(processes: int, part: int) -> None:
    try:
        share_cores(processes)
        assert AT_ONCE.total_tokens == part
    finally:
        share_cores(1)


async def test_what_is_no_hash_is_not_taken_for_a_wrong_password() -> None:
    with pytest.raises(ValueError, match="malformed argon2 hash") as refused:
        await verify_password(PASSWORD, "plain")
    assert PASSWORD not in str(refused.value)


async def test_nobodys_password_is_never_right_and_costs_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = await hash_password(PASSWORD)
    against: list[str] = []
    verify = HASHER.verify

    def counted(password: str, hashed: str) -> Any:
        against.append(hashed)
        return verify(password, hashed)

    monkeypatch.setattr(HASHER, "verify", counted)
    assert await verify_password(PASSWORD, hashed)
    assert not await verify_password(PASSWORD, None)
    for impossible in ("a\u0301\u0316" * 20_000, "\ufdfa" * 500, "\ud800" * 12):
        assert not await verify_password(impossible, hashed)
    assert against == [hashed, NOBODY, NOBODY, NOBODY, NOBODY]


class Choice(Wish):
    model_config = ConfigDict(hide_input_in_errors=True)

    password: Password


@pytest.mark.parametrize(
    "typed",
    [
        "дванайсет зн",
        " " + PASSWORD + " ",
        "🦷" * 128,
        "и\u0306" * 128,
        "tab\tand\nbreak",
        "\u3fff\u0085 other signs",
    ],
)
def test_a_password_is_any_text_of_its_length_just_as_typed(typed: str) -> None:
    assert Choice.model_validate({"password": typed}).password.get_secret_value() == typed


@pytest.mark.parametrize(
    ("typed", "detail"),
    [
        ("единадесет!", "Най-малко 12 знака"),
        ("и\u0306" * 11, "Най-малко 12 знака"),
        ("ш" * 129, "Най-много 128 знака"),
        ("\ufdfa" * 12, "Най-много 128 знака"),
        ("a\u0301\u0316" * 10_000, "Най-много 128 знака"),
        ("сто и двайсет\0", "Съдържа знаци, които не могат да се отпечатат"),
        ("\ud800 половин знак", "Текстът е повреден: напишете го отново"),
        (123456789012, "Трябва да е текст"),
        (None, "Трябва да е текст"),
    ],
)
async def test_a_password_that_cannot_be_one_is_refused_and_not_repeated(typed: Any, detail: str) -> None:
    app = FastAPI()
    problems.install(app)
    app.state.public_url = PUBLIC_URL

    @app.post("/choices", status_code=204)
    async def choose(wish: Choice) -> None: ...

    transport = Transport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        body = json.dumps({"password": typed})  # half a letter, too, can be written in JSON
        answer = await client.post("/choices", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert answer.json() == {
        **of_kind("invalid"),
        "title": "Невалидни данни",
        "status": 422,
        "detail": "Поправете посочените полета и изпратете отново.",
        "errors": [{"pointer": "/password", "detail": detail}],
    }


def test_the_contract_says_how_long_a_password_is() -> None:
    described = TypeAdapter(Password).json_schema()
    assert (described["format"], described["writeOnly"]) == ("password", True)
    assert (described["minLength"], described["maxLength"]) == (12, 128)


def test_a_chosen_password_is_shown_nowhere() -> None:
    choice = Choice(password=SecretStr(PASSWORD))
    assert PASSWORD not in repr(choice)
    assert PASSWORD not in choice.model_dump_json()


FIRST_USES = """
import asyncio
from app.auth.passwords import verify_password

async def main():
    print(set(await asyncio.gather(*(verify_password("x" * 12, None) for _ in range(8)))))

asyncio.run(main())
"""


def test_the_first_uses_of_a_process_may_come_at_once() -> None:
    told = subprocess.run([sys.executable, "-c", FIRST_USES], capture_output=True, text=True, check=True)
    assert told.stdout == "{False}\n"
