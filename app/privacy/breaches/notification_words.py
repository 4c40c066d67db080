"""What a notification to the authority says, in Bulgarian, as Art. 33(3) asks: pure, from what the register holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.language import Language
from app.core.personal import Category
from app.mail.authority import Authority
from app.mail.writing import Trader, moment
from app.privacy.breaches.deadlines import promised_by
from app.privacy.breaches.models import Breach, BreachChannel, EntryKind, Exemption, LetterState, Risk
from app.privacy.breaches.queries import REQUIRED, RegisteredBreach

K = EntryKind
BG = Language.BG
DRILL = "УЧЕНИЕ"
UNKNOWN = "В процес на установяване; ще бъде предоставено допълнително (чл. 33, пар. 4)."

CATEGORIES = {
    Category.NAME: "имена",
    Category.EMAIL: "имейл адрес",
    Category.PHONE: "телефон",
    Category.ADDRESS: "адрес",
    Category.INVOICE: "данни за фактура",
    Category.ORDER: "поръчки (артикули, номера, суми)",
    Category.FREE_TEXT: "съобщения в свободен текст",
    Category.CONNECTION: "IP адрес и данни за устройство",
    Category.CREDENTIAL: "необратимо преобразувани пароли и ключове за достъп",
}
CHANNELS = {
    BreachChannel.STAFF: "служител",
    BreachChannel.PROCESSOR: "обработващ лични данни (чл. 33, пар. 2)",
    BreachChannel.CUSTOMER: "клиент",
    BreachChannel.AUTHORITY: "държавен орган",
    BreachChannel.MONITORING: "техническо наблюдение",
    BreachChannel.OTHER: "друг източник",
}
RISKS = {
    Risk.UNLIKELY: "Няма вероятност да породи риск за правата и свободите на физическите лица.",
    Risk.RISK: "Има вероятност да породи риск за правата и свободите на физическите лица.",
    Risk.HIGH: "Има вероятност да породи висок риск за правата и свободите на физическите лица.",
}
EXEMPTIONS = {
    Exemption.NOBODY_AFFECTED: "няма засегнати лица",
    Exemption.ENCRYPTED: "данните са неразбираеми за лицата без право на достъп (чл. 34, пар. 3, б. „а“)",
    Exemption.RISK_REMOVED: "взети са мерки, след които висок риск вече не е вероятен (чл. 34, пар. 3, б. „б“)",
    Exemption.DISPROPORTIONATE: "съобщаването на всяко лице изисква непропорционални усилия и е направено публично"
    " съобщение (чл. 34, пар. 3, б. „в“)",
}
MISSING = {
    K.FACTS: "факти и естество на нарушението",
    K.CONSEQUENCES: "вероятни последици",
    K.MEASURES: "предприети мерки",
    K.RISK_ASSESSMENT: "оценка на риска",
}


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    text: str


def title_of(breach: Breach, phase: int) -> str:
    what = "Уведомление за нарушение на сигурността на личните данни" if phase == 1 else "Допълнителна информация"
    rest = "" if phase == 1 else f" № {phase - 1} към уведомление за нарушение на сигурността на личните данни"
    return f"{DRILL} · {what}{rest}" if breach.drill else f"{what}{rest}"


def sections_of(
    registered: RegisteredBreach, letters: Mapping[LetterState, int], trader: Trader, *, phase: int, at: datetime
) -> list[Section]:
    """Write the sections in the order of Art. 33(3); what is not known yet is said to follow."""
    breach = registered.breach
    return [
        Section("Вид на уведомлението", _kind(breach, phase)),
        Section("1. Администратор и лице за контакт (чл. 33, пар. 3, б. „б“)", _contact(trader)),
        Section("2. Време", "\n".join(_times(registered, at=at))),
        Section("3. Естество на нарушението (чл. 33, пар. 3, б. „а“)", _nature(registered)),
        Section("4. Засегнати лица и записи (чл. 33, пар. 3, б. „а“)", _people(breach)),
        Section("5. Вероятни последици (чл. 33, пар. 3, б. „в“)", registered.text(K.CONSEQUENCES) or UNKNOWN),
        Section("6. Предприети и предложени мерки (чл. 33, пар. 3, б. „г“)", _measures(registered)),
        Section("7. Оценка на риска", _risk(registered)),
        Section("8. Съобщаване на засегнатите лица (чл. 34)", _told(breach, letters)),
        Section("9. Информация, която ще бъде предоставена допълнително (чл. 33, пар. 4)", _to_follow(registered)),
    ]


def _kind(breach: Breach, phase: int) -> str:
    what = "Първоначално уведомление" if phase == 1 else f"Допълнителна информация № {phase - 1}"
    drill = f"\n{DRILL}: този документ не се изпраща." if breach.drill else ""
    return f"{what} по чл. 33 от Регламент (ЕС) 2016/679; № {breach.number} в регистъра на нарушенията.{drill}"


def _contact(trader: Trader) -> str:
    phone = f", тел. {trader.phone}" if trader.phone else ""
    return (
        f"{trader.name}, ЕИК {trader.eik}, {trader.address}.\n"
        f"Отговорно лице по защита на личните данни: {trader.responsible_person}, {trader.email}{phone}."
    )


def _times(registered: RegisteredBreach, *, at: datetime) -> Iterator[str]:
    breach = registered.breach
    due_at = promised_by(breach.discovered_at)
    yield f"Нарушението е установено на {moment(breach.discovered_at, BG)}, от: {CHANNELS[breach.channel]}."
    # The moment itself ends with a full stop.
    yield f"72-та часа изтичат на {moment(due_at, BG)}"
    yield f"Уведомлението е изготвено на {moment(breach.now(at), BG)}"
    if reasons := registered.text(K.REASONS_OF_DELAY):
        yield f"Причини за забавянето (чл. 33, пар. 1): {reasons}"


def _nature(registered: RegisteredBreach) -> str:
    return f"{registered.breach.summary}\n{registered.text(K.FACTS) or UNKNOWN}"


def _people(breach: Breach) -> str:
    if breach.people is None:
        return UNKNOWN
    kinds = ", ".join(CATEGORIES[Category(name)] for name in breach.categories) or "няма"
    return (
        "Категории лица: клиенти на електронния магазин.\n"
        f"Приблизителен брой на лицата: {breach.people}.\n"
        f"Категории лични данни: {kinds}.\n"
        f"Приблизителен брой на записите: {breach.records}."
    )


def _measures(registered: RegisteredBreach) -> str:
    taken = registered.text(K.MEASURES)
    proposed = registered.text(K.PROPOSED_MEASURES)
    parts = [f"Предприети: {taken}" if taken else UNKNOWN, f"Предложени: {proposed}" if proposed else None]
    return "\n".join(part for part in parts if part)


def _risk(registered: RegisteredBreach) -> str:
    risk, reasons = registered.breach.risk, registered.text(K.RISK_ASSESSMENT)
    return f"{RISKS[risk]}\n{reasons}" if risk and reasons else UNKNOWN


def _told(breach: Breach, letters: Mapping[LetterState, int]) -> str:
    publicly = f"Публично съобщение: {moment(breach.publicly_told_at, BG)}" if breach.publicly_told_at else None
    if breach.exemption:
        return "\n".join(filter(None, [f"Не се изпращат писма: {EXEMPTIONS[breach.exemption]}.", publicly]))
    if breach.letters_started_at is None:
        return "\n".join(filter(None, ["Предстои: засегнатите лица ще бъдат уведомени.", publicly]))
    unreached = letters[LetterState.REFUSED] + letters[LetterState.UNREACHABLE]
    counts = [
        f"Изпращането на писма по имейл започна на {moment(breach.letters_started_at, BG)}",
        f"Изпратени: {letters[LetterState.SENT] + letters[LetterState.DRAWN]};"
        f" предстоящи: {letters[LetterState.NONE] + letters[LetterState.WAITING]}; недостижими: {unreached}.",
        publicly,
    ]
    return "\n".join(filter(None, counts))


def _to_follow(registered: RegisteredBreach) -> str:
    missing = [MISSING[kind] for kind in REQUIRED if kind in registered.missing]
    if registered.breach.people is None:
        missing.append("засегнати лица и записи")
    return "Ще бъдат предоставени: " + "; ".join(missing) + "." if missing else "Няма."


def as_text(title: str, sections: list[Section], authority: Authority, trader: Trader) -> str:
    """Write the same as plain text, for a form or an e-mail."""
    head = [title.upper(), f"До {authority.name}, {authority.address.bg}, {authority.email}", f"От: {trader.name}"]
    body = [f"{section.heading}\n{section.text}" for section in sections]
    return "\n\n".join(["\n".join(head), *body, f"С уважение,\n{trader.responsible_person}\n{trader.name}"]) + "\n"
