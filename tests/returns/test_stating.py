"""A statement of withdrawal is taken whatever it says, once under a key, and its receipt is the words on record."""

import asyncio
import hashlib
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from app.core.hosts import has_host, parted, plain
from tests.fulfilment.story import guest, letters
from tests.mail.letters import assert_both_forms_say_the_same, assert_fetches_nothing_and_counts_nobody, body
from tests.returns.stating import RECEIVED, a_statement, state
from tests.shop import Shop

NUMBER = "100000001"
STRANGE = ("999999999", "№ 100000001", "поръчката от вчера", "1", "100000001 и 100000002", "<b>нищо</b>")


async def test_a_statement_is_answered_with_what_was_said_and_when(shop: Shop) -> None:
    said = a_statement(lines=[{"sku": "ION-H-SOFT-2", "quantity": 1}], goods="меките глави")
    answer = await shop.http.post("/v1/withdrawals", json=said)
    assert answer.status_code == 201
    assert answer.json() == {
        "reference": "10001",
        "stated_at": "2026-11-23T10:00:00Z",
        "name": "Ива Петрова",
        "order_number": "100000001",
        "email": "iva@example.bg",
        "lines": [{"sku": "ION-H-SOFT-2", "quantity": 1}],
        "goods": "меките глави",
    }


async def test_the_same_statement_under_its_key_is_the_same_and_another_is_refused(shop: Shop) -> None:
    said = a_statement()
    first = await shop.http.post("/v1/withdrawals", json=said)
    shop.clock.advance(hours=1)
    again = await shop.http.post("/v1/withdrawals", json=said)
    assert (again.status_code, again.json()) == (201, first.json())
    another = await shop.http.post("/v1/withdrawals", json={**said, "order_number": "100000002"})
    assert another.status_code == 422
    assert another.json()["code"] == "withdrawal-key-reused"
    assert await shop.count("withdrawals") == await shop.count("withdrawal_cases") == 1
    assert await shop.rows("SELECT kind, address FROM mails") == [("withdrawal_receipt", "iva@example.bg")]
    assert await shop.jobs() == {("send_mail", "todo"): 1, ("match_withdrawal", "todo"): 1}


async def test_the_receipt_goes_at_once_in_the_words_that_are_kept(shop: Shop) -> None:
    await state(shop, goods="меките глави")
    await shop.run_jobs()
    [letter] = letters(shop, RECEIVED)
    assert letter["To"] == "iva@example.bg"
    text = body(letter, "plain")
    read = " ".join(text.split())
    for words in (
        "23 ноември 2026 г., 12:00 ч. (българско време)",
        "Заявява: Ива Петрова",
        "Поръчка: 100000001",
        "Отказ от: меките глави",
        "Ако отказът е в срок и е от купувача, срокът за връщане на парите изтича на 7 декември 2026 г.",
        "най-късно 14 дни след като ни уведомите за отказа",
        "преките разходи за връщане на стоката са за Ваша сметка",
    ):
        assert words in read
    [(subject, kept_text, kept_html, sha256)] = await shop.rows(
        "SELECT receipt_subject, receipt_text, receipt_html, receipt_sha256 FROM withdrawals"
    )
    assert (letter["Subject"], text, body(letter, "html")) == (subject, kept_text, kept_html)
    assert hashlib.sha256(f"{subject}\n{kept_text}\n{kept_html}".encode()).hexdigest() == sha256
    assert_both_forms_say_the_same(letter)
    assert_fetches_nothing_and_counts_nobody(letter)


async def test_who_reads_english_is_written_to_in_english(shop: Shop) -> None:
    await state(shop, {"Accept-Language": "en"}, lines=[{"sku": "ION-SET-1", "quantity": 2}])
    await shop.run_jobs()
    [letter] = letters(shop, "We have received your withdrawal")
    text = body(letter, "plain")
    assert "23 November 2026, 12:00 (Sofia time)" in text
    assert "- Ionic toothbrush, white, ION-SET-1: 2 pcs" in text
    assert_both_forms_say_the_same(letter)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "Ива\nПетрова"),
        ("order_number", "я" * 101),
        ("goods", "я" * 501),
        ("email", "не е адрес"),
        ("lines", []),
        ("key", "1"),
    ],
)
async def test_what_is_no_statement_is_refused_by_its_field(shop: Shop, field: str, value: object) -> None:
    answer = await shop.http.post("/v1/withdrawals", json=a_statement(**{field: value}))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]
    assert (await shop.count("withdrawals"), await shop.jobs()) == (0, {})


async def test_addresses_in_a_statement_are_taken_as_typed_and_are_no_links_in_the_receipt(shop: Shop) -> None:
    said = a_statement(
        name="J.Co",
        order_number="поръчката от iva@abv.bg на 20.11.2026",
        goods="четката от https://www.evil.com/x",
        lines=[{"sku": "evil.com", "quantity": 1}],
    )
    answer = await shop.http.post("/v1/withdrawals", json=said)
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in said if name != "key"} == {
        name: value for name, value in said.items() if name != "key"
    }
    await shop.run_jobs()
    [letter] = letters(shop, RECEIVED)
    read = " ".join(body(letter, "plain").split())
    for words in (
        "Заявява: J. Co",
        "поръчката от iva@ abv. bg на 20.11.2026",
        "четката от https: //www. evil. com/x",
        "evil. com: 1 бр.",
    ):
        assert words in read
    assert_fetches_nothing_and_counts_nobody(letter)


@pytest.mark.parametrize(
    "text",
    ["evil.com", "evil．com", "evil.\u200bcom", "evil。com", "iva＠abv.bg", "http://1.2.3.4", "a․com", "www.a.bg"],
)
def test_parted_no_text_is_read_as_an_address(text: str) -> None:
    read = plain(parted(text))
    assert not has_host(read)
    assert not re.search(r"://|www\.\S|@\S", read)
    assert read.replace(" ", "") == plain(text)


async def test_a_login_or_token_that_is_over_refuses_no_statement(shop: Shop) -> None:
    for headers in (
        {"Authorization": "Bearer stale"},
        {"Authorization": "Basic eDp5"},
        {"X-Order-Token": "stale"},
        {"X-Order-Token": f"1.{'A' * 43}"},
    ):
        await state(shop, headers)
    assert await shop.rows("SELECT DISTINCT opened_order_id FROM withdrawals") == [(None,)]


async def test_many_behind_one_address_of_a_carrier_are_not_kept_from_stating(shop: Shop) -> None:
    for _ in range(61):
        await state(shop)
    assert await shop.count("withdrawals") == 61


async def test_a_hundred_statements_for_orders_that_are_not_there_are_answered_as_one_for_an_order_that_is(
    shop: Shop,
) -> None:
    """Complaints 14, 15: the same body but for what was said, by the same statements to the database."""
    order = await shop.ordered()
    assert order["number"] == NUMBER
    there, counted = await told(shop, NUMBER)
    for number in [*STRANGE, *(str(100_000_002 + each) for each in range(100 - len(STRANGE)))]:
        answer, statements = await told(shop, number)
        assert answer == {**there, "order_number": number}
        assert statements == counted
    assert await shop.count("withdrawals") == 101


async def told(shop: Shop, number: str) -> tuple[dict[str, Any], list[str]]:
    """Give the answer to a statement but for its own number, and the statements that were run for it."""
    run: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        run.append(statement)

    event.listen(shop.engine.sync_engine, "before_cursor_execute", note)
    try:
        answer = await state(shop, order_number=number)
    finally:
        event.remove(shop.engine.sync_engine, "before_cursor_execute", note)
    assert int(answer.pop("reference")) > 10_000
    assert answer.pop("stated_at") == shop.clock.now().isoformat().replace("+00:00", "Z")
    return answer, run


async def test_a_token_that_opens_another_order_shows_nothing(shop: Shop) -> None:
    order, another = await shop.ordered(), await shop.ordered()
    answers = [
        await state(shop, guest(order), order_number=order["number"]),
        await state(shop, guest(another), order_number=order["number"]),
        await state(shop, guest(another), order_number="999999999"),
    ]
    assert len({frozenset(answer) for answer in answers}) == 1
    opened = [row for (row,) in await shop.rows("SELECT opened_order_id FROM withdrawals ORDER BY number")]
    [(order_id,)] = await shop.rows("SELECT id FROM orders WHERE number = :number", number=int(order["number"]))
    assert opened == [order_id, None, None]


async def test_every_day_is_in_time_enough_to_be_taken(shop: Shop) -> None:
    shop.clock.advance(days=3650)
    stated = await state(shop)
    assert stated["stated_at"] == (shop.clock.now()).isoformat().replace("+00:00", "Z")
    [(due_on,)] = await shop.rows("SELECT refund_due_on FROM withdrawal_cases")
    assert due_on == (shop.clock.now() + timedelta(days=14)).date()


async def test_two_who_state_the_same_at_once_make_one(shop: Shop) -> None:
    said = a_statement(key=str(uuid4()))
    answers = await asyncio.gather(*(shop.http.post("/v1/withdrawals", json=said) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["reference"] for answer in answers}) == 1
    assert await shop.rows("SELECT key FROM withdrawals") == [(UUID(said["key"]),)]
    assert await shop.rows("SELECT count(*) FROM mails") == [(1,)]
