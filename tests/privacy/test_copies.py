"""Copies of one's data: whole, readable by people and machines, without secrets and without anybody else's."""

import json
import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import jsonschema
from sqlalchemy import Date, DateTime

from app.core.holders import Person
from app.core.language import Language
from app.core.money import MoneyType
from app.core.personal import Recipient, Retention
from app.privacy.copies import Copy, gather
from app.privacy.copy_files import write_access_zip, write_portable_zip
from app.privacy.field_words import FIELDS, TABLES
from app.privacy.notice import Stated
from app.privacy.owned import annotation_of, is_shown, owned
from app.privacy.portable import portable_schema
from app.privacy.storage_terms import StorageTerms, stated
from tests.accounts.closing import EMAIL, HOME, WHO, snezhina
from tests.fulfilment import story
from tests.fulfilment.story import pdf_text
from tests.fulfilment.test_correcting import annul, invoiced
from tests.mail.letters import TRADER
from tests.privacy.test_holders import STAFFS_OWN
from tests.sheets import read_records
from tests.shop import Shop
from tests.test_personal_columns import every_table

FACTS = Stated(
    TRADER,
    StorageTerms(books_years=11, claims_years=5, evidence_years=5, cancelled_years=1, guarantee_years=2),
    None,
    TRADER.authority,
)
EMAIL_OF_GUEST = "iva@example.bg"
UUID_LIKE = re.compile("[0-9a-f]{8}-")


async def copy_of(shop: Shop, email: str, account_id: Any = None) -> Copy:
    async with shop.sessions() as session:
        return await gather(session, shop.app.state.holders, Person(email, account_id), at=shop.clock.now())


async def bought(shop: Shop) -> Copy:
    """Give the copy of Снежина, who has an account, an address book and a delivered order with its invoice."""
    me = await snezhina(shop)
    order = await shop.ordered(customer=WHO, delivery=HOME, payment_method=story.TRANSFER, comment="Звънете два пъти")
    await story.pay(shop, order)
    await shop.agree(Recipient.SPEEDY, Recipient.ICASH)
    await shop.run_jobs()
    assert (await shop.http.get("/v1/me", headers=me)).status_code == 200
    [(account_id,)] = await shop.rows("SELECT id FROM accounts")
    return await copy_of(shop, EMAIL, account_id)


async def access(copy: Copy, language: Language) -> BytesIO:
    archive = BytesIO()
    await write_access_zip(copy, FACTS, language, archive)
    return archive


def portable(copy: Copy) -> BytesIO:
    archive = BytesIO()
    write_portable_zip(copy, archive)
    return archive


def opened(archive: BytesIO) -> dict[str, bytes]:
    with ZipFile(archive) as entries:
        assert entries.testzip() is None
        return {name: entries.read(name) for name in entries.namelist()}


async def test_every_table_with_customers_data_is_reached_and_has_words(shop: Shop) -> None:
    reached = {table.name for table in owned(shop.app.state.holders, Person("iva@example.bg"))}
    tables = [table for table in every_table() if any(annotation_of(column) for column in table.columns)]
    assert {table.name for table in tables} - reached == {*STAFFS_OWN}
    shown = [table for table in every_table() if table.name in reached]
    assert {table.name for table in shown} - TABLES.keys() == set()
    named = {
        column.name
        for table in shown
        for column in table.columns
        if is_shown(column) and (annotation_of(column) or isinstance(column.type, DateTime | Date | MoneyType))
    }
    assert named - FIELDS.keys() == set()


async def test_the_access_copy_tells_all_and_no_secret(shop: Shop) -> None:
    copy = await bought(shop)
    inside = opened(await access(copy, Language.BG))
    told = json.loads(inside["access.json"])
    assert told["held"] is True
    assert {"accounts", "profiles", "addresses", "orders", "order_lines", "documents", "mails"} <= {*told["tables"]}
    [order] = told["tables"]["orders"]
    assert (order["email"], order["street"], order["comment"]) == (EMAIL, "ул. Кокиче", "Звънете два пъти")
    written = inside["access.json"].decode()
    assert "argon2" not in written
    assert "password_hash" not in told["tables"]["accounts"][0]
    assert {part["recipient"] for part in told["recipients"]} == {"speedy", "icash"}
    [(number,)] = await shop.rows("SELECT number FROM documents WHERE kind = 'invoice'")
    invoice = inside[f"files/faktura-{number}.pdf"]
    assert "Снежина Кокичева" in pdf_text(invoice)
    page = " ".join(pdf_text(inside["access.pdf"]).split())
    assert "{}" not in page
    for word in (
        *("Копие от личните Ви данни", "Снежина", "ул. Кокиче", "куриерска фирма Спиди", "чл. 6, пар. 1"),
        *("общо 30,79 €", "брой 2", "единична цена 12,90 €"),
    ):
        assert word in page


async def test_d5_the_access_copy_says_how_long_in_words_and_days_and_shows_documents_as_people_read_them(
    shop: Shop,
) -> None:
    copy = await bought(shop)
    inside = opened(await access(copy, Language.BG))
    page = " ".join(pdf_text(inside["access.pdf"]).split())
    [(order, number)] = await shop.rows(
        "SELECT orders.number, documents.number FROM orders JOIN documents ON order_id = orders.id AND kind = 'invoice'"
    )
    terms = stated(FACTS.terms)
    for retention in (Retention.ORDER, Retention.CONTACT, Retention.BOOKS, Retention.ACCOUNT):
        assert terms[retention].how_long.bg in page
    told = json.loads(inside["access.json"])
    assert {(each["what"].partition(":")[0], each["until"]) for each in told["kept"]} == {
        ("Поръчки в изпълнение", None),
        ("Фактури и известия", "2037-12-31"),
    }
    assert f"Поръчки в изпълнение: {order}" in page
    assert "31 декември 2037 г." in page
    for words in (
        f"документ Фактура № {number}",
        "купувач Снежина Кокичева",
        "общо 30,79 €",
        "словом тридесет евро и 79 цента",
    ):
        assert words in page
    assert "{" not in page
    papers = sorted(name for name in inside if name.startswith("files/"))
    assert f"files/faktura-{number}.pdf" in papers
    assert any(name.startswith("files/tovaritelnitsa-") for name in papers)
    assert not [name for name in papers if UUID_LIKE.search(name)]


async def test_the_portable_copy_keeps_to_the_published_schema(shop: Shop) -> None:
    copy = await bought(shop)
    inside = opened(portable(copy))
    told, schema = json.loads(inside["portable.json"]), json.loads(inside["schema.json"])
    assert schema == portable_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(told, schema)
    for name, rows in told["tables"].items():
        sheet = read_records(inside[f"{name}.csv"])
        assert [[*row] for row in sheet] == [[*row] for row in rows]
        assert [row.get("email") for row in sheet] == [row.get("email") for row in rows]
    [order] = told["tables"]["orders"]
    assert order["phone"] == WHO["phone"]
    [row] = read_records(inside["orders.csv"])
    assert row["phone"] == WHO["phone"], "D1: as it was given, without an apostrophe"
    assert not {"idempotency_key", "wish_digest", "status"} & order.keys()
    assert "documents" not in told["tables"]
    assert "login_sessions" not in told["tables"]


async def test_nothing_is_held_of_a_stranger(shop: Shop) -> None:
    await bought(shop)
    copy = await copy_of(shop, "stranger@example.bg")
    assert copy.counts == {}
    inside = opened(await access(copy, Language.EN))
    assert "We hold no personal data of yours." in pdf_text(inside["access.pdf"])
    assert json.loads(inside["access.json"])["held"] is False
    assert json.loads(opened(portable(copy))["portable.json"])["tables"] == {}


async def test_d5_a_document_is_shown_once_and_what_was_annulled_says_why_and_what_stands_for_it(shop: Shop) -> None:
    await invoiced(shop)
    [(document_id,)] = await shop.rows("SELECT id FROM documents WHERE kind = 'invoice'")
    wish = {"ground": "Грешен получател", "replacement": {"company": story.COMPANY}}
    assert (await annul(shop, document_id, wish)).status_code == 201
    await shop.run_jobs()
    inside = opened(await access(await copy_of(shop, EMAIL_OF_GUEST), Language.BG))
    page = " ".join(pdf_text(inside["access.pdf"]).split())
    annulled = "документ Фактура № 0000000001 дата 23 ноември 2026 г. основание Грешен получател"
    assert f"{annulled} заменен с Фактура № 0000000002" in page
    assert page.count("купувач Ива Петрова") == 2  # of the invoice and the protocol
    assert page.count("купувач Зъбна ООД") == 1
