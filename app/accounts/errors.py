"""Refusals about registration and consents."""

from typing import Any

from app.core.errors import ShopError
from app.core.language import Language, Text


class ConsentMissing(ShopError):
    """A profile without a purchase rests on its owner's consent (S13): without it there is no ground to keep one."""

    status = 422
    title = Text("Липсва съгласие за регистрация", "Consent to registration missing")
    advice = Text(
        "Профил се създава само с Вашето изрично съгласие: добавете registration към consents. Без него можете да"
        " поръчате и като гост.",
        "A profile is only made with your explicit consent: add registration to consents. Without it you can still"
        " order as a guest.",
    )

    def document(self, language: Language) -> dict[str, Any]:
        document = super().document(language)
        return {**document, "errors": [{"pointer": "/consents", "detail": document["detail"]}]}


class AddressMissing(ShopError):
    """Whoever is not logged in says under which address, or shows a mail's token."""

    status = 422
    title = Text("Липсва адрес", "Address missing")
    advice = Text(
        "Посочете имейл адреса, за който се отнася, или влезте в профила си.",
        "Name the e-mail address that it is about, or log in.",
    )

    def document(self, language: Language) -> dict[str, Any]:
        document = super().document(language)
        return {**document, "errors": [{"pointer": "/email", "detail": document["detail"]}]}


class PhoneMissing(ShopError):
    """There is no number to write to."""

    status = 422
    title = Text("В профила няма телефон", "No phone in the account")
    advice = Text(
        "За SMS и Viber първо добавете телефон в профила си.", "For SMS and Viber first add a phone to your account."
    )
