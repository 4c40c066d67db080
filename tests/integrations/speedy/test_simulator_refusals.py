"""The simulator is as strict as Speedy: what it refuses to book, by the fact sheet's checklist."""

import pytest

from app.integrations.speedy.simulator import SpeedySimulator
from app.integrations.speedy.simulator.conduct import FORMER_CLIENT, LOGGED_CLIENT, STRANGER
from tests.integrations.speedy.requests import (
    COD,
    CREATE,
    FOREIGN,
    ITEM,
    NOT_ALLOWED,
    PARCEL,
    PAYER_REFUSED,
    Body,
    abroad,
    ask,
    changed,
    heavy,
    to_office,
    with_address,
    with_service,
)

REFUSALS: list[tuple[str, Body, int, str]] = [
    ("wrong password", changed("password", "guess"), 1, "authentication"),
    ("no password", changed("password", ...), 1, "authentication"),
    ("login before all", {"userName": "x", "recipient": {}}, 1, "authentication"),
    ("no recipient", changed("recipient", ...), 1, "sim.recipient.required"),
    ("no service", changed("service", ...), 1, "sim.service.required"),
    ("no content", changed("content", ...), 1, "sim.content.required"),
    ("no payment", changed("payment", ...), 1, "sim.payment.required"),
    ("no service number", changed("service.serviceId", ...), 400, "sim.service.serviceId.required"),
    ("unknown service", changed("service.serviceId", 999), 400, "sim.service.serviceId.invalid"),
    ("foreign service at home", changed("service.serviceId", 202), 400, NOT_ALLOWED),
    ("home service abroad", abroad(service={"serviceId": 505}), 400, NOT_ALLOWED),
    ("client number and name", changed("recipient.clientId", LOGGED_CLIENT), 100, "sim.recipient.clientName.forbidden"),
    ("unknown recipient", changed("recipient", {"clientId": 1}), 100, "sim.client.not-found"),
    ("no name", changed("recipient.clientName", ...), 100, "sim.recipient.clientName.required"),
    ("short name", changed("recipient.clientName", "Ив"), 100, "sim.recipient.clientName.length"),
    ("long name", changed("recipient.clientName", "И" * 61), 100, "sim.recipient.clientName.length"),
    ("person or company", changed("recipient.privatePerson", ...), 100, "sim.recipient.privatePerson.required"),
    ("contact of a person", changed("recipient.contactName", "Иво"), 100, "sim.recipient.contactName.forbidden"),
    ("company, no contact", changed("recipient.privatePerson", False), 100, "sim.recipient.contactName.required"),
    ("nowhere", changed("recipient.address", ...), 100, "sim.recipient.address.required"),
    ("address and office", changed("recipient.pickupOfficeId", 14), 100, "sim.recipient.address.forbidden"),
    (
        "phone with dashes",
        changed("recipient.phone1.number", "0888-123-456"),
        100,
        "receiver.phone-1.num.invalid_phone",
    ),
    ("phone without zero", changed("recipient.phone1.number", "888123456"), 100, "receiver.phone-1.num.invalid_phone"),
    ("long phone", changed("recipient.phone1.number", "0" * 21), 100, "receiver.phone-1.num.invalid_phone"),
    ("long email", changed("recipient.email", "a" * 256), 100, "sim.recipient.email.length"),
    ("former client sends", changed("sender", {"clientId": FORMER_CLIENT}), 100, "sim.client.not-found"),
    ("stranger sends", changed("sender", {"clientId": STRANGER}), 100, "sim.sender.not-in-contract"),
    (
        "a person sends",
        changed("sender", {"clientName": "Иво Илиев", "privatePerson": True, "phone1": {"number": "0888"}}),
        100,
        "sim.sender.not-in-contract",
    ),
    ("sender without phone", changed("sender", {"email": "a@b.bg"}), 100, "sim.sender.phone1.required"),
    (
        "unknown drop-off",
        changed("sender", {"clientId": LOGGED_CLIENT, "dropoffOfficeId": 1}),
        160,
        "sim.sender.dropoffOfficeId.invalid",
    ),
    ("no site", with_address(addressNote="ул. 1"), 120, "sim.recipient.address.siteId.required"),
    ("name alone", with_address(siteName="НОВО СЕЛО", addressNote="1"), 120, "sim.recipient.address.siteId.invalid"),
    (
        "type is not enough for namesakes",
        with_address(siteName="НОВО СЕЛО", siteType="с.", addressNote="1"),
        120,
        "sim.recipient.address.siteId.invalid",
    ),
    (
        "post code of elsewhere",
        with_address(siteId=68134, postCode="4000", addressNote="1"),
        120,
        "sim.recipient.address.siteId.invalid",
    ),
    (
        "site by number and name",
        with_address(siteId=68134, siteName="София", addressNote="1"),
        120,
        "sim.recipient.address.siteName.forbidden",
    ),
    (
        "street by number and name",
        with_address(siteId=68134, streetId=3109, streetName="ШИПКА", streetNo="1"),
        120,
        "sim.recipient.address.streetName.forbidden",
    ),
    (
        "ambiguous street",
        with_address(siteId=68134, streetName="Шипка", streetNo="1"),
        120,
        "sim.recipient.address.streetId.invalid",
    ),
    ("unknown street", with_address(siteId=68134, streetId=1), 120, "sim.recipient.address.streetId.invalid"),
    ("no number", with_address(siteId=68134, streetId=3109), 120, "sim.recipient.address.incomplete"),
    ("nothing within", with_address(siteId=68134, addressNote=" "), 120, "sim.recipient.address.incomplete"),
    ("lines", with_address(siteId=68134, addressLine1="ул. 1"), 120, "sim.recipient.address.incomplete"),
    ("long note", with_address(siteId=68134, addressNote="я" * 201), 120, "sim.recipient.address.addressNote.length"),
    ("long floor", with_address(siteId=68134, floorNo="1" * 11), 120, "sim.recipient.address.floorNo.length"),
    ("unknown office", to_office(1), 180, "sim.recipient.pickupOfficeId.invalid"),
    ("office that gives nothing out", to_office(301), 180, "sim.recipient.pickupOfficeId.invalid"),
    ("heavy for an office", to_office(14, content=heavy(32.001)), 620, "sim.content.weight.limit"),
    ("heavy for a locker", to_office(9016, content=heavy(20.001)), 620, "sim.content.weight.limit"),
    ("heavy for a door", changed("content", heavy(50.001)), 620, "sim.content.weight.limit"),
    ("weightless", changed("content", heavy(0)), 620, "sim.content.weight.invalid"),
    ("no weight", changed("content.totalWeight", ...), 620, "sim.content.totalWeight.required"),
    ("no count", changed("content.parcelsCount", ...), 630, "sim.content.parcelsCount.required"),
    (
        "large for a locker",
        to_office(
            9016, content=CREATE["content"] | {"parcels": [PARCEL | {"size": {"width": 63, "depth": 1, "height": 1}}]}
        ),
        630,
        "sim.content.parcels.size.invalid",
    ),
    (
        "two parcels of one number",
        changed("content.parcels", [PARCEL, PARCEL]),
        630,
        "sim.content.parcels.seqNo.invalid",
    ),
    ("no contents", changed("content.contents", ...), 600, "sim.content.contents.required"),
    ("long contents", changed("content.contents", "ч" * 101), 600, "sim.content.contents.length"),
    ("no package", changed("content.package", ""), 605, "sim.content.package.required"),
    ("long package", changed("content.package", "B" * 51), 605, "sim.content.package.length"),
    ("long reference", changed("ref1", "1" * 31), 800, "sim.ref1.length"),
    ("long second reference", changed("ref2", "1" * 31), 805, "sim.ref2.length"),
    ("long shipment note", changed("shipmentNote", "1" * 201), 810, "sim.shipmentNote.length"),
    ("yesterday", changed("service.pickupDate", "2026-11-22"), 500, "sim.service.pickupDate.invalid"),
    (
        "a Saturday that may not move",
        changed("service", {"serviceId": 505, "pickupDate": "2026-11-28"}),
        500,
        "sim.service.pickupDate.invalid",
    ),
    ("deferred by three", changed("service.deferredDays", 3), 510, "sim.service.deferredDays.invalid"),
    ("no money", with_service("cod", COD | {"amount": 0}), 410, "sim.service.additionalServices.cod.amount.invalid"),
    (
        "much money",
        with_service("cod", COD | {"amount": 5000.01}),
        410,
        "sim.service.additionalServices.cod.amount.invalid",
    ),
    (
        "leva",
        with_service("cod", COD | {"currencyCode": "BGN"}),
        410,
        "sim.service.additionalServices.cod.currencyCode.invalid",
    ),
    (
        "fiscal items",
        with_service("cod", COD | {"fiscalReceiptItems": [ITEM]}),
        410,
        "sim.cod.fiscalReceiptItems.not-allowed",
    ),
    (
        "money transfer abroad",
        abroad(service={"serviceId": 202, "additionalServices": {"cod": COD}}),
        410,
        FOREIGN,
    ),
    ("payer abroad", abroad(payment={"courierServicePayer": "RECIPIENT"}), 700, PAYER_REFUSED),
    (
        "half an inspection",
        with_service("obpd", {"option": "OPEN"}),
        420,
        "sim.service.additionalServices.obpd.invalid",
    ),
    (
        "fragile without a value",
        with_service("declaredValue", {"fragile": True}),
        415,
        "sim.service.additionalServices.declaredValue.amount.required",
    ),
    (
        "value in a locker",
        to_office(
            9016,
            service={
                "serviceId": 505,
                "autoAdjustPickupDate": True,
                "additionalServices": {"declaredValue": {"amount": 10}},
            },
        ),
        415,
        "sim.declaredValue.not-allowed",
    ),
    ("no payer", changed("payment", {}), 700, "sim.payment.courierServicePayer.required"),
    ("odd payer", changed("payment.courierServicePayer", "NOBODY"), 700, "sim.payment.courierServicePayer.invalid"),
    (
        "third party unnamed",
        changed("payment.courierServicePayer", "THIRD_PARTY"),
        300,
        "sim.payment.thirdPartyClientId.required",
    ),
]


@pytest.mark.parametrize(("body", "code", "context"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
async def test_a_create_is_refused(speedy: SpeedySimulator, body: Body, code: int, context: str) -> None:
    answer = await ask(speedy, "/shipment", body)
    error = answer["error"]
    assert (error["code"], error["context"]) == (code, context)
    assert error["message"].endswith(f"({error['id']})")
    assert speedy.shipments == []
