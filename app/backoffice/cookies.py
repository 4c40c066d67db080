"""The register "cookies" (S58, S84), and the log of visitors' choices about them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.backoffice.register import Cell, Column, Entry, Paged, Reading, RegisterName, Whole
from app.core.language import Text
from app.privacy.cookies.models import Cookie, CookieCategory, CookieConsent
from app.privacy.models import Declaration

CATEGORIES: dict[CookieCategory, Text] = {
    CookieCategory.NECESSARY: Text("необходима", "necessary"),
    CookieCategory.FUNCTIONAL: Text("функционална", "functional"),
    CookieCategory.STATISTICS: Text("статистическа", "statistics"),
    CookieCategory.MARKETING: Text("маркетингова", "marketing"),
}


async def _cookies(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    return [
        {
            "name": each.name,
            "provider": each.provider,
            "purpose": Text(each.purpose_bg, each.purpose_en),
            "category": CATEGORIES[each.category],
            "lifetime": Text(each.lifetime_bg, each.lifetime_en),
            "third_party": each.is_third_party,
            "needs_consent": each.category is not CookieCategory.NECESSARY,
        }
        for each in await reading.session.scalars(select(Cookie).order_by(Cookie.category, Cookie.name))
    ]


COOKIES = Whole(
    RegisterName.COOKIES,
    Text("Регистър „Бисквитки“", "Register “Cookies”"),
    (
        Column("name", Text("Име", "Name")),
        Column("provider", Text("От кого", "By whom"), 5),
        Column("purpose", Text("За какво", "What for"), 9),
        Column("category", Text("Категория", "Category")),
        Column("lifetime", Text("Срок", "Lifetime")),
        Column("third_party", Text("На трето лице", "Of a third party"), 3),
        Column("needs_consent", Text("Със съгласие", "Needs consent"), 3),
    ),
    _cookies,
)


async def _choices(reading: Reading, words: str | None, after: tuple[Any, ...] | None, limit: int) -> Sequence[Entry]:
    """List choices, newest first; searched by the id that the visitor's browser keeps, for nobody's name is known."""
    wanted = select(CookieConsent, Declaration.version).join(
        Declaration, Declaration.id == CookieConsent.declaration_id
    )
    if words:
        try:
            wanted = wanted.where(CookieConsent.consent_id == UUID(words))
        except ValueError:
            return []
    if after:
        wanted = wanted.where(CookieConsent.id < after[0])
    found = await reading.session.execute(wanted.order_by(CookieConsent.id.desc()).limit(limit))
    return [_choice(*row) for row in found]


def _choice(choice: CookieConsent, version: str) -> Entry:
    cells: Mapping[str, Cell] = {
        "at": choice.recorded_at,
        "consent_id": str(choice.consent_id),
        "functional": choice.functional,
        "statistics": choice.statistics,
        "marketing": choice.marketing,
        "method": choice.method.value,
        "version": version,
        "language": choice.language.value,
        "text_sha256": choice.text_sha256,
        "network": choice.network,
        "browser": choice.browser,
    }
    return Entry((choice.id,), cells)


COOKIE_CONSENTS = Paged(
    RegisterName.COOKIE_CONSENTS,
    Text("Избори за бисквитки", "Choices about cookies"),
    (
        Column("at", Text("Кога", "When")),
        Column("consent_id", Text("Посетител", "Visitor"), 7),
        Column("functional", Text("Функционални", "Functional"), 3),
        Column("statistics", Text("Статистика", "Statistics"), 3),
        Column("marketing", Text("Маркетинг", "Marketing"), 3),
        Column("method", Text("Бутон", "Button")),
        Column("version", Text("Версия на текста", "Version of the text")),
        Column("language", Text("Език", "Language"), 2),
        Column("text_sha256", Text("SHA-256 на текста", "SHA-256 of the text"), 8),
        Column("network", Text("Мрежа", "Network"), 5),
        Column("browser", Text("Браузър", "Browser")),
    ),
    (UUID,),
    _choices,
)
