"""A parcel leaves soon after it was stored as sent, or not at all: somebody else may have sent it meanwhile."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.integrations import loopback
from app.integrations.speedy.client import SpeedyCourier
from app.integrations.speedy.simulator import Fault, FaultKind, SpeedySimulator
from app.shipping.ports import CourierUnavailable, CourierUnsure
from tests.integrations.speedy.conftest import AT, StoppedClock, make_account, make_parcel


@dataclass
class Clocks:
    """Both clocks of a machine."""

    wall: StoppedClock
    monotonic: float = 0.0

    def pass_by(self, *, wall: float, monotonic: float) -> None:
        self.wall.at += timedelta(seconds=wall)
        self.monotonic += monotonic


@pytest.mark.parametrize(
    ("wall", "monotonic", "leaves"),
    [(9, 9, 1), (11, 11, 0), (11, 0, 0), (0, 11, 0), (-3600, 9, 1), (-3600, 11, 0)],
    ids=["in time", "frozen", "asleep", "wall clock stopped", "put back", "put back and frozen"],
)
async def test_f3_a_parcel_that_was_held_up_is_not_sent(
    http: httpx.AsyncClient, speedy: SpeedySimulator, wall: float, monotonic: float, leaves: int
) -> None:
    """At production's timings: ten seconds from the commit on, of the two minutes after which others send."""
    clocks = Clocks(StoppedClock())
    account = make_account(speedy.url, send_seconds=10, quiet_period=120)
    courier = SpeedyCourier(http, account, clock=clocks.wall, monotonic=lambda: clocks.monotonic)

    async def commit() -> None:
        clocks.pass_by(wall=wall, monotonic=monotonic)

    if leaves:
        await courier.book(make_parcel(), at=AT, before_sending=commit)
    else:
        with pytest.raises(CourierUnavailable, match="held_up") as fault:
            await courier.book(make_parcel(), at=AT, before_sending=commit)
        assert type(fault.value) is CourierUnavailable, "it is sure that nothing was booked"
    assert len(speedy.shipments) == speedy.calls["/shipment"] == leaves


@pytest.mark.parametrize("step", ["connection", "headers", "body"])
async def test_f3_the_clock_is_read_at_the_last_moment(speedy: SpeedySimulator, step: str) -> None:
    """Frozen while it connects, or between the parts of what it sends: half a request books nothing."""
    passed = 0.0
    steps = {
        "connection": "connection.connect_tcp.started",
        "headers": "http11.send_request_headers.started",
        "body": "http11.send_request_headers.complete",
    }

    async def freeze(request: httpx.Request) -> None:
        if not request.url.path.endswith("/shipment"):
            return
        looked = request.extensions["trace"]

        async def look(name: str, of_it: dict[str, object]) -> None:
            nonlocal passed
            if name == steps[step]:
                passed = 11.0
            await looked(name, of_it)

        request.extensions["trace"] = look

    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(event_hooks={"request": [freeze]}, limits=limits, verify=False) as http:  # noqa: S501 - plain HTTP
        courier = SpeedyCourier(http, make_account(speedy.url), monotonic=lambda: passed, clock=StoppedClock())
        with pytest.raises(CourierUnavailable, match="held_up"):
            await courier.book(make_parcel(), at=AT)
    assert passed == 11.0
    assert speedy.shipments == []


async def test_f3_a_command_has_an_end_however_slowly_its_answer_comes(http: httpx.AsyncClient) -> None:
    """Each byte comes within the time that a byte has."""

    async def drip(scope: Scope, receive: Receive, send: Send) -> None:
        content = await Request(scope, receive).body()
        if b'"recipient"' not in content:
            await Response(b'{"barcodes":[]}')(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        left = asyncio.ensure_future(loopback.gone(receive))
        while not left.done():
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.02)

    async with loopback.serve(drip) as address:
        account = make_account(f"{address}/v1", command_seconds=0.3, connect_seconds=0.2)
        with pytest.raises(CourierUnsure, match="too_late"):
            await SpeedyCourier(http, account).book(make_parcel(), at=AT)


async def test_f3_live_parcels_of_a_reference_are_found_besides_those_that_are_known(
    courier: SpeedyCourier, speedy: SpeedySimulator
) -> None:
    own = await courier.book(make_parcel(), at=AT)
    assert await courier.find_live("100000001", besides={own.number}) == []
    speedy.doubled["/shipment"] = 1
    await courier.book(make_parcel("100000002"), at=AT)
    _, first, second = [parcel.id for parcel in speedy.shipments]
    assert await courier.find_live("100000002", besides={second}) == [first]
    assert await courier.find_live("100000002", besides=()) == [first, second]
    speedy.faults.order(Fault(fault=FaultKind.STATUS, on="/track", about=first, times=100))
    assert await courier.find_live("100000002", besides={second}) == [first], "one that cannot be told of is not dead"
