"""The register of breaches: facts, consequences, measures, risk, and who was told (S80–S83, GDPR Art. 33(5))."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.backoffice.register import Cell, Column, Entry, Paged, Reading, RegisterName, written
from app.core.language import Language, Text
from app.core.searching import says
from app.privacy.breaches.models import BreachStatus, EntryKind, Risk
from app.privacy.breaches.queries import RegisteredBreach, list_breaches

LARGEST = 2**63
RISKS: dict[Risk, Text] = {
    Risk.UNLIKELY: Text("малко вероятен", "unlikely"),
    Risk.RISK: Text("риск", "risk"),
    Risk.HIGH: Text("висок риск", "high risk"),
}


STATES: dict[BreachStatus, Text] = {
    BreachStatus.DISCOVERED: Text("открито", "discovered"),
    BreachStatus.ASSESSED: Text("оценено", "assessed"),
    BreachStatus.NOTIFIED: Text("КЗЛД е уведомена", "КЗЛД notified"),
    BreachStatus.NOT_NOTIFIED: Text("не се уведомява", "not notified"),
    BreachStatus.PEOPLE_TOLD: Text("лицата са уведомени", "people told"),
    BreachStatus.PEOPLE_NOT_TOLD: Text("лицата не се уведомяват", "people not told"),
    BreachStatus.CLOSED: Text("приключено", "closed"),
}


async def _page(reading: Reading, words: str | None, after: tuple[Any, ...] | None, limit: int) -> Sequence[Entry]:
    below = after[0] if after else None
    if not words:
        return [_entry(each) for each in await list_breaches(reading.session, after=below, limit=limit)]
    entries: list[Entry] = []
    # They are few; what is searched is their text.
    while found := await list_breaches(reading.session, after=below, limit=limit):
        entries += [entry for entry in map(_entry, found) if says(_text(entry), words)]
        below = found[-1].breach.number
        if len(entries) >= limit:
            break
    return entries[:limit]


def _text(entry: Entry) -> str:
    return " ".join(written(cell, Language.BG) for cell in entry.cells.values())


def _entry(registered: RegisteredBreach) -> Entry:
    breach = registered.breach
    cells: Mapping[str, Cell] = {
        "number": str(breach.number),
        "discovered_at": breach.discovered_at,
        "summary": breach.summary,
        "facts": registered.text(EntryKind.FACTS),
        "consequences": registered.text(EntryKind.CONSEQUENCES),
        "measures": registered.text(EntryKind.MEASURES),
        "risk": [RISKS[breach.risk] if breach.risk else None, registered.text(EntryKind.RISK_ASSESSMENT)],
        "people": breach.people,
        "authority": breach.kzld_notified_at,
        "not_notified": registered.text(EntryKind.REASONS_NOT_TO_NOTIFY),
        "people_told_at": breach.letters_done_at or breach.publicly_told_at,
        "status": STATES[breach.status],
        "closed_at": breach.closed_at,
    }
    return Entry((breach.number,), cells, f"breach:{breach.id}")


def _number(value: Any) -> int:
    if type(value) is not int or not 0 < value < LARGEST:
        raise ValueError("not the number of a breach")
    return value


BREACHES = Paged(
    RegisterName.BREACHES,
    Text("Регистър „Нарушения“", "Register “Breaches”"),
    (
        Column("number", Text("№", "No."), 2),
        Column("discovered_at", Text("Открито", "Discovered")),
        Column("summary", Text("Накратко", "In short"), 6),
        Column("facts", Text("Факти", "Facts"), 8),
        Column("consequences", Text("Последици", "Consequences"), 7),
        Column("measures", Text("Мерки", "Measures"), 7),
        Column("risk", Text("Оценка на риска", "Risk assessment"), 7),
        Column("people", Text("Лица", "People"), 2),
        Column("authority", Text("КЗЛД уведомена", "КЗЛД notified")),
        Column("not_notified", Text("Защо не е уведомена", "Why not notified"), 5),
        Column("people_told_at", Text("Лицата уведомени", "People told")),
        Column("status", Text("Състояние", "State")),
        Column("closed_at", Text("Приключено", "Closed")),
    ),
    (_number,),
    _page,
)
