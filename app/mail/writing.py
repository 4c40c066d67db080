"""Writes letters: the paper they share, and the words of a template in both forms.

Each letter has one template per language; it is rendered twice, as HTML and as plain text, so that both say the same.
A letter loads nothing from anywhere and counts nobody.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from functools import cache
from urllib.parse import urlsplit

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from app.core.clock import SOFIA, Clock
from app.core.language import Language, Text
from app.core.money import CURRENCY, Money
from app.mail.authority import Authority
from app.mail.messages import Envelope, Pdf, Writing, compose, message_id
from app.mail.models import Mail

NO_BREAK = "\N{NO-BREAK SPACE}"
LOCALES = {Language.BG: "bg_BG", Language.EN: "en_GB"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trader:
    """Who sells, and answers for the personal data."""

    name: str
    eik: str
    vat_number: str | None
    address: str
    email: str
    phone: str | None
    responsible_person: str
    authority: Authority
    """To whom one may complain of how it treats personal data."""

    def particulars(self, language: Language) -> list[str]:
        """List what identifies the trader and how to reach it (ЗЕТ чл. 4)."""
        eik = Text(f"{self.name}, ЕИК {self.eik}", f"{self.name}, EIK {self.eik}")
        vat = Text(f"ДДС № {self.vat_number}", f"VAT no. {self.vat_number}") if self.vat_number else None
        lines = [eik.in_(language), vat and vat.in_(language), self.address, self.email, self.phone]
        return [line for line in lines if line]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Letter:
    """What every letter states; it may hold a link that opens an account, so that it is never printed."""

    language: Language
    trader: Trader


@dataclass(frozen=True)
class Letterhead:
    """What the shop's letters have in common: who sends them, and where their links lead."""

    trader: Trader
    public_url: str
    storefront_url: str | None
    """None: the shop's own pages."""
    clock: Clock

    def page(self, path: str, language: Language = Language.BG) -> str:
        """Return where a page is; one of the shop's own is told in its address which language it is read in."""
        if self.storefront_url is not None or language is Language.BG:
            return f"{self.storefront_url or self.public_url}/{path}"
        before, mark, fragment = path.partition("#")
        return f"{self.public_url}/{before}{'&' if '?' in before else '?'}language={language}{mark}{fragment}"

    def message(self, mail: Mail, writing: Writing, *attachments: Pdf) -> EmailMessage:
        envelope = Envelope(
            message_id=message_id(mail.id, urlsplit(self.public_url).hostname or "localhost"),
            sender_name=self.trader.name,
            sender=self.trader.email,
            to=mail.address,
            at=self.clock.now(),
        )
        return compose(envelope, writing, *attachments)


def write(package: str, template: str, letter: Letter, subject: str) -> Writing:
    """Write a letter from the template of a package; `form` and `seller` are everybody's."""
    text, html = (
        _templates(package, html=html)
        .get_template(f"{template}.{letter.language}.txt")
        .render(letter=letter, trader=letter.trader, subject=subject, form="form.html" if html else "form.txt")
        .replace("№ ", f"№{NO_BREAK}")
        for html in (False, True)
    )
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    return Writing(language=letter.language, subject=subject, text=text, html=html)


def euro(amount: Money, language: Language) -> str:
    return format_currency(amount.decimal, CURRENCY, locale=LOCALES[language])


def day(value: date, language: Language) -> str:
    return format_date(value, "long", locale=LOCALES[language])


def moment(at: datetime, language: Language) -> str:
    """Return a moment as it was in Bulgaria."""
    written = Text("d MMMM y 'г'., HH:mm 'ч'.", "d MMMM y, HH:mm").in_(language)
    return format_datetime(at, written, tzinfo=SOFIA, locale=LOCALES[language])


def ended(words: str) -> str:
    """End a sentence: the full stop of „2026 г.“ and of „13:04 ч.“ is its own already."""
    return words if words.endswith(".") else f"{words}."


def iban(account: str) -> str:
    """Return the account in groups of four, as banks print it."""
    return " ".join(account[start : start + 4] for start in range(0, len(account), 4))


def one_line(text: str) -> str:
    """Close up line breaks and indents; no-break spaces stay."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")


@cache
def _templates(package: str, *, html: bool) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("app.mail")]),
        autoescape=html,  # noqa: S701 - plain text is not HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(euro=euro, day=day, moment=moment, ended=ended, iban=iban, one_line=one_line)
    return environment
