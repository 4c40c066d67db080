"""Who may be written to, and how people come to be on a list, for the tests of consents."""

from email.message import EmailMessage
from typing import Any

import httpx

from app.privacy.marketing import list_addressees, may_write_to
from app.privacy.models import Channel, ConsentPurpose
from tests.privacy.rights.asking import TOKEN, mailed_token
from tests.problems import of_kind
from tests.shop import Shop

IVA = "iva@example.bg"
CONFIRM = "Потвърдете съгласието си"
WITHDRAW = "Потвърдете оттеглянето на съгласие"
CONFIRMATIONS = "/v1/newsletter/confirmations"
WITHDRAWALS = "/v1/consents/withdrawals"
PROOFS = f"{WITHDRAWALS}/confirmations"
STAFFS = "/v1/staff/consents/withdrawals"
ACTS = "SELECT purpose, channel, act, means, words FROM consents ORDER BY recorded_at, id"
LINK_INVALID = {
    **of_kind("link-invalid"),
    "title": "Връзката не е валидна",
    "status": 422,
    "detail": "Връзката е използвана или срокът ѝ е изтекъл. Поискайте нова.",
}


async def on_the_list(shop: Shop, email: str = IVA) -> bool:
    """Ask both questions that a campaign asks; they agree."""
    async with shop.sessions() as session:
        one = await may_write_to(session, email, ConsentPurpose.NEWSLETTER, Channel.EMAIL)
        listed = await list_addressees(session, ConsentPurpose.NEWSLETTER, Channel.EMAIL)
    assert (one is not None) == (email.lower() in {each.email.lower() for each in listed})
    return one is not None


async def confirm(shop: Shop, token: str | None = None) -> httpx.Response:
    return await shop.http.post(CONFIRMATIONS, json={"token": token or mailed_token(shop, CONFIRM)})


async def subscribe(shop: Shop, **changes: Any) -> None:
    """Tick the box at the checkout and open the mailed link."""
    await shop.ordered(consents=["newsletter"], **changes)
    await shop.run_jobs()
    assert (await confirm(shop)).status_code == httpx.codes.NO_CONTENT


def words(letter: EmailMessage) -> str:
    """Read the plain text of a letter, spaces made plain."""
    plain = letter.get_body(("plain",))
    assert plain is not None
    return " ".join(plain.get_content().replace("\N{NO-BREAK SPACE}", " ").split())


def token_in(letter: EmailMessage) -> str:
    [token] = TOKEN.findall(words(letter))
    return str(token)
