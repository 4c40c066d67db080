"""A guest's order opens to its token alone (complaint 14); a stranger's is not found, whatever the reason."""

from typing import Any

import httpx
import pytest

from app.auth.guest_tokens import guest_token
from app.core.money import Money
from app.core.secrets import Secret
from app.fulfilment.paying import receive_payment
from tests.checkout.watching import contents
from tests.problems import of_kind
from tests.shop import Shop
from tests.sketches import drawn

NOT_FOUND = {
    "bg": ("Няма такъв запис", "Проверете адреса и правата си за достъп."),
    "en": ("Not found", "Check the address and that it is yours to see."),
}


def holding(order: dict[str, Any]) -> dict[str, str]:
    return {"X-Order-Token": order["access_token"]}


async def paid(shop: Shop) -> dict[str, Any]:
    """Place an order and pay it, so that it has a document."""
    order = await shop.ordered(payment_method="bank_transfer")
    ((order_id,),) = await shop.rows("SELECT id FROM orders WHERE number = :number", number=int(order["number"]))
    async with shop.sessions.begin() as session:
        await receive_payment(session, order_id, Money(3079), reference=order["number"], at=shop.clock.now())
    await shop.run_jobs()
    return order


async def pdf_of(shop: Shop, order: dict[str, Any]) -> str:
    found = await shop.http.get(order["links"]["documents"], headers=holding(order))
    address: str = found.json()["items"][0]["pdf"]
    return address


async def ways_in(shop: Shop, order: dict[str, Any]) -> list[tuple[str, str]]:
    here = order["links"]["self"]
    return [
        ("GET", here),
        ("GET", f"{here}/declaration"),
        ("GET", f"{here}/documents"),
        ("POST", f"{here}/cancellation"),
        ("GET", await pdf_of(shop, order)),
    ]


def shape(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Give all that a client sees but the request's own number."""
    seen = sorted((name, value) for name, value in answer.headers.items() if name != "x-request-id")
    return answer.status_code, answer.content, seen


async def test_no_wrong_key_opens_anything_and_all_look_alike(shop: Shop) -> None:
    order, other = await paid(shop), await paid(shop)
    ((order_id,),) = await shop.rows("SELECT id FROM orders WHERE number = :number", number=int(order["number"]))
    expires, _, mac = order["access_token"].partition(".")
    past = guest_token(Secret.of("a secret of the tests"), order_id, shop.clock.now())
    forged = guest_token(Secret.of("another secret"), order_id, shop.clock.now().replace(year=2030))
    wrong = [
        {},
        {"X-Order-Token": ""},
        {"X-Order-Token": "x"},
        {"X-Order-Token": other["access_token"]},
        {"X-Order-Token": f"{int(expires) + 1}.{mac}"},
        {"X-Order-Token": f"0{expires}.{mac}"},
        {"X-Order-Token": f"{expires}.{mac[:-1]}{'A' if mac[-1] != 'A' else 'B'}"},
        {"X-Order-Token": f"{expires}.{mac}="},
        {"X-Order-Token": order["access_token"].swapcase()},
        {"X-Order-Token": past},
        {"X-Order-Token": forged},
        {"X-Order-Token": f"{'9' * 11}.{mac}"},
        {"X-Order-Token": "x" * 8000},
        {"Cookie": f"X-Order-Token={order['access_token']}"},
    ]
    before = await contents(shop)
    for method, address in await ways_in(shop, order):
        for language, (title, detail) in NOT_FOUND.items():
            answers = [
                await shop.http.request(method, address, headers={**headers, "Accept-Language": language})
                for headers in wrong
            ]
            assert len({str(shape(answer)) for answer in answers}) == 1, address
            assert answers[0].json() == {
                **of_kind("not-found"),
                "title": title,
                "status": 404,
                "detail": detail,
            }
    assert await contents(shop) == before


async def test_what_does_not_exist_looks_like_a_stranger_s(shop: Shop) -> None:
    order = await paid(shop)
    strangers = await shop.http.get(order["links"]["self"])
    for number in ("999999999", "100000099", "000000000"):
        nobodys = await shop.http.get(f"/v1/orders/{number}", headers=holding(order))
        assert shape(nobodys) == shape(strangers)
    document = await shop.http.get("/v1/documents/5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10.pdf", headers=holding(order))
    assert shape(document) == shape(await shop.http.get(await pdf_of(shop, order)))


@pytest.mark.parametrize("number", ["1", "x", "10000000a", "1000000010", "%00", "١٠٠٠٠٠٠٠١", "1e8", "100000001%0A"])
async def test_a_number_that_is_none(shop: Shop, number: str) -> None:
    answer = await shop.http.get(f"/v1/orders/{number}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["path:number"]


async def test_the_right_key_opens_all_of_it(shop: Shop) -> None:
    order = await paid(shop)
    for method, address in await ways_in(shop, order):
        if method == "GET":
            answer = await shop.http.get(address, headers=holding(order))
            assert answer.status_code == 200
            assert answer.headers["cache-control"] in {"no-store", "private, no-cache"}
    pdf = await shop.http.get(await pdf_of(shop, order), headers=holding(order))
    assert pdf.headers["content-type"] == "application/pdf"
    assert drawn(pdf.content).startswith(b"%PDF-1.7")


async def test_the_key_opens_its_order_for_ninety_days(shop: Shop) -> None:
    order = await shop.ordered()
    shop.clock.advance(days=90, seconds=-1)
    assert (await shop.http.get(order["links"]["self"], headers=holding(order))).status_code == 200
    shop.clock.advance(seconds=1)
    assert (await shop.http.get(order["links"]["self"], headers=holding(order))).status_code == 404


async def test_the_key_is_kept_nowhere_and_written_nowhere(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    order = await paid(shop)
    for method, address in await ways_in(shop, order):
        assert order["access_token"] not in address
        await shop.http.request(method, address, headers=holding(order))
    mac = order["access_token"].partition(".")[2]
    assert mac not in str(order["links"])
    written = capfd.readouterr()
    assert mac not in written.out + written.err
    tables = await shop.rows(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    for (table,) in tables:
        kept = await shop.rows(f"SELECT FROM {table} AS kept WHERE kept::text LIKE :mac", mac=f"%{mac}%")
        assert kept == [], table
    assert not [mail for mail in shop.mails.glob("*.eml") if mac in mail.read_text(errors="replace")]


async def test_an_order_as_its_owner_sees_it(shop: Shop) -> None:
    order = await shop.ordered(comment="Моля, звънете.")
    answer = await shop.http.get(order["links"]["self"], headers=holding(order))
    view = answer.json()
    assert view.pop("lines") == order["lines"]
    assert view.pop("totals") == order["totals"]
    assert view == {
        "number": order["number"],
        "status": "confirmed",
        "placed_at": "2026-11-23T10:00:00Z",
        "confirmation_due_at": None,
        "customer": {
            "first_name": "Ива",
            "last_name": "Петрова",
            "email": "iva@example.bg",
            "phone": "+359888123456",
        },
        "delivery": {"method": "address", "address": "1618 София, ул. Българска легия № 2"},
        "comment": "Моля, звънете.",
        "payment": {
            "method": "cash_on_delivery",
            "status": "awaited",
            "amount": "30.79",
            "due_on": None,
            "came": "0.00",
            "missing": "0.00",
            "refund_owed": "0.00",
            "refunded": "0.00",
            "refund_due_on": None,
            "bank_transfer": None,
        },
        "shipment": {
            "status": "waiting",
            "waybill": None,
            "phase": None,
            "pickup_on": None,
            "needs_attention": False,
            "reason": None,
        },
        "withdrawal": {"open": True, "until": None},
        "history": [{"status": "confirmed", "at": "2026-11-23T10:00:00Z"}],
    }
