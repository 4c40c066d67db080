"""The simulator as a server."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from app.core.clock import Clock, SystemClock
from app.integrations import loopback
from app.integrations.icash.simulator.connection import PAGE, spoiled
from app.integrations.icash.simulator.events import EVENTS
from app.integrations.icash.simulator.faults import Fault, FaultKind, Faults
from app.integrations.icash.simulator.ledger import Operation, five_places
from app.integrations.icash.simulator.machine import ENDPOINTS, Journal, Machine
from app.integrations.icash.simulator.rules import Rules

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Heard:
    """One request as it came."""

    endpoint: str
    parameters: dict[str, str]


class ICashSimulator:
    """An I-Cash; `state` is a file that outlives the process."""

    def __init__(self, rules: Rules | None = None, state: Path | None = None, clock: Clock | None = None) -> None:
        self.rules = rules or Rules()
        self.machine = Machine(self.rules, Journal(state))
        self.faults = Faults()
        self.let_go = asyncio.Event()
        """Set by who looks in: answers that are late go out at once."""
        self.requests: deque[Heard] = deque(maxlen=10_000)
        self.url = ""
        """The base address for the adapter, once it is served."""
        self._clock = clock or SystemClock()
        self.app = Starlette(
            routes=[
                Route("/clientapi/v1/{endpoint}", self._answer, methods=["POST"]),
                Route("/sim/faults", self._order_fault, methods=["POST"]),
                Route("/sim/events", self._order_event, methods=["POST"]),
                Route("/sim/state", self._state, methods=["GET"]),
            ]
        )

    @classmethod
    @asynccontextmanager
    async def serve(
        cls, port: int = 0, *, rules: Rules | None = None, state: Path | None = None, clock: Clock | None = None
    ) -> AsyncIterator["ICashSimulator"]:
        """Serve inside this process for as long as the context is open."""
        simulator = cls(rules, state, clock)
        try:
            async with loopback.serve(simulator.app, port) as simulator.url:
                yield simulator
        finally:
            simulator.machine.journal.close()

    @property
    def operations(self) -> list[Operation]:
        return list(self.machine.ledger.operations.values())

    def fail(self, kind: FaultKind | str, endpoint: str | None = None, **details: Any) -> None:
        """Order a fault; `details` are the members of `Fault`."""
        self.faults.order(Fault(FaultKind(kind), endpoint, **details))

    def happen(self, event: str, **details: Any) -> None:
        """Let one of `EVENTS` happen."""
        self.machine.happen({"event": event, **details}, self._clock.now())

    async def _answer(self, request: Request) -> Response:
        endpoint = request.path_params["endpoint"]
        if endpoint not in ENDPOINTS:
            return HTMLResponse(PAGE.format(status=404), status_code=404)
        parameters = self._read(request.headers.get("content-type", ""), await request.body())
        self.requests.append(Heard(endpoint, parameters))
        fault = self.faults.strike(endpoint, self._reference(parameters))
        if fault is None:
            return JSONResponse(self.machine.answer(endpoint, parameters, self._clock.now()))
        return self._fail(fault, endpoint, parameters)

    def _reference(self, parameters: dict[str, str]) -> str | None:
        """Say which sale a call is about, by our number of it."""
        number = parameters.get("OperationID", "")
        operation = self.machine.ledger.operations.get(int(number)) if number.isdecimal() else None
        return operation.import_reference if operation else parameters.get("ImportRefID")

    def _fail(self, fault: Fault, endpoint: str, parameters: dict[str, str]) -> Response:
        if not fault.committed:
            return spoiled(fault, Response(b""), self.let_go)
        if fault.kind is FaultKind.SESSION_EXPIRED:
            self.happen("sessions-expired")
        if fault.kind is FaultKind.STALE_NONCE:
            self.machine.spoil_nonce(parameters)
        refuse = fault.text if fault.kind is FaultKind.REFUSAL else None
        answer = JSONResponse(self.machine.answer(endpoint, parameters, self._clock.now(), refuse))
        return spoiled(fault, answer, self.let_go)

    def _read(self, content_type: str, body: bytes) -> dict[str, str]:
        """Read the form; an empty value is none, as in PHP's own forms."""
        text = body.decode(errors="replace")
        if content_type.partition(";")[0].strip().lower() == FORM:
            return dict(parse_qsl(text))
        if self.rules.strict:
            return {}
        return {name: str(value) for name, value in json.loads(text).items() if value is not None}

    async def _order_fault(self, request: Request) -> Response:
        order = await request.json()
        try:
            self.faults.order(Fault(**{**order, "kind": FaultKind(order["kind"])}))
        except (KeyError, TypeError, ValueError) as mistake:
            return JSONResponse({"error": repr(mistake)}, status_code=400)
        return Response(status_code=204)

    async def _order_event(self, request: Request) -> Response:
        order = await request.json()
        if order.get("event") not in EVENTS:
            return JSONResponse({"error": "no such event", "events": sorted(EVENTS)}, status_code=400)
        self.machine.happen(order, self._clock.now())
        return Response(status_code=204)

    async def _state(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's signature
        return JSONResponse({"operations": [_shown(operation) for operation in self.operations]})


def _shown(operation: Operation) -> dict[str, Any]:
    return {
        "id": operation.id,
        "import_source": operation.source,
        "import_reference": operation.import_reference,
        "unique_number": operation.unique_number,
        "status": operation.status,
        "total": five_places(operation.total),
        "prints": operation.prints,
        "print_attempts": operation.print_attempts,
        "rows": [
            {"id": row.id, "sku": row.item.sku, "quantity": str(row.quantity), "price": str(row.price)}
            for row in operation.rows.values()
        ],
    }
