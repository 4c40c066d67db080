import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.core.db import Sessions
from app.core.pacing import SharedPace
from app.integrations.circuit import Circuit
from app.integrations.speedy.client import SpeedyCourier
from app.integrations.speedy.simulator import Fault, FaultKind, SpeedySimulator, State, UnknownParcels
from app.shipping.ports import CourierRefused, CourierUnavailable, CourierUnsure, Phase, Waybill, phase_of
from tests.integrations.speedy.conftest import AT, LOCKER, StoppedClock, Wire, make_account, make_parcel
from tests.processes import PATIENCE


async def test_a_parcel_is_followed_to_its_end(
    courier: SpeedyCourier, speedy: SpeedySimulator, clock: StoppedClock
) -> None:
    waybill = await courier.book(make_parcel(), at=AT)
    phases = []
    for goal in (State.ACCEPTED, State.IN_TRANSIT, State.OUT, State.DELIVERED):
        clock.at += timedelta(hours=1)
        speedy.advance(speedy.shipments[0], goal)
        phases.append(phase_of((await courier.track([waybill.number]))[waybill.number]))
    assert phases == [Phase.PICKED_UP, Phase.IN_TRANSIT, Phase.OUT_FOR_DELIVERY, Phase.DELIVERED]
    history = (await courier.track([waybill.number]))[waybill.number]
    assert [event.code for event in history] == [148, 39, 2, 1, 12, -14, 195]
    assert history[-2].at == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("goal", "phase"),
    [
        (State.READY, Phase.READY_FOR_PICKUP),
        (State.DELIVERED, Phase.DELIVERED),
        (State.RETURNING, Phase.RETURNING),
        (State.RETURNED, Phase.RETURNED),
    ],
)
async def test_scans_dated_before_the_registration_mislead_nobody(
    courier: SpeedyCourier, speedy: SpeedySimulator, goal: State, phase: Phase
) -> None:
    waybill = await courier.book(make_parcel(destination=LOCKER), at=AT)
    speedy.advance(speedy.shipments[0], goal)
    history = (await courier.track([waybill.number]))[waybill.number]
    assert history[0].code == 39
    assert phase_of(history) is phase


async def test_more_than_ten_are_asked_in_batches_and_matched_by_number(
    courier: SpeedyCourier, speedy: SpeedySimulator, wire: Wire
) -> None:
    numbers = [(await courier.book(make_parcel(f"{number:09d}"), at=AT)).number for number in range(23)]
    speedy.advance(speedy.shipments[21], State.DELIVERED)
    told = await courier.track([*numbers, numbers[0]])
    assert [len(body["parcels"]) for body in wire.bodies("/track")] == [10, 10, 3]
    assert list(told) == numbers
    assert [number for number in numbers if phase_of(told[number]) is Phase.DELIVERED] == [numbers[21]]


@pytest.mark.parametrize("unknown", UnknownParcels)
async def test_a_parcel_that_speedy_does_not_know_is_missing(
    courier: SpeedyCourier, speedy: SpeedySimulator, unknown: UnknownParcels
) -> None:
    speedy.conduct.unknown_parcels = unknown
    waybill = await courier.book(make_parcel(), at=AT)
    assert list(await courier.track(["63000000000", waybill.number])) == [waybill.number]


async def test_too_many_questions_are_not_an_empty_history(http: httpx.AsyncClient, speedy: SpeedySimulator) -> None:
    eager = SpeedyCourier(http, make_account(speedy.url, read_attempts=1))
    waybill = await eager.book(make_parcel(), at=AT)
    speedy.conduct.tracks_per_second = 0
    with pytest.raises(CourierUnavailable, match="rate_limited"):
        await eager.track([waybill.number])


async def test_the_pace_stays_below_the_limit(http: httpx.AsyncClient, speedy: SpeedySimulator) -> None:
    speedy.conduct.tracks_per_second = 5
    patient = SpeedyCourier(http, make_account(speedy.url, read_attempts=1, track_interval=0.22))
    await patient.track([str(63_000_000_000 + number) for number in range(61)])
    assert speedy.calls["/track"] == 7


async def test_f7_workers_stay_below_the_limit_together(
    http: httpx.AsyncClient, speedy: SpeedySimulator, sessions: Sessions
) -> None:
    speedy.conduct.tracks_per_second = 5
    account = make_account(speedy.url, read_attempts=1)
    workers = [SpeedyCourier(http, account, pace=SharedPace(sessions, "speedy:track:demo", 0.25)) for _ in range(3)]
    numbers = [str(63_000_000_000 + number) for number in range(11)]
    await asyncio.gather(*(worker.track(numbers) for worker in workers))
    assert speedy.calls["/track"] == 6


FAULTS: list[dict[str, Any]] = [
    {"fault": FaultKind.STATUS, "status": 503},
    {"fault": FaultKind.HTML},
    {"fault": FaultKind.TRUNCATED_JSON},
    {"fault": FaultKind.REFUSE},
    {"fault": FaultKind.CUT_BEFORE_COMMIT},
]
FOR_EVER = 10_000


@pytest.mark.parametrize("how", FAULTS, ids=lambda how: str(how["fault"]))
async def test_f2_a_batch_is_halved_down_to_the_parcels_that_cannot_be_told(
    http: httpx.AsyncClient, speedy: SpeedySimulator, how: dict[str, Any]
) -> None:
    """More are to blame than failures open the circuit, and in every quarter of the first batch."""
    circuit = Circuit()
    courier = SpeedyCourier(http, make_account(speedy.url), circuit=circuit)
    numbers = [(await courier.book(make_parcel(f"{number:09d}"), at=AT)).number for number in range(23)]
    silent = {numbers[place] for place in (0, 1, 3, 5, 8, 9, 22)}
    for number in silent:
        speedy.faults.order(Fault(on="/track", about=number, times=FOR_EVER, **how))
    assert list(await courier.track(numbers)) == [number for number in numbers if number not in silent]
    assert not circuit.is_open
    with pytest.raises((CourierUnavailable, CourierRefused)):
        await courier.track([numbers[0]])


@pytest.mark.parametrize("silent", [range(10), range(10, 20), range(20, 21)], ids=["first", "middle", "last"])
async def test_f2_a_batch_that_is_to_blame_whole_stops_no_other(
    courier: SpeedyCourier, speedy: SpeedySimulator, silent: range
) -> None:
    numbers = [(await courier.book(make_parcel(f"{number:09d}"), at=AT)).number for number in range(21)]
    for place in silent:
        speedy.faults.order(Fault(fault=FaultKind.STATUS, on="/track", about=numbers[place], times=FOR_EVER))
    assert list(await courier.track(numbers)) == [number for place, number in enumerate(numbers) if place not in silent]


@pytest.mark.parametrize("how", FAULTS, ids=lambda how: str(how["fault"]))
async def test_f2_of_an_outage_a_few_calls_are_made(
    courier: SpeedyCourier, speedy: SpeedySimulator, how: dict[str, Any]
) -> None:
    speedy.faults.order(Fault(on="/track", times=FOR_EVER, **how))
    with pytest.raises((CourierUnavailable, CourierRefused)):
        await courier.track([f"63{number:09d}" for number in range(300)])
    assert speedy.calls["/track"] <= 2 * (3 + 18)


async def test_f2_too_many_questions_are_not_asked_again_in_halves(
    courier: SpeedyCourier, speedy: SpeedySimulator
) -> None:
    speedy.conduct.tracks_per_second = 0
    with pytest.raises(CourierUnavailable, match="rate_limited"):
        await courier.track(["63000000001", "63000000002"])
    assert speedy.calls["/track"] == 3


async def test_f2_one_that_is_away_is_not_asked_in_halves(http: httpx.AsyncClient) -> None:
    courier = SpeedyCourier(http, make_account("http://127.0.0.1:9", read_attempts=1))
    with pytest.raises(CourierUnavailable, match="ConnectError") as fault:
        await courier.track(["63000000001", "63000000002"])
    assert type(fault.value) is CourierUnavailable


async def test_f2_parcels_of_which_an_answer_comes_too_late_stop_no_others() -> None:
    """More of them, one after the other, than failures open the circuit."""

    async def answer(request: httpx.Request) -> httpx.Response:
        numbers = [parcel["id"] for parcel in json.loads(request.content)["parcels"]]
        if {"1", "6"} & {*numbers}:
            await asyncio.sleep(PATIENCE)
        return httpx.Response(200, json={"parcels": [{"parcelId": number, "operations": []} for number in numbers]})

    circuit = Circuit()
    account = make_account("http://speedy/v1", connect_seconds=0.05, read_seconds=0.05)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        told = await SpeedyCourier(http, account, circuit=circuit).track([str(number) for number in range(1, 21)])
    assert {str(number) for number in range(1, 21)} - {*told} == {"1", "6"}
    assert not circuit.is_open


async def test_f2_one_that_is_away_is_not_asked_for_ever_about_one_after_the_other(http: httpx.AsyncClient) -> None:
    circuit = Circuit()
    courier = SpeedyCourier(http, make_account("http://127.0.0.1:9"), circuit=circuit)
    for number in range(2):
        with pytest.raises(CourierUnavailable, match="ConnectError"):
            await courier.track([str(number)])
    assert circuit.is_open


def keep_silent(speedy: SpeedySimulator, number: str, on: str = "/track") -> None:
    speedy.faults.order(Fault(fault=FaultKind.STATUS, on=on, about=number, times=FOR_EVER))


async def doubled(courier: SpeedyCourier, speedy: SpeedySimulator) -> list[str]:
    speedy.doubled["/shipment"] = 1
    await courier.book(make_parcel(), at=AT)
    return [parcel.id for parcel in speedy.shipments]


async def test_f2_a_lost_booking_is_found_although_it_cannot_be_tracked(
    courier: SpeedyCourier, speedy: SpeedySimulator
) -> None:
    booked = await courier.book(make_parcel(), at=AT)
    keep_silent(speedy, booked.number)
    assert (await courier.book(make_parcel(), at=AT, sent_at=AT)).number == booked.number
    keep_silent(speedy, booked.number, on="/shipment/info")
    with pytest.raises(CourierUnsure, match=f"not_compared {booked.number}"):
        await courier.book(make_parcel(), at=AT, sent_at=AT)
    assert len(speedy.shipments) == 1


async def test_f3_of_several_none_is_too_many_while_one_may_be_cancelled(
    courier: SpeedyCourier, speedy: SpeedySimulator
) -> None:
    first, second = await doubled(courier, speedy)
    keep_silent(speedy, first)
    with pytest.raises(CourierUnsure, match=f"untold {first} {second}"):
        await courier.book(make_parcel(), at=AT, sent_at=AT)
    await courier.cancel(Waybill(second, (second,)), "Двойна товарителница")
    assert (await courier.book(make_parcel(), at=AT, sent_at=AT)).number == first
    assert await courier.find_live("100000001", besides=()) == [first], "the other is known to be cancelled"


async def test_f3_what_is_not_called_off_is_refused_although_it_cannot_be_tracked(
    courier: SpeedyCourier, speedy: SpeedySimulator
) -> None:
    waybill = await courier.book(make_parcel(), at=AT)
    speedy.advance(speedy.shipments[0], State.ACCEPTED)
    keep_silent(speedy, waybill.number)
    with pytest.raises(CourierRefused, match="not-cancellable"):
        await courier.cancel(waybill, "по желание на клиента")


async def test_cancelling_twice_is_fine(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    waybill = await courier.book(make_parcel(), at=AT)
    await courier.cancel(waybill, "по желание на клиента")
    await courier.cancel(waybill, "по желание на клиента")
    assert speedy.references() == []
    history = (await courier.track([waybill.number]))[waybill.number]
    assert phase_of(history) is Phase.CANCELLED


async def test_a_cancellation_whose_answer_was_lost_is_found_done(
    courier: SpeedyCourier, speedy: SpeedySimulator
) -> None:
    waybill = await courier.book(make_parcel(), at=AT)
    speedy.lose_next_answer(on="/shipment/cancel")
    with pytest.raises(CourierUnavailable):
        await courier.cancel(waybill, "по желание на клиента")
    await courier.cancel(waybill, "по желание на клиента")
    assert speedy.references() == []


async def test_what_the_courier_holds_cannot_be_cancelled(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    waybill = await courier.book(make_parcel(), at=AT)
    speedy.advance(speedy.shipments[0], State.ACCEPTED)
    with pytest.raises(CourierRefused, match="not-cancellable"):
        await courier.cancel(waybill, "по желание на клиента")
    assert speedy.references() == ["100000001"]


async def test_nothing_is_cancelled_without_a_number(courier: SpeedyCourier, wire: Wire) -> None:
    with pytest.raises(ValueError, match="without a number"):
        await courier.cancel(Waybill("", ()), "по желание на клиента")
    assert wire.sent == []
