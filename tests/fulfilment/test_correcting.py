"""Notes, annulments and refunds over HTTP: what they state, what they leave alone; one wish is one document."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.auth.models import StaffRole
from app.core.personal import Recipient
from app.integrations.speedy.simulator.shipments import State
from tests.fulfilment import story
from tests.problems import of_kind
from tests.shop import Shop, open_shop

NOTED = "SELECT number, kind, base, vat, total, issued_on FROM documents ORDER BY number, kind"
BACK = "Върната стока: отказ по чл. 50 ЗЗП"
EN = {"Accept-Language": "en"}


async def invoiced(shop: Shop, lines: dict[str, int] | None = None, **changes: Any) -> dict[str, Any]:
    order = await shop.ordered(lines, payment_method=story.TRANSFER, **changes)
    await story.pay(shop, order)
    await shop.run_jobs()
    return order


async def send(
    shop: Shop, order: dict[str, Any], act: str, wish: dict[str, Any], *, key: str | None = None
) -> httpx.Response:
    headers = await shop.staff(StaffRole.SUPPORT, email=f"{uuid4().hex}@shop.example")
    return await shop.http.post(
        f"/v1/staff/orders/{order['number']}/{act}",
        json=wish,
        headers={**headers, **EN, "Idempotency-Key": key or uuid4().hex},
    )


async def test_a_credit_note_takes_back_a_piece_and_the_buyer_gets_it(shop: Shop) -> None:
    order = await invoiced(shop, {"ION-H-SOFT-2": 3})  # 3 × 12.90 and delivery 4.99
    before = await shop.rows("SELECT pdf, sha256 FROM document_files")
    wish = {
        "ground": BACK,
        "lines": [{"position": 1, "quantity": 1}],
        "refund": {"means": "account", "refunded_on": "2026-11-23"},
    }
    answer = await send(shop, order, "credit-notes", wish)
    await shop.run_jobs()

    assert answer.status_code == httpx.codes.CREATED
    assert {**answer.json(), "id": None} == {
        "id": None,
        "number": "0000000002",
        "kind": "credit_note",
        "issued_on": "2026-11-23",
        "base": "10.75",
        "vat": "2.15",
        "total": "12.90",
        "currency": "EUR",
    }
    assert await shop.rows("SELECT amount, means, refunded_on, month FROM refunds") == [
        (1290, "account", date(2026, 11, 23), "2026-11")
    ]
    assert await shop.rows("SELECT pdf, sha256 FROM document_files ORDER BY rendered_at LIMIT 1") == before
    [letter] = story.letters(shop, "0000000002")
    [(name, pdf)] = story.attached(letter)
    assert (letter["To"], name) == ("iva@example.bg", "kreditno-izvestie-0000000002.pdf")
    said = story.pdf_text(pdf)
    for words in (
        "Кредитно известие Credit note № 0000000002",
        f"Към фактура Corrects invoice Основание Ground № 0000000001 от 23.11.2026 г. {BACK}",
        "1 бр. 10,75 10,75 2,15 20 % 12,90",
        "Сума на известието Total 12,90 €",
    ):
        assert words in said
    assert "IBAN" not in said


async def test_complaint_10_parts_taken_back_never_exceed_the_invoice_and_in_the_end_equal_it(shop: Shop) -> None:
    """Three pieces at a price whose VAT does not divide, a discounted set and the delivery, in seven notes."""
    order = await invoiced(shop, {"ION-H-SOFT-2": 3, "ION-SET-1": 1})
    path = f"/v1/staff/orders/{order['number']}/creditable"
    support = await shop.staff(StaffRole.SUPPORT)
    lines = (await shop.http.get(path, headers=support)).json()["lines"]
    for line in lines:
        wishes: list[dict[str, Any]] = [{"position": line["position"], "amount": "0.01"}]
        wishes += [{"position": line["position"], "quantity": 1} for _ in range(line["quantity"])]
        for part in wishes:
            answer = await send(shop, order, "credit-notes", {"ground": BACK, "lines": [part]})
            assert answer.status_code == httpx.codes.CREATED, answer.text
        too_much = await send(
            shop, order, "credit-notes", {"ground": BACK, "lines": [{"position": line["position"], "amount": "0.01"}]}
        )
        assert too_much.status_code == 422
        assert too_much.json() == {
            **of_kind("credit-exceeds-invoice"),
            "title": "The note exceeds the invoice",
            "status": 422,
            "detail": "0.00 € are left of this line of the invoice. Name a line of it, and no more than is left.",
            "position": line["position"],
            "left": "0.00",
            "pieces": 0,
        }
    sums = "SELECT sum(base)::int, sum(vat)::int, sum(total)::int FROM documents WHERE kind = '{}'"
    assert await shop.rows(sums.format("credit_note")) == await shop.rows(sums.format("invoice"))
    left = (await shop.http.get(path, headers=support)).json()["lines"]
    assert {(line["left"], line["left_quantity"]) for line in left} == {("0.00", 0)}


async def test_what_exceeds_the_invoice_leaves_nothing_behind(shop: Shop) -> None:
    order = await invoiced(shop, {"ION-H-SOFT-2": 1})
    before = await shop.rows("SELECT key, last, head FROM document_series ORDER BY key")
    for part in ({"position": 1, "quantity": 2}, {"position": 9, "quantity": 1}, {"position": 1, "amount": "12.91"}):
        answer = await send(shop, order, "credit-notes", {"ground": BACK, "lines": [part]})
        assert (answer.status_code, answer.json()["code"]) == (422, "credit-exceeds-invoice")
    refund = {"means": "account", "refunded_on": "2026-11-23", "amount": "99.00"}
    answer = await send(shop, order, "credit-notes", {"ground": BACK, "refund": refund})
    assert answer.json() == {
        **of_kind("refund-exceeds-payment"),
        "title": "More is refunded than was paid",
        "status": 422,
        "detail": "At most 17.89 € can be refunded.",
        "left": "17.89",
    }
    assert await shop.rows("SELECT key, last, head FROM document_series ORDER BY key") == before
    assert (await shop.count("refunds"), await shop.count("credited_lines")) == (0, 0)


async def test_ten_at_once_with_one_key_are_one_note(shop: Shop) -> None:
    order = await invoiced(shop)
    wish, key = {"ground": BACK}, uuid4().hex
    answers = await asyncio.gather(*(send(shop, order, "credit-notes", wish, key=key) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await shop.rows("SELECT count(*) FROM documents WHERE kind = 'credit_note'") == [(1,)]
    other = await send(shop, order, "credit-notes", {"ground": "друго"}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "request-key-reused")


async def test_a_wish_that_cannot_be_is_refused_by_its_field(shop: Shop) -> None:
    order = await invoiced(shop)
    for wish, pointer in (
        ({"ground": " "}, "/ground"),
        ({"ground": BACK, "lines": []}, "/lines"),
        ({"ground": BACK, "lines": [{"position": 1}]}, "/lines/0"),
        ({"ground": BACK, "lines": [{"position": 1, "quantity": 1, "amount": "1.00"}]}, "/lines/0"),
        ({"ground": BACK, "lines": [{"position": 1, "amount": "0.00"}]}, "/lines/0"),
        ({"ground": BACK, "lines": [{"position": 1, "amount": "-1.00"}]}, "/lines/0"),
        ({"ground": BACK, "lines": [{"position": 1, "quantity": 1}] * 2}, ""),
        ({"ground": BACK, "reason": "x"}, "/reason"),
    ):
        answer = await send(shop, order, "credit-notes", wish)
        assert answer.status_code == 422, wish
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer], answer.text
    late = await send(shop, order, "credit-notes", {"ground": BACK, "event_on": "2026-11-24"})
    assert late.json() == {
        **of_kind("date-in-future"),
        "title": "The date is in the future",
        "status": 422,
        "detail": "Give a date up to today, 2026-11-23.",
        "today": "2026-11-23",
        "errors": [{"pointer": "/event_on", "detail": "Give a date up to today, 2026-11-23."}],
    }
    assert await shop.rows("SELECT count(*) FROM documents") == [(1,)]


async def test_a_debit_note_charges_more_on_the_invoice(shop: Shop) -> None:
    order = await invoiced(shop)
    wish = {"ground": "Повторна доставка", "lines": [{"description": "Доставка", "amount": "4.99"}]}
    answer = await send(shop, order, "debit-notes", wish)
    assert answer.status_code == 201
    assert (answer.json()["kind"], answer.json()["base"], answer.json()["vat"]) == ("debit_note", "4.16", "0.83")
    await shop.run_jobs()
    [letter] = story.letters(shop, "0000000002")
    [(name, pdf)] = story.attached(letter)
    assert name == "debitno-izvestie-0000000002.pdf"
    assert "Към фактура Corrects invoice Основание Ground № 0000000001 от 23.11.2026 г." in story.pdf_text(pdf)


async def test_an_annulled_invoice_keeps_its_number_and_another_stands_in_its_place(shop: Shop) -> None:
    order = await invoiced(shop, invoice=story.COMPANY)
    [invoice] = await story.documents(shop, order)
    right = {**story.COMPANY, "company_name": "Зъбна практика ООД"}
    support = {**await shop.staff(StaffRole.SUPPORT), **EN}
    path = f"/v1/staff/documents/{invoice['id']}/annulment"
    wish = {"ground": "Грешно име на получателя", "replacement": {"company": right}}
    answer = await shop.http.post(path, json=wish, headers=support)
    await shop.run_jobs()

    assert answer.status_code == 201
    said = answer.json()
    assert (said["protocol"]["number"], said["replacement"]["number"]) == ("0000000001", "0000000002")
    assert [row[:2] for row in await shop.rows(NOTED)] == [
        ("0000000001", "annulment_protocol"),
        ("0000000001", "invoice"),
        ("0000000002", "invoice"),
    ]
    listed = await story.documents(shop, order)
    assert {(each["kind"], each["number"]) for each in listed} == {row[1::-1] for row in await shop.rows(NOTED)}
    texts = {
        each["kind"] + each["number"]: story.pdf_text(
            (await shop.http.get(each["pdf"], headers=story.guest(order))).content
        )
        for each in listed
    }
    assert "Зъбна ООД" in texts["invoice0000000001"]
    assert "Зъбна практика ООД" in texts["invoice0000000002"]
    for words in ("Фактура № 0000000001 от 23.11.2026", "Фактура № 0000000002", "Грешно име на получателя"):
        assert words in texts["annulment_protocol0000000001"]
    again = await shop.http.post(path, json=wish, headers=support)
    assert (again.status_code, again.json()["code"]) == (409, "already-annulled")
    credited = await send(shop, order, "credit-notes", {"ground": BACK})
    assert credited.json()["number"] == "0000000003"
    [(corrects,)] = await shop.rows("SELECT snapshot #>> '{corrects,number}' FROM documents WHERE kind = 'credit_note'")
    assert corrects == "0000000002"
    [(replacement,)] = await shop.rows("SELECT id FROM documents WHERE number = '0000000002' AND kind = 'invoice'")
    held = await shop.http.post(f"/v1/staff/documents/{replacement}/annulment", json=wish, headers=support)
    assert (held.status_code, held.json()["code"]) == (409, "not-annullable")


async def annul(shop: Shop, document_id: Any, wish: dict[str, Any]) -> httpx.Response:
    support = {**await shop.staff(StaffRole.SUPPORT, email=f"{uuid4().hex}@shop.example"), **EN}
    return await shop.http.post(f"/v1/staff/documents/{document_id}/annulment", json=wish, headers=support)


async def test_the_invoice_of_a_sale_that_stands_is_not_annulled_without_another(shop: Shop) -> None:
    await invoiced(shop)
    [(invoice,)] = await shop.rows("SELECT id FROM documents")
    answer = await annul(shop, invoice, {"ground": "грешка"})
    assert (answer.status_code, answer.json()) == (
        409,
        {
            **of_kind("replacement-missing"),
            "title": "The sale stands",
            "status": 409,
            "detail": "Without an invoice it would not be accounted for. Send `replacement` too, or credit the invoice "
            "by a note.",
        },
    )
    assert (await shop.count("documents"), await shop.count("annulments")) == (1, 0)


async def test_without_an_invoice_only_the_refund_is_noted(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    answer = await send(shop, order, "credit-notes", {"ground": BACK})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-correct")
    wish = {"amount": "1.00", "means": "card", "refunded_on": "2026-11-23"}
    unpaid = await send(shop, order, "refunds", wish)
    assert unpaid.json()["left"] == "0.00"
    await story.pay(shop, order)
    key = uuid4().hex
    first, second = [await send(shop, order, "refunds", wish, key=key) for _ in range(2)]
    assert first.status_code == 201
    assert first.json() == second.json()
    assert (first.json()["amount"], first.json()["month"]) == ("1.00", "2026-11")
    assert await shop.count("refunds") == 1


async def test_a_parcel_that_comes_back_unpaid_is_credited_whole(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await story.scan(shop, order, State.IN_TRANSIT)
    await story.scan(shop, order, State.RETURNED)
    await story.scan(shop, order, State.RETURNED)
    assert [(number, kind, total) for number, kind, _, _, total, _ in await shop.rows(NOTED)] == [
        ("0000000001", "invoice", 3079),
        ("0000000002", "credit_note", 3079),
    ]
    [(ground,)] = await shop.rows("SELECT snapshot #>> '{corrects,ground}' FROM documents WHERE kind = 'credit_note'")
    assert ground == "Неприета пратка, върната на изпращача"
    assert await shop.count("refunds") == 0


async def test_what_a_person_annuls_of_a_parcel_that_came_back_does_not_come_again(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await story.scan(shop, order, State.IN_TRANSIT)
    await story.scan(shop, order, State.RETURNED)
    [(invoice,), (note,)] = await shop.rows("SELECT id FROM documents ORDER BY number")
    assert (await annul(shop, note, {"ground": "Грешно известие"})).status_code == 201
    await shop.run_jobs()
    assert [row[1] for row in await shop.rows(NOTED)] == ["annulment_protocol", "invoice", "credit_note"]
    assert (await annul(shop, invoice, {"ground": "Няма продажба"})).status_code == 201


async def test_of_a_parcel_that_comes_back_unpaid_the_rest_is_credited(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await story.scan(shop, order, State.IN_TRANSIT)
    wish = {"ground": "Отстъпка", "lines": [{"position": 1, "amount": "1.00"}]}
    assert (await send(shop, order, "credit-notes", wish)).status_code == 201
    await story.scan(shop, order, State.RETURNED)
    assert [(kind, base, vat, total) for _, kind, base, vat, total, _ in await shop.rows(NOTED)] == [
        ("invoice", 2566, 513, 3079),
        ("credit_note", 83, 17, 100),
        ("credit_note", 2483, 496, 2979),
    ]


@pytest.mark.parametrize("before", ["registered", "not registered"])
async def test_what_corrects_an_invoice_is_taxed_as_it_was_whoever_is_registered_since(
    stocked: str, tmp_path: Path, before: str
) -> None:
    async with open_shop(stocked, tmp_path / "before", seller_vat_registered=before == "registered") as shop:
        await shop.agree(*Recipient)
        waiting = await shop.ordered(payment_method=story.TRANSFER)
        order = await invoiced(shop)
    async with open_shop(stocked, tmp_path / "since", seller_vat_registered=before != "registered") as shop:
        note = await send(shop, order, "credit-notes", {"ground": BACK, "lines": [{"position": 1, "quantity": 1}]})
        assert note.status_code == 201
        [(invoice,)] = await shop.rows("SELECT id FROM documents WHERE kind = 'invoice'")
        assert (await annul(shop, note.json()["id"], {"ground": "грешка"})).status_code == 201
        assert (await annul(shop, invoice, {"ground": "грешка", "replacement": {"company": None}})).status_code == 201
        assert await shop.rows("SELECT DISTINCT snapshot #>> '{seller,vat_number}' FROM documents WHERE total > 0") == [
            ("BG204235072" if before == "registered" else None,)
        ]
        await story.pay(shop, waiting)
        await shop.run_jobs()
        assert "issue_invoice" in await story.parked(shop)  # its prices are of before: a person decides


async def test_a_debit_note_at_a_rate_that_the_seller_cannot_charge_is_refused(shop: Shop) -> None:
    order = await invoiced(shop)
    line = {"description": "Доставка", "amount": "4.99", "vat_rate": 0}
    answer = await send(shop, order, "debit-notes", {"ground": "Доставка", "lines": [line]})
    assert (answer.status_code, answer.json()["code"]) == (422, "vat-contradicts")
    assert "SHOP_ZERO_RATE_GROUND" in answer.json()["detail"]
    assert await shop.count("documents") == 1


async def test_nothing_goes_back_before_it_was_ordered(shop: Shop) -> None:
    order = await invoiced(shop)
    wish = {"amount": "1.00", "means": "card", "refunded_on": "2026-11-22"}
    answer = await send(shop, order, "refunds", wish)
    assert answer.json() == {
        **of_kind("date-before-order"),
        "title": "The date is before the order",
        "status": 422,
        "detail": "Give a date from 2026-11-23 on.",
        "ordered_on": "2026-11-23",
        "errors": [{"pointer": "/refunded_on", "detail": "Give a date from 2026-11-23 on."}],
    }
    assert await shop.count("refunds") == 0


async def test_a_company_that_pays_by_transfer_gets_a_proforma_first(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER, invoice=story.COMPANY)
    await shop.run_jobs()
    [letter] = story.letters(shop, "Проформа фактура")
    [(name, pdf)] = story.attached(letter)
    assert name == "proforma-0000000001.pdf"
    assert "Проформата не е данъчен документ" in story.pdf_text(pdf)
    await story.pay(shop, order)
    await shop.run_jobs()
    assert await shop.rows("SELECT series, number, kind FROM documents ORDER BY issued_at, series DESC") == [
        ("proformas", "0000000001", "proforma"),
        ("invoices", "0000000001", "invoice"),
    ]


async def test_a_goods_note_lists_what_is_sent_without_prices(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    packer = await shop.staff(StaffRole.WAREHOUSE)
    path = f"/v1/staff/orders/{order['number']}/goods-note"
    first, second = [await shop.http.post(path, headers=packer) for _ in range(2)]
    await shop.run_jobs()
    assert (first.status_code, first.json()["number"]) == (201, "0000000001")
    assert first.json() == second.json()
    [(pdf,)] = await shop.rows(
        "SELECT pdf FROM document_files JOIN documents ON documents.id = document_id WHERE kind = 'goods_note'"
    )
    said = story.pdf_text(pdf)
    [(waybill,)] = await shop.rows("SELECT waybill FROM shipments")
    assert "Стокова разписка" in said
    assert waybill in said
    assert "2 бр." in said
    assert "€" not in said
    assert story.letters(shop, "Стокова разписка") == []
