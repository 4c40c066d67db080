from io import BytesIO

import pytest
from pypdf import PdfReader

from app.core.money import Money
from app.integrations.speedy.client import SpeedyCourier
from app.integrations.speedy.simulator import SpeedySimulator
from app.integrations.speedy.simulator.barcode import bars
from app.shipping.ports import CourierRefused, CourierUnavailable, Waybill
from tests.integrations.speedy.conftest import AT, LOCKER, make_parcel


async def test_a_label_is_one_page_of_a6_that_can_be_read(courier: SpeedyCourier) -> None:
    waybill = await courier.book(make_parcel(cash_on_delivery=Money.of("64.90")), at=AT)
    pages = PdfReader(BytesIO(await courier.label(waybill))).pages
    assert len(pages) == 1
    assert [round(float(side) / 72 * 25.4) for side in pages[0].mediabox[2:]] == [105, 148]
    text = pages[0].extract_text()
    for expected in (waybill.number, "Ива Петрова", "Българска легия 2", "Наложен платеж: 64.90 EUR", "100000001"):
        assert expected in text


async def test_a_label_to_a_locker_names_the_locker(courier: SpeedyCourier) -> None:
    waybill = await courier.book(make_parcel(destination=LOCKER), at=AT)
    text = PdfReader(BytesIO(await courier.label(waybill))).pages[0].extract_text()
    assert "до автомат 9016: ПЛОВДИВ - ПРИМЕР" in text
    assert "Без наложен платеж" in text


async def test_a_refused_label_is_not_taken_for_a_pdf(courier: SpeedyCourier) -> None:
    with pytest.raises(CourierRefused, match="not-found"):
        await courier.label(Waybill("63000000000", ("63000000000",)))


async def test_a_page_of_html_is_not_taken_for_a_pdf(courier: SpeedyCourier, speedy: SpeedySimulator) -> None:
    waybill = await courier.book(make_parcel(), at=AT)
    speedy.answer_html(200, on="/print", times=3)
    with pytest.raises(CourierUnavailable, match="unreadable_http_200"):
        await courier.label(waybill)
    assert (await courier.label(waybill)).startswith(b"%PDF")


def test_the_bars_are_code_128() -> None:
    widths = bars("63912345678")
    assert widths[:6] == [2, 1, 1, 2, 1, 4]
    assert widths[-7:] == [2, 3, 3, 1, 1, 1, 2]
    assert sum(widths) == 11 * (1 + 11 + 1) + 13
