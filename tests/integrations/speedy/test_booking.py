from dataclasses import replace
from datetime import date
from decimal import Decimal

import httpx
import pytest

from app.core.money import Money
from app.integrations.speedy.client import SpeedyCourier
from app.integrations.speedy.simulator import SpeedySimulator
from app.integrations.speedy.simulator.conduct import LOGGED_CLIENT
from app.shipping.ports import AddressDestination, Concern, CourierRefused, Size, Waybill
from tests.integrations.speedy.conftest import ADDRESS, AT, LOCKER, OFFICE, Wire, make_account, make_parcel


async def test_an_address_goes_out_exactly_so(courier: SpeedyCourier, wire: Wire) -> None:
    await courier.book(make_parcel(cash_on_delivery=Money.of("64.90")), at=AT)
    path, content = wire.sent[-1]
    assert path == "/v1/shipment"
    assert content.decode() == (
        '{"userName":"demo","password":"demo","language":"BG",'
        '"recipient":{"privatePerson":true,"clientName":"Ива Петрова","phone1":{"number":"+359888123456"},'
        '"address":{"countryId":100,"siteName":"София","postCode":"1618",'
        '"addressNote":"ул. Българска легия 2, ет. 3, ап. 9"}},'
        '"service":{"serviceId":505,"autoAdjustPickupDate":true,"additionalServices":{"cod":{'
        '"amount":64.90,"currencyCode":"EUR","processingType":"POSTAL_MONEY_TRANSFER","includeShippingPrice":false}}},'
        '"content":{"contents":"Йонна четка за зъби","package":"BOX","parcelsCount":1,"totalWeight":0.400},'
        '"payment":{"courierServicePayer":"SENDER"},"ref1":"100000001"}'
    )


async def test_an_office_gets_neither_address_nor_email(courier: SpeedyCourier, wire: Wire) -> None:
    await courier.book(make_parcel(destination=OFFICE), at=AT)
    (body,) = wire.bodies("/shipment")
    assert body["recipient"] == {
        "privatePerson": True,
        "clientName": "Ива Петрова",
        "phone1": {"number": "+359888123456"},
        "pickupOfficeId": 14,
    }
    assert body["service"] == {"serviceId": 505, "autoAdjustPickupDate": True}


async def test_a_waybill_tells_number_pickup_and_price(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    waybill = await courier.book(make_parcel(cash_on_delivery=Money.of("64.90")), at=AT)
    number = speedy.shipments[0].id
    assert waybill == Waybill(number, (number,), date(2026, 11, 23), Money.of("3.58"))
    assert speedy.shipments[0].collected == Decimal("64.90")


async def test_every_cent_is_what_the_courier_collects(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    amounts = ["0.01", "0.10", "29.99", "64.89", "1000.00", "4999.97"]
    for number, amount in enumerate(amounts):
        await courier.book(make_parcel(f"{number:09d}", cash_on_delivery=Money.of(amount)), at=AT)
    assert [str(shipment.collected) for shipment in speedy.shipments] == amounts


async def test_a_site_number_goes_before_city_and_postcode(courier: SpeedyCourier, wire: Wire) -> None:
    village = AddressDestination(city="Ново село", postcode="9999", street_no="5", site_id=52180, note="до кметството")
    await courier.book(make_parcel(destination=village), at=AT)
    (body,) = wire.bodies("/shipment")
    assert body["recipient"]["address"] == {"countryId": 100, "siteId": 52180, "addressNote": "5, до кметството"}


async def test_a_locker_gets_the_size_of_the_box(courier: SpeedyCourier, wire: Wire) -> None:
    await courier.book(replace(make_parcel(destination=LOCKER), size=Size(12, 22, 6)), at=AT)
    (body,) = wire.bodies("/shipment")
    assert body["content"]["parcels"] == [
        {"seqNo": 1, "weight": Decimal("0.400"), "size": {"width": 12, "depth": 22, "height": 6}}
    ]


async def test_a_box_too_large_for_the_locker_is_refused(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    with pytest.raises(CourierRefused) as refusal:
        await courier.book(replace(make_parcel(destination=LOCKER), size=Size(70, 22, 6)), at=AT)
    assert (refusal.value.code, refusal.value.subject) == (630, "parcels")
    assert speedy.shipments == []


async def test_the_sender_of_the_contract_may_hand_in_at_an_office(
    http: httpx.AsyncClient, speedy: SpeedySimulator, wire: Wire
) -> None:
    account = make_account(speedy.url, client_id=LOGGED_CLIENT, dropoff_office_id=77)
    await SpeedyCourier(http, account).book(make_parcel(), at=AT)
    assert wire.bodies("/shipment")[0]["sender"] == {"clientId": LOGGED_CLIENT, "dropoffOfficeId": 77}


def test_a_drop_off_office_needs_the_client_number() -> None:
    with pytest.raises(ValueError, match="client number"):
        make_account("http://127.0.0.1", dropoff_office_id=77)


async def test_long_texts_are_cut_to_what_speedy_takes(courier: SpeedyCourier, wire: Wire) -> None:
    chatty = replace(ADDRESS, note="звънете " * 60)
    parcel = make_parcel(destination=chatty, name="Александра-Мария " * 8, contents="четка, " * 40)
    await courier.book(parcel, at=AT)
    (body,) = wire.bodies("/shipment")
    assert len(body["recipient"]["clientName"]) <= 60
    assert len(body["content"]["contents"]) <= 100
    note = body["recipient"]["address"]["addressNote"]
    assert note.startswith("ул. Българска легия 2, ет. 3, ап. 9, звънете звънете")
    assert len(note) <= 200


async def test_an_address_is_never_cut(courier: SpeedyCourier, wire: Wire) -> None:
    endless = replace(ADDRESS, street="ул. " + "Дълга " * 40)
    with pytest.raises(CourierRefused) as refusal:
        await courier.book(make_parcel(destination=endless), at=AT)
    assert (refusal.value.code, refusal.value.context) == (120, "shop.address_too_long")
    assert wire.sent == []


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("+359 888 12-34-56", "+359888123456"),
        ("0888/123.456", "0888123456"),
        ("00359888123456", "00359888123456"),
        ("359888123456", "+359888123456"),
        ("(02) 987 65 43", "029876543"),
    ],
)
async def test_phones_are_written_as_speedy_reads_them(
    courier: SpeedyCourier, wire: Wire, given: str, sent: str
) -> None:
    await courier.book(make_parcel(phone=given), at=AT)
    assert wire.bodies("/shipment")[0]["recipient"]["phone1"] == {"number": sent}


@pytest.mark.parametrize("phone", ["", "888123456", "+359ABC", "٠٨٨٨١٢٣٤٥٦", "+3598881234567890123456"])
async def test_other_phones_are_refused_before_anything_is_sent(courier: SpeedyCourier, wire: Wire, phone: str) -> None:
    with pytest.raises(CourierRefused) as refusal:
        await courier.book(make_parcel(phone=phone), at=AT)
    assert (refusal.value.code, refusal.value.subject) == (100, "phone")
    assert wire.sent == []


async def test_money_that_speedy_forgets_to_collect_is_noticed(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    speedy.conduct.drop_cash_on_delivery = True
    waybill = await courier.book(make_parcel(cash_on_delivery=Money.of("64.90")), at=AT)
    assert waybill.number == speedy.shipments[0].id
    assert waybill.concern is Concern.CASH_ON_DELIVERY_NOT_CHARGED


async def test_an_account_without_prices_books_without_a_price(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    speedy.conduct.prices_visible = False
    waybill = await courier.book(make_parcel(cash_on_delivery=Money.of("64.90")), at=AT)
    assert (waybill.price, waybill.concern) == (None, None)


async def test_a_price_in_another_currency_is_no_price(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    speedy.conduct.currency = "BGN"
    waybill = await courier.book(make_parcel(), at=AT)
    assert (waybill.number, waybill.price) == (speedy.shipments[0].id, None)


async def test_members_unknown_to_us_do_no_harm(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    speedy.conduct.random_fields = True
    speedy.conduct.local_twins = False
    waybill = await courier.book(make_parcel(), at=AT)
    assert (await courier.book(make_parcel(), at=AT)).number == waybill.number
    assert (await courier.label(waybill)).startswith(b"%PDF")


async def test_a_refusal_tells_where_and_nothing_of_whom(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    nowhere = AddressDestination(city="Никъде", postcode="0001", street_no="1")
    with pytest.raises(CourierRefused) as refusal:
        await courier.book(make_parcel(destination=nowhere), at=AT)
    assert str(refusal.value) == (
        "120 address sim.recipient.address.siteId.invalid $.recipient.address.siteId EE20261123-000001"
    )
    assert speedy.shipments == []
