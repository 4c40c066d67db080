"""Promises about data subjects' rights, by their numbers in promises.md; each quotes what was promised.

Played from outside: what somebody sends, what comes in the mail, what the desk sees. More of them stand beside the
desk's own tests, under `tests/privacy/rights`.
"""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from tests.fulfilment.story import attached, letters, pdf_text
from tests.privacy.rights.asking import (
    IVA,
    REQUESTS,
    TEXT,
    act,
    ask,
    ask_as_guest,
    attachment,
    body,
    case,
    decide,
    enter,
    log_of,
    mind,
    officer,
    renewed,
)
from tests.privacy.rights.test_at_once import subscribed
from tests.shop import Shop

RECEIPT = "Получихме искането Ви"
ANSWER = "Отговор на искането Ви"


async def copy(shop: Shop, me: dict[str, str], request: dict[str, Any]) -> dict[str, Any]:
    """Download the copy and read what a machine reads."""
    answer = await shop.http.get(f"{REQUESTS}/{request['id']}/copy.zip", headers=me)
    assert answer.status_code == 200, answer.text
    with ZipFile(BytesIO(answer.content)) as entries:
        read: dict[str, Any] = json.loads(entries.read("access.json"))
    return read


async def test_s59_s60_one_is_told_controller_purposes_ground_term_and_recipients_and_given_a_copy(shop: Shop) -> None:
    """Promised: „получите пълна информация относно администратора; целите и основанието; срока; получателите“."""
    await shop.ordered()
    me = await shop.account()
    asked = await ask(shop, me)
    await decide(shop, await officer(shop), asked)
    told = await copy(shop, me, asked)
    assert told["controller"]["eik"] == "204235072"
    for part in told["processing"]:
        assert part["purpose"]
        assert part["ground"]
        assert part["retention"]
        assert part["categories"]
    assert any("Спиди" in recipient for part in told["processing"] for recipient in part["recipients"])
    assert [order["email"] for order in told["tables"]["orders"]] == [IVA]


async def test_s75_a_request_in_free_text_is_acknowledged_at_once_however_it_comes(shop: Shop) -> None:
    """Promised: „искане в свободен текст… с опция за потвърждаване получаването“."""
    desk = await officer(shop)
    by_api = await ask_as_guest(shop, email="guest@example.bg")
    by_mail = await enter(shop, desk, via="email", email="mail@example.bg")
    by_post = await enter(shop, desk, via="post", email="post@example.bg")
    await shop.run_jobs()
    receipts = {letter["To"]: letter for letter in letters(shop, RECEIPT)}
    assert {*receipts} == {"guest@example.bg", "mail@example.bg", "post@example.bg"}
    for request in (by_api, by_mail, by_post):
        found = await case(shop, desk, request)
        [received] = [event for event in found["events"] if event["kind"] == "received"]
        assert (found["text"], received["words"]) == (TEXT, TEXT)
        assert found["due_on"] == "2026-12-23"
    assert "23 декември 2026" in body(shop, RECEIPT)


async def test_s76_s77_s78_what_is_missing_is_asked_for_a_proxy_shows_the_power_of_attorney(shop: Shop) -> None:
    """Promised: „следва… да съдържа име, адрес…“; „прилага и пълномощното“; „да изисква допълнителни данни“."""
    desk = await officer(shop)
    entered = await enter(
        shop, desk, is_signed=False, address=None, proxy={"name": "Петър Иванов", "person_email": IVA}, email=None
    )
    assert (entered["state"], entered["missing"]) == (
        "incomplete",
        ["address", "signature", "correspondence_address", "power_of_attorney"],
    )
    await shop.run_jobs()
    found = await case(shop, desk, entered)
    [letter] = found["letters"]
    assert (found["is_for_the_post"], letter["kind"]) == (True, "parts")
    path = f"/v1/staff/privacy/requests/{entered['id']}"
    paper = await shop.http.get(f"{path}/letters/{letter['id']}.pdf", headers=desk)
    assert "изпратете: адрес, подпис, адрес за кореспонденция, пълномощно" in pdf_text(paper.content)
    await shop.http.post(f"{path}/attachments", **attachment(), headers=desk)
    await act(shop, desk, entered, "messages", correspondence_address="гр. Русе 7000, ул. „Дунав“ № 1")
    await act(shop, desk, entered, "resumption")
    recorded = await act(shop, desk, entered, "identity", how="Пълномощно № 5, нотариус 123.")
    assert (recorded.json()["state"], recorded.json()["missing"]) == ("open", ["address", "signature"])


async def test_s79_c19_c20_the_answer_has_its_day_and_who_is_late_says_so(shop: Shop) -> None:
    """Promised: „в срок от 1 месец“; „within 30 days“; „if late, notify you in time, stating the reasons“."""
    me = await shop.account()
    asked = await ask(shop, me)
    assert asked["due_on"] == "2026-12-23"
    shop.clock.advance(days=31)
    await mind(shop)
    assert "23 декември 2026" in body(shop, "срокът изтече")
    await act(shop, await officer(shop), asked, "delay", reasons="Архивът е при носителя си.")
    await shop.run_jobs()
    [(_, paper)] = attached(letters(shop, "Отговорът ни се забавя")[-1])
    assert "Архивът е при носителя си." in pdf_text(paper)


async def test_s74_c18_the_answer_names_the_authority_another_one_and_the_court(shop: Shop) -> None:
    """Promised: „имате право да подадете жалба пред… Комисия“; „another supervisory authority“."""
    asked = await ask(shop, await shop.account(), "complaint")
    await decide(shop, await officer(shop), asked, outcome="refused", reason="excessive", reasoning="Пето за месеца.")
    [(_, paper)] = attached(letters(shop, ANSWER)[-1])
    text = pdf_text(paper)
    for words in ("1592 София, бул. „Проф. Цветан Лазаров“ № 2", "kzld@cpdp.bg", "www.cpdp.bg", "друг надзорен орган"):
        assert words in text


async def test_s18_s72_c09_c17_who_only_has_to_say_so_is_obeyed_at_once(shop: Shop) -> None:
    """Promised: „не сте длъжни да излагате мотиви… веднага“; „at any time withdraw and object“."""
    await subscribed(shop)
    desk = await officer(shop)
    wish = {"kind": "withdrawal", "via": "phone", "email": IVA}
    entered = (await shop.http.post("/v1/staff/privacy/requests", json=wish, headers=desk)).json()
    acts = await shop.rows("SELECT act, means FROM consents ORDER BY recorded_at, id")
    assert (entered["outcome"], acts) == ("granted", [("given", "api"), ("withdrawn", "staff")])
    await shop.run_jobs()
    [(_, paper)] = attached(letters(shop, ANSWER)[-1])
    assert "засяга само данните, които обработваме въз основа на съгласие" in pdf_text(paper)


async def test_s56_the_correspondence_and_the_answer_are_kept(shop: Shop) -> None:
    """Promised: „дали… е упражнил някое от правата си…, респ. се пази кореспонденцията…, отговора по искането му“."""
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me, "complaint", text="Писмото ми стигна до друг.")
    await shop.http.post(f"{REQUESTS}/{asked['id']}/messages", json={"text": "На 3 ноември."}, headers=me)
    await decide(shop, desk, asked, reasoning="Прави сте; съжаляваме.")
    await mind(shop)
    shop.clock.advance(days=25)
    later = await officer(shop)
    found = await case(shop, later, asked)
    assert [event["words"] for event in found["events"] if event["words"]] == [
        "Писмото ми стигна до друг.",
        "На 3 ноември.",
        "Прави сте; съжаляваме.",
    ]
    assert (await log_of(shop, later, asked))[-1] == "closed"
    assert (await shop.http.get(f"{REQUESTS}/{asked['id']}", headers=renewed(shop, me))).json()["state"] == "closed"
