"""Passwords that are guessed first are refused, others are not."""

import random
import string
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.passwords import NOBODY, PasswordTooCommon, needs_rehash, refuse_weak
from app.auth.weak_passwords import is_weak
from app.core.language import Language
from tests.problems import of_kind

OWN = ("Iva.Petrova84@example.bg", "Ива Петрова")
ALPHABETS = (string.ascii_letters + string.digits, string.ascii_lowercase, "абвгдежзийклмнопрстуфхцчшщъьюя0123456789")


@pytest.mark.parametrize(
    "password",
    [
        # A listed word, digits and signs around or between it, or the word again.
        "password1234",
        "!!!PassWord!!!",
        "P@ssw0rd2026",
        "p-a-s-s-w-o-r-d",
        "passwordpass",
        "qwertyqwerty",
        "letmein letmein",
        # The same in Bulgarian, in either alphabet.
        "парола123456",
        "Paro1a123456",
        "ОбичамТе1234",
        "obi4amte2026",
        "ЛюбовЛюбов14",
        "bulgaria2026",
        "ЦСКА1948цска",
        "levski-1914!",
        # Few letters, runs, rows of keyboards.
        "аааааааааааа",
        "121212121212",
        "abcdefghijkl",
        "987654321098",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "zaqwsxqwertyuiop",
        "явертъуиопшщ",
        "уеишщксдзц12",
        # Its owner's names and address, and the shop's name.
        "iva.petrova84",
        "Ива Петрова 1984",
        "petrova-petrova",
        "Ionickiss2026!",
        "ionickiss-parola",
        "ПЕТРОВА петрова",
        "ｐａｓｓｗｏｒｄ１２３４",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordTooCommon) as refused:
        refuse_weak(password, *OWN)
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    [
        "трамвай лимон петък облак",
        "correct horse battery staple",
        "Ива обича зелени трамваи",
        "x7!kQ9#mL2$p",
        "849201736518",
        "Петрова? 7 зелени трамвая",
    ],
)
def test_what_is_not_guessed_first_is_taken(password: str) -> None:
    refuse_weak(password, *OWN)


@given(st.integers(min_value=0), st.sampled_from(ALPHABETS))
def test_a_random_password_of_sixteen_letters_is_taken(seed: int, alphabet: str) -> None:
    assert not is_weak("".join(random.Random(seed).choices(alphabet, k=16)), OWN)


@given(st.text(max_size=128), st.lists(st.text(max_size=40), max_size=3))
def test_every_text_gets_an_answer(password: str, own_words: list[str]) -> None:
    assert is_weak(password, own_words) in {True, False}


def test_an_own_word_of_one_or_two_letters_says_nothing() -> None:
    assert not is_weak("янтарен бор 7", ("я@example.bg", "Ян"))


def test_the_refusal_is_one_problem_that_points_at_the_field() -> None:
    with pytest.raises(PasswordTooCommon) as refused:
        refuse_weak("password1234", pointer="/new_password")
    advice = (
        "Choose another password: none in common use, no keys in a row, not your name or address. A few random words"
        " make a good one."
    )
    assert refused.value.status == 422
    assert refused.value.document(Language.EN) == {
        **of_kind("password-too-common", ""),
        "title": "Password too easy to guess",
        "status": 422,
        "detail": advice,
        "errors": [{"pointer": "/new_password", "detail": advice}],
    }


def test_the_hash_of_nobody_costs_what_a_real_one_does(full_cost: None) -> None:
    assert not needs_rehash(NOBODY)


def test_the_list_is_not_read_before_a_password_is_chosen() -> None:
    code = "from app.auth import passwords, weak_passwords as weak; print(weak._list.cache_info().currsize)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "0\n"
