"""Whatever people type is either taken or refused: nothing breaks, and nothing is booked beyond Speedy's limits."""

import asyncio

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.money import Money
from app.integrations.circuit import Circuit
from app.integrations.speedy.booking import clean, cut
from app.integrations.speedy.client import SpeedyCourier
from app.integrations.speedy.simulator import Conduct, SpeedySimulator
from app.shipping.ports import AddressDestination, CourierRefused, OfficeDestination, Parcel, Recipient
from tests.examples import examples
from tests.integrations.speedy.conftest import AT, NO_TLS, StoppedClock, make_account
from tests.processes import PATIENCE

TEXT = st.text(st.characters(codec=None), max_size=250)
NAMES = st.one_of(TEXT, st.sampled_from(["Ива Петрова", "Ян 🙂🙂", "O’Neill", "\u202eИва", "й\u0306" * 70]))
PHONES = st.one_of(st.just("+359888123456"), st.from_regex(r"[+0][0-9 ()/-]{8,18}", fullmatch=True), TEXT)
PLACES = st.one_of(
    st.sampled_from([("гр. София", "1618"), ("СОФИЯ\x00", "1000"), ("с. Ново село", "3784")]), st.tuples(TEXT, TEXT)
)
ADDRESSES = st.builds(
    lambda place, **rest: AddressDestination(*place, **rest),
    PLACES,
    street=st.none() | TEXT,
    street_no=st.none() | TEXT,
    entrance=st.none() | TEXT,
    note=st.none() | TEXT,
    site_id=st.sampled_from([None, 68134, 1]),
)
PARCELS = st.builds(
    Parcel,
    reference=st.from_regex(r"[0-9]{9}", fullmatch=True),
    recipient=st.builds(Recipient, name=NAMES, phone=PHONES, email=st.none() | TEXT),
    destination=ADDRESSES | st.builds(OfficeDestination, st.sampled_from([14, 9016, 1])),
    weight_grams=st.integers(0, 33_000),
    contents=TEXT,
    cash_on_delivery=st.none() | st.builds(Money, st.integers(1, 500_100)),
)


async def book(parcel: Parcel) -> list[str | None]:
    """Book on a new simulator and return the references that it holds."""
    async with (
        SpeedySimulator.serve(clock=StoppedClock(), conduct=Conduct(tracks_per_second=1000)) as speedy,
        httpx.AsyncClient(verify=NO_TLS, timeout=PATIENCE) as http,
    ):
        courier = SpeedyCourier(http, make_account(speedy.url), circuit=Circuit())
        try:
            waybill = await courier.book(parcel, at=AT)
        except CourierRefused:
            return speedy.references()
        assert (await courier.label(waybill)).startswith(b"%PDF")
        assert await courier.book(parcel, at=AT) == waybill
        return speedy.references()


@settings(max_examples=examples(20))
@given(PARCELS)
@example(
    Parcel("100000001", Recipient("\ud800Ива\x00 Петрова🙂", "0888123456"), OfficeDestination(14), 400, "\ud800четка")
)
def test_any_text_is_taken_or_refused(parcel: Parcel) -> None:
    assert asyncio.run(book(parcel)) in ([], [parcel.reference])


@given(TEXT, st.integers(1, 200))
def test_what_is_cut_fits_and_is_clean(text: str, limit: int) -> None:
    short = cut(clean(text), limit)
    assert len(short.encode("utf-16-le")) <= 2 * limit
    assert clean(short) == short


def test_a_name_of_emoji_is_never_cut_in_half() -> None:
    assert cut("я🙂🙂", 4) == "я🙂"
    assert clean(" Ива\u00a0\u200b \t Петрова\x00\ud800 ") == "Ива Петрова"
