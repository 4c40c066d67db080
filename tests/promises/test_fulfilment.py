"""Promises of the policy that are kept after the order, by their numbers in promises.md."""

import json
from email.message import EmailMessage
from pathlib import Path

import httpx

from app.auth.scopes import Scope
from app.core.db import Base
from app.core.personal import Category, Personal, Recipient, Retention
from app.integrations.speedy.simulator.shipments import State
from app.main import contract
from app.privacy.personal_columns import categories_for, fields_for
from tests.fulfilment import story
from tests.shop import NOON, Shop, open_shop

ADDRESS = {
    "method": "address",
    "city": "София",
    "postcode": "1618",
    "street": "ул. Българска легия",
    "street_no": "2",
    "block": "14",
    "entrance": "Б",
    "floor": "3",
    "apartment": "8",
    "note": "Звънец Петрови",
}


async def test_s1_every_document_and_letter_names_the_controller(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, order)
    await shop.run_jobs()
    document = story.pdf_text(await story.own_pdf(shop, order))
    letters = {letter["Subject"]: plain(letter) for letter in story.letters(shop, "")}
    assert len(letters) == 3
    who = (
        "„Комплийт Дентал Солюшънс“ ЕООД",
        "204235072",
        "ул. „Българска легия“ № 2",
        "office@completedental.solutions",
    )
    for said in (document, *letters.values()):
        assert [part for part in who if part not in said] == []
    [confirmation] = [said for subject, said in letters.items() if "е приета" in subject]
    assert "Манол Ивчев" in document
    assert "отговорното лице по защита на личните данни: Манол Ивчев" in confirmation


def plain(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def test_s25_what_an_invoice_is_made_of_is_kept_as_books_are() -> None:
    kept: dict[str, set[Retention]] = {}
    for table in ("documents", "document_files"):
        annotations = (column.info.get("personal") for column in Base.metadata.tables[table].columns)
        kept[table] = {annotation.retention for annotation in annotations if isinstance(annotation, Personal)}
    assert kept == {"documents": {Retention.BOOKS}, "document_files": {Retention.BOOKS}}


async def test_s33_speedy_gets_the_fields_of_its_purpose_and_no_other(shop: Shop) -> None:
    order = await shop.ordered(delivery=ADDRESS, comment="Подарък", invoice=story.COMPANY)
    await shop.run_jobs()
    recipient = story.parcel_of(shop, order).wish.model_dump(exclude_none=True, exclude_unset=True)["recipient"]
    assert recipient == {
        "private_person": True,
        "client_name": "Ива Петрова",
        "phone1": {"number": "+359888123456"},
        "address": {
            "country_id": 100,
            "site_name": "София",
            "post_code": "1618",
            "address_note": "ул. Българска легия 2, бл. 14, вх. Б, ет. 3, ап. 8, Звънец Петрови",
        },
    }
    [(categories,)] = await shop.rows("SELECT categories FROM disclosures WHERE recipient = 'speedy'")
    assert categories == categories_for(Recipient.SPEEDY) == [Category.ADDRESS, Category.NAME, Category.PHONE]
    assert fields_for(Recipient.SPEEDY) == {
        "orders": [
            *("first_name", "last_name", "phone", "city", "postcode", "street", "street_no"),
            *("block", "entrance", "floor", "apartment", "note"),
        ]
    }


async def test_s35_the_accountant_reads_only_and_each_download_is_logged(shop: Shop) -> None:
    changing = {
        operation["operationId"]
        for path, operations in contract()["paths"].items()
        if "/accounting/" in path
        for method, operation in operations.items()
        if method != "get"
    }
    # What is looked for, and a selection, are named in a body and not in an address; both only read.
    assert changing == {"search_documents", "download_selection"}

    order = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, order)
    await shop.run_jobs()
    client = await shop.client(Scope.ACCOUNTING)
    [item] = (await shop.http.get("/v1/accounting/documents?month=2026-11", headers=client)).json()["items"]
    for downloads in (1, 2, 3):
        assert (await shop.http.get(item["pdf"], headers=client)).status_code == httpx.codes.OK
        logged = await shop.rows("SELECT disclosed_at, means FROM disclosures WHERE recipient = 'accountant'")
        assert logged == [(NOON, "download")] * downloads


async def test_s36_an_order_enters_the_books_by_itself_however_long_they_are_down(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, circuit_seconds=0.001) as shop:
        shop.icash.fail("html-502", times=1000)
        placed = [await shop.ordered() for _ in range(3)]
        await shop.run_jobs()
        for _ in range(3):
            await story.retry(shop)
        assert shop.icash.operations == []
        assert await story.parked(shop) == [], "a system that is down is waited for"
        assert (await shop.jobs())["post_sale", "todo"] == 3

        shop.icash.faults._waiting.clear()
        for _ in placed:
            await story.retry(shop)
        posted = [(each.import_reference, str(each.total)) for each in shop.icash.operations]
        assert posted == [(order["number"], order["totals"]["total"]) for order in placed]


async def test_s38_nothing_leaves_for_anybody_until_an_agreement_is_on_record(shop: Shop) -> None:
    for recipient in Recipient:
        await story.end_agreement(shop, recipient)
    order = await shop.ordered()
    await shop.run_jobs()
    courier = await shop.client(Scope.SHIPMENTS)
    pulled = await shop.http.get("/v1/courier/shipments", headers=courier)
    assert (pulled.status_code, pulled.json()["recipient"]) == (409, "courier")
    assert (shop.speedy.calls, list(shop.icash.requests)) == (story.ASKED_ONCE, [])
    assert await shop.count("disclosures") == 0
    assert await story.concerns(shop) == [("shipment", order["number"], "agreement_missing")]
    await shop.agree(Recipient.SPEEDY)
    await story.release(shop)
    assert list(shop.icash.requests) == []
    assert await story.concerns(shop) == [("posting", order["number"], "agreement_missing")]

    await shop.agree(*Recipient)
    await story.release(shop)
    await story.scan(shop, order, State.ACCEPTED)
    assert await story.status(shop, order) == ("shipped", "handed_over")
    recipients = await shop.rows("SELECT recipient, count(*) FROM disclosures GROUP BY 1 ORDER BY 1")
    assert recipients == [("icash", 1), ("speedy", 1)]


async def test_s47_the_invoice_is_sent_though_the_mail_was_down(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    await shop.run_jobs()
    moved = shop.mails.rename(shop.mails.with_name("elsewhere"))
    shop.mails.touch()  # a file where the folder was: nothing can be kept there
    await story.pay(shop, order)
    await shop.run_jobs()
    sent = "SELECT state, sent_at FROM mails WHERE kind = 'invoice_issued'"
    assert await shop.rows(sent) == [("waiting", None)]

    shop.mails.unlink()
    moved.rename(shop.mails)
    shop.clock.advance(minutes=10)
    await story.retry(shop)
    assert await shop.rows(sent) == [("sent", shop.clock.now())]
    [letter] = story.letters(shop, "0000000001")
    assert story.attached(letter) == [("faktura-0000000001.pdf", await story.own_pdf(shop, order))]


async def test_no_job_holds_anything_personal(shop: Shop) -> None:
    order = await shop.ordered(delivery=ADDRESS, invoice=story.COMPANY, comment="Подарък за Мария")
    await shop.run_jobs()
    await story.scan(shop, order, State.ACCEPTED)
    payloads = json.dumps(await shop.rows("SELECT args FROM procrastinate_jobs"), ensure_ascii=False)
    personal = ("Ива", "Петрова", "iva@", "888123456", "София", "Звънец", "Зъбна", "175074752", "Мария")
    assert [word for word in personal if word in payloads] == []
