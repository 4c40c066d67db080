"""The simulator's face: Speedy's calls under `/v1`, a test's orders under `/sim`."""

import asyncio
import itertools
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from app.core.clock import Clock, SystemClock
from app.integrations import loopback
from app.integrations.speedy import wire
from app.integrations.speedy.simulator import orders, tracking
from app.integrations.speedy.simulator.conduct import Conduct
from app.integrations.speedy.simulator.desk import Desk
from app.integrations.speedy.simulator.faults import EVERY_CALL, UNANSWERED, Fault, FaultKind, Faults
from app.integrations.speedy.simulator.refusals import Malformed, Refusal
from app.integrations.speedy.simulator.shipments import Register, Shipment, State

HTML = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class SpeedySimulator:
    """A Speedy that a test can look into, and order to fail."""

    def __init__(
        self,
        *,
        conduct: Conduct | None = None,
        file: Path | None = None,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.conduct = conduct or Conduct()
        self.faults = Faults()
        self.let_go = asyncio.Event()
        """Set by who looks in: answers that are slow go out at once."""
        self.calls: Counter[str] = Counter()
        """How often each path was asked, refusals and failures included."""
        self.doubled: Counter[str] = Counter()
        """How many of the next calls arrive twice, by path; the second answer is the one that comes back."""
        self.address = ""
        self._desk = Desk(Register(file), self.conduct, clock or SystemClock(), monotonic)
        self._error_numbers = itertools.count(1)
        self._answers: dict[str, Callable[[dict[str, Any]], dict[str, Any] | bytes]] = {
            "/shipment": self._desk.create,
            "/shipment/cancel": self._desk.cancel,
            "/shipment/info": self._desk.info,
            "/shipment/search": self._desk.search,
            "/print": self._desk.print,
            "/track": self._desk.track,
            "/pickup": self._desk.pickup,
            "/client": self._desk.client,
            "/client/contract": self._desk.contract_clients,
            "/client/contract/info": self._desk.contract,
            "/validation/address": self._desk.validate_address,
            "/location/country": self._desk.countries,
            "/location/site": self._desk.sites,
            "/location/office": self._desk.offices,
        }

    @classmethod
    @asynccontextmanager
    async def serve(
        cls,
        *,
        port: int = 0,
        conduct: Conduct | None = None,
        file: Path | None = None,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> AsyncIterator[Self]:
        simulator = cls(conduct=conduct, file=file, clock=clock, monotonic=monotonic)
        async with loopback.serve(simulator, port) as simulator.address:
            yield simulator
        simulator._desk.register.close()

    @property
    def url(self) -> str:
        """Where Speedy's API is: the adapter's address."""
        return f"{self.address}/v1"

    @property
    def shipments(self) -> list[Shipment]:
        return list(self._desk.register)

    def references(self) -> list[str | None]:
        """List the references of the shipments that are not cancelled, in order of booking."""
        return [shipment.reference for shipment in self.shipments if shipment.state is not State.CANCELLED]

    def advance(self, shipment: Shipment, to: State) -> Shipment:
        moved = tracking.advanced(shipment, to, self._desk.now())
        self._desk.register.keep(moved)
        return moved

    def lose_next_answer(self, on: str = "/shipment", times: int = 1) -> None:
        """Let the next call take effect, then cut the connection before the answer."""
        self.faults.order(Fault(fault=FaultKind.LOSE_ANSWER, on=on, times=times))

    def cut_before_commit(self, on: str = "/shipment", times: int = 1) -> None:
        self.faults.order(Fault(fault=FaultKind.CUT_BEFORE_COMMIT, on=on, times=times))

    def answer_slowly(self, seconds: float, on: str = "/shipment", times: int = 1) -> None:
        self.faults.order(Fault(fault=FaultKind.SLOW, seconds=seconds, on=on, times=times))

    def hold(self, seconds: float, on: str = "/shipment", times: int = 1) -> None:
        """Let the next call arrive so much later, or when it is let go; by then nobody may wait for its answer."""
        self.faults.order(Fault(fault=FaultKind.HOLD, seconds=seconds, on=on, times=times))

    def fail_with(self, status: int, on: str = EVERY_CALL, times: int = 1, *, committed: bool = False) -> None:
        self.faults.order(Fault(fault=FaultKind.STATUS, status=status, on=on, times=times, committed=committed))

    def answer_html(self, status: int = 502, on: str = "/shipment", times: int = 1) -> None:
        self.faults.order(Fault(fault=FaultKind.HTML, status=status, on=on, times=times))

    def empty_body(self, on: str = "/shipment", times: int = 1) -> None:
        self.faults.order(Fault(fault=FaultKind.EMPTY_BODY, on=on, times=times))

    def truncate_json(self, on: str = "/shipment", times: int = 1) -> None:
        self.faults.order(Fault(fault=FaultKind.TRUNCATED_JSON, on=on, times=times))

    def answer_neither_id_nor_error(self, on: str = "/shipment", times: int = 1) -> None:
        self.faults.order(Fault(fault=FaultKind.NEITHER_ID_NOR_ERROR, on=on, times=times))

    def refuse_next(self, code: int, context: str, on: str = "/shipment", times: int = 1) -> None:
        self.faults.order(Fault(fault=FaultKind.REFUSE, code=code, context=context, on=on, times=times))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            content = await request.body()
        except ClientDisconnect:
            return
        path = scope["path"].rstrip("/")
        if path.startswith("/sim/"):
            await self._order(request.method, path, content)(scope, receive, send)
            return
        path = path.removeprefix("/v1")
        self.calls[path] += 1
        fault = self.faults.take(path, content)
        if fault is not None and fault.fault is FaultKind.HOLD:
            await loopback.wait(fault.seconds, self.let_go)
            fault = None
        if self.doubled[path] or (fault is not None and fault.fault is FaultKind.DOUBLE):
            self.doubled[path] = max(0, self.doubled[path] - 1)
            self._answer(request, path, content)
        answer = self._answer(request, path, content) if fault is None or fault.committed else Response()
        if fault is not None:
            if fault.fault in UNANSWERED:
                await loopback.hang_up(scope, receive)
                return
            answer = await self._failed(fault, answer, receive)
        await answer(scope, receive, send)

    async def _failed(self, fault: Fault, answer: Response, receive: Receive) -> Response:
        match fault.fault:
            case FaultKind.SLOW:
                await loopback.keep_waiting(receive, fault.seconds, self.let_go)
            case FaultKind.STATUS:
                answer = PlainTextResponse("", fault.status)
            case FaultKind.HTML:
                answer = Response(HTML, fault.status, media_type="text/html")
            case FaultKind.EMPTY_BODY:
                answer = Response(media_type="application/json")
            case FaultKind.TRUNCATED_JSON:
                answer = Response(bytes(answer.body)[: len(answer.body) // 2], media_type="application/json")
            case FaultKind.NEITHER_ID_NOR_ERROR:
                answer = _json({})
            case FaultKind.REFUSE:
                answer = self._refused(fault.refusal, "BG")
        return answer

    def _answer(self, request: Request, path: str, content: bytes) -> Response:
        if request.method == "DELETE" and path == "/shipment":
            path = "/shipment/cancel"
        elif request.method != "POST":
            return PlainTextResponse("", 404)
        language = "BG"
        try:
            body = _read(content)
            language = str(body.get("language") or language).upper()
            self._check_login(body)
            return self._written(self._tell(path, body), request)
        except Malformed as fault:
            return fault.answer(self.conduct.malformed_status)
        except Refusal as refusal:
            return self._refused(refusal, language, path)

    def _written(self, told: dict[str, Any] | bytes | None, request: Request) -> Response:
        if told is None:
            return PlainTextResponse("", 404)
        if isinstance(told, bytes):
            if request.headers.get("accept") == "application/pdf":
                return PlainTextResponse("", 406)
            return Response(told, media_type="application/pdf" if told.startswith(b"%PDF") else "text/plain")
        return _json(told | {"sim": [{"unknown": None}]} if self.conduct.random_fields else told)

    def _tell(self, path: str, body: dict[str, Any]) -> dict[str, Any] | bytes | None:
        if one := re.fullmatch(r"/location/(country|office)/([0-9]{1,10})", path):
            look_up = self._desk.country if one[1] == "country" else self._desk.office
            return look_up(int(one[2]))
        known = self._answers.get(path)
        return known(body) if known else None

    def _check_login(self, body: dict[str, Any]) -> None:
        if (body.get("userName"), body.get("password")) != (self.conduct.user_name, self.conduct.password):
            text = "Unable to find user to authenticate!"
            raise Refusal(1, "authentication", text, text)

    def _refused(self, refusal: Refusal, language: str, path: str = "") -> Response:
        error_id = f"EE{self._desk.now():%Y%m%d}-{next(self._error_numbers):06d}"
        empty: dict[str, Any] = {"parcels": []} if path == "/track" else {}
        return _json({"error": refusal.error(language, error_id), **empty})

    def _order(self, method: str, path: str, content: bytes) -> Response:
        """Obey an order that came over HTTP; nothing here is Speedy's."""
        try:
            match method, path:
                case "GET", "/sim/state":
                    return JSONResponse(
                        {"shipments": [orders.shown(shipment) for shipment in self.shipments], "calls": self.calls}
                    )
                case "POST", "/sim/faults":
                    self._order_fault(content)
                    return JSONResponse({})
                case "POST", "/sim/advance":
                    return JSONResponse(orders.shown(self._order_advance(orders.Advance.model_validate_json(content))))
        except ValidationError as fault:
            return JSONResponse(fault.errors(include_input=False, include_context=False), 422)
        except ValueError as fault:
            return JSONResponse({"refused": str(fault)}, 409)
        return PlainTextResponse("", 404)

    def _order_fault(self, content: bytes) -> None:
        if b'"set"' in content:
            orders.Settings.model_validate_json(content).apply(self.conduct)
        else:
            self.faults.order(Fault.model_validate_json(content))

    def _order_advance(self, wish: orders.Advance) -> Shipment:
        for shipment in self.shipments:
            live = wish.reference == shipment.reference and shipment.state is not State.CANCELLED
            if shipment.id == wish.id or (wish.reference and live):
                return self.advance(shipment, wish.to)
        raise ValueError("no such shipment")


def _read(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    if not isinstance(body, dict):
        raise Malformed("not an object")
    return body


def _json(body: dict[str, Any]) -> Response:
    return Response(wire.encode(body).encode("utf-8", "replace"), media_type="application/json")
