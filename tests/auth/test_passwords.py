"""Passwords: argon2id at OWASP's cost, off the loop."""

import asyncio

import pytest
from passlib.hash import argon2  # type: ignore[import-untyped] # libpass says nothing of its types

from app.auth.passwords import AT_ONCE, hash_password, needs_rehash, verify_password

PASSWORD = "правилен кон батерия кламер"


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
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 5
    assert await work == [True] * 8


async def test_what_is_no_hash_is_not_taken_for_a_wrong_password() -> None:
    with pytest.raises(ValueError, match="malformed argon2 hash") as refused:
        await verify_password(PASSWORD, "plain")
    assert PASSWORD not in str(refused.value)
