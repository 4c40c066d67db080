"""Where the links of mails lead."""

from dataclasses import replace

import pytest

from app.core.language import Language
from tests.mail.letters import LETTERHEAD

OWN = replace(LETTERHEAD, storefront_url=None)


@pytest.mark.parametrize(
    ("path", "english"),
    [
        ("orders/1#view=A", "orders/1?language=en#view=A"),
        ("withdrawal?order=1", "withdrawal?order=1&language=en"),
        ("problems", "problems?language=en"),
    ],
)
def test_the_shops_own_pages_are_told_the_language_of_the_mail(path: str, english: str) -> None:
    assert OWN.page(path) == f"https://api.shop.example/{path}"
    assert OWN.page(path, Language.EN) == f"https://api.shop.example/{english}"
    assert LETTERHEAD.page(path, Language.EN) == f"https://shop.example/{path}"
