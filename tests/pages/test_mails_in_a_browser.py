"""D9: each mail as a phone of 320 pixels shows it: nothing has to be pushed aside to be read."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

from playwright.sync_api import Page

from app.core.language import Language
from app.fulfilment import cancellation_letters, letters
from app.invoices.view import DocumentKind
from app.upkeep.letters import AlarmLetter, StandstillLetter, standstill, upkeep_alarm
from tests.fulfilment.story import TRANSFER, pay
from tests.fulfilment.test_letters import CANCELLED, CASH_ORDER, INVOICE, ORDER, REFUNDED, TO_CONFIRM
from tests.mail.letters import AT, TRADER, body
from tests.pages.browsing import PHONE, Story, Visits
from tests.returns.stating import state
from tests.shop import Shop

WIDTH = "document.documentElement.scrollWidth"
LONG = "x" * 120


def widths_of(pages: Sequence[str]) -> Story[list[int]]:
    """Make the story that shows each page and measures it."""

    def story(page: Page) -> list[int]:
        found = []
        for html in pages:
            page.set_content(html)
            found.append(int(page.evaluate(WIDTH)))
        return found

    return story


def long_letters(language: Language) -> Iterator[str]:
    """Write of each kind of document, with numbers and names as long as they come."""
    trader = replace(TRADER, name="„Комплийт Дентал Солюшънс и приятели“ ЕООД " * 3)
    for kind in DocumentKind:
        yield letters.invoice_issued(replace(INVOICE, language=language, trader=trader, kind=kind)).html
    for order in (ORDER, CASH_ORDER, TO_CONFIRM):
        yield letters.order_confirmation(replace(order, language=language, trader=trader)).html
    yield cancellation_letters.order_cancelled(replace(CANCELLED, language=language, trader=trader)).html
    yield cancellation_letters.order_refunded(replace(REFUNDED, language=language, trader=trader)).html
    yield standstill(StandstillLetter(language=language, trader=trader, at=AT, found=(LONG,))).html
    alarm = AlarmLetter(language=language, trader=trader, what=LONG, at=AT, faults=(LONG,), advice=LONG)
    yield upkeep_alarm(alarm).html


async def test_d9_no_letter_is_wider_than_a_phone_however_long_its_words(visits: Visits) -> None:
    pages = [html for language in Language for html in long_letters(language)]
    visitor = await visits.come(width=PHONE)
    assert {*await visitor.do(widths_of(pages))} == {PHONE}


async def test_d9_no_mail_that_was_sent_is_wider_than_a_phone(shop: Shop, visits: Visits) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order)
    await state(shop, {"X-Order-Token": order["access_token"]}, order_number=order["number"])
    for address, wish in (
        ("/v1/auth/forgot-password", {"email": "iva@example.bg"}),
        ("/v1/privacy/requests", {"kind": "access", "email": "iva@example.bg"}),
    ):
        await shop.http.post(address, json=wish)
    await shop.run_jobs()
    mails = [message_from_bytes(file.read_bytes(), policy=default) for file in shop.mails.glob("*.eml")]
    assert len(mails) >= 3
    pages = [body(mail, "html") for mail in mails]
    visitor = await visits.come(width=PHONE)
    assert {*await visitor.do(widths_of(pages))} == {PHONE}
