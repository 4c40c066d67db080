import logging
import traceback
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from app.core.money import Money
from app.integrations.speedy.client import SpeedyCourier
from app.integrations.speedy.simulator import Fault, FaultKind, SpeedySimulator
from app.shipping.ports import AddressDestination, CourierRefused, CourierUnavailable, Parcel, Recipient
from tests.integrations.speedy.conftest import AT, StoppedClock, make_account

SEEDED = (
    "Zографка",
    "Тайнова",
    "+359877654321",
    "877654321",
    "Скритата",
    "ta1na@example.bg",
    "s3cret-password",
    "звънецТайнов",
)
FAULTS = [Fault(fault=kind) for kind in FaultKind]


def make_seeded(reference: str) -> Parcel:
    return Parcel(
        reference=reference,
        recipient=Recipient("Zографка Тайнова", "+359877654321", "ta1na@example.bg"),
        destination=AddressDestination("София", "1618", street="ул. Скритата", street_no="2", note="звънецТайнов"),
        weight_grams=400,
        contents="четка",
        cash_on_delivery=Money.of("64.90"),
    )


async def attempt(courier: SpeedyCourier, parcel: Parcel) -> str:
    """Book, and return how it failed, as a traceback shows it."""
    try:
        await courier.book(parcel, at=AT)
    except (CourierRefused, CourierUnavailable) as fault:
        return "".join(traceback.format_exception(fault)) + repr(fault) + repr(vars(fault))
    return ""


async def test_no_log_and_no_exception_tells_who(
    http: httpx.AsyncClient, speedy: SpeedySimulator, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    speedy.conduct.password = "s3cret-password"
    account = replace(make_account(speedy.url, command_seconds=0.2), password=SecretStr("s3cret-password"))
    courier = SpeedyCourier(http, account)
    seen = [repr(account), repr(make_seeded("1")), repr(courier)]
    with capture_logs() as logged, caplog.at_level(logging.DEBUG):
        for number, fault in enumerate(FAULTS):
            speedy.faults.order(fault.model_copy(update={"seconds": 1.0}))
            seen.append(await attempt(courier, make_seeded(str(number))))
            assert seen[-1]
        nowhere = AddressDestination("Скритата", "9999", street="звънецТайнов")
        seen.append(await attempt(courier, replace(make_seeded("90"), destination=nowhere)))
        waybill = await courier.book(make_seeded("91"), at=AT)
        await courier.label(waybill)
        await courier.cancel(waybill, "Тайнова се отказа")
        await courier.cancel(waybill, "Тайнова се отказа")
    seen += [repr(entry) for entry in logged]
    seen += [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    assert len(logged) >= len(FAULTS)
    assert [text for text in seen for word in SEEDED if word in text] == []


async def test_an_answer_that_quotes_the_customer_does_not_reach_the_exception(
    http: httpx.AsyncClient, speedy: SpeedySimulator
) -> None:
    speedy.refuse_next(100, "Непознат получател Zографка Тайнова")
    with pytest.raises(CourierRefused) as refusal:
        await SpeedyCourier(http, make_account(speedy.url)).book(make_seeded("1"), at=AT)
    assert (refusal.value.code, refusal.value.context) == (100, None)
