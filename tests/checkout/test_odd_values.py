"""What people are called and where they live: accepted, kept composed (NFC) and trimmed, or refused by name."""

import unicodedata
from typing import Any

import pytest
from sqlalchemy import text

from app.catalog.queries import list_names
from app.core.language import Language
from tests.checkout.bad_values import changed
from tests.checkout.test_bad_fields import COMPANY, FIELDS, FULL_ADDRESS, OFFICE, check, full_wish, send
from tests.checkout.watching import contents
from tests.shop import Shop, a_wish

NAMES = {
    "Ѝва": "Ѝва",
    "O'Connor-Żółć": "O'Connor-Żółć",
    "李小龍": "李小龍",
    "محمد": "محمد",
    "\u200fשרה\u200f": "\u200fשרה\u200f",
    "И\u200bв\u200dа\ufe0f\u3164": "Ива",
    "न्\u200dयूटन": "न्\u200dयूटन",
    "👩\u200d👩\u200d👧": "👩\u200d👩\u200d👧",
    "𐍈𐌰": "𐍈𐌰",
    "  Ива  ": "Ива",
    "Й" + "\u0438\u0306ва": "Ййва",
    "e\u0301": "é",
    "Robert'); DROP TABLE orders;--": "Robert'); DROP TABLE orders;--",
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "{sku} %s \\ \" '": "{sku} %s \\ \" '",
}
EMAILS = {
    "IVA@Example.BG": "IVA@example.bg",
    "iva+brush@example.bg": "iva+brush@example.bg",
    "ива@пример.бг": "ива@пример.бг",
    "iva@xn--e1afmkfd.xn--90ae": "iva@пример.бг",
    " iva@example.bg ": "iva@example.bg",
}
NO_EMAILS = (
    "iva",
    "iva@",
    "@example.bg",
    "iva@example",
    "iva@@example.bg",
    "iva example@example.bg",
    "iva@exa mple.bg",
    "iva@-example.bg",
    "Ива <iva@example.bg>",
    "iva@example.bg,bob@example.bg",
    "iva@example.bg\r\nBcc: x@example.com",
    "iva@[127.0.0.1]",
    "x" * 65 + "@example.bg",
)
PHONES = {
    "0888123456": "+359888123456",
    "+359 888 123 456": "+359888123456",
    "00359888123456": "+359888123456",
    "(02) 943-32-24": "+35929433224",
    "+49 30 901820": "+4930901820",
    "0888\ufe0d123456": "+359888123456",
}
NO_PHONES = ("112", "0888", "+359", "+3598881234567890", "phone", "+999888123456", "0888123456; DROP")
NO_POSTCODES = ("618", "16180", "0618", "161a", " 1618", "1618\n", "١٦١٨", "１６１８", "16 18")
EIKS = {
    **{eik: eik for eik in ("175074752", "204235072", "1750747520019")},
    "BG204235072": "204235072",
    "BG 204 235 072": "204235072",
}
NO_EIKS = ("175074753", "17507475", "1750747520018", "000000001", "١٧٥٠٧٤٧٥٢", "8001014509")
VAT_NUMBERS = {"BG175074752": "BG175074752", "175074752": "BG175074752", " bg 175074752 ": "BG175074752"}
NO_VAT_NUMBERS = (
    "BG175074753",
    "DE136695976",
    "BG",
    "BG17507475",
    "BG204235072",  # of another company than the EIK
    "BG8001014509",  # a personal number, which is never taken
)


async def order_of(shop: Shop, wish: dict[str, Any], column: str) -> Any:
    answer = await shop.place(wish)
    assert answer.status_code == 201, answer.text
    return (await shop.rows(f"SELECT {column} FROM orders WHERE number = {answer.json()['number']}"))[0][0]  # noqa: S608 - ours


async def accepts(shop: Shop, path: tuple[str, ...], column: str, values: dict[str, str]) -> None:
    for entered, kept in values.items():
        company = {**COMPANY, "vat_number": None}
        wish = a_wish(await shop.cart({"ION-H-SOFT-2": 1}), invoice=company)
        assert await order_of(shop, changed(wish, path, entered), column) == kept


def nobody_knows_places(shop: Shop) -> None:
    """Silence the courier: what our own rules let pass is then accepted."""
    shop.speedy.fail_with(503, times=100)


async def refuses(shop: Shop, path: tuple[str, ...], values: tuple[str, ...]) -> None:
    wish = a_wish(await shop.cart(), invoice=COMPANY)
    before = await contents(shop)
    for value in values:
        check(await send(shop, changed(wish, path, value)), "/" + "/".join(path), "bg")
    assert await contents(shop) == before


async def test_people_of_all_scripts_can_order(shop: Shop) -> None:
    await accepts(shop, ("customer", "first_name"), "first_name", NAMES)
    assert all(unicodedata.is_normalized("NFC", kept) for kept in NAMES.values())


async def test_emails(shop: Shop) -> None:
    await accepts(shop, ("customer", "email"), "email", EMAILS)
    await refuses(shop, ("customer", "email"), NO_EMAILS)


async def test_phones(shop: Shop) -> None:
    await accepts(shop, ("customer", "phone"), "phone", PHONES)
    await refuses(shop, ("customer", "phone"), NO_PHONES)


async def test_postcodes(shop: Shop) -> None:
    nobody_knows_places(shop)
    await accepts(shop, ("delivery", "postcode"), "postcode", {"1000": "1000", "9999": "9999"})
    await refuses(shop, ("delivery", "postcode"), NO_POSTCODES)


async def test_numbers_of_companies(shop: Shop) -> None:
    await accepts(shop, ("invoice", "eik"), "company_eik", EIKS)
    await refuses(shop, ("invoice", "eik"), NO_EIKS)
    await accepts(shop, ("invoice", "vat_number"), "company_vat_number", VAT_NUMBERS)
    await refuses(shop, ("invoice", "vat_number"), NO_VAT_NUMBERS)


async def test_every_text_at_its_limit_is_kept_whole(shop: Shop) -> None:
    """The longest that the contract admits is taken, letter for letter; one letter more is refused elsewhere."""
    special = {"email", "phone", "eik", "vat_number", "version"}
    wish = await full_wish(shop, FULL_ADDRESS)
    longest = {
        place.path: "Щ" * place.longest for place in FIELDS.values() if place.longest and place.path[-1] not in special
    }
    for path, entered in longest.items():
        wish = changed(wish, path, entered)
    local, domain = "x" * 64, ".".join(["y" * 61, "y" * 61, "y" * 61, "bg"])
    wish = changed(wish, ("customer", "email"), f"{local}@{domain}")
    await order_of(shop, wish, "id")
    kept = await shop.rows(
        "SELECT first_name, last_name, email, city, street, street_no, block, entrance, floor, apartment, note,"
        " comment, company_name, company_city, company_address, company_responsible_person FROM orders"
    )
    assert [len(value) for value in kept[0]] == [50, 50, 253, 50, 60, 10, 20, 10, 10, 10, 60, 500, 250, 50, 100, 60]


async def test_a_comment_has_lines(shop: Shop) -> None:
    wish = a_wish(await shop.cart(), comment="  Моля, звънете.\r\n\tТрети етаж.\n")
    assert await order_of(shop, wish, "comment") == "Моля, звънете.\r\n\tТрети етаж."


@pytest.mark.parametrize(("least", "most"), [(1, 2**31 - 1)])
async def test_the_limits_of_an_office(shop: Shop, least: int, most: int) -> None:
    nobody_knows_places(shop)
    for number in (least, most):
        wish = a_wish(await shop.cart(), delivery={"method": "office", "office_id": number})
        assert await order_of(shop, wish, "office_id") == number
    refused = a_wish(await shop.cart(), delivery={"method": "office", "office_id": most + 1})
    check(await send(shop, refused), "/delivery/office_id", "bg")


async def test_the_limits_of_a_site(shop: Shop) -> None:
    nobody_knows_places(shop)
    for number in (1, 2**53 - 1):
        wish = a_wish(await shop.cart(), delivery={**FULL_ADDRESS, "site_id": number})
        assert await order_of(shop, wish, "site_id") == number
    refused = a_wish(await shop.cart(), delivery={**FULL_ADDRESS, "site_id": 2**53})
    check(await send(shop, refused), "/delivery/site_id", "bg")


@pytest.mark.parametrize("given", [{"street": "ул. Шипка"}, {"block": "5"}, {"note": "зад аптеката"}])
async def test_a_place_that_can_be_found(shop: Shop, given: dict[str, str]) -> None:
    place = {"method": "address", "city": "София", "postcode": "1618"}
    found = a_wish(await shop.cart(), delivery={**place, **given})
    assert await order_of(shop, found, "city") == "София"


async def test_a_place_that_cannot_be_found(shop: Shop) -> None:
    place = {"method": "address", "city": "София", "postcode": "1618", "street_no": "2", "floor": "3"}
    before = await contents(shop)
    lost = a_wish("5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10", delivery=place)
    (error,) = check(await send(shop, lost), "/delivery", "bg")
    assert error["detail"] == "Посочете улица, блок или бележка, по която да Ви намерят"
    assert await contents(shop) == before


async def test_no_delivery_is_half_one_kind_and_half_the_other(shop: Shop) -> None:
    cart = await shop.cart()
    before = await contents(shop)
    check(await send(shop, a_wish(cart, delivery={**OFFICE, "city": "София"})), "/delivery/city", "bg")
    check(await send(shop, a_wish(cart, delivery={**FULL_ADDRESS, "office_id": 14})), "/delivery/office_id", "bg")
    for method in ("courier", "", "ADDRESS", None, 7, "\ud800"):
        check(await send(shop, a_wish(cart, delivery={**OFFICE, "method": method})), "/delivery/method", "bg")
    assert await contents(shop) == before


async def test_d9_what_has_no_label_is_named_without_a_comma(shop: Shop) -> None:
    sku = "ION-SET-1"
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE variants SET label_bg = '', label_en = ' '"))
        for language, name in ((Language.BG, "Йонна четка"), (Language.EN, "Ionic toothbrush")):
            assert set((await list_names(session, [sku], language)).values()) == {name}
    wish = a_wish(await shop.cart())
    assert (await shop.place(wish)).status_code == 201
    assert await shop.rows("SELECT DISTINCT name, name_en FROM order_lines WHERE kind = 'goods'") == [
        ("Йонна четка", "Ionic toothbrush")
    ]
