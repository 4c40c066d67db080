"""C1: what Speedy is asked of a place, and which of its answers is a yes, a no, or none."""

from datetime import date

import pytest

from app.integrations.speedy.booking import place_body
from app.integrations.speedy.client import SpeedyCourier
from app.integrations.speedy.simulator import SpeedySimulator
from app.shipping.ports import CourierUnavailable, OfficeDestination, Settlement
from tests.integrations.speedy.conftest import AT, Wire
from tests.processes import PATIENCE

ON = AT.date()
SOFIA = Settlement("гр. София", "1618")
LOOKED_UP = "/validation/address"


async def serves(courier: SpeedyCourier, place: Settlement | OfficeDestination, *, within: float = PATIENCE) -> bool:
    return await courier.serves(place, on=ON, within=within)


async def test_typed_c1_nothing_personal_is_asked(courier: SpeedyCourier, wire: Wire) -> None:
    assert await serves(courier, SOFIA)
    assert await serves(courier, Settlement("София", "1618", 68134))
    assert await serves(courier, OfficeDestination(14))
    login = '{"userName":"demo","password":"demo","language":"BG"'
    assert [(path, content.decode()) for path, content in wire.sent] == [
        (
            "/v1/validation/address",
            f'{login},"address":{{"countryId":100,"siteName":"София","postCode":"1618","addressNote":"адрес"}}}}',
        ),
        (
            "/v1/validation/address",
            f'{login},"address":{{"countryId":100,"siteId":68134,"postCode":"1618","addressNote":"адрес"}}}}',
        ),
        ("/v1/location/office/14", f"{login}}}"),
    ]


@pytest.mark.parametrize(
    "place",
    [
        Settlement("Нямаград", "9999"),
        Settlement("София", "4000"),
        Settlement("Ново село", "1000"),
        Settlement("София", "4000", 68134),
        Settlement("София", "1618", 1),
        OfficeDestination(999999),
        OfficeDestination(2**31 - 1),
        OfficeDestination(301),
    ],
)
async def test_typed_c1_a_place_that_is_none_is_a_no(
    courier: SpeedyCourier, place: Settlement | OfficeDestination
) -> None:
    assert not await serves(courier, place)


@pytest.mark.parametrize("city", ["гр София", "ГР. СОФИЯ", "гр.софия", "град София", " София "])
async def test_typed_c1_a_town_is_known_however_its_kind_is_written(courier: SpeedyCourier, city: str) -> None:
    assert await serves(courier, Settlement(city, "1618"))


@pytest.mark.parametrize("city", ["Сливен", "Градец", "Селановци"])
def test_typed_c1_a_name_that_begins_like_a_kind_stays_whole(city: str) -> None:
    assert place_body(Settlement(city, "8800"))["address"]["siteName"] == city


@pytest.mark.parametrize("postcode", ["3784", "7044"])
async def test_typed_c1_the_post_code_tells_villages_of_one_name_apart(courier: SpeedyCourier, postcode: str) -> None:
    assert await serves(courier, Settlement("с. Ново село", postcode))


async def test_typed_c1_an_office_is_offered_on_the_days_on_which_it_is_open(courier: SpeedyCourier) -> None:
    for on, expected in ((date(2023, 12, 31), False), (date(2024, 1, 1), True)):
        assert await courier.serves(OfficeDestination(14), on=on, within=PATIENCE) is expected


async def test_typed_c1_a_refusal_of_the_address_is_a_no_and_any_other_is_no_answer(
    courier: SpeedyCourier, speedy: SpeedySimulator
) -> None:
    speedy.refuse_next(120, "sim.address", on=LOOKED_UP)
    assert not await serves(courier, SOFIA)
    speedy.refuse_next(180, "sim.office", on="/location/office/14")
    assert not await serves(courier, OfficeDestination(14))
    for code, context in (
        (1, "authentication"),
        (1, "method_threshold.too_many_requests.second"),
        (400, "sim.service"),
    ):
        speedy.refuse_next(code, context, on=LOOKED_UP)
        with pytest.raises(CourierUnavailable):
            await serves(courier, SOFIA)
    speedy.conduct.password = "another"
    with pytest.raises(CourierUnavailable):
        await serves(courier, SOFIA)


@pytest.mark.parametrize("place", [SOFIA, OfficeDestination(14)], ids=["settlement", "office"])
async def test_typed_c1_what_is_no_answer_is_asked_for_once_and_is_neither_yes_nor_no(
    courier: SpeedyCourier, speedy: SpeedySimulator, place: Settlement | OfficeDestination
) -> None:
    path = LOOKED_UP if isinstance(place, Settlement) else "/location/office/14"
    speedy.fail_with(503, on=path)
    speedy.fail_with(404, on=path)
    speedy.answer_html(on=path)
    for fault in (speedy.empty_body, speedy.truncate_json, speedy.answer_neither_id_nor_error):
        fault(on=path)
    for asked in range(4):
        with pytest.raises(CourierUnavailable):
            await serves(courier, place)
        assert speedy.calls == {path: asked + 1}
    courier._transport._circuit.succeeded()  # else the fifth closes the door on the sixth
    for _ in range(2):
        with pytest.raises(CourierUnavailable):
            await serves(courier, place)
    assert await serves(courier, place)


async def test_typed_c1_an_answer_that_is_late_is_none(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    speedy.answer_slowly(PATIENCE, on=LOOKED_UP)
    with pytest.raises(CourierUnavailable) as fault:
        await serves(courier, SOFIA, within=0.05)
    assert fault.value.reason in {"too_late", "ReadTimeout", "ConnectTimeout", "PoolTimeout"}
    speedy.let_go.set()
