"""Closes accounts over HTTP; what every answer about it says."""

from typing import Any

import httpx

from app.accounts.registering import REGISTRATION
from app.core.db import together
from app.privacy import queries
from app.privacy.models import DeclarationPurpose
from app.privacy.service import NEWSLETTER_BY_EMAIL, consent_insert
from tests.accounts.registering import PASSWORD, registered
from tests.factories.privacy import make_evidence
from tests.problems import of_kind
from tests.shop import NOON, Shop, a_wish

ME = "/v1/me"
EMAIL = "snezhina@example.bg"
HOME: dict[str, Any] = {
    "method": "address",
    "city": "София",
    "postcode": "1618",
    "street": "ул. Кокиче",
    "street_no": "2",
}
WHO: dict[str, Any] = {"first_name": "Снежина", "last_name": "Кокичева", "email": EMAIL, "phone": "+359888765432"}
IDENTITY = (EMAIL, "Снежина", "Кокичева", "888765432", "Кокиче", "Зъбна", "Phone-of-Snezhina")
UNAUTHENTICATED = {
    **of_kind("unauthenticated"),
    "title": "Нужно е удостоверяване",
    "status": 401,
    "detail": "Изпратете валиден токен за достъп в заглавието Authorization.",
}
BOOKS = "чл. 12 от Закона за счетоводството, чл. 121 от ЗДДС и чл. 38 от ДОПК"
CLAIMS = "чл. 17, пар. 3, б. „д“ от Регламент (ЕС) 2016/679 и чл. 110 от ЗЗД: защита при правни претенции"
PROOF = "чл. 5, пар. 2, чл. 7, пар. 1 и чл. 17, пар. 3, б. „д“ от Регламент (ЕС) 2016/679: доказателство"
CONTRACT = "чл. 6, пар. 1, б. „б“ от Регламент (ЕС) 2016/679: до изпълнението на договора"
PROFILE = "Профилът: име и телефон"
LOGIN = "Входът: имейл, парола, сесии, устройства и връзки от писма"
SENT = "Адресът в изпратените писма"
WORDS = "Коментарите, бележките за куриера и етикетите на приключените поръчки"
ACCEPTANCE = {
    "what": "Доказателството, че декларацията при регистрация е приета: версия, момент, IP адрес",
    "law": PROOF,
    "until": "2031-11-23",
    "count": 1,
}
RECORD = {
    "what": "Шифрованият запис на изтриването: по него изтриването се повтаря, ако се възстанови резервно копие",
    "law": "чл. 5, пар. 1, б. „д“ и чл. 32 от Регламент (ЕС) 2016/679: до изтичането на резервните копия",
    "until": "2027-02-21",
    "count": 1,
}
SUPPRESSED = {
    "what": "Защитеният с ключ отпечатък на адреса, за да не Ви пишем отново",
    "law": "чл. 21, пар. 3 от Регламент (ЕС) 2016/679: спазване на възражението срещу маркетинга, без срок",
    "until": None,
    "count": 1,
}
LETTER = {
    "what": "Писмото, с което потвърждаваме закриването, и адресът, на който е изпратено",
    "law": "чл. 12, пар. 3 от Регламент (ЕС) 2016/679: отговор на искането",
    "until": "2026-12-23",
    "count": 1,
}


def consents(count: int) -> dict[str, Any]:
    where = "и под предишен Ваш адрес: имейл, момент, IP адрес, Вашите думи"
    what = f"Доказателството за дадени и оттеглени съгласия, {where}"
    return {"what": what, "law": PROOF, "until": "2031-11-23", "count": count}


async def member(shop: Shop, *, newsletter: bool = False) -> dict[str, str]:
    """Make Снежина's account past the endpoints, which is faster; returns the headers of her calls."""
    me = await shop.account(EMAIL)
    given = [(REGISTRATION, DeclarationPurpose.REGISTRATION)]
    if newsletter:
        given.append((NEWSLETTER_BY_EMAIL, DeclarationPurpose.NEWSLETTER))
    async with shop.sessions.begin() as session:
        for wish, purpose in given:
            wording = await queries.get_current(session, purpose, at=NOON)
            evidence = make_evidence(at=shop.clock.now())
            await session.execute(together(consent_insert(wish, wording, evidence, email=EMAIL)))
    return me


async def snezhina(shop: Shop, **changes: Any) -> dict[str, str]:
    """Register Снежина Кокичева and log her in; returns the headers of her calls."""
    await registered(shop, **{**WHO, "address": HOME, **changes})
    answer = await shop.http.post(
        "/v1/auth/token",
        data={"grant_type": "password", "username": EMAIL, "password": PASSWORD},
        headers={"User-Agent": "Phone-of-Snezhina"},
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def bought(shop: Shop, me: dict[str, str], **changes: Any) -> str:
    """Place an order with Снежина's data; returns its number."""
    wish = a_wish(await shop.cart(), **{"customer": WHO, "delivery": HOME, **changes})
    answer = await shop.place(wish, **me)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return str(answer.json()["number"])


async def close(shop: Shop, me: dict[str, str]) -> dict[str, Any]:
    answer = await shop.http.delete(ME, headers=me)
    assert answer.status_code == httpx.codes.OK, answer.text
    closed: dict[str, Any] = answer.json()
    return closed
