"""Refusals about declarations and recipients."""

from typing import Any

from app.core.errors import NotFound, ShopError
from app.core.jobs import Parked
from app.core.language import Language, Text


def address_of(purpose: str, version: str) -> str:
    """Return where one version of a declaration stays."""
    return f"/v1/declarations/{purpose}/versions/{version}"


class DeclarationNotFound(NotFound):
    title = Text("Няма такава декларация", "No such declaration")
    advice = Text(
        "За тази цел още няма публикуван текст или няма такава версия.",
        "Nothing is published for this purpose yet, or this version does not exist.",
    )


class DeclarationNotAccepted(ShopError):
    status = 422
    title = Text("Декларацията за поверителност не е приета", "Privacy declaration not accepted")
    advice = Text(
        "Прочетете декларацията за поверителност и отбележете, че я приемате.",
        "Read the privacy declaration and tick that you accept it.",
    )

    def document(self, language: Language) -> dict[str, Any]:
        error = {"pointer": "/privacy_declaration/accepted", "detail": self.advice.in_(language)}
        return {**super().document(language), "errors": [error]}


class DeclarationOutdated(ShopError):
    title = Text("Декларацията за поверителност е обновена", "Privacy declaration outdated")
    advice = Text(
        "Прочетете действащата версия {current_version} и я приемете.",
        "Read the version in force, {current_version}, and accept it.",
    )
    example = {"current_version": "2026-11-22"}  # noqa: RUF012 - read only

    def __init__(self, *, purpose: str, current_version: str) -> None:
        super().__init__(current_version=current_version, current=address_of(purpose, current_version))


class AgreementMissing(ShopError, Parked):
    """To a client a refusal, to a job a reason to wait for a person."""

    title = Text("Няма действащо споразумение с получателя", "No agreement with the recipient")
    advice = Text(
        "Нищо не е предадено. Впишете действащо споразумение с получателя {recipient} и опитайте отново.",
        "Nothing was handed over. Record an agreement in force with the recipient {recipient} and try again.",
    )
    example = {"recipient": "speedy"}  # noqa: RUF012 - read only

    def __init__(self, *, recipient: str) -> None:
        super().__init__(recipient=recipient)


class AcceptedTextAltered(Exception):
    """The stored text is no longer the one that was accepted: somebody went around the database's guards."""
