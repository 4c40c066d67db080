"""What is refused, with the whole problem; and that nothing else came of it anywhere in the database."""

from typing import Any

import httpx
import pytest

from app.auth.link_tokens import link_token
from app.auth.models import StaffRole
from app.auth.roles import PERMITS, Right
from tests.accounts.closing import EMAIL, close, member
from tests.checkout.watching import contents
from tests.privacy.consents.lists import (
    CONFIRM,
    CONFIRMATIONS,
    IVA,
    LINK_INVALID,
    PROOFS,
    STAFFS,
    WITHDRAWALS,
    on_the_list,
    subscribe,
)
from tests.privacy.consents.test_cookies import CHOICES, a_choice
from tests.privacy.consents.test_one_click import ONE_CLICK, url_for
from tests.privacy.consents.test_policies import TEXTS, a_text
from tests.privacy.rights.asking import mailed_token
from tests.problems import of_kind
from tests.shop import NOON, VERSION, Shop

NOT_FOUND = {
    **of_kind("not-found"),
    "title": "Няма такъв запис",
    "status": 404,
    "detail": "Проверете адреса и правата си за достъп.",
}
ONE_CLICK_MISSING = {
    **of_kind("one-click-missing"),
    "title": "Не е отказ",
    "status": 422,
    "detail": "Изпратете тяло List-Unsubscribe=One-Click.",
}
VERSION_PUBLISHED = {
    **of_kind("version-published"),
    "title": "Тази версия вече е публикувана",
    "status": 409,
    "detail": "Публикуваният текст не се променя: дайте на новия друга версия.",
}
TOO_EARLY = {
    **of_kind("effective-too-early"),
    "title": "Текстът не може да е в сила със задна дата",
    "status": 422,
    "detail": "Посочете днешния или по-късен ден.",
}
NOT_OFFERED = {
    **of_kind("consent-not-offered"),
    "title": "Такова съгласие не се иска тук",
    "status": 422,
    "detail": "Изберете цел и канал, за които тук се иска съгласие.",
}
NO_TEXT = {
    **of_kind("declaration-not-found"),
    "title": "Няма такава декларация",
    "status": 404,
    "detail": "За тази цел още няма публикуван текст или няма такава версия.",
}
BOX = {"version": VERSION, "accepted": True}
A_COOKIE = {
    "provider": "Google Ireland Ltd.",
    "purpose_bg": "Брои посещения",
    "purpose_en": "Counts visits",
    "category": "statistics",
    "lifetime_bg": "13 месеца",
    "lifetime_en": "13 months",
    "is_third_party": True,
}


def role_insufficient(right: str) -> dict[str, Any]:
    return {
        **of_kind("role-insufficient"),
        "title": "Ролята не дава това право",
        "status": 403,
        "detail": f"Нужно е правото „{PERMITS[Right(right)].bg}“. Обърнете се към собственика на магазина.",
        "right": right,
    }


async def refused(shop: Shop, method: str, path: str, document: dict[str, Any], **request: Any) -> None:
    """See that a call is refused with this document, and that the database is as it was."""
    before = await contents(shop)
    answer = await shop.http.request(method, path, **request)
    assert (answer.status_code, answer.json()) == (document["status"], document)
    assert await contents(shop) == before


@pytest.mark.parametrize(
    ("method", "path", "body", "right"),
    [
        ("POST", TEXTS, a_text(), "publish_texts"),
        ("PUT", "/v1/staff/cookies/_ga", A_COOKIE, "publish_texts"),
        ("DELETE", "/v1/staff/cookies/_fbp", None, "publish_texts"),
        ("POST", STAFFS, {"email": IVA, "received_by": "phone"}, "record_consents"),
    ],
)
async def test_who_has_not_the_right_changes_nothing(
    shop: Shop, method: str, path: str, body: dict[str, Any] | None, right: str
) -> None:
    await subscribe(shop)
    clerk = await shop.staff(StaffRole.WAREHOUSE)
    await refused(shop, method, path, role_insufficient(right), json=body, headers=clerk)
    assert await on_the_list(shop)


async def test_a_text_is_published_once_and_never_for_a_day_that_is_past(shop: Shop) -> None:
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    await refused(shop, "POST", TEXTS, VERSION_PUBLISHED, json=a_text(version="2023-08-22"), headers=officer)
    await refused(shop, "POST", TEXTS, TOO_EARLY, json=a_text(effective_on="2026-11-22"), headers=officer)


async def test_what_is_no_click_and_what_was_never_made_change_nothing(shop: Shop) -> None:
    await subscribe(shop)
    url = await url_for(shop)
    await refused(shop, "POST", url, ONE_CLICK_MISSING, data={"List-Unsubscribe": "No"})
    await refused(shop, "POST", url, ONE_CLICK_MISSING)
    other = url[:-1] + ("A" if url[-1] != "A" else "B")
    await refused(shop, "POST", other, NOT_FOUND, data=ONE_CLICK)
    await refused(shop, "GET", other, NOT_FOUND)


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ('name="List-Unsubscribe"\r\n\r\nOne-Click', 200),
        ("name=List-Unsubscribe\r\n\r\nOne-Click", 200),
        ('name="List-Unsubscribe"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nOne-Click', 200),
        ('name="List-Unsubscribe"\r\n\r\nNo', 422),
        ('name="List-Unsubscribe"\r\n\r\nNot-One-Click', 422),
        ('name="Other"\r\n\r\nList-Unsubscribe=One-Click', 422),
    ],
)
async def test_of_several_parts_the_one_that_is_meant_decides(shop: Shop, part: str, status: int) -> None:
    await subscribe(shop)
    another = 'Content-Disposition: form-data; name="any"\r\n\r\nOne-Click'
    body = f"--x\r\nContent-Disposition: form-data; {part}\r\n--x\r\n{another}\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await shop.http.post(await url_for(shop), content=body.encode(), headers=headers)
    assert answer.status_code == status
    assert await on_the_list(shop) == (status != httpx.codes.OK)


async def test_whoever_only_looks_leaves_nothing_behind(shop: Shop) -> None:
    await subscribe(shop)
    url = await url_for(shop)
    before = await contents(shop)
    for _ in range(2):
        assert (await shop.http.get(url)).status_code == httpx.codes.OK
    assert await contents(shop) == before


async def test_a_link_does_what_it_was_mailed_for_and_nothing_else(shop: Shop) -> None:
    """One secret makes all of them: a token of one kind is none of another."""
    await subscribe(shop)
    to_confirm, to_leave = mailed_token(shop, CONFIRM), (await url_for(shop)).rpartition("/")[2]
    for path, token in (
        (CONFIRMATIONS, to_leave),
        (PROOFS, to_leave),
        (PROOFS, to_confirm),
        (WITHDRAWALS, to_confirm),
    ):
        await refused(shop, "POST", path, LINK_INVALID, json={"token": token})
    [(order_id,)] = await shop.rows("SELECT id FROM orders")
    of_an_order = link_token(shop.app.state.secret, "unsubscribe", order_id)
    answer = await shop.http.post(f"/v1/newsletter/unsubscribe/{of_an_order}", data=ONE_CLICK)
    assert answer.status_code == httpx.codes.OK, "what is on record no more is answered alike"
    assert await on_the_list(shop)


@pytest.mark.parametrize(
    ("wish", "document"),
    [
        ({"purpose": "newsletter", "channel": "phone"}, NOT_OFFERED),
        ({"purpose": "survey", "channel": "sms"}, NOT_OFFERED),
        ({"purpose": "registration", "channel": "email"}, NOT_OFFERED),
        ({"purpose": "review", "channel": "email"}, NOT_OFFERED),
        ({"purpose": "third_party_marketing", "channel": "email"}, NO_TEXT),
        ({"purpose": "third_party_marketing", "channel": "viber"}, NO_TEXT),
    ],
)
async def test_what_is_not_asked_for_in_an_account_cannot_be_agreed_to_there(
    shop: Shop, wish: dict[str, Any], document: dict[str, Any]
) -> None:
    me = await shop.account()
    json = {**wish, "privacy_declaration": BOX}
    await refused(shop, "POST", "/v1/me/consents", document, json=json, headers=me)


@pytest.mark.parametrize(
    ("key", "limit", "path", "body"),
    [
        ("withdrawal", 60, WITHDRAWALS, {"email": IVA}),
        ("withdrawal", 60, PROOFS, {"token": "A" * 64}),
        ("consent-link", 600, CONFIRMATIONS, {"token": "A" * 64}),
        ("cookies", 120, CHOICES, a_choice()),
    ],
)
async def test_who_tries_a_list_of_addresses_or_links_is_slowed_down(
    shop: Shop, key: str, limit: int, path: str, body: dict[str, Any]
) -> None:
    await shop.app.state.throttle.take(f"{key}:127.0.0.1", limit=limit, per_seconds=3600, at=NOON, cost=limit)
    seconds = 3600 // limit
    await refused(
        shop,
        "POST",
        path,
        {
            **of_kind("too-many-requests"),
            "title": "Твърде много опити",
            "status": 429,
            "detail": f"Опитайте отново след {seconds} секунди.",
            "retry_after": seconds,
        },
        json=body,
    )


async def test_logged_in_one_is_a_guest_under_anothers_address(shop: Shop) -> None:
    await member(shop, newsletter=True)
    boris = await shop.account("boris@example.bg")
    wish = {"email": EMAIL, "purpose": "registration"}
    told = [(await shop.http.post(WITHDRAWALS, json=wish, headers=who)).json() for who in ({}, boris)]
    assert told[0] == told[1]
    assert (told[1]["stopped"], told[1]["to_be_proved"], told[1]["closed"]) == ([], ["registration"], None)
    assert await shop.count("accounts") == 2


async def test_the_button_of_an_old_mail_answers_alike_after_the_account_is_gone(shop: Shop) -> None:
    me = await member(shop, newsletter=True)
    url = await url_for(shop, EMAIL)
    shop.clock.advance(minutes=1)
    await close(shop, me)
    answers = [await shop.http.post(url, data=ONE_CLICK) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [httpx.codes.OK] * 2
    assert await shop.rows("SELECT count(*) FROM consents WHERE act = 'withdrawn' AND purpose = 'newsletter'") == [(1,)]
