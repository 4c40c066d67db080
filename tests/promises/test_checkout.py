"""Promises of the policy that the checkout keeps, by their numbers in promises.md; each quotes what was promised."""

from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from app.checkout.schemas import PlaceOrder
from app.core.personal import Ground, Purpose, Recipient
from app.orders.models import Order
from app.privacy.disclosing import record_agreement
from tests.checkout.bad_values import changed, places, without
from tests.checkout.test_bad_fields import COMPANY, OFFICE, check, send
from tests.checkout.watching import contents
from tests.shop import VERSION, Shop, a_wish

NEVER_ASKED = (
    "egn",
    "personal_number",
    "birth_date",
    "gender",
    "nationality",
    "health",
    "photo",
    "id_card",
    "income",
    "religion",
)


async def read_declaration(shop: Shop, order: dict[str, Any]) -> dict[str, Any]:
    answer = await shop.http.get(order["links"]["declaration"], headers={"X-Order-Token": order["access_token"]})
    accepted: dict[str, Any] = answer.json()
    return accepted


async def test_s03_nothing_beyond_an_order_s_data_is_collected(shop: Shop) -> None:
    """The policy: "we collect only data connected with our activity as an e-shop"."""
    wish = a_wish(await shop.cart(), invoice=COMPANY)
    before = await contents(shop)
    for level in ((), ("customer",), ("delivery",), ("invoice",), ("privacy_declaration",)):
        for name in NEVER_ASKED:
            check(await send(shop, changed(wish, (*level, name), "x")), "/" + "/".join((*level, name)), "bg")
    assert await contents(shop) == before


async def test_s05_exactly_name_email_address_and_phone_are_required(shop: Shop) -> None:
    """Profile and order require "first and last name, e-mail, delivery address, phone"."""
    wish = a_wish(await shop.cart())
    for path in (
        ("customer", "first_name"),
        ("customer", "last_name"),
        ("customer", "email"),
        ("customer", "phone"),
        ("delivery",),
        ("delivery", "city"),
        ("delivery", "postcode"),
    ):
        check(await send(shop, without(wish, path)), "/" + "/".join(path), "bg")
    assert await shop.count("orders") == 0
    del wish["delivery"]["street_no"]
    assert (await shop.place(wish)).status_code == 201


async def test_s06_data_for_an_invoice_are_an_option(shop: Shop) -> None:
    """The policy: "invoice data (option)"."""
    await shop.ordered()
    await shop.ordered(invoice=COMPANY)
    assert await shop.rows("SELECT company_name, company_eik, company_vat_number FROM orders ORDER BY number") == [
        (None, None, None),
        ("„Усмивка“ ООД", "175074752", "BG175074752"),
    ]


def test_s07_no_other_personal_field_exists() -> None:
    """The policy: "only data necessary for performing your order"."""
    known = [column for column in Order.__table__.columns if column.info.get("personal")]
    personal = {column.name for column in known if column.info["personal"].given}
    asked = {place.path[-1] for place in places(PlaceOrder) if place.kind is not dict}
    for_the_invoice = {f"company_{name}".replace("company_company", "company") for name in COMPANY}
    assert personal - for_the_invoice <= asked
    assert personal == {
        "first_name",
        "last_name",
        "email",
        "phone",
        *("city", "postcode", "street", "street_no", "block", "entrance", "floor", "apartment", "note"),
        *for_the_invoice,
        "comment",
    }


async def test_s07_the_least_that_delivers_is_enough(shop: Shop) -> None:
    """To an office not even an address is asked for."""
    order = await shop.ordered(delivery=OFFICE)
    await shop.run_jobs()
    assert shop.speedy.references() == [order["number"]]
    assert await shop.rows("SELECT city, postcode, street, note FROM orders") == [(None, None, None, None)]


async def test_s08_an_order_is_processed_on_contract(shop: Shop) -> None:
    """Orders are processed on contract, "Art. 6(1)"."""
    grounds = {
        column.info["personal"].ground
        for column in Order.__table__.columns
        if column.info.get("personal") and not column.name.startswith("company_") and column.name != "origin_digest"
    }
    assert grounds == {Ground.CONTRACT}
    await shop.ordered()
    await shop.run_jobs()
    assert await shop.rows("SELECT recipient, purpose, ground FROM disclosures ORDER BY recipient") == [
        ("icash", Purpose.ACCOUNTING, Ground.LEGAL_OBLIGATION),
        ("speedy", Purpose.SALE, Ground.CONTRACT),
    ]


@pytest.mark.parametrize("box", [{"version": VERSION, "accepted": False}, None])
async def test_s09_s10_without_the_box_nothing_is_ordered(shop: Shop, box: dict[str, Any] | None) -> None:
    """The policy: "privacy declaration which you must accept by ticking"; so "without a user profile"."""
    wish = a_wish(await shop.cart(), privacy_declaration=box)
    before = await contents(shop)
    answer = await send(shop, wish)
    assert answer.status_code == 422
    assert await contents(shop) == before


async def test_s09_s10_what_was_ticked_is_kept_with_moment_and_means(shop: Shop) -> None:
    """The box belongs to the order: which text, when, how, from where; it can neither be changed nor deleted."""
    order = (await shop.place(a_wish(await shop.cart()), Origin="https://bg.ionickiss.com")).json()
    kept = await shop.rows(
        "SELECT version, acceptances.language, accepted_at, means, origin, ip FROM orders"
        " JOIN acceptances ON acceptances.id = orders.acceptance_id"
        " JOIN declarations ON declarations.id = acceptances.declaration_id"
    )
    assert [(*row[:-1], str(row[-1])) for row in kept] == [
        (VERSION, "bg", shop.clock.now(), "api", "https://bg.ionickiss.com", "127.0.0.1")
    ]
    shop.clock.advance(days=400)
    accepted = await shop.http.get(order["links"]["declaration"], headers={"X-Order-Token": order["access_token"]})
    assert accepted.status_code == 404  # the guest's key ends; the record stays
    assert await shop.count("acceptances") == 1


@pytest.mark.parametrize("language", ["bg", "en"])
async def test_s11_the_exact_text_that_was_accepted_is_shown_again(shop: Shop, language: str) -> None:
    """The declaration "informs you of your rights as data subject"."""
    spoken = {"Accept-Language": language}
    published = (await shop.http.get("/v1/declarations/order", headers=spoken)).json()
    order = (await shop.place(a_wish(await shop.cart()), **spoken)).json()
    accepted = await read_declaration(shop, order)
    assert accepted == {
        "version": VERSION,
        "language": language,
        "title": published["title"],
        "text": published["text"],
        "sha256": sha256(published["text"].encode()).hexdigest(),
        "accepted_at": "2026-11-23T10:00:00Z",
        "means": "api",
        "origin": None,
    }


async def test_s33_speedy_gets_the_data_for_delivery_and_nothing_else(shop: Shop) -> None:
    """Speedy gets "your data for delivery to the address given"."""
    order = await shop.ordered(invoice=COMPANY, comment="Подарък е", consents=["newsletter"])
    await shop.run_jobs()
    (shipment,) = shop.speedy.shipments
    sent = shipment.wish.model_dump(exclude_none=True, exclude_defaults=True)
    assert sent["recipient"] == {
        "client_name": "Ива Петрова",
        "phone1": {"number": "+359888123456"},
        "private_person": True,
        "address": {
            "country_id": 100,
            "site_name": "София",
            "post_code": "1618",
            "address_note": "ул. Българска легия 2",
        },
    }
    assert sent["content"] == {
        "parcels_count": 1,
        "total_weight": Decimal("0.36"),
        "contents": "Йонни четки за зъби и аксесоари",
        "package": "BOX",
    }
    assert sent["ref1"] == order["number"]
    everything = shipment.wish.model_dump_json()
    for withheld in ("iva@example.bg", "Усмивка", "175074752", "Подарък", "newsletter", "ION-H-SOFT-2"):
        assert withheld not in everything
    recorded = await shop.rows("SELECT categories, what, means, actor FROM disclosures WHERE recipient = 'speedy'")
    assert recorded == [(["address", "name", "phone"], "shipment", "push", "system")]


async def test_s33_without_the_recipient_s_contract_nothing_goes_to_speedy(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        await record_agreement(
            session,
            Recipient.SPEEDY,
            reference="Д-1/2026",
            signed_on=date(2026, 1, 2),
            ends_on=date(2026, 11, 23),
            at=shop.clock.now(),
            by="owner",
        )
    shop.clock.advance(days=1)
    await shop.ordered()
    await shop.run_jobs()
    assert shop.speedy.shipments == []
    assert await shop.rows("SELECT status, concern FROM shipments") == [("waiting", "agreement_missing")]
    assert await shop.rows("SELECT count(*) FROM disclosures WHERE recipient = 'speedy'") == [(0,)]
