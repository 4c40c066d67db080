from datetime import timedelta

import httpx
import pytest

from app.core.money import Money
from app.integrations.circuit import Circuit
from app.integrations.speedy.client import SpeedyCourier
from app.integrations.speedy.simulator import Fault, FaultKind, SpeedySimulator
from app.shipping.ports import CourierRefused, CourierUnavailable, CourierUnsure
from tests.integrations.speedy.conftest import AT, OFFICE, StoppedClock, Wire, make_account, make_parcel
from tests.processes import PATIENCE

LOST = [
    Fault(fault=FaultKind.LOSE_ANSWER),
    Fault(fault=FaultKind.EMPTY_BODY),
    Fault(fault=FaultKind.TRUNCATED_JSON),
    Fault(fault=FaultKind.NEITHER_ID_NOR_ERROR),
    Fault(fault=FaultKind.HTML, committed=True),
    Fault(fault=FaultKind.HTML, committed=True, status=200),
    Fault(fault=FaultKind.STATUS, committed=True, status=500),
    Fault(fault=FaultKind.STATUS, committed=True, status=504),
]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.fault}-{fault.status}")
async def test_a_lost_answer_books_one_parcel(courier: SpeedyCourier, speedy: SpeedySimulator, fault: Fault) -> None:
    parcel = make_parcel(cash_on_delivery=Money.of("64.90"))
    speedy.faults.order(fault.model_copy())
    with pytest.raises(CourierUnsure):
        await courier.book(parcel, at=AT)
    waybill = await courier.book(parcel, at=AT, sent_at=AT)
    assert speedy.references() == ["100000001"]
    assert waybill.number == speedy.shipments[0].id
    assert waybill.price == Money.of("3.58")


async def test_what_never_arrived_is_sent_again_after_the_quiet_period(
    courier: SpeedyCourier, speedy: SpeedySimulator
) -> None:
    speedy.cut_before_commit()
    with pytest.raises(CourierUnsure):
        await courier.book(make_parcel(), at=AT)
    with pytest.raises(CourierUnsure, match="not_found_yet"):
        await courier.book(make_parcel(), at=AT + timedelta(seconds=59), sent_at=AT)
    assert speedy.references() == []
    await courier.book(make_parcel(), at=AT + timedelta(seconds=60), sent_at=AT)
    assert speedy.references() == ["100000001"]
    assert speedy.calls["/shipment"] == 2


async def test_a_slow_index_does_not_double_a_parcel(
    courier: SpeedyCourier, speedy: SpeedySimulator, clock: StoppedClock
) -> None:
    speedy.conduct.indexing_seconds = 30
    speedy.lose_next_answer()
    with pytest.raises(CourierUnsure):
        await courier.book(make_parcel(), at=AT)
    with pytest.raises(CourierUnsure, match="not_found_yet"):
        await courier.book(make_parcel(), at=AT + timedelta(seconds=10), sent_at=AT)
    clock.at += timedelta(seconds=31)
    await courier.book(make_parcel(), at=clock.at, sent_at=AT)
    assert speedy.references() == ["100000001"]


async def test_a_slow_answer_is_looked_up(http: httpx.AsyncClient, speedy: SpeedySimulator) -> None:
    courier = SpeedyCourier(http, make_account(speedy.url, command_seconds=0.1))
    speedy.answer_slowly(PATIENCE)
    with pytest.raises(CourierUnsure, match="ReadTimeout"):
        await courier.book(make_parcel(), at=AT)
    await courier.book(make_parcel(), at=AT, sent_at=AT)
    assert speedy.references() == ["100000001"]


async def test_two_orders_are_two_parcels(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    first = await courier.book(make_parcel("100000001"), at=AT)
    second = await courier.book(make_parcel("100000002"), at=AT)
    assert first.number != second.number
    assert speedy.references() == ["100000001", "100000002"]


async def test_the_same_order_twice_is_one_parcel_even_if_forgotten(
    courier: SpeedyCourier, speedy: SpeedySimulator
) -> None:
    first = await courier.book(make_parcel(), at=AT)
    assert await courier.book(make_parcel(), at=AT) == first
    assert speedy.calls["/shipment"] == 1


async def test_the_intention_is_told_before_sending_and_only_then(
    courier: SpeedyCourier, speedy: SpeedySimulator, wire: Wire
) -> None:
    told: list[list[str]] = []

    async def before_sending() -> None:
        told.append([path for path, _ in wire.sent])

    await courier.book(make_parcel(), at=AT, before_sending=before_sending)
    await courier.book(make_parcel(), at=AT, before_sending=before_sending)
    assert told == [["/v1/shipment/search"]]
    assert speedy.references() == ["100000001"]


async def test_a_cancelled_parcel_of_the_reference_is_not_adopted(
    courier: SpeedyCourier, speedy: SpeedySimulator
) -> None:
    first = await courier.book(make_parcel(), at=AT)
    await courier.cancel(first, "по желание на клиента")
    second = await courier.book(make_parcel(), at=AT)
    assert second.number != first.number
    assert speedy.references() == ["100000001"]


async def test_another_parcel_of_the_reference_needs_a_person(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    other = await courier.book(make_parcel(cash_on_delivery=Money.of("10.00")), at=AT)
    for changed in (make_parcel(destination=OFFICE), make_parcel(name="Петър Колев"), make_parcel()):
        with pytest.raises(CourierUnsure) as doubt:
            await courier.book(changed, at=AT)
        assert (doubt.value.reason, doubt.value.candidates) == ("none_matches", (other.number,))
    assert speedy.calls["/shipment"] == 1


async def test_two_parcels_that_match_need_a_person(
    courier: SpeedyCourier, speedy: SpeedySimulator, http: httpx.AsyncClient, wire: Wire
) -> None:
    first = await courier.book(make_parcel(), at=AT)
    again = await http.post(f"{speedy.url}/shipment", content=wire.sent[-1][1])
    with pytest.raises(CourierUnsure) as doubt:
        await courier.book(make_parcel(), at=AT)
    assert (doubt.value.reason, doubt.value.candidates) == ("several_match", (first.number, again.json()["id"]))


async def test_nobody_there_is_unavailable_and_nothing_was_done(http: httpx.AsyncClient) -> None:
    courier = SpeedyCourier(http, make_account("http://127.0.0.1:9"))
    with pytest.raises(CourierUnavailable, match="ConnectError") as fault:
        await courier.book(make_parcel(), at=AT)
    assert type(fault.value) is CourierUnavailable


async def test_a_failing_look_up_books_nothing(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    speedy.fail_with(503, on="/shipment/search", times=3)
    with pytest.raises(CourierUnavailable) as fault:
        await courier.book(make_parcel(), at=AT)
    assert type(fault.value) is CourierUnavailable
    assert (speedy.calls["/shipment/search"], speedy.calls["/shipment"]) == (3, 0)


async def test_reads_are_repeated_and_commands_are_not(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    speedy.fail_with(502, on="/shipment/search", times=2)
    speedy.fail_with(502, on="/shipment")
    with pytest.raises(CourierUnsure):
        await courier.book(make_parcel(), at=AT)
    assert (speedy.calls["/shipment/search"], speedy.calls["/shipment"]) == (3, 1)


async def test_a_refusal_is_a_refusal(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    speedy.refuse_next(410, "sla.cod.something")
    with pytest.raises(CourierRefused) as refusal:
        await courier.book(make_parcel(), at=AT)
    assert (refusal.value.code, refusal.value.context) == (410, "sla.cod.something")


async def test_a_wrong_password_is_refused(http: httpx.AsyncClient, speedy: SpeedySimulator) -> None:
    speedy.conduct.password = "other"
    with pytest.raises(CourierRefused) as refusal:
        await SpeedyCourier(http, make_account(speedy.url)).check()
    assert (refusal.value.code, refusal.value.context) == (1, "authentication")


async def test_the_circuit_opens_and_lets_one_call_try(http: httpx.AsyncClient, speedy: SpeedySimulator) -> None:
    now = 0.0
    circuit = Circuit(failures=2, cool_down=30, monotonic=lambda: now)
    courier = SpeedyCourier(http, make_account(speedy.url, read_attempts=1), circuit=circuit)
    speedy.fail_with(503, times=3)
    for _ in range(2):
        with pytest.raises(CourierUnavailable, match="unreadable_http_503"):
            await courier.check()
    with pytest.raises(CourierUnavailable, match="circuit_open"):
        await courier.check()
    now = 31.0
    with pytest.raises(CourierUnavailable, match="unreadable_http_503"):
        await courier.check()
    with pytest.raises(CourierUnavailable, match="circuit_open"):
        await courier.check()
    now = 62.0
    await courier.check()
    assert speedy.calls["/client"] == 4


async def test_the_contract_must_allow_what_the_shop_does(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    await courier.check()
    speedy.conduct.money_transfer_allowed = False
    with pytest.raises(CourierRefused, match=r"shop\.money_transfer_not_allowed"):
        await courier.check()
    speedy.conduct.money_transfer_allowed = True
    speedy.conduct.currency = "BGN"
    with pytest.raises(CourierRefused, match=r"shop\.currency_is_not_euro"):
        await courier.check()
