"""Who sends, who receives and where: the rules of the fact sheet's §2.1 and §2.2."""

import re

from app.integrations.speedy.simulator import places
from app.integrations.speedy.simulator.conduct import Conduct
from app.integrations.speedy.simulator.forms import Address, Create, Party
from app.integrations.speedy.simulator.refusals import Refusal, forbidden, invalid, missing, require_length

CLIENT, ADDRESS, DROPOFF_OFFICE, PICKUP_OFFICE = 100, 120, 160, 180
_INCOMPLETE = Refusal(
    ADDRESS,
    "sim.recipient.address.incomplete",
    "Попълнете улица/квартал/характерен обект и номер, или всички детайли за адреса САМО в полето „Уточнение“",
    "Fill in street/complex/POI and number, or all details of the address in the note ONLY",
    "$.recipient.address",
)


def check_sender(wish: Create, conduct: Conduct) -> None:
    sender = wish.sender
    if sender is None:
        return
    if sender.client_id is not None:
        _check_client_number(sender, "$.sender", conduct)
    elif sender.phone1 is None:
        raise missing("$.sender.phone1", CLIENT)
    if sender.client_name is not None or sender.private_person is not None or sender.address is not None:
        _check_identity(sender, "$.sender")
    _check_contacts(sender, "$.sender")
    if sender.dropoff_office_id is not None and sender.dropoff_office_id not in places.OFFICES:
        raise invalid("$.sender.dropoffOfficeId", DROPOFF_OFFICE)
    if sender.address is not None and sender.dropoff_office_id is not None:
        raise forbidden("$.sender.address", CLIENT)
    _check_contract(wish, sender, conduct)


def _check_contract(wish: Create, sender: Party, conduct: Conduct) -> None:
    """Our contract has to be on one side: as the sender's, or as the payer's."""
    foreign_sender = sender.client_name is not None or sender.client_id in conduct.other_clients
    payer = wish.payment.third_party_client_id if wish.payment else None
    if foreign_sender and payer not in conduct.contract_clients:
        raise Refusal(
            CLIENT,
            "sim.sender.not-in-contract",
            "Ваш обект или обект по договор трябва да е платец или подател",
            "Your object or an object of your contract has to be payer or sender",
            "$.sender",
        )


def check_recipient(wish: Create, conduct: Conduct) -> None:
    recipient = wish.recipient
    if recipient is None:
        raise missing("$.recipient")
    if recipient.client_id is not None:
        _check_client_number(recipient, "$.recipient", conduct)
    else:
        _check_identity(recipient, "$.recipient")
    _check_contacts(recipient, "$.recipient")
    _check_one_destination(recipient)
    if recipient.pickup_office_id is not None:
        office = places.OFFICES.get(recipient.pickup_office_id)
        if office is None or not office.gives_out:
            raise invalid("$.recipient.pickupOfficeId", PICKUP_OFFICE)
    if recipient.address is not None:
        check_address(recipient.address)


def _check_client_number(party: Party, place: str, conduct: Conduct) -> None:
    if party.client_id not in conduct.contract_clients | conduct.other_clients:
        raise Refusal(CLIENT, "sim.client.not-found", "Клиентът не е намерен", "Sender client not found", place)
    for field, value in (("clientName", party.client_name), ("privatePerson", party.private_person)):
        if value is not None:
            raise forbidden(f"{place}.{field}", CLIENT)
    if party.address is not None:
        raise forbidden(f"{place}.address", CLIENT)


def _check_identity(party: Party, place: str) -> None:
    if party.client_name is None:
        raise missing(f"{place}.clientName", CLIENT)
    require_length(party.client_name.strip(), 60, f"{place}.clientName", CLIENT, least=3)
    if party.private_person is None:
        raise missing(f"{place}.privatePerson", CLIENT)
    if party.private_person and party.contact_name is not None:
        raise Refusal(
            CLIENT,
            f"sim.{place.removeprefix('$.')}.contactName.forbidden",
            "Получател Лице за контакт: Не се очаква име на контакт",
            "Recipient Contact name: not expected",
            f"{place}.contactName",
        )
    if not party.private_person and not party.contact_name:
        raise missing(f"{place}.contactName", CLIENT)


def _check_contacts(party: Party, place: str) -> None:
    require_length(party.contact_name, 60, f"{place}.contactName", CLIENT)
    require_length(party.object_name, 60, f"{place}.objectName", CLIENT)
    require_length(party.email, 255, f"{place}.email", CLIENT)
    if party.phone1 is not None and not re.fullmatch(r"(\+|0)[0-9 ]{1,19}", party.phone1.number or ""):
        raise Refusal(
            CLIENT,
            "receiver.phone-1.num.invalid_phone",
            "Невалиден телефонен номер",
            "Invalid phone number",
            f"{place}.phone1.number",
        )


def _check_one_destination(recipient: Party) -> None:
    if recipient.address is not None and (recipient.pickup_office_id is not None or recipient.pickup_geo_pudo_id):
        raise forbidden("$.recipient.address", CLIENT)
    if recipient.pickup_office_id is not None and recipient.pickup_geo_pudo_id:
        raise forbidden("$.recipient.pickupOfficeId", CLIENT)
    ways = (recipient.address, recipient.pickup_office_id, recipient.pickup_geo_pudo_id, recipient.client_id)
    if all(way is None for way in ways):
        raise missing("$.recipient.address", CLIENT)


def check_address(address: Address) -> None:
    place = "$.recipient.address"
    for field, limit in _LIMITS.items():
        require_length(getattr(address, field), limit, f"{place}.{_camel(field)}", ADDRESS)
    if address.country_id not in {None, places.BULGARIA}:
        return
    if address.address_line1 is not None or address.address_line2 is not None:
        raise _INCOMPLETE
    for number, names in _EITHER:
        if getattr(address, number) is not None and any(getattr(address, name) for name in names):
            raise forbidden(f"{place}.{_camel(names[-1])}", ADDRESS)
    site = _find_site(address)
    streets = _find_streets(address, site)
    numbered = bool(address.street_no or address.block_no)
    named = bool(streets) or address.complex_id is not None or bool(address.complex_name)
    if address.poi_id is None and not (named and numbered) and not (address.address_note or "").strip():
        raise _INCOMPLETE


def _find_site(address: Address) -> places.Site:
    if address.site_id is None and not address.site_name:
        raise missing("$.recipient.address.siteId", ADDRESS)
    found = [site for site in places.SITES if _is_site(site, address)]
    if len(found) != 1:
        raise invalid("$.recipient.address.siteId", ADDRESS)
    return found[0]


def _is_site(site: places.Site, address: Address) -> bool:
    if address.post_code and not address.post_code.startswith(site.postcodes):
        return False
    if address.site_id is not None:
        return site.id == address.site_id
    by_type = address.site_type in {None, site.type}
    # A name alone is never unique in Bulgaria: it takes the type or the post code beside it.
    told_apart = bool(address.site_type or address.post_code)
    return (address.site_name or "").upper() == site.name and by_type and told_apart


def _find_streets(address: Address, site: places.Site) -> list[places.Street]:
    if address.street_id is None and not address.street_name:
        return []
    found = [
        street
        for street in places.STREETS
        if street.site_id == site.id
        and (address.street_id in {None, street.id})
        and (not address.street_name or address.street_name.upper() == street.name)
        and (address.street_type in {None, street.type})
    ]
    if len(found) != 1:
        raise invalid("$.recipient.address.streetId", ADDRESS)
    return found


def _camel(field: str) -> str:
    head, *rest = field.split("_")
    return head + "".join(word.title() for word in rest)


_LIMITS = {
    "site_type": 20,
    "site_name": 50,
    "post_code": 10,
    "street_type": 15,
    "street_name": 50,
    "street_no": 10,
    "complex_type": 15,
    "complex_name": 50,
    "block_no": 32,
    "entrance_no": 10,
    "floor_no": 10,
    "apartment_no": 10,
    "address_note": 200,
    "address_line1": 35,
    "address_line2": 35,
}
_EITHER = (
    ("site_id", ("site_type", "site_name")),
    ("street_id", ("street_type", "street_name")),
    ("complex_id", ("complex_type", "complex_name")),
)
