"""The record of processing (GDPR Art. 30) and the data map, read off the columns; and the texts people were shown."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.backoffice.register import Cell, Column, Reading, RegisterName, Whole
from app.core.language import Language, Text
from app.privacy import queries
from app.privacy.activities import activity_of
from app.privacy.models import Declaration, RegisteredRecipient
from app.privacy.notice import KINDS, lines
from app.privacy.personal_columns import annotated
from app.privacy.reasons import reason_of
from app.privacy.storage_terms import stated
from app.privacy.words import CATEGORIES, GROUNDS_SHORT, PURPOSES, RECIPIENTS

GIVEN, DERIVED = Text("предоставени от лицето", "given by the person"), Text("създадени от нас", "made by us")
MEASURES: tuple[Text, ...] = (
    Text(
        "достъп по роли, с втори фактор, само след обучение; всяко четене и всяка промяна са в неизменяем дневник",
        "access by role, with a second factor, only after training; each use is in a log that nobody alters",
    ),
    Text(
        "пароли само като argon2id; преписките и архивите са шифровани; връзките навън са по TLS",
        "passwords as argon2id alone; case files and backups are encrypted; connections to the outside use TLS",
    ),
    Text(
        "нищо лично в адреси, логове и задачи; към всеки получател отиват само полетата, нужни за целта",
        "nothing personal in addresses, logs and jobs; each recipient gets only the fields that its purpose needs",
    ),
    Text(
        "доказателствените таблици отказват промяна и изтриване; месечен архив с проверка на целостта",
        "tables of record refuse change and deletion; a monthly backup with a check of integrity",
    ),
)


def recipient_name(recipient: RegisteredRecipient) -> Text:
    """Name a recipient as the register does: by its title, who it is where that is known, and as what it receives."""
    kind = KINDS[recipient.kind]
    who = f" ({recipient.legal_name})" if recipient.legal_name else ""
    return Text(f"{recipient.title_bg}{who}, {kind.bg}", f"{recipient.title_en}{who}, {kind.en}")


def controller(reading: Reading) -> Sequence[Text]:
    """State the controller and the responsible person (GDPR Art. 30(1)(a), S1, S2)."""
    trader = reading.stated.trader
    contact = ", ".join(filter(None, (trader.address, trader.email, trader.phone)))
    return (
        Text(
            f"Администратор: {trader.name}, ЕИК {trader.eik}, {contact}",
            f"Controller: {trader.name}, EIK {trader.eik}, {contact}",
        ),
        Text(
            f"Отговорно лице по защита на личните данни: {trader.responsible_person}",
            f"Responsible for personal data: {trader.responsible_person}",
        ),
    )


def _record_told(reading: Reading) -> Sequence[Text]:
    bg, en = (reading.stated.transfers_in(language) for language in (Language.BG, Language.EN))
    return (
        *controller(reading),
        Text(f"Предаване на трети държави: {bg}", f"Transfers to third countries: {en}"),
        Text(
            "Технически и организационни мерки: " + "; ".join(each.bg for each in MEASURES) + ".",
            "Technical and organisational measures: " + "; ".join(each.en for each in MEASURES) + ".",
        ),
    )


async def _activities(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    register = await queries.list_recipients(reading.session)
    transfers = Text(*(reading.stated.transfers_in(language) for language in (Language.BG, Language.EN)))
    return [
        {
            "activity": line.activity.title,
            "purpose": line.purpose,
            "persons": line.activity.persons,
            "categories": line.category_names,
            "recipients": [recipient_name(each) for each in line.recipients],
            "transfers": transfers,
            "terms": line.terms,
            "laws": line.laws,
            "factors": line.factors,
            "ground": GROUNDS_SHORT[line.activity.ground],
            "interest": line.activity.interest,
            "measures": MEASURES,
        }
        for line in lines(reading.stated, register)
    ]


PROCESSING = Whole(
    RegisterName.PROCESSING,
    Text("Регистър на дейностите по обработване", "Record of processing activities"),
    (
        Column("activity", Text("Дейност", "Activity"), 5),
        Column("purpose", Text("Цел", "Purpose"), 5),
        Column("persons", Text("Категории лица", "Categories of persons")),
        Column("categories", Text("Категории данни", "Categories of data"), 5),
        Column("recipients", Text("Получатели", "Recipients"), 8),
        Column("transfers", Text("Предаване на трети държави", "Transfers to third countries")),
        Column("terms", Text("Срок за изтриване", "Term of erasure"), 8),
        Column("laws", Text("Основание на срока", "Law of the term"), 8),
        Column("factors", Text("Определя се от", "Set by"), 5),
        Column("ground", Text("Основание", "Ground")),
        Column("interest", Text("Легитимен интерес", "Legitimate interest"), 8),
        Column("measures", Text("Мерки за сигурност", "Security measures")),
    ),
    _activities,
    _record_told,
    told_above=frozenset({"transfers", "measures"}),
)


async def _columns(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    terms = stated(reading.stated.terms)
    return [
        {
            "table": column.table.name,
            "column": column.name,
            "category": CATEGORIES[said.category],
            "purpose": PURPOSES[said.purpose],
            "ground": GROUNDS_SHORT[said.ground],
            "term": terms[said.retention].how_long,
            "source": GIVEN if said.given else DERIVED,
            "recipients": [RECIPIENTS[recipient] for recipient in sorted(said.recipients)],
            "activity": activity_of(said).title,
            "reason": reason_of(said),
        }
        for column, said in annotated()
    ]


DATA_MAP = Whole(
    RegisterName.DATA_MAP,
    Text("Карта на личните данни", "Map of personal data"),
    (
        Column("table", Text("Таблица", "Table"), 5),
        Column("column", Text("Поле", "Field"), 5),
        Column("category", Text("Категория", "Category")),
        Column("purpose", Text("Цел", "Purpose"), 5),
        Column("ground", Text("Основание", "Ground")),
        Column("term", Text("Срок", "Term"), 7),
        Column("source", Text("Произход", "Source"), 4),
        Column("recipients", Text("Получатели", "Recipients"), 8),
        Column("activity", Text("Дейност", "Activity"), 5),
        Column("reason", Text("Защо е нужно", "Why it is needed"), 6),
    ),
    _columns,
)


async def _declarations(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    newest_first = (Declaration.purpose, Declaration.effective_on.desc(), Declaration.published_at.desc())
    found = await reading.session.scalars(select(Declaration).order_by(*newest_first))
    return [
        {
            "purpose": each.purpose.value,
            "version": each.version,
            "title": Text(each.title_bg, each.title_en),
            "effective_on": each.effective_on,
            "published_at": each.published_at,
            "material": each.material,
            "sha256_bg": each.sha256_bg,
            "sha256_en": each.sha256_en,
        }
        for each in found
    ]


DECLARATIONS = Whole(
    RegisterName.DECLARATIONS,
    Text("Декларации и политики: версии", "Declarations and policies: versions"),
    (
        Column("purpose", Text("Предназначение", "Purpose"), 5),
        Column("version", Text("Версия", "Version"), 3),
        Column("title", Text("Заглавие", "Title"), 7),
        Column("effective_on", Text("В сила от", "In force from")),
        Column("published_at", Text("Публикувана", "Published")),
        Column("material", Text("Съществена промяна", "Material change"), 3),
        Column("sha256_bg", Text("SHA-256 (bg)", "SHA-256 (bg)")),
        Column("sha256_en", Text("SHA-256 (en)", "SHA-256 (en)")),
    ),
    _declarations,
)
