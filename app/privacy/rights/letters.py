"""Writes what a letter of the desk says: pure, from the request and the event that it tells of.

The paper and the mail say the same. Dates and codes are the event's own: what happened since changes no letter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.core.language import Language, Text
from app.mail.writing import day, ended, moment
from app.privacy.papers import Table
from app.privacy.rights.answers import answer
from app.privacy.rights.models import EventKind, LetterKind, Part, RequestKind
from app.privacy.rights.words import CALLED, PARTS


class Told(NamedTuple):
    """What a letter needs of the request."""

    id: UUID
    kind: RequestKind
    received_at: datetime
    due_on: date
    language: Language

    @property
    def number(self) -> str:
        return str(self.id)[-12:].upper()

    def about(self) -> Text:
        """Name the request, and when it came."""
        called = CALLED[self.kind]
        came = "получена" if self.kind is RequestKind.COMPLAINT else "получено"
        return Text(
            f"{called.bg.format(number=self.number)}, {came} на {moment(self.received_at, Language.BG)}",
            f"{called.en.format(number=self.number)}, received on {moment(self.received_at, Language.EN)} (Sofia time)",
        )


@dataclass(frozen=True, slots=True, repr=False)
class Writing:
    """A letter's words in one language."""

    title: str
    paragraphs: Sequence[str]
    tables: Sequence[Table] = ()


LETTERS = {
    EventKind.PARTS_ASKED: LetterKind.PARTS,
    EventKind.IDENTITY_ASKED: LetterKind.IDENTITY,
    EventKind.EXTENDED: LetterKind.EXTENSION,
    EventKind.DELAYED: LetterKind.DELAY,
    EventKind.DECIDED: LetterKind.ANSWER,
}
"""Which events are told by a letter."""

TITLES = {
    LetterKind.PARTS: Text("Моля, допълнете искането си", "Please complete your request"),
    LetterKind.IDENTITY: Text("Моля, потвърдете самоличността си", "Please confirm who you are"),
    LetterKind.EXTENSION: Text("Срокът за отговор е удължен", "The time for our answer is extended"),
    LetterKind.DELAY: Text("Отговорът ни се забавя", "Our answer is late"),
    LetterKind.ANSWER: Text("Отговор на искането Ви", "Answer to your request"),
}


def receipt(told: Told, missing: Sequence[str]) -> list[Text]:
    """Confirm that the request came (S75), and by when it is answered."""
    paragraphs = [
        Text(
            f"Потвърждаваме, че получихме {ended(told.about().bg)} Ще Ви отговорим без ненужно забавяне и най-късно на"
            f" {ended(day(told.due_on, Language.BG))} Отговорът е безплатен.",
            f"We confirm that we received {ended(told.about().en)} We answer without undue delay, on"
            f" {day(told.due_on, Language.EN)} at the latest. The answer is free of charge.",
        )
    ]
    if missing:
        paragraphs.append(_asked_for(missing))
    return paragraphs


def write_letter(kind: LetterKind, told: Told, words: str | None, details: dict[str, Any]) -> Writing:
    """Write the letter that tells of an event, in the language of the person."""
    if kind is LetterKind.ANSWER:
        paragraphs, tables = answer(told.kind, words, details, told.language)
    else:
        paragraphs, tables = _PARAGRAPHS[kind](words, details), []
    opening = _opening(told)
    return Writing(
        title=TITLES[kind].in_(told.language),
        paragraphs=[each.in_(told.language) for each in (opening, *paragraphs)],
        tables=tables,
    )


def _opening(told: Told) -> Text:
    about = told.about()
    return Text(ended(f"Пишем Ви за {about.bg}"), ended(f"We write about {about.en}"))


def _quoted(words: str | None) -> list[Text]:
    """Give what staff wrote, in the language they wrote it in."""
    return [Text(words, words)] if words else []


def _asked_for(parts: Sequence[str]) -> Text:
    named = [PARTS[Part(part)] for part in parts]
    return Text(
        f"За да е пълно искането, моля, изпратете: {', '.join(part.bg for part in named)}.",
        f"To complete the request, please send: {', '.join(part.en for part in named)}.",
    )


def _parts(words: str | None, details: dict[str, Any]) -> list[Text]:
    return [
        *([_asked_for(details["parts"])] if details["parts"] else []),
        *_quoted(words),
        Text(
            "Докато чакаме отговора Ви, срокът не тече; след него продължава оттам, откъдето е спрял.",
            "While we wait for your answer the time limit stands still; then it goes on from where it stopped.",
        ),
    ]


def _identity(words: str | None, _: dict[str, Any]) -> list[Text]:
    return [
        Text(
            "Преди да предоставим или променим лични данни, трябва да сме сигурни, че ги дължим именно на Вас (чл. 12,"
            " пар. 6 от Регламент (ЕС) 2016/679). Моля, потвърдете самоличността си: пишете ни от имейла, с който сте"
            " поръчвали или се регистрирали, или посочете номер и дата на поръчка.",
            "Before we give or change personal data we have to be sure that they are yours (Regulation (EU) 2016/679,"
            " Art. 12(6)). Please confirm who you are: write from the e-mail address that you ordered or registered"
            " with, or name the number and the day of an order.",
        ),
        *_quoted(words),
        Text(
            "ЕГН не ни е нужен; не изпращайте копие на лична карта. Докато чакаме отговора Ви, срокът не тече.",
            "We need no personal number; send no copy of an identity card. While we wait the time limit stands still.",
        ),
    ]


def _extension(words: str | None, details: dict[str, Any]) -> list[Text]:
    until = date.fromisoformat(details["extended_to"])
    return [
        Text(
            "Искането е сложно или е едно от много, затова удължаваме срока за отговор (чл. 12, пар. 3 от Регламент"
            f" (ЕС) 2016/679). Ще Ви отговорим най-късно на {ended(day(until, Language.BG))} Причините:",
            "The request is complex, or one of many, so that we extend the time for our answer (Regulation (EU)"
            f" 2016/679, Art. 12(3)). We answer on {day(until, Language.EN)} at the latest. The reasons:",
        ),
        *_quoted(words),
    ]


def _delay(words: str | None, details: dict[str, Any]) -> list[Text]:
    due = date.fromisoformat(details["last_day"])
    return [
        Text(
            f"Обещахме да Ви отговорим до {ended(day(due, Language.BG))} Съжаляваме, че отговорът се забавя."
            " Причината:",
            f"We promised an answer by {day(due, Language.EN)}. We are sorry that it is late. The reason:",
        ),
        *_quoted(words),
    ]


_PARAGRAPHS = {
    LetterKind.PARTS: _parts,
    LetterKind.IDENTITY: _identity,
    LetterKind.EXTENSION: _extension,
    LetterKind.DELAY: _delay,
}
