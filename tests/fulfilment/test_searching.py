"""The one search of the staff: by whatever they know of an order; what is put right or erased is found no more."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update

from app.auth.models import StaffRole
from app.core.holders import named_erasure
from app.fulfilment.forgetting import forget_contact
from app.integrations.speedy.simulator.shipments import State
from app.orders.models import Order
from tests.auth.members import audited, of_role
from tests.checkout.watching import statements
from tests.fulfilment import story
from tests.fulfilment.test_staff_orders import STRANGER, numbers
from tests.shop import Shop

SEARCH = "/v1/staff/search"
BY_CONTACT = ("sht.jel@abv.bg", "4321", "0887654321")
SHTERYO = {"first_name": "Щерьо", "last_name": "Желязков-Юруков", "email": "sht.jel@abv.bg", "phone": "+359887654321"}


async def found(shop: Shop, headers: dict[str, str], words: str, **query: Any) -> list[str]:
    answer = await shop.http.post(SEARCH, json={"words": words}, params=query, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    return numbers(answer.json())


async def test_g4_an_order_is_found_by_whatever_is_known_of_it(shop: Shop) -> None:
    support, _ = await of_role(shop, StaffRole.SUPPORT)
    order = await shop.ordered(customer=SHTERYO, invoice=story.COMPANY)
    number = order["number"]
    await shop.ordered(customer=STRANGER)
    await shop.run_jobs()
    await story.scan(shop, order, State.DELIVERED)
    [(waybill, document)] = await shop.rows(
        "SELECT waybill, documents.number FROM orders JOIN shipments ON shipments.order_id = orders.id"
        " JOIN documents ON documents.order_id = orders.id WHERE orders.number = :number AND kind = 'invoice'",
        number=int(number),
    )
    for words in (
        *(number, f"№ {number}", f"{number[:3]} {number[3:6]} {number[6:]}", waybill, document, document.lstrip("0")),
        *("sht.jel@abv.bg", "SHT.JEL@ABV.BG", "0887654321", "+359 88 765 4321", "887 654 321", "654321", "4321"),
        *("Щерьо Желязков", "желязков, щерьо", "Юруков", "щер юрук", "Shterio Jeliazkov", "ZHELYAZKOV", "6teryo"),
        *("Желязков 0887654321", "Зъбна", "zubna ood", "оод зъб", "175074752", "175 074 752", "Щерьо Ж"),
        *("ЕИК 175074752", "EIK: 175 074 752", f"поръчка {number} от вчера", "тел. 887654321"),
    ):
        assert await found(shop, support, words) == [number], words
    for words in ("Щерьо Иванов", "0887654322", "sht.jel@abv", "%", "Ж", "00", "4322", "175074753", "лязков"):
        assert await found(shop, support, words) == [], words


async def test_g4_the_newest_come_first_and_the_audit_says_whose(shop: Shop) -> None:
    support, who = await of_role(shop, StaffRole.SUPPORT)
    placed = [(await shop.ordered())["number"] for _ in range(3)]
    first = await shop.http.post(SEARCH, json={"words": "петрова"}, params={"limit": 2}, headers=support)
    assert numbers(first.json()) == [placed[2], placed[1]]
    assert await found(shop, support, "петрова", cursor=first.json()["next_cursor"]) == [placed[0]]
    read = (who, "personal_data_read", "search_as_staff")
    assert set(await audited(shop)) == {
        (*read, None),
        (*read, f"order:{placed[2]} order:{placed[1]}"),
        (*read, f"order:{placed[0]}"),
    }


async def test_g4_what_was_put_right_is_found_and_what_was_wrong_is_not(shop: Shop) -> None:
    support, _ = await of_role(shop, StaffRole.SUPPORT)
    number = (await shop.ordered(customer=SHTERYO))["number"]
    right = {"last_name": "Желев", "phone": "+359881111222"}
    answer = await shop.http.post(f"/v1/staff/orders/{number}/corrections", json=right, headers=support)
    assert answer.status_code == httpx.codes.NO_CONTENT
    assert [await found(shop, support, words) for words in ("Желев", "1222", "Юруков", "4321")] == [
        [number],
        [number],
        [],
        [],
    ]


async def test_g4_who_is_erased_is_found_no_more(shop: Shop) -> None:
    support, _ = await of_role(shop, StaffRole.SUPPORT)
    await shop.ordered(customer=SHTERYO)
    async with shop.sessions.begin() as session:
        ids = (await session.scalars(select(Order.id))).all()
        await forget_contact(session, ids)
    assert [await found(shop, support, words) for words in BY_CONTACT] == [[], [], []]
    assert await found(shop, support, "Щерьо") != [], "the books name the buyer"
    async with shop.sessions.begin() as session, named_erasure(session):
        await session.execute(update(Order).values(first_name="", last_name=""))
    assert await found(shop, support, "Щерьо") == []


async def test_g4_words_are_required_and_nothing_of_them_is_written_down(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    support, _ = await of_role(shop, StaffRole.SUPPORT)
    await shop.ordered(customer=SHTERYO)
    refused = await shop.http.post(SEARCH, json={"words": " "}, headers=support)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/words"]
    await found(shop, support, "Желязков")
    assert "елязков" not in "".join(capsys.readouterr())
    assert await shop.count("audit_entries WHERE detail ILIKE '%елязков%' OR subject ILIKE '%елязков%'") == 0


async def test_g4_words_are_found_beside_one_that_no_index_could_hold(shop: Shop) -> None:
    """Of two hundred and fifty signs that stand for six letters of three bytes each."""
    support, _ = await of_role(shop, StaffRole.SUPPORT)
    order = await shop.ordered(customer=SHTERYO, invoice={**story.COMPANY, "company_name": "㌖" * 250})
    for words in ("Желязков", "㌖" * 3, "㌖" * 254, f"{'㌖' * 200} щерьо"):
        assert await found(shop, support, words) == [order["number"]], words[:5]
    assert await found(shop, support, "㌖" * 200 + " Иванов") == []


WORDS = """
SELECT array_to_string(tsvector_to_array(order_words(7, 'Щерьо', 'Иванов-Желязков', 'ivan.77@example.bg', phone,
    'ООД „Усмивка“', '204235072')), ' ') FROM (VALUES ('+359888'), ('+123'), ('')) AS asked (phone)
"""
SPOKEN_IN = "SELECT lanname FROM pg_proc JOIN pg_language ON pg_language.oid = prolang WHERE proname = 'order_words'"


async def test_g3_words_of_an_order_are_said_without_a_select_for_each(shop: Shop) -> None:
    """An executor set up for each row was most of what a run of retention cost the database."""
    said = {"7", "77", "204235072", "shterio", "ivanov", "ieliazkov", "ivan", "od", "asmivka"}
    found = [set(words.split()) for (words,) in await shop.rows(WORDS)]
    assert found == [said | {"9888", "59888", "359888"}, said, said]
    assert await shop.rows(SPOKEN_IN) == [("plpgsql",)]


LONG = "SELECT search_letters(repeat(:sign, 250)), search_letters(repeat('аб', 500)), search_letters(repeat('a', 4096))"


@pytest.mark.parametrize(("sign", "letters"), [("щ", "sht" * 250), ("c", "ts" * 250), ("б", "b"), ("№", "no" * 250)])
async def test_g4_a_word_of_any_length_costs_little(shop: Shop, sign: str, letters: str) -> None:
    """A company's name of 250 letters took PostgreSQL seconds at each change of the order, longer ones a minute."""
    async with shop.sessions.begin() as session:
        await session.execute(text("SET LOCAL statement_timeout = '3s'"))
        assert (await session.execute(text(LONG), {"sign": sign})).one() == (letters, "ab" * 500, "a")


async def test_g4_a_search_takes_few_statements(shop: Shop) -> None:
    support, _ = await of_role(shop, StaffRole.SUPPORT)
    await shop.ordered()
    await found(shop, support, "Петрова")
    with statements(shop) as sent:
        await found(shop, support, "Петрова")
    assert len(sent) <= 12
