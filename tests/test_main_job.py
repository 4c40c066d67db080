"""The main job, from the cart to the accountant's PDF, over HTTP and with both outside systems on real sockets."""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx

from app.auth.scopes import Scope
from app.integrations.speedy.simulator.shipments import State
from tests.fulfilment import story
from tests.shop import NOON, Shop

HANDED_OVER = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
DELIVERED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TO_CARRIER = ["address", "name", "phone"]


async def test_a_guest_buys_and_everybody_gets_what_is_theirs(shop: Shop) -> None:
    order = await shop.ordered({"ION-H-SOFT-2": 2})
    assert order["status"] == "confirmed"
    assert order["totals"] == {
        "goods": "25.80",
        "discount": "0.00",
        "delivery": "4.99",
        "vat_by_rate": [{"rate": 20, "base": "25.66", "vat": "5.13"}],
        "vat": "5.13",
        "total": "30.79",
        "currency": "EUR",
    }
    assert await shop.stock("ION-H-SOFT-2") == 98

    await shop.run_jobs()
    await the_parcel_is_booked(shop, order)
    the_books_have_the_sale(shop, order)

    client = await shop.client(Scope.SHIPMENTS)
    await the_courier_pulls(shop, order, client)

    shop.clock.at = HANDED_OVER
    await story.scan(shop, order, State.ACCEPTED)
    assert await story.status(shop, order) == ("shipped", "handed_over")
    pdf = await the_guest_has_the_invoice(shop, order)
    await the_accountant_has_the_same_bytes(shop, order, pdf)

    shop.clock.at = DELIVERED
    await story.scan(shop, order, State.DELIVERED)
    assert await story.status(shop, order) == ("delivered", "delivered")
    assert await story.history(shop, order) == [
        ("confirmed", NOON, "customer"),
        ("shipped", HANDED_OVER, "courier"),
        ("delivered", DELIVERED, "courier"),
    ]
    await each_handing_over_is_recorded(shop, order)
    await nothing_is_left_over(shop)


async def the_parcel_is_booked(shop: Shop, order: dict[str, Any]) -> None:
    parcel = story.parcel_of(shop, order)
    assert parcel.wish.model_dump(exclude_none=True, exclude_unset=True) == {
        "recipient": {
            "client_name": "Ива Петрова",
            "phone1": {"number": "+359888123456"},
            "private_person": True,
            "address": {
                "country_id": 100,
                "site_name": "София",
                "post_code": "1618",
                "address_note": "ул. Българска легия 2",
            },
        },
        "service": {
            "service_id": 505,
            "auto_adjust_pickup_date": True,
            "additional_services": {
                "cod": {
                    "amount": Decimal("30.79"),
                    "currency_code": "EUR",
                    "processing_type": "POSTAL_MONEY_TRANSFER",
                    "include_shipping_price": False,
                }
            },
        },
        "content": {
            "parcels_count": 1,
            "total_weight": Decimal("0.360"),
            "contents": "Йонни четки за зъби и аксесоари",
            "package": "BOX",
        },
        "payment": {"courier_service_payer": "SENDER"},
        "ref1": "100000001",
    }
    assert parcel.collected == Decimal("30.79")
    kept = await story.shipment(shop, order, "status", "waybill", "parcel_ids", "pickup_on", "booked_at", "concern")
    assert kept == ("booked", parcel.id, [parcel.id], date(2026, 11, 23), NOON, None)
    [(label, sha256)] = await shop.rows("SELECT pdf, sha256 FROM labels")
    assert label.startswith(b"%PDF")
    assert hashlib.sha256(label).hexdigest() == sha256
    assert "Ива Петрова" in story.pdf_text(label)


def the_books_have_the_sale(shop: Shop, order: dict[str, Any]) -> None:
    [operation] = shop.icash.operations
    rows = [(row.item.sku, row.quantity, row.price) for row in operation.rows.values()]
    assert rows == [("ION-H-SOFT-2", Decimal(2), Decimal("12.90")), ("DELIVERY", Decimal(1), Decimal("4.99"))]
    assert operation.total == Decimal("30.79")
    assert (operation.source, operation.import_reference) == ("IONICKISS", order["number"])
    assert (operation.status, operation.prints, operation.contragent_id) == ("TEMP", 0, None)
    assert operation.comment == "Поръчка 100000001"


async def the_courier_pulls(shop: Shop, order: dict[str, Any], client: dict[str, str]) -> None:
    pulled = (await shop.http.get("/v1/courier/shipments", headers=client)).json()
    [(shipment_id, pdf)] = await shop.rows("SELECT shipment_id, pdf FROM labels")
    waybill = story.parcel_of(shop, order).id
    here = f"/v1/courier/shipments/{shipment_id}"
    assert pulled == {
        "items": [
            {
                "id": str(shipment_id),
                "waybill": waybill,
                "parcel_ids": [waybill],
                "order_number": order["number"],
                "booked_at": "2026-11-23T10:00:00Z",
                "pickup_on": "2026-11-23",
                "recipient": {"name": "Ива Петрова", "phone": "+359888123456"},
                "destination": {
                    "method": "address",
                    "office_id": None,
                    "site_id": None,
                    "city": "София",
                    "postcode": "1618",
                    "street": "ул. Българска легия",
                    "street_no": "2",
                    "block": None,
                    "entrance": None,
                    "floor": None,
                    "apartment": None,
                    "note": None,
                },
                "weight_grams": 360,
                "cash_on_delivery": "30.79",
                "currency": "EUR",
                "label": f"{here}/label.pdf",
            }
        ],
        "next_cursor": None,
    }
    label = await shop.http.get(pulled["items"][0]["label"], headers=client)
    assert label.content == pdf
    assert label.headers["content-type"] == "application/pdf"
    acknowledged = await shop.http.post(f"{here}/acknowledgement", headers=client)
    assert acknowledged.status_code == httpx.codes.NO_CONTENT
    left = await shop.http.get("/v1/courier/shipments", headers=client)
    assert left.json() == {"items": [], "next_cursor": None}


async def the_guest_has_the_invoice(shop: Shop, order: dict[str, Any]) -> bytes:
    [document] = await story.documents(shop, order)
    assert document == {
        "id": document["id"],
        "number": "0000000001",
        "kind": "invoice",
        "issued_on": "2026-11-23",
        "total": "30.79",
        "currency": "EUR",
        "pdf": f"/v1/documents/{document['id']}.pdf",
    }
    pdf = await story.own_pdf(shop, order)
    [letter] = story.letters(shop, "0000000001")
    assert letter["To"] == "iva@example.bg"
    assert story.attached(letter) == [("faktura-0000000001.pdf", pdf)]
    [sent] = await shop.rows("SELECT state, sent_at, message_id, address FROM mails WHERE kind = 'invoice_issued'")
    assert sent == ("sent", HANDED_OVER, letter["Message-ID"], "iva@example.bg")
    return pdf


async def the_accountant_has_the_same_bytes(shop: Shop, order: dict[str, Any], pdf: bytes) -> None:
    client = await shop.client(Scope.ACCOUNTING)
    listed = await shop.http.get("/v1/accounting/documents", params={"month": "2026-11"}, headers=client)
    [item] = listed.json()["items"]
    assert item == {
        "id": item["id"],
        "number": "0000000001",
        "kind": "invoice",
        "issued_on": "2026-11-23",
        "order_number": order["number"],
        "base": "25.66",
        "vat": "5.13",
        "total": "30.79",
        "currency": "EUR",
        "sha256": hashlib.sha256(pdf).hexdigest(),
        "pdf": f"/v1/accounting/documents/{item['id']}.pdf",
        "xml": f"/v1/accounting/documents/{item['id']}.xml",
    }
    downloaded = await shop.http.get(item["pdf"], headers=client)
    assert downloaded.content == pdf
    assert downloaded.headers["etag"] == f'"{item["sha256"]}"'


async def each_handing_over_is_recorded(shop: Shop, order: dict[str, Any]) -> None:
    """S33, S35, S36: one record for each time that data left, with exactly what left."""
    clients = {name: client for client, name in await shop.rows("SELECT id, name FROM clients")}
    courier, accountant = clients["shipments"], clients["accounting"]
    assert await shop.rows(story.DISCLOSED) == [
        ("speedy", "shipment", "push", TO_CARRIER, "sale", "contract", "system"),
        ("icash", "sale", "push", ["order"], "accounting", "legal_obligation", "system"),
        ("courier", "shipment", "pull", TO_CARRIER, "sale", "contract", courier),
        ("courier", "label", "pull", TO_CARRIER, "sale", "contract", courier),
        (
            "accountant",
            "invoice",
            "download",
            ["address", "invoice", "name", "order"],
            "accounting",
            "legal_obligation",
            accountant,
        ),
    ]
    [(about,)] = await shop.rows("SELECT count(DISTINCT order_id) FROM disclosures JOIN orders ON orders.id = order_id")
    assert about == 1
    assert order["number"] == "100000001"


async def nothing_is_left_over(shop: Shop) -> None:
    done = {job: count for job, count in (await shop.jobs()).items() if job[0] != "recover_jobs"}
    assert done == {
        ("book_shipment", "succeeded"): 1,
        ("post_sale", "succeeded"): 1,
        ("issue_invoice", "succeeded"): 1,
        ("send_mail", "succeeded"): 3,
    }
    assert await story.concerns(shop) == []
    assert await story.parked(shop) == []


async def test_a_company_pays_in_advance_and_gets_the_next_number(shop: Shop) -> None:
    first = await shop.ordered()
    await shop.run_jobs()
    order = await shop.ordered({"ION-SET-1": 1}, invoice=story.COMPANY, payment_method=story.TRANSFER)
    assert (order["status"], order["totals"]["total"]) == ("placed", "89.90")
    assert order["payment"]["bank_transfer"] == {
        "beneficiary": "„Комплийт Дентал Солюшънс“ ЕООД",
        "iban": "BG80BNBG96611020345678",
        "bic": "BNBGBGSD",
        "reference": order["number"],
        "amount": "89.90",
        "currency": "EUR",
        "due_on": "2026-11-30",
        "code": "BCD\n002\n1\nSCT\nBNBGBGSD\n„Комплийт Дентал Солюшънс“ ЕООД\nBG80BNBG96611020345678\n"
        f"EUR89.90\n\n\n{order['number']}",
    }
    await shop.run_jobs()
    assert [each.reference for each in shop.speedy.shipments] == [first["number"]], "nothing is booked before payment"

    await story.scan(shop, first, State.ACCEPTED)
    shop.clock.at = DELIVERED
    await story.pay(shop, order)
    await shop.run_jobs()

    assert await story.history(shop, order) == [("placed", NOON, "customer"), ("confirmed", DELIVERED, "staff")]
    assert story.parcel_of(shop, order).collected is None
    [_, sale] = shop.icash.operations
    contragent = shop.icash.machine.ledger.contragents[sale.contragent_id or 0]
    assert (contragent["ContragentName"], contragent["ContragentTaxNum"]) == ("Зъбна ООД", "175074752")
    [proforma, document] = await story.documents(shop, order)
    assert (proforma["kind"], proforma["number"], proforma["issued_on"]) == ("proforma", "0000000001", "2026-11-23")
    assert (document["number"], document["issued_on"], document["total"]) == ("0000000002", "2026-11-24", "89.90")
    text = story.pdf_text((await shop.http.get(document["pdf"], headers=story.guest(order))).content)
    assert "Зъбна ООД Пловдив, бул. Шести септември 8 ЕИК Company ID 175074752 ДДС № VAT No. BG175074752" in text
    assert "Авансово плащане (чл. 25, ал. 7 ЗДДС), получено на 24.11.2026 г." in text
    assert "Петрова" not in text
    assert await story.concerns(shop) == []
