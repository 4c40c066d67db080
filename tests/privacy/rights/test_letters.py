"""How the desk's letters name what somebody asked for, when, and by when it is answered."""

from datetime import date
from uuid import UUID

import pytest

from app.core.language import Language
from app.privacy.rights.letters import Told, receipt, write_letter
from app.privacy.rights.models import LetterKind, RequestKind
from tests.shop import NOON

CALLED = {
    RequestKind.ACCESS: (
        "искането Ви № 0123456789AB за достъп до личните данни, получено",
        "your request no. 0123456789AB for access to personal data, received",
    ),
    RequestKind.PORTABILITY: (
        "искането Ви № 0123456789AB за преносимост на личните данни, получено",
        "your request no. 0123456789AB for portability of personal data, received",
    ),
    RequestKind.RECTIFICATION: (
        "искането Ви № 0123456789AB за коригиране на личните данни, получено",
        "your request no. 0123456789AB for rectification of personal data, received",
    ),
    RequestKind.RESTRICTION: (
        "искането Ви № 0123456789AB за ограничаване на обработването, получено",
        "your request no. 0123456789AB for restriction of processing, received",
    ),
    RequestKind.ERASURE: (
        "искането Ви № 0123456789AB за изтриване на личните данни, получено",
        "your request no. 0123456789AB for erasure of personal data, received",
    ),
    RequestKind.OBJECTION: (
        "възражението Ви № 0123456789AB срещу обработването, получено",
        "your objection no. 0123456789AB to processing, received",
    ),
    RequestKind.WITHDRAWAL: (
        "искането Ви № 0123456789AB за оттегляне на съгласие, получено",
        "your request no. 0123456789AB for withdrawal of consent, received",
    ),
    RequestKind.COMPLAINT: (
        "жалбата Ви № 0123456789AB относно обработването на личните данни, получена",
        "your complaint no. 0123456789AB about the processing, received",
    ),
}


def told(kind: RequestKind, language: Language) -> Told:
    ident = UUID("01a22dda-5c1c-76ed-aaa5-0123456789ab")
    return Told(ident, kind, received_at=NOON, due_on=date(2026, 12, 22), language=language)


@pytest.mark.parametrize("kind", RequestKind)
def test_d9_a_letter_names_the_request_by_its_number_and_then_what_for(kind: RequestKind) -> None:
    bg, en = CALLED[kind]
    opening = write_letter(LetterKind.PARTS, told(kind, Language.BG), None, {"parts": []}).paragraphs[0]
    assert opening.replace("\N{NARROW NO-BREAK SPACE}", " ").startswith(f"Пишем Ви за {bg} на 23 ноември 2026 г., ")
    assert opening.endswith(" ч.")
    opening = write_letter(LetterKind.PARTS, told(kind, Language.EN), None, {"parts": []}).paragraphs[0]
    assert opening.startswith(f"We write about {en} on 23 November 2026, ")
    assert opening.endswith(" (Sofia time).")


def test_d9_a_receipt_says_when_it_came_and_by_when_it_is_answered() -> None:
    [words] = receipt(told(RequestKind.ACCESS, Language.BG), [])
    bg = words.bg.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert bg.startswith(f"Потвърждаваме, че получихме {CALLED[RequestKind.ACCESS][0]} на 23 ноември 2026 г., ")
    assert " ч. Ще Ви отговорим без ненужно забавяне и най-късно на 22 декември 2026 г. Отговорът е безплатен." in bg
    assert ".." not in bg
    assert " (Sofia time). We answer without undue delay, on 22 December 2026 at the latest. " in words.en
