"""What a page needs to know before anything is in a cart: how can be paid, how is delivered, at what price."""

from dataclasses import replace
from pathlib import Path

from tests.shop import Shop, a_wish, open_shop

CASH = {
    "value": "cash_on_delivery",
    "name": "Наложен платеж",
    "discount_percent": 0,
    "due_working_days": None,
    "most_pieces": 10_000,
    "most_total": "999999.99",
    "most_kilograms": 1_000,
}
TRANSFER = {**CASH, "value": "bank_transfer", "name": "Банков превод", "due_working_days": 5}
ADDRESSED = {"value": "address", "name": "До адрес", "price": "4.99"}
OPTIONS = {
    "payment_methods": [CASH, TRANSFER],
    "delivery_methods": [ADDRESSED, {**ADDRESSED, "value": "office", "name": "До офис или автомат на „Спиди“"}],
    "free_delivery_from": "60.00",
    "delivery_days": 30,
    "currency": "EUR",
    "phone": None,
}


async def test_e1_options_of_the_checkout_are_read_once_and_kept(shop: Shop) -> None:
    answer = await shop.http.get("/v1/checkout-options")
    assert (answer.status_code, answer.json()) == (200, OPTIONS)
    assert answer.headers["cache-control"].startswith("public, max-age=60")
    assert answer.headers["content-language"] == "bg"
    assert "Accept-Language" in answer.headers["vary"]
    tag = {"If-None-Match": answer.headers["etag"]}
    again = await shop.http.get("/v1/checkout-options", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    english = await shop.http.get("/v1/checkout-options", headers={**tag, "Accept-Language": "en"})
    assert [each["name"] for each in english.json()["payment_methods"]] == ["Cash on delivery", "Bank transfer"]
    assert [each["name"] for each in english.json()["delivery_methods"]] == [
        "To an address",
        "To a Speedy office or locker",
    ]
    assert (await shop.http.get("/v1/checkout-options?x=1")).status_code == 422


async def test_e1_options_say_what_the_shop_then_does(stocked: str, tmp_path: Path) -> None:
    """Phone as `/v1/shop` has it; a way of paying that is refused is not offered, a discount is given."""
    async with open_shop(stocked, tmp_path, seller_phone="+359 2 123 4567") as shop:
        shop.app.state.terms = replace(shop.app.state.terms, payee=None)
        options = (await shop.http.get("/v1/checkout-options")).json()
        assert options["phone"] == (await shop.http.get("/v1/shop")).json()["phone"] == "+359 2 123 4567"
        assert [each["value"] for each in options["payment_methods"]] == ["cash_on_delivery"]
        refused = await shop.place(a_wish(await shop.cart(), payment_method="bank_transfer"))
        assert (refused.status_code, refused.json()["title"]) == (409, "Този начин на плащане не се предлага")


async def test_e1_the_quote_charges_what_the_options_say(stocked: str, tmp_path: Path) -> None:
    changes = {"bank_transfer_discount_percent": 10, "delivery_price": "3.50", "free_delivery_from": "80.92"}
    async with open_shop(stocked, tmp_path, **changes) as shop:
        options = (await shop.http.get("/v1/checkout-options")).json()
        assert [each["discount_percent"] for each in options["payment_methods"]] == [0, 10]
        assert [each["price"] for each in options["delivery_methods"]] == ["3.50"] * 2
        assert options["free_delivery_from"] == "80.92"
        cart = await shop.cart({"ION-SET-1": 1})  # 89.90, less 10 %: a hair below
        sums = {}
        for method in ("cash_on_delivery", "bank_transfer"):
            quote = await shop.http.post(f"/v1/carts/{cart}/quote", json={"payment_method": method})
            totals = quote.json()["totals"]
            sums[method] = (totals["discount"], totals["delivery"])
        assert sums == {"cash_on_delivery": ("0.00", "0.00"), "bank_transfer": ("8.99", "3.50")}
