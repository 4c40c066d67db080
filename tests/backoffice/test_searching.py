"""People are found by the words of their names, however these are typed; orders by a number, whatever is around it."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ARRAY, Text, func, literal, select

from app.auth.models import StaffRole
from app.core.searching import has_words, letters, says
from tests.backoffice.test_registers import officer, read, search
from tests.shop import Shop

YORDANKA = {
    "first_name": "Йорданка",
    "last_name": "Петрова-Младенова",
    "email": "yordanka@example.bg",
    "phone": "+359888654321",
}
FOUND = (
    "Петрова-Младенова Йорданка",
    "Йорданка Петрова-Младенова",
    "йорданка  петрова",
    "Петрова – Младенова,  Йорданка",
    "МЛАДЕНОВА, ПЕТРОВА",
    "Петрова Младенова",
    "Йорданка\u00a0Петрова‑Младенова",
    "йорд млад",
    "YORDANKA@example.bg",
    "Yordanka Petrova",
    "jordanka MLADENOVA",
)
NOT_FOUND = ("Петрова-Младенска Йорданка", "Йорданка Петрова Иванова", "%", ",", "-", "Yordana")


def numbered(number: str) -> tuple[str, ...]:
    return (
        number,
        f"№ {number}",
        f"№{number}",
        f"#{number}",
        f"поръчка {number}",
        f"Order No. {number}.",
        f"{number[:3]} {number[3:6]} {number[6:]}",
    )


@pytest.mark.parametrize("register", ["clients", "disclosures"])
async def test_typed_c5_a_person_is_found_however_the_name_is_typed(shop: Shop, register: str) -> None:
    headers = await officer(shop)
    await shop.ordered()
    number = (await shop.ordered(customer=YORDANKA))["number"]
    await shop.run_jobs()
    column = {"clients": "who", "disclosures": "whose"}[register]
    mine = [row for row in await read(shop, register, headers) if row[column][0] == f"№ {number}"]
    assert mine != []
    for words in (*FOUND, *numbered(number)):
        assert await search(shop, register, headers, words) == mine, words
    for words in (*NOT_FOUND, f"№ {number}1", "№ 100999999"):
        assert await search(shop, register, headers, words) == [], words


async def test_typed_c5_so_is_one_who_never_ordered(shop: Shop) -> None:
    headers = await officer(shop)
    theirs = await shop.account("yordanka@example.bg")
    name = {"first_name": "Йорданка", "last_name": "Петрова-Младенова"}
    assert (await shop.http.patch("/v1/me", json=name, headers=theirs)).status_code == 200
    for words in FOUND:
        [row] = await search(shop, "clients", headers, words)
        assert row["who"][-1] == "yordanka@example.bg", words
    for words in (*NOT_FOUND, "№ 100000005"):
        assert await search(shop, "clients", headers, words) == [], words


async def test_typed_c5_and_one_who_works_here(shop: Shop) -> None:
    headers = await officer(shop)
    await shop.staff(StaffRole.SUPPORT)
    [row] = [each for each in await read(shop, "employees", headers) if each["role"] == "обслужване"]
    first, last = row["name"].split()
    for words in (row["name"], f"{last}, {first}", f"{last.upper()}  {first.lower()}", f"{last} обслужване"):
        assert row in await search(shop, "employees", headers, words), words
    assert await search(shop, "employees", headers, f"{last} Йорданка") == []


async def test_typed_c5_the_words_stand_in_no_log_and_no_audit_entry(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = await officer(shop)
    await shop.ordered(customer=YORDANKA)
    await search(shop, "clients", headers, "Младенова Йорданка")
    written = capsys.readouterr()
    assert "ладенова" not in written.out + written.err
    assert await shop.count("audit_entries WHERE detail ILIKE '%младенова%' OR subject ILIKE '%младенова%'") == 0


@given(st.lists(st.text("абвГД", min_size=1, max_size=5), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_typed_c5_the_order_of_words_and_what_parts_them_say_nothing(words: list[str], dice: Any) -> None:
    typed = "".join(
        word.swapcase() + dice.choice([" ", "  ", "-", ", ", "\u00a0"]) for word in dice.sample(words, len(words))
    )
    assert says(" ".join(words), typed)
    assert not says(" ".join(words), f"{typed} я")


ALIKE = (
    ("Желязков", "Zhelyazkov", "Jeliazkov", "ЖЕЛЯЗКОВ"),
    ("Юлиян", "Yuliyan", "Julian", "Iulian"),
    ("Цветан", "Tsvetan", "Cvetan", "Tzvetan"),
    ("Христо", "Hristo", "Christo"),
    ("Александър", "Aleksandar", "Alexandur"),
    ("Чолаков", "Cholakov", "4olakov"),
    ("Щерьо", "Shteryo", "6terio"),
    ("Мария", "Maria", "Mariya", "Mariq"),
    ("Анна", "Ана", "Anna"),
    ("Désirée Łukasz", "Desiree Lukasz"),
)


async def test_g4_names_are_one_in_both_alphabets_in_the_database_as_in_the_code(shop: Shop) -> None:
    async with shop.sessions() as session:
        for spellings in ALIKE:
            typed = [each.lower() for each in spellings]
            assert {letters(each) for each in typed} == {letters(spellings[0])}, spellings
            for each in spellings:
                assert await session.scalar(select(func.search_letters(each))) == letters(each), each


@pytest.mark.parametrize("first", range(0, 0x2000, 0x800))
async def test_g4_every_letter_is_written_alike_there_and_here(shop: Shop, first: int) -> None:
    signs = [chr(code) for code in range(max(first, 1), first + 0x800) if unicodedata.category(chr(code))[0] == "L"]
    async with shop.sessions() as session:
        found = await session.execute(select(func.search_letters(func.unnest(literal(signs, ARRAY(Text))))))
    assert [(each, mine) for each, (mine,) in zip(signs, found, strict=True) if mine != letters(each)] == []


async def test_typed_c5_in_the_database_as_in_the_code(shop: Shop) -> None:
    names = ("Йорданка Петрова-Младенова", "Żółć O'Neil", "ЩЪРЬО Ѝвов", "ΣΊΣΥΦΟΣ")
    async with shop.sessions() as session:
        for name in names:
            for words in (*names, *FOUND, *NOT_FOUND, "o neil ŻÓŁĆ", "щърьо", "ѝвов щърьо", "o’neil"):
                found = await session.scalar(select(has_words(words, name)))
                assert found is says(name, words), (name, words)
