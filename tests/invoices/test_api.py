"""A guest's own documents: with the right token, as they were issued, sent once (S47, complaint 14)."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.fulfilment.due_documents import state_of
from app.fulfilment.jobs import IssueInvoice
from app.mail.jobs import SendMail
from app.orders import queries as orders
from tests.fulfilment import story
from tests.problems import of_kind
from tests.shop import NOON, Shop, a_wish

NOT_FOUND = {
    **of_kind("not-found"),
    "title": "Not found",
    "status": 404,
    "detail": "Check the address and that it is yours to see.",
}
ENGLISH = {"Accept-Language": "en"}


async def invoiced(shop: Shop, **changes: Any) -> dict[str, Any]:
    order = await shop.ordered(payment_method=story.TRANSFER, **changes)
    await story.pay(shop, order)
    await shop.run_jobs()
    return order


async def test_a_guest_lists_and_downloads_the_documents_of_the_order(shop: Shop) -> None:
    order = await invoiced(shop)
    [document] = await story.documents(shop, order)
    answer = await shop.http.get(document["pdf"], headers=story.guest(order))
    [(pdf, sha256)] = await shop.rows("SELECT pdf, sha256 FROM document_files")
    assert answer.status_code == httpx.codes.OK
    assert answer.content == pdf
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="faktura-0000000001.pdf"'
    assert answer.headers["etag"] == f'"{sha256}"'
    assert answer.headers["cache-control"] == "private, no-cache"
    assert await shop.rows("SELECT 1 FROM disclosures WHERE recipient NOT IN ('speedy', 'icash')") == []


async def test_d8_what_the_guest_has_is_not_sent_again(shop: Shop) -> None:
    order = await invoiced(shop)
    [document] = await story.documents(shop, order)
    path, guest = document["pdf"], story.guest(order)
    whole = await shop.http.get(path, headers=guest)
    etag = whole.headers["etag"]
    for named in (etag, f"W/{etag}", f'"a,b", {etag}', "*"):
        kept = await shop.http.get(path, headers={**guest, "If-None-Match": named})
        assert (kept.status_code, kept.content, kept.headers["etag"]) == (304, b"", etag), named
        assert (kept.headers["cache-control"], "content-type" in kept.headers) == ("private, no-cache", False)
        assert (await shop.http.head(path, headers={**guest, "If-None-Match": named})).status_code == 304
    for named in (etag, f'"other", {etag}', "*"):
        assert (await shop.http.get(path, headers={**guest, "If-Match": named})).content == whole.content, named
    for named in ('"other"', f"W/{etag}", "nonsense"):
        refused = await shop.http.get(path, headers={**guest, **ENGLISH, "If-Match": named, "If-None-Match": etag})
        assert refused.status_code == httpx.codes.PRECONDITION_FAILED
        assert refused.json() == {
            **of_kind("precondition-failed"),
            "title": "The content is another one",
            "status": 412,
            "detail": "If-Match does not name the present content. Download it anew, without If-Match.",
        }
    for condition in ({"If-None-Match": etag}, {"If-Match": '"other"'}):
        stranger = await shop.http.get(path, headers={**ENGLISH, "X-Order-Token": "x", **condition})
        assert (stranger.status_code, stranger.json()) == (404, NOT_FOUND)


async def test_without_the_right_token_order_and_document_are_not_found(shop: Shop) -> None:
    order, other = await invoiced(shop), await invoiced(shop)
    [document] = await story.documents(shop, order)
    right = order["access_token"]
    expiry, mac = right.split(".")
    wrong = [None, "", "x", other["access_token"], right + "A", f"{int(expiry) + 1}.{mac}", f"0{right}", mac]
    for path in (order["links"]["documents"], document["pdf"], f"/v1/documents/{uuid4()}.pdf"):
        for token in wrong:
            header = {} if token is None else {"X-Order-Token": token}
            answer = await shop.http.get(path, headers={**ENGLISH, **header})
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND), (path, token)

    stranger = await shop.http.get(f"/v1/documents/{uuid4()}.pdf", headers={**ENGLISH, **story.guest(order)})
    assert (stranger.status_code, stranger.json()) == (404, NOT_FOUND)


async def test_a_token_opens_documents_until_it_expires(shop: Shop) -> None:
    order = await invoiced(shop)
    [document] = await story.documents(shop, order)
    shop.clock.advance(days=89, hours=23)
    assert (await shop.http.get(document["pdf"], headers=story.guest(order))).status_code == httpx.codes.OK
    shop.clock.advance(hours=1)
    late = await shop.http.get(document["pdf"], headers={**ENGLISH, **story.guest(order)})
    assert (late.status_code, late.json()) == (404, NOT_FOUND)


async def test_a_document_that_has_no_bytes_yet_is_not_listed(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, order)
    invoicing = shop.work.handlers[IssueInvoice].__self__  # type: ignore[attr-defined] # the handler is a bound method
    [(order_id,)] = await shop.rows("SELECT id FROM orders")
    async with shop.sessions.begin() as session:
        await invoicing._number(session, await state_of(session, await orders.lock_order(session, order_id)))
    [(document_id,)] = await shop.rows("SELECT id FROM documents")
    assert await story.documents(shop, order) == []
    answer = await shop.http.get(f"/v1/documents/{document_id}.pdf", headers={**ENGLISH, **story.guest(order)})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)

    await shop.run_jobs()
    assert [document["id"] for document in await story.documents(shop, order)] == [str(document_id)]


async def test_s47_the_invoice_is_sent_once_when_issued_and_the_sending_is_recorded(shop: Shop) -> None:
    order = await invoiced(shop)
    pdf = await story.own_pdf(shop, order)
    [(order_id,)] = await shop.rows("SELECT id FROM orders")
    [(mail_id, sent_at, message_id)] = await shop.rows(
        "SELECT id, sent_at, message_id FROM mails WHERE kind = 'invoice_issued'"
    )
    shop.clock.advance(minutes=5)
    for _ in range(2):
        await shop.work.handlers[IssueInvoice](IssueInvoice(order_id))
        await shop.work.handlers[SendMail](SendMail(mail_id))
    await shop.run_jobs()

    assert (sent_at, message_id) == (NOON, f"<{mail_id}@127.0.0.1>")
    assert await shop.rows("SELECT sent_at, message_id FROM mails WHERE kind = 'invoice_issued'") == [
        (NOON, message_id)
    ]
    [letter] = story.letters(shop, "0000000001")
    assert (letter["To"], letter["Message-ID"]) == ("iva@example.bg", message_id)
    assert story.attached(letter) == [("faktura-0000000001.pdf", pdf)]
    done = await shop.jobs()
    assert done["send_mail", "succeeded"] == 3


async def test_an_invoice_does_not_wait_for_a_courier_who_is_down(shop: Shop) -> None:
    shop.speedy.fail_with(503, times=1000)
    order = await invoiced(shop)
    assert [document["number"] for document in await story.documents(shop, order)] == ["0000000001"]
    assert (await shop.jobs())["book_shipment", "todo"] == 1


@pytest.mark.parametrize("language", ["bg", "en"])
async def test_the_letter_speaks_the_language_of_the_order(shop: Shop, language: str) -> None:
    answer = await shop.place(
        {**a_wish(await shop.cart()), "payment_method": "bank_transfer"}, **{"Accept-Language": language}
    )
    await story.pay(shop, answer.json())
    await shop.run_jobs()
    [letter] = story.letters(shop, "0000000001")
    assert letter["Content-Language"] == language
