"""Letters about consents and policies: what they say, in which language, and that none of them is an offer."""

from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from tests.accounts.closing import EMAIL, member
from tests.fulfilment.story import letters
from tests.privacy.consents.lists import IVA, WITHDRAWALS, subscribe, words
from tests.privacy.consents.test_policies import publish
from tests.shop import Shop, a_wish

ENGLISH = {"Accept-Language": "en"}


def states(letter: EmailMessage, *stated: str) -> None:
    """See that a letter says all this, and bears no way out of a list: it belongs to none."""
    shown = words(letter)
    assert [each for each in stated if each not in shown] == []
    assert (letter["List-Unsubscribe"], letter["List-Unsubscribe-Post"]) == (None, None)


@pytest.mark.parametrize(
    ("language", "subject", "stated"),
    [
        (
            "bg",
            "Потвърдете съгласието си",
            [
                "С този имейл адрес беше отбелязано съгласие за: бюлетин с оферти и промоции.",
                "Връзката може да се използва до 30 ноември 2026 г., 12:00 ч.",
                "Докато не потвърдите, няма да Ви пишем с оферти.",
                "без потвърждение няма да Ви пишем и адресът ще бъде изтрит",
            ],
        ),
        (
            "en",
            "Confirm your consent",
            [
                "somebody ticked that they agree to: a newsletter with offers and promotions.",
                "The link works until 30 November 2026, 12:00 (Sofia time).",
                "Until you confirm we will not write to you with offers.",
                "without confirmation we will not write to you and the address will be erased",
            ],
        ),
    ],
)
async def test_the_letter_that_asks_says_what_for_until_when_and_what_follows_from_silence(
    shop: Shop, language: str, subject: str, stated: list[str]
) -> None:
    wish = {**a_wish(await shop.cart()), "consents": ["newsletter"]}
    await shop.place(wish, **{"Accept-Language": language})
    await shop.run_jobs()
    [letter] = letters(shop, subject)
    assert letter["To"] == IVA
    states(letter, *stated, "/newsletter/confirm#token=")


@pytest.mark.parametrize(
    ("headers", "subject", "stated"),
    [
        (
            {},
            "Потвърдете оттеглянето на съгласие",
            [
                "беше поискано да бъде оттеглено съгласие за: регистрация и профил.",
                "Връзката може да се използва само веднъж, до 25 ноември 2026 г., 12:00 ч.",
                "без потвърждение всичко остава както е",
            ],
        ),
        (
            ENGLISH,
            "Confirm that you withdraw your consent",
            [
                "somebody asked to withdraw the consent to: registration and the account.",
                "The link works only once, until 25 November 2026, 12:00 (Sofia time). No reason is needed.",
                "without confirmation everything stays as it is",
            ],
        ),
    ],
)
async def test_the_letter_that_asks_for_proof_says_what_ends(
    shop: Shop, headers: dict[str, str], subject: str, stated: list[str]
) -> None:
    await member(shop)
    wish = {"email": EMAIL, "purpose": "registration", "words": "Тайните ми думи."}
    await shop.http.post(WITHDRAWALS, json=wish, headers=headers)
    await shop.run_jobs()
    [letter] = letters(shop, subject)
    assert letter["To"] == EMAIL
    states(letter, *stated, "/consents/withdraw#token=")
    assert "Тайните" not in words(letter), "a stranger could have written them"


async def test_of_nothing_that_it_would_end_nobody_is_asked_and_nothing_is_kept(shop: Shop) -> None:
    await subscribe(shop)
    before = len(letters(shop, ""))
    await shop.http.post(WITHDRAWALS, json={"email": IVA, "purpose": "registration"})
    assert await shop.count("pending_withdrawals") == 1
    await shop.run_jobs()
    assert len(letters(shop, "")) == before
    assert await shop.count("pending_withdrawals") == 0


@pytest.mark.parametrize(
    ("who", "subject", "stated"),
    [
        (
            "account",
            "Промяна в политиката за бисквитките",
            [
                "От 1 декември 2026 г. е в сила нова редакция на документа „Политика“.",
                "Пишем Ви, защото имате профил при нас или сте се съгласили да Ви пишем.",
            ],
        ),
        (
            "guest",
            "A change in the cookie policy",
            [
                "From 1 December 2026 a new version of “Policy” is in force.",
                "We write to you because you have an order under way.",
            ],
        ),
    ],
)
async def test_c21_the_letter_says_what_changed_from_when_and_why_one_is_written_to(
    shop: Shop, who: str, subject: str, stated: list[str]
) -> None:
    if who == "account":
        await shop.account()
    else:
        wish: dict[str, Any] = a_wish(await shop.cart())
        await shop.place(wish, **ENGLISH)
    assert (await publish(shop, purpose="cookies", version="changed")).status_code == httpx.codes.CREATED
    await shop.run_jobs()
    [letter] = letters(shop, subject)
    assert letter["To"] == IVA
    states(letter, *stated, "/policies/cookies/versions/changed")
