"""Closing an account that has bought: the books stay as they are (complaint 16), the rest goes (complaint 17)."""

from typing import Any

from app.fulfilment.personal_data import CONTACT, SOLD
from app.integrations.speedy.simulator.shipments import State
from app.privacy.storage_terms import OWED
from tests.accounts.closing import (
    ACCEPTANCE,
    BOOKS,
    CLAIMS,
    CONTRACT,
    EMAIL,
    HOME,
    IDENTITY,
    LETTER,
    LOGIN,
    PROFILE,
    RECORD,
    SENT,
    WHO,
    WORDS,
    bought,
    close,
    consents,
    member,
)
from tests.fulfilment.story import letters, scan
from tests.privacy.scanning import traces
from tests.shop import Shop

DOCUMENTS = (
    "SELECT number, snapshot::text, pdf, sha256 FROM documents JOIN document_files ON document_id = documents.id"
)
STATES = "SELECT number::text, orders.status, account_id, comment, note FROM orders ORDER BY number"


def kept(what: str, law: str, until: str | None, count: int = 1) -> dict[str, Any]:
    return {"what": what, "law": law, "until": until, "count": count}


def of_sale(number: str, books: str = "2037-12-31") -> list[dict[str, Any]]:
    contact, sold = CONTACT.bg, SOLD.bg
    return [
        kept(f"{contact}: {number}", OWED.bg, "2028-11-23"),
        kept(f"{sold}: {number}", BOOKS, books),
        kept("Фактури и известия", BOOKS, books),
    ]


async def test_complaint_16_17_of_a_finished_order_the_books_stay_to_the_letter_and_free_text_goes(shop: Shop) -> None:
    me = await member(shop)
    number = await bought(shop, me, comment="Звъннете на Снежина", delivery={**HOME, "note": "звънецът на Кокичеви"})
    await shop.run_jobs()
    await scan(shop, {"number": number}, State.DELIVERED)
    issued = await shop.rows(DOCUMENTS)
    assert "labels.pdf" in await traces(shop, *IDENTITY)

    closed = await close(shop, me)

    assert closed["erased"] == [PROFILE, WORDS, SENT, LOGIN]
    assert closed["kept"] == [ACCEPTANCE, *of_sale(number), consents(2), RECORD, LETTER]
    assert len(issued) == 1
    assert await shop.rows(DOCUMENTS) == issued
    assert await shop.rows(STATES) == [(number, "delivered", None, None, None)]
    assert await traces(shop, *IDENTITY) == [
        "consents.email",
        "document_files.pdf",
        "document_files.xml",
        "documents.snapshot",
        "mails.address",
        "orders.email",
        "orders.first_name",
        "orders.last_name",
        "orders.phone",
        "orders.street",
    ]
    assert await shop.rows("SELECT kind, address FROM mails ORDER BY kind") == [
        ("account_closed", EMAIL),
        ("invoice_issued", ""),
        ("order_confirmation", ""),
    ]


async def test_an_order_under_way_is_delivered_and_invoiced_after_its_account_was_closed(shop: Shop) -> None:
    me = await member(shop)
    number = await bought(shop, me, comment="до обяд")

    closed = await close(shop, me)

    assert closed["kept"] == [
        ACCEPTANCE,
        kept(f"Поръчки в изпълнение: {number}", CONTRACT, None),
        consents(2),
        RECORD,
        LETTER,
    ]
    assert await shop.rows(STATES) == [(number, "confirmed", None, "до обяд", None)]
    await shop.run_jobs()
    await scan(shop, {"number": number}, State.DELIVERED)
    assert await shop.rows("SELECT status FROM shipments") == [("delivered",)]
    assert len(await shop.rows(DOCUMENTS)) == 1
    assert [letter["To"] for letter in letters(shop, "")] == [EMAIL] * 3
    assert await shop.jobs() == {
        ("book_shipment", "succeeded"): 1,
        ("issue_invoice", "succeeded"): 1,
        ("post_sale", "succeeded"): 1,
        ("send_mail", "succeeded"): 3,
    }


async def test_what_was_cancelled_or_bought_as_a_guest_is_named_too(shop: Shop) -> None:
    me = await member(shop)
    # A note may be all the address there is: then it is no free text.
    place = {"method": "address", "city": "София", "postcode": "1618", "note": "до чешмата"}
    cancelled = await bought(shop, me, comment="без значение", delivery=place)
    assert (await shop.http.post(f"/v1/orders/{cancelled}/cancellation", headers=me)).status_code == 204
    guests = await bought(shop, {}, customer={**WHO, "email": EMAIL.upper()})
    strangers = await bought(shop, {}, customer={**WHO, "email": "petar@example.bg"}, comment="моля")

    closed = await close(shop, me)

    assert closed["kept"] == [
        ACCEPTANCE,
        kept(f"Поръчки в изпълнение: {guests}", CONTRACT, None),
        kept(f"Несъстояли се поръчки: {cancelled}", CLAIMS, "2027-11-23"),
        consents(2),
        RECORD,
        LETTER,
    ]
    assert await shop.rows(STATES) == [
        (cancelled, "cancelled", None, None, "до чешмата"),
        (guests, "confirmed", None, None, None),
        (strangers, "confirmed", None, "моля", None),
    ]
