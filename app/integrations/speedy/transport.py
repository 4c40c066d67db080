"""Calls to Speedy: credentials, timeouts, retries of reads, and what an answer amounts to."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx
import structlog

from app.core.files import is_pdf
from app.integrations.circuit import Circuit
from app.integrations.speedy import wire
from app.integrations.speedy.account import SpeedyAccount
from app.shipping.ports import CourierRefused, CourierUnavailable, CourierUnsure

T = TypeVar("T")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

LAST_STEPS = ("send_request_headers.started", "send_request_body.started")
"""Of httpx, each before what it names leaves."""
HELD_UP = "held_up"
"""Nothing was sent: it took too long until it could be."""

log = structlog.get_logger(__name__)


def no() -> bool:
    return False


class Transport:
    def __init__(self, http: httpx.AsyncClient, account: SpeedyAccount, circuit: Circuit) -> None:
        self._http = http
        self._account = account
        self._circuit = circuit

    async def read(
        self,
        path: str,
        body: Mapping[str, object],
        understand: Callable[[bytes], T],
        *,
        seconds: float | None = None,
        attempts: int | None = None,
        of_one: bool = False,
    ) -> T:
        """Ask for something that changes nothing, again if the answer is unusable.

        Where `of_one` thing that is asked about may itself be why, no answer tells nothing of other calls.
        """
        left = attempts or self._account.read_attempts
        while True:
            left -= 1
            try:
                return await self._exchange(
                    path, body, understand, seconds or self._account.read_seconds, of_one=of_one
                )
            except CourierUnavailable as fault:
                if left <= 0 or self._circuit.is_open:
                    raise CourierUnavailable(fault.reason, reached=fault.reached) from None
            await asyncio.sleep(self._account.pause)

    async def ask(self, path: str, body: Mapping[str, object], understand: Callable[[bytes], T], *, within: float) -> T:
        """Ask once, for somebody who waits: what has not come whole by then counts as no answer."""
        return await self._exchange(path, body, understand, within, whole=within)

    async def command(
        self,
        path: str,
        body: Mapping[str, object],
        understand: Callable[[bytes], T],
        *,
        unless: Callable[[], bool] = no,
    ) -> T:
        """Have something done: one attempt, and `CourierUnsure` when it may have been done.

        It is not sent where `unless` says so at the last moment, before the headers leave and again before the body.
        """
        return await self._exchange(path, body, understand, self._account.command_seconds, unless=unless)

    async def _exchange(
        self,
        path: str,
        body: Mapping[str, object],
        understand: Callable[[bytes], T],
        seconds: float,
        *,
        whole: float | None = None,
        of_one: bool = False,
        unless: Callable[[], bool] = no,
    ) -> T:
        if not self._circuit.admits():
            raise CourierUnavailable("circuit_open")
        try:
            # Each piece of an answer has its time; one that comes drop by drop must end as well.
            async with asyncio.timeout(whole or self._account.connect_seconds + seconds):
                response = await self._post(path, body, seconds, unless)
            answer = self._understand(response, understand)
        except CourierRefused as refusal:
            self._circuit.refused()
            log.warning("speedy refused", path=path, code=refusal.code, context=refusal.context, id=refusal.error_id)
            raise
        except TimeoutError:
            self._circuit.failed(of_one=of_one)
            log.warning("speedy unavailable", path=path, reason="too_late")
            raise CourierUnsure("too_late") from None
        except CourierUnavailable as fault:
            if fault.reason == wire.RATE_LIMITED:
                self._circuit.refused()
            else:
                self._circuit.failed(of_one=(of_one and fault.reached) or fault.reason == HELD_UP)
            log.warning("speedy unavailable", path=path, reason=fault.reason)
            raise
        self._circuit.succeeded()
        return answer

    async def _post(
        self, path: str, body: Mapping[str, object], seconds: float, unless: Callable[[], bool]
    ) -> httpx.Response:
        async def look(step: str, _of_it: Mapping[str, object]) -> None:
            if step.endswith(LAST_STEPS) and unless():
                raise CourierUnavailable(HELD_UP)

        account = self._account
        credentials = {"userName": account.user_name, "password": account.password.get_secret_value()}
        content = wire.encode({**credentials, "language": account.language, **body})
        try:
            return await self._http.post(
                account.url + path,
                content=content.encode(),
                headers={"Content-Type": "application/json; charset=utf-8"},
                timeout=httpx.Timeout(seconds, connect=account.connect_seconds),
                extensions={"trace": look},
            )
        # `from None` here and below: the causes hold the request's body, or quote the answer's.
        except _NEVER_SENT as fault:
            raise CourierUnavailable(type(fault).__name__) from None
        except httpx.RequestError as fault:
            raise CourierUnsure(type(fault).__name__) from None

    @staticmethod
    def _understand(response: httpx.Response, understand: Callable[[bytes], T]) -> T:
        try:
            return understand(response.content)
        except CourierRefused:
            if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                raise CourierUnsure(f"http_{response.status_code}") from None
            raise
        except ValueError:
            if response.status_code == httpx.codes.BAD_REQUEST:
                raise CourierRefused(None, "http_400") from None
            raise CourierUnsure(f"unreadable_http_{response.status_code}") from None


def answer_of(content: bytes) -> dict[str, Any]:
    """Read an answer that has to be free of an error; raises ValueError for what is none."""
    answer = wire.decode(content)
    wire.raise_error(answer)
    return answer


def booked(content: bytes) -> wire.Booked:
    """Read the answer to a create: an id counts, whatever stands beside it."""
    answer = wire.decode(content)
    if not answer.get("id"):
        wire.raise_error(answer)
    return wire.Booked.model_validate(answer)


def pdf(content: bytes) -> bytes:
    """Take a label: Speedy's content type is not always true, the first bytes are."""
    if is_pdf(content):
        return content
    answer_of(content)
    raise ValueError("neither a PDF nor an error")
