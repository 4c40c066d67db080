"""A shop's side of I-Cash for tests: an account, sales, and what would be kept in the database."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.accounting.ports import (
    Buyer,
    LineKind,
    PostingProgress,
    RequestStream,
    Sale,
    SaleLine,
    Stream,
)
from app.core.money import Money, total
from app.integrations.circuit import Circuit
from app.integrations.icash import Assumptions, ICashAccount, ICashBooks
from app.integrations.icash.simulator import FaultKind, ICashSimulator
from app.integrations.icash.simulator.rules import User
from tests.processes import PATIENCE, until

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
USER = User()
ASSUMPTIONS = Assumptions(poll_seconds=0.001, polls=2, call_seconds=PATIENCE)
BUYER = Buyer("Зъбна ООД", "175074752", "BG175074752", "София", "ул. Българска легия 2", "Ива Петрова")
LINES = (
    SaleLine("ION-HANDLE-1", "Йонна четка за зъби, бяла", 20, Money(6490), 1),
    SaleLine("ION-HEAD-4", "Глави, меки, 4 бр.", 20, Money(1299), 3),
    SaleLine("BOOK-1", "Книжка за деца", 9, Money(801), 2),
    SaleLine("DELIVERY", "Доставка", 20, Money(599), 1, LineKind.SERVICE),
)


# Reading the machine's certificates takes longer than a test; none is needed on loopback.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def connect(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, verify=NO_CERTIFICATES, trust_env=False, timeout=PATIENCE)


def make_account(**changes: Any) -> ICashAccount:
    values: dict[str, Any] = {
        "api_key": USER.api_key,
        "secret_key": USER.secret_key,
        "warehouse_id": int(USER.warehouse_id),
        "user_id": int(USER.user_id),
        "store_id": 1,
        "cash_register_id": 1,
        "measure_unit_id": 1,
        "pay_types": {"card": 2, "cash_on_delivery": 6},
        "tax_groups": {20: 1, 9: 2, 0: 3},
        "assumptions": ASSUMPTIONS,
    }
    return ICashAccount(**{**values, **changes})


def make_sale(reference: str = "100000123", lines: tuple[SaleLine, ...] = LINES, **changes: Any) -> Sale:
    values: dict[str, Any] = {"pay_type": "card", "comment": "Поръчка 100000123", "finalise": True}
    return Sale(reference, lines, total(line.total for line in lines), **{**values, **changes})


class CountingStream:
    """A stream of requests for tests of one process: the number lives in memory."""

    def __init__(self, last: int = 1_700_000_000) -> None:
        self.last = last
        self._turn = asyncio.Lock()

    async def next_nonce(self) -> int:
        self.last += 1
        return self.last

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Stream]:
        async with self._turn:
            yield self


@dataclass
class Desk:
    """Posts a sale, remembering its progress as the database would."""

    simulator: ICashSimulator
    http: httpx.AsyncClient
    stream: RequestStream = field(default_factory=CountingStream)
    account: ICashAccount = field(default_factory=make_account)
    progress: PostingProgress = field(default_factory=PostingProgress)
    kept: list[PostingProgress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self, after: int | None = None) -> None:
        """Forget what only the process knows: the session, the items seen, the circuit."""
        if after is not None:
            self.stream = CountingStream(after)
        self.books = ICashBooks(self.http, self.account, self.stream, Circuit(failures=1000))

    async def keep(self, progress: PostingProgress) -> None:
        self.kept.append(progress)
        self.progress = progress

    async def post(self, sale: Sale, at: datetime = AT) -> PostingProgress:
        result = await self.books.post(sale, self.progress, self.keep, at=at)
        assert result == self.progress, "what is returned was kept"
        return result

    def called(self) -> list[str]:
        return [request.endpoint for request in self.simulator.requests]

    def sent(self, endpoint: str) -> list[dict[str, str]]:
        """List what the shop itself decided to send, without what every call carries."""
        common = {"api_key", "nonce", "signature", "ses", "WareHouseID", "UserID"}
        return [
            {name: value for name, value in request.parameters.items() if name not in common}
            for request in self.simulator.requests
            if request.endpoint == endpoint
        ]


class _GivingUp(httpx.AsyncHTTPTransport):
    """Carries calls; the time of one that a delay befalls is up once it has arrived, and that of no other."""

    def __init__(self, simulator: ICashSimulator) -> None:
        super().__init__(verify=NO_CERTIFICATES, trust_env=False)
        self._simulator = simulator

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        ordered = self._delays()
        asking = asyncio.ensure_future(super().handle_async_request(request))
        await until(lambda: asking.done() or self._delays() < ordered, every=0.001)
        if asking.done():
            return asking.result()
        asking.cancel()
        await asyncio.wait({asking})
        raise TimeoutError

    def _delays(self) -> int:
        return sum(fault.kind is FaultKind.DELAY for fault in self._simulator.faults._waiting)


@asynccontextmanager
async def giving_up(desk: Desk) -> AsyncIterator[None]:
    """Let the desk give up every delayed call, however fast or slow the machine is."""
    transport = _GivingUp(desk.simulator)
    async with httpx.AsyncClient(base_url=desk.simulator.url, transport=transport, timeout=PATIENCE) as desk.http:
        desk.restart()
        yield


def later(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)
