"""Nobody signs what they did not see, and no answer goes where it is not known to be the person's."""

from typing import Any

import httpx
import pytest

from app.privacy.rights.destinations import is_place
from tests.fulfilment.story import letters
from tests.privacy.rights.asking import (
    ADDRESS,
    IVA,
    PROOFS,
    REQUESTS,
    TEXT,
    act,
    ask,
    ask_as_guest,
    asks,
    body,
    case,
    confirm,
    decide,
    enter,
    log_of,
    mailed_token,
    officer,
    problem,
    settle,
)
from tests.shop import Shop

PROOF, ANSWER = "Потвърдете искането си", "Отговор на искането Ви"
ELSEWHERE = "гр. Варна 9000, ул. „Чужда“ № 13"
PAPER = {"preferred_form": "paper", "correspondence_address": ELSEWHERE}
PROXY = {"name": "Петър Иванов", "person_email": "maria@example.bg"}
SIGNED = {"kind": "access", "preferred_form": "paper", "destination": ELSEWHERE, "proxy": None}
HOME = {
    "city": "София",
    "postcode": "1618",
    "street": "ул. Българска легия",
    "street_no": "2",
    "block": None,
    "entrance": None,
    "floor": "3",
    "apartment": "12",
}
REASONS = {"outcome": "refused", "reason": "unclear_person", "reasoning": "Не знаем кой сте."}


async def mailed(shop: Shop, **changes: Any) -> str:
    """Ask as a guest; returns the token that is mailed to the address."""
    answer = await shop.http.post(REQUESTS, json=asks(email=IVA, **changes))
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    await shop.run_jobs()
    return mailed_token(shop, PROOF)


async def test_the_mail_names_what_a_click_would_sign(shop: Shop) -> None:
    await mailed(shop, **PAPER, proxy=PROXY)
    said = "\n".join(body(shop, PROOF).replace("\N{NO-BREAK SPACE}", " ").splitlines())
    assert "Искане: достъп до личните данни\n" in said
    assert "Форма на отговора: на хартия\n" in said
    assert f"Отговорът отива на: {ELSEWHERE}\n" in said
    assert "Подава го пълномощник: Петър Иванов\nЗа данните на: maria@example.bg\n" in said
    assert TEXT not in said


async def test_opening_the_link_shows_what_is_asked_and_signs_nothing_however_often(shop: Shop) -> None:
    token = await mailed(shop, **PAPER)
    for _ in range(3):  # a mail scanner's
        shown = await shop.http.post(PROOFS, json={"token": token})
        assert (shown.status_code, shown.json()) == (
            202,
            {"asked": SIGNED, "name": "Ива Петрова", "text": TEXT, "expires_at": "2026-11-24T10:00:00Z"},
        )
    assert await shop.rows("SELECT state, identified_at FROM rights_requests") == [("received", None)]
    assert await shop.count("rights_events") == 0


@pytest.mark.parametrize(
    "other",
    [
        {"destination": IVA},
        {"preferred_form": "electronic"},
        {"kind": "erasure"},
        {"proxy": {"name": "Петър Иванов", "person_email": None}},
    ],
)
async def test_what_is_named_back_has_to_be_what_was_shown(shop: Shop, other: dict[str, Any]) -> None:
    token = await mailed(shop, **PAPER)
    refused = await shop.http.post(PROOFS, json={"token": token, "confirmed": {**SIGNED, **other}})
    assert problem(refused) == (409, "confirmation-differs")
    assert await shop.rows("SELECT state FROM rights_requests") == [("received",)]

    signed = await shop.http.post(PROOFS, json={"token": token, "confirmed": SIGNED})
    assert (signed.status_code, signed.json()["request"]["state"]) == (200, "open")
    assert await shop.rows("SELECT details FROM rights_events WHERE kind = 'proved'") == [(SIGNED,)]


async def test_nothing_is_granted_to_an_address_that_is_not_known_to_be_the_persons(shop: Shop) -> None:
    """A stranger asks under a victim's e-mail, for a copy on paper to an address of the stranger's."""
    await shop.ordered()
    asked, desk = await ask_as_guest(shop, **PAPER), await officer(shop)
    found = await case(shop, desk, asked)
    assert (found["destination"], found["is_destination_settled"], found["is_for_the_post"]) == (
        ELSEWHERE,
        False,
        False,
    )

    refused = await act(shop, desk, asked, "decision", outcome="granted")
    told = await act(shop, desk, asked, "decision", **REASONS)  # that anything is held is told to nobody either

    assert problem(refused) == problem(told) == (409, "destination-not-settled")
    assert (await case(shop, desk, asked))["outcome"] is None


async def test_the_officer_decides_on_an_address_on_its_own(shop: Shop) -> None:
    await shop.ordered()
    asked, desk = await ask_as_guest(shop, **PAPER), await officer(shop)
    how = "Обади се от телефона на поръчката и го потвърди."
    settled = await settle(shop, desk, asked, how)
    assert (settled.json()["is_destination_settled"], settled.json()["is_for_the_post"]) == (True, True)
    assert {"kind": "destination_checked", "words": how}.items() <= settled.json()["events"][-1].items()

    await decide(shop, desk, asked)

    assert letters(shop, ANSWER) == []
    assert "destination_checked" in await log_of(shop, desk, asked)
    assert problem(await settle(shop, desk, asked, how)) == (409, "request-decided")


async def test_an_address_that_may_not_be_used_gives_way_to_the_proved_mailbox(shop: Shop) -> None:
    asked, desk = await ask_as_guest(shop, **PAPER), await officer(shop)
    settled = await settle(shop, desk, asked, "Не вдига телефона.", may_be_used=False)
    assert (settled.json()["destination"], settled.json()["is_destination_settled"]) == (IVA, True)
    await decide(shop, desk, asked)
    assert [letter["To"] for letter in letters(shop, ANSWER)] == [IVA]


async def test_another_address_is_checked_anew(shop: Shop) -> None:
    asked, desk = await ask_as_guest(shop, preferred_form="paper"), await officer(shop)
    await settle(shop, desk, asked, "Потвърди го по телефона.")
    wish = {"correspondence_address": ELSEWHERE}
    await shop.http.post(f"{REQUESTS}/{asked['id']}/messages", json=wish, headers=asked["key"])
    assert problem(await act(shop, desk, asked, "decision", outcome="granted")) == (409, "destination-not-settled")


async def test_no_address_is_settled_that_the_officer_has_not_seen(shop: Shop) -> None:
    """Whoever asks has the known address looked at, and puts another in its place meanwhile."""
    asked, desk = await ask_as_guest(shop, preferred_form="paper"), await officer(shop)
    seen = (await case(shop, desk, asked))["destination"]
    wish = {"correspondence_address": ELSEWHERE}
    await shop.http.post(f"{REQUESTS}/{asked['id']}/messages", json=wish, headers=asked["key"])

    for may_be_used in (True, False):
        late = await act(shop, desk, asked, "destination", destination=seen, may_be_used=may_be_used, how="Тя е.")
        assert problem(late) == (409, "destination-differs")
    found = await case(shop, desk, asked)
    assert (found["destination"], found["is_destination_settled"]) == (ELSEWHERE, False)
    assert "destination_checked" not in await log_of(shop, desk, asked)

    unseen = await act(shop, desk, asked, "destination", may_be_used=True, how="Тя е.")
    assert (unseen.status_code, unseen.json()["errors"][0]["pointer"]) == (422, "/destination")
    assert (await settle(shop, desk, asked, "Тя е.")).json()["is_destination_settled"]


async def test_whose_data_it_is_about_is_not_answered_under_anothers_address(shop: Shop) -> None:
    await shop.ordered()
    desk = await officer(shop)
    entered = await enter(shop, desk, email="petar@example.bg")
    await act(shop, desk, entered, "identity", how="Каза номера на поръчката.", person_email=IVA)
    assert problem(await act(shop, desk, entered, "decision", outcome="granted")) == (409, "destination-not-settled")


async def test_a_place_in_ones_own_address_book_is_known(shop: Shop) -> None:
    me, desk = await shop.account(), await officer(shop)
    place = {"method": "address", **{name: HOME[name] for name in ("city", "postcode", "street", "street_no")}}
    assert (await shop.http.post("/v1/me/addresses", json={"delivery": place}, headers=me)).status_code == 201
    asked = await ask(shop, me, preferred_form="paper")
    elsewhere = await ask(shop, me, **PAPER)
    found, other = await case(shop, desk, asked), await case(shop, desk, elsewhere)
    assert (found["destination"], found["is_destination_settled"], found["is_for_the_post"]) == (ADDRESS, True, True)
    assert (other["is_destination_settled"], other["is_for_the_post"]) == (False, False)
    await decide(shop, desk, asked)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("гр. София 1618, ул. „Българска легия“ № 2", True),
        ("София, Българска легия 2, ет. 3, ап. 12", True),
        ("гр. София 1618, ул. „Българска легия“", False),
        ("гр. София 1618, ул. „Българска легия“ № 12", False),
        ("гр. София 1618, ул. „Българска легия“ № 3, ет. 2", False),
        ("гр. София 1618, ул. „Българска легия“ № 2, за Петър Иванов", False),
        ("гр. София 1618, ул. „Българска легия“ № 2; по-добре ул. „Чужда“ № 13", False),
        ("", False),
    ],
)
def test_an_address_is_known_by_every_word_of_it(written: str, known: bool) -> None:  # noqa: FBT001 - pytest's parameter
    assert is_place(written, HOME) is known
    assert not is_place(written, dict.fromkeys(HOME))


async def test_a_link_shows_nothing_once_it_was_confirmed(shop: Shop) -> None:
    token = await mailed(shop)
    assert (await confirm(shop, token)).status_code == httpx.codes.OK
    assert problem(await shop.http.post(PROOFS, json={"token": token})) == (422, "link-invalid")
