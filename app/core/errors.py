"""Refusals: one class for each, rendered in one place as problem+json (RFC 9457)."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from app.core.language import Language, Text


class ShopError(Exception):
    """A refusal that the client can act on; each subclass is a problem type.

    `title` says what the type means, `advice` what to do about this occurrence; `advice` may name members in braces.
    The members are sent beside them, so they hold nothing personal and only values that JSON knows; none may take the
    name of a member that every problem has.
    """

    status: ClassVar[int] = 409
    title: ClassVar[Text]
    advice: ClassVar[Text]
    headers: dict[str, str] = {}  # noqa: RUF012 - read only; an occurrence may have its own
    example: ClassVar[dict[str, Any]] = {}
    """Members as an occurrence has them, for the contract."""
    words: ClassVar[dict[str, Mapping[Any, Text]]] = {}
    """What the advice says in place of a member's value, by the member's name."""

    def __init__(self, **members: Any) -> None:
        super().__init__(type(self).__name__)
        self.members = members

    @classmethod
    def exemplary_advice(cls) -> str:
        """Return the advice as an occurrence gives it, where there is an example of one."""
        return cls.advise(Language.EN, cls.example) if cls.example else cls.advice.en

    @classmethod
    def advise(cls, language: Language, members: Mapping[str, Any]) -> str:
        """Say what to do about an occurrence with these members."""
        said = {
            name: cls.words[name][value].in_(language) if name in cls.words else value
            for name, value in members.items()
        }
        return cls.advice.in_(language).format(**said)

    @classmethod
    def slug(cls) -> str:
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def type(cls) -> str:
        """Return the problem type, as it is within the shop's address: contract, made from the class name."""
        return f"/problems/{cls.slug()}"

    def document(self, language: Language) -> dict[str, Any]:
        return {
            **self.members,
            "type": self.type(),
            "code": self.slug(),
            "title": self.title.in_(language),
            "status": self.status,
            "detail": self.advise(language, self.members),
        }


class NotFound(ShopError):
    """The one answer for what does not exist and for what is a stranger's."""

    status = 404
    title = Text("Няма такъв запис", "Not found")
    advice = Text("Проверете адреса и правата си за достъп.", "Check the address and that it is yours to see.")


class Invalid(ShopError):
    """A request that does not fit the contract; `errors` point at each field (RFC 6901)."""

    status = 422
    title = Text("Невалидни данни", "Invalid request")
    advice = Text("Поправете посочените полета и изпратете отново.", "Correct the fields named and send again.")
