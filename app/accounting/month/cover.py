"""The cover page of a month: totals, what agrees and what does not, which numbers were used, what is in the archive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.accounting.models import Discrepancy
from app.accounting.month.comparing import NOT_COMPARED
from app.accounting.month.delta import UNKNOWN
from app.accounting.month.files import TITLES, FileName
from app.accounting.month.schemas import SummaryView
from app.core.clock import SOFIA
from app.invoices.numbering import SERIES, SeriesKey
from app.invoices.papers import TITLES as KINDS
from app.mail.writing import Trader
from app.privacy.papers import Table, draw_tables

CHECKS = {
    "orders": "Фактури = поръчки",
    "ledger": "Документи и отчет на продажбите = дневник",
    "audit_file": "Поръчки = одиторски файл = фактури и отчет",
    "refunds": "Върнато по фактури = кредитни известия",
    "icash": "Магазин = I-Cash",
    "letters": "Буквите на имена и адреси = дневник и Делта",
}
WITH_ICASH = {
    Discrepancy.MISSING_THERE: "няма я в I-Cash",
    Discrepancy.MISSING_HERE: "няма я в магазина",
    Discrepancy.DOUBLED: "два пъти в I-Cash",
    Discrepancy.DIFFERENT_TOTAL: "друга сума в I-Cash",
    Discrepancy.NOT_CANCELLED: "отказана тук, не и в I-Cash",
    Discrepancy.DOCUMENT_MISSING: "няма фактура от I-Cash",
    Discrepancy.DOCUMENT_DIFFERS: "фактурата в I-Cash е друга",
    Discrepancy.DOCUMENT_DOUBLED: "втора фактура в I-Cash за същата продажба",
}
DIFFERENCES = {
    **CHECKS,
    **{f"icash: {kind}": words for kind, words in WITH_ICASH.items()},
    NOT_COMPARED: "не е сравнено с I-Cash докрай",
}
METHODS = {"cash_on_delivery": "Наложен платеж", "bank_transfer": "Банков превод"}
MEANS = {"account": "по сметка", "card": "по карта", "cash": "в брой", "other": "друго"}
MOST_DIFFERENCES = 100
NOT_IN_DELTA = f"Дебитните известия не са в {FileName.DELTA}: не е известно как се внасят; въведете ги на ръка."


@dataclass
class Contents:
    """What was put into an archive, and what was not."""

    sums: list[tuple[str, str]] = field(default_factory=list)
    """SHA-256 and name of each file."""
    documents: int = 0
    held_back: list[str] = field(default_factory=list)
    left_out: dict[FileName, str] = field(default_factory=dict)


async def draw_cover(summary: SummaryView, contents: Contents, trader: Trader) -> bytes:
    """Draw the page; the list of all files with their hashes is SHA256SUMS beside it."""
    made = summary.made_at.astimezone(SOFIA)
    closed = summary.closed_at and summary.closed_at.astimezone(SOFIA)
    state = f"Затворен на {closed:%d.%m.%Y, %H:%M} ч." if closed else "Месецът още не е затворен."
    verdict = "Всички равнения съвпадат." if summary.agrees else "Има разлики: вижте по-долу."
    return await draw_tables(
        *_tables(summary, contents),
        title=f"Месец {summary.month[5:]}.{summary.month[:4]}: документи и справки за счетоводството",
        trader=trader,
        paragraphs=[
            f"Съставено на {made:%d.%m.%Y, %H:%M} ч. {state} Всички суми са в евро.",
            f"{verdict} Документи в архива: {contents.documents}.",
            "Целостта на файловете се проверява с: sha256sum --check SHA256SUMS.",
            *([f"Задържани по искане за ограничаване: {', '.join(contents.held_back)}."] if contents.held_back else []),
            *([NOT_IN_DELTA] if any(each.kind in UNKNOWN for each in summary.by_kind) else []),
            *(f"Няма файл {name}: {reason}." for name, reason in contents.left_out.items()),
        ],
        wide=False,
    )


def _tables(summary: SummaryView, contents: Contents) -> Sequence[Table]:
    amounts = ("Брой", "Основа", "ДДС", "Общо")
    tables = [
        Table(
            ("Равнение", "Очаквано", "Намерено", "Съвпада"),
            [
                (CHECKS[check.name], check.expected, check.found, "да" if check.agrees else "НЕ")
                for check in summary.checks
            ],
            "Равнения",
            (6, 3, 3, 2),
        ),
        Table(
            ("Вид документ", *amounts),
            [
                *((KINDS[each.kind].bg, each.documents, each.base, each.vat, each.total) for each in summary.by_kind),
                ("Общо", *_of(summary.documents)),
                ("Продажби без фактура (отчет)", *_of(summary.without_invoice)),
            ],
            "Документи",
            (6, 2, 3, 3, 3),
        ),
        Table(
            ("Ставка", "Основа", "ДДС"),
            [(f"{r.rate} %", r.base, r.vat) for r in summary.by_rate],
            "Всички продажби по ставки",
        ),
        Table(
            ("Плащане", *amounts),
            [(METHODS[each.method], *_of(each)) for each in summary.by_payment],
            "Всички продажби по начин на плащане",
            (6, 2, 3, 3, 3),
        ),
        Table(
            ("Поредица", "От", "До", "Използвани", "Анулирани"),
            [
                (SERIES[SeriesKey(each.series)], each.first, each.last, each.used, each.annulled)
                for each in summary.numbers
            ],
            "Номера",
            (6, 3, 3, 3, 3),
        ),
        Table(
            ("Върнати суми", "Брой", "Сума"),
            [
                *((MEANS[each.means], each.count, each.amount) for each in summary.refunds),
                (
                    "наложен платеж у куриера към момента",
                    summary.cash_on_delivery_outstanding.orders,
                    summary.cash_on_delivery_outstanding.amount,
                ),
            ],
            "Върнато и дължимо",
            (6, 2, 3),
        ),
        Table(
            ("Файл", "Съдържание", "SHA-256"),
            [(name, TITLES[FileName(name)].bg, digest) for digest, name in contents.sums if name in [*FileName]],
            "Файлове",
            (4, 6, 9),
        ),
    ]
    return [*tables, *_differences(summary)]


def _differences(summary: SummaryView) -> Sequence[Table]:
    if not summary.differences:
        return []
    shown = summary.differences[:MOST_DIFFERENCES]
    more = len(summary.differences) - len(shown) + summary.more_differences
    rows: list[Sequence[object]] = [
        (DIFFERENCES[each.check], each.reference, each.expected, each.found) for each in shown
    ]
    if more:
        rows.append((f"и още {more}", "", "", ""))
    return [Table(("Равнение", "Номер", "Очаквано", "Намерено"), rows, "Разлики")]


def _of(amounts: object) -> tuple[object, ...]:
    members: Mapping[str, object] = vars(amounts)
    return tuple(members[name] for name in ("documents", "base", "vat", "total"))
