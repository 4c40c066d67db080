"""The disclosure log as a register: to whom data went, exactly what, why, on which ground, whose (S32, S55, C12)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.backoffice import disclosures_queries as queries
from app.backoffice.disclosures_queries import Found
from app.backoffice.finding import orders_fit
from app.backoffice.register import Cell, Column, Entry, Paged, Reading, RegisterName
from app.core.language import Text
from app.core.personal import Category
from app.privacy.ad_hoc.models import AdHocDisclosure, AdHocKind
from app.privacy.models import Disclosure, Handing, RegisteredRecipient
from app.privacy.words import CATEGORIES, GROUNDS_SHORT, PURPOSES

AD_HOC_KINDS: dict[AdHocKind, Text] = {
    AdHocKind.AUTHORITY: Text("държавен орган", "authority"),
    AdHocKind.LAWYER: Text("адвокат", "lawyer"),
    AdHocKind.AUDITOR: Text("одитор", "auditor"),
    AdHocKind.CONSULTANT: Text("консултант", "consultant"),
}
MEANS: dict[Handing, Text] = {
    Handing.PUSH: Text("изпратени", "sent"),
    Handing.PULL: Text("изтеглени от получателя", "pulled by the recipient"),
    Handing.DOWNLOAD: Text("изтеглени от лице", "downloaded by a person"),
}
BY_HAND = Text("предадени еднократно", "handed over once")


async def _page(reading: Reading, words: str | None, after: tuple[Any, ...] | None, limit: int) -> Sequence[Entry]:
    below = after[0] if after else None
    standing = await queries.list_standing(reading.session, orders_fit(words) if words else None, below, limit)
    once = await queries.list_ad_hoc(reading.session, queries.ad_hoc_fit(words) if words else None, below, limit)
    return newest([*map(standing_entry, standing), *map(ad_hoc_entry, once)], limit)


def newest(entries: Sequence[Entry], limit: int) -> list[Entry]:
    """Join lists of which each is newest first; ids are in the order of time."""
    return sorted(entries, key=lambda entry: str(entry.key[0]), reverse=True)[:limit]


def standing_entry(row: Found) -> Entry:
    log: Disclosure = row[0]
    recipient: RegisteredRecipient = row[3]
    cells: Mapping[str, Cell] = {
        "at": log.disclosed_at,
        "recipient": Text(recipient.title_bg, recipient.title_en),
        "whose": [_number(row.number), row.email],
        "categories": [CATEGORIES[Category(each)] for each in log.categories],
        "fields": [],
        "purpose": PURPOSES[log.purpose],
        "ground": GROUNDS_SHORT[log.ground],
        "means": MEANS[log.means],
        "what": log.what,
        "reference": str(log.reference_id) if log.reference_id else None,
        "actor": log.actor,
    }
    return Entry((log.id,), cells, _subject(row.number))


def ad_hoc_entry(row: Found) -> Entry:
    log: AdHocDisclosure = row[0]
    kind = AD_HOC_KINDS[log.kind]
    cells: Mapping[str, Cell] = {
        "at": log.disclosed_at,
        "recipient": Text(f"{kind.bg}: {log.recipient}", f"{kind.en}: {log.recipient}"),
        "whose": [_number(row.number), log.email or row.email],
        "categories": [CATEGORIES[Category(each)] for each in log.categories],
        "fields": log.fields,
        "purpose": log.reason,
        "ground": GROUNDS_SHORT[log.ground],
        "means": BY_HAND,
        "what": log.kind.value,
        "reference": log.reference,
        "actor": log.actor,
    }
    return Entry((log.id,), cells, _subject(row.number) or f"disclosure:{log.id}")


def _number(number: int | None) -> str | None:
    return f"№ {number}" if number else None


def _subject(number: int | None) -> str | None:
    return f"order:{number}" if number else None


DISCLOSURES = Paged(
    RegisterName.DISCLOSURES,
    Text("Предоставени данни", "Disclosures"),
    (
        Column("at", Text("Кога", "When")),
        Column("recipient", Text("На кого", "To whom"), 5),
        Column("whose", Text("Чии", "Whose"), 6),
        Column("categories", Text("Категории", "Categories"), 5),
        Column("fields", Text("Точни полета", "Exact fields"), 6),
        Column("purpose", Text("Защо", "Why"), 6),
        Column("ground", Text("Основание", "Ground")),
        Column("means", Text("Как", "How")),
        Column("what", Text("Какво", "What"), 3),
        Column("reference", Text("Документ", "Paper"), 5),
        Column("actor", Text("Кой", "By whom")),
    ),
    (UUID,),
    _page,
)
