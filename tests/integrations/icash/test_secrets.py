"""Nothing personal and no secret in logs, errors or addresses."""

import logging
import traceback

import httpx
import pytest
from structlog.testing import capture_logs

from app.accounting.ports import BooksRefused, BooksUnavailable, BooksUnsure
from app.integrations.icash.simulator import FaultKind
from tests.integrations.icash.desk import AT, BUYER, USER, Desk, giving_up, later, make_sale

PERSONAL = (BUYER.name, BUYER.eik, BUYER.vat_number, BUYER.city, BUYER.address, BUYER.responsible_person, "Бележка")
SALE = make_sale(buyer=BUYER, comment="Бележка на купувача")


def secrets(desk: Desk) -> list[str]:
    sent = [request.parameters for request in desk.simulator.requests]
    said = {parameters[name] for parameters in sent for name in ("signature", "ses") if name in parameters}
    return [USER.api_key, USER.secret_key, *said, *(word for word in PERSONAL if word)]


async def test_a_sale_with_all_that_can_go_wrong(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = [repr(desk.account), repr(SALE), repr(BUYER)]
    repeats = f"Wrong value for ContragentName {BUYER.name}"
    async with giving_up(desk):
        with capture_logs() as events:
            for kind in (FaultKind.CUT, FaultKind.EMPTY, FaultKind.HTML_502, FaultKind.DELAY, FaultKind.STALE_NONCE):
                desk.simulator.fail(kind, "add-contragent", committed=False)
            desk.simulator.fail(FaultKind.REFUSAL, "add-contragent", text=repeats)
            for _ in range(6):
                with pytest.raises((BooksUnavailable, BooksRefused)) as caught:
                    await desk.post(SALE, AT)
                told += ["".join(traceback.format_exception(caught.value)), repr(caught.value)]
            await desk.post(SALE, later(5))
            desk.simulator.operations[0].discount = desk.simulator.operations[0].paid
            with pytest.raises(BooksUnsure) as unsure:
                await desk.post(SALE, later(6))
            told += ["".join(traceback.format_exception(unsure.value)), repr(unsure.value)]
    everything = "\n".join([*told, str(events), caplog.text])
    assert {event["event"] for event in events} == {"icash_unavailable", "icash_refused"}
    assert [secret for secret in secrets(desk) if secret in everything] == []


async def test_an_address_holds_nothing(desk: Desk) -> None:
    asked: list[httpx.URL] = []

    async def remember(request: httpx.Request) -> None:
        asked.append(request.url)

    desk.http.event_hooks = {"request": [remember]}
    await desk.post(SALE)
    assert {url.query for url in asked} == {b""}
    assert {url.path.rpartition("/")[0] for url in asked} == {"/clientapi/v1"}
