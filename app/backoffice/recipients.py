"""Registers of recipients and processors with their guarantees, and of the agreements with them (S34, S37, S38)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.backoffice.register import Cell, Column, Reading, RegisterName, Whole
from app.core.clock import legal_date
from app.core.language import Text
from app.core.personal import Recipient
from app.privacy import queries
from app.privacy.models import Agreement, AgreementKind
from app.privacy.notice import KINDS
from app.privacy.personal_columns import categories_for
from app.privacy.words import CATEGORIES, RECIPIENTS

AGREEMENTS_KINDS: dict[AgreementKind, Text] = {
    AgreementKind.ART28: Text("споразумение по чл. 28", "agreement under Art. 28"),
    AgreementKind.CONTRACT: Text("договор между администратори", "contract between controllers"),
}


async def _newest_first(reading: Reading) -> Sequence[Agreement]:
    wanted = select(Agreement).order_by(Agreement.recorded_at.desc(), Agreement.id.desc())
    return (await reading.session.scalars(wanted)).all()


async def _recipients(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    day = legal_date(reading.at)
    governing: dict[Recipient, Agreement] = {}
    for agreement in await _newest_first(reading):
        if agreement.signed_on <= day:
            governing.setdefault(agreement.recipient, agreement)
    return [
        {
            "recipient": each.key.value,
            "title": Text(each.title_bg, each.title_en),
            "legal_name": each.legal_name,
            "contact": each.contact,
            "kind": KINDS[each.kind],
            "purpose": Text(each.purpose_bg, each.purpose_en),
            "categories": [CATEGORIES[category] for category in categories_for(each.key)],
            "guarantees": Text(each.guarantees_bg, each.guarantees_en),
            "agreement": _state(each.key, governing.get(each.key), reading),
        }
        for each in await queries.list_recipients(reading.session)
    ]


# Letters about an order are part of the contract and go out by whatever server sends mail: nothing waits for a paper.
WITHOUT: dict[Recipient, Text] = {
    Recipient.MAIL: Text(
        "няма: дължи се, ако сървърът не е на администратора", "none: due where the server is not the controller's"
    )
}
NOTHING = Text("няма: нищо не се предава", "none: nothing is handed over")


def _state(recipient: Recipient, agreement: Agreement | None, reading: Reading) -> Text:
    if agreement is None:
        return WITHOUT.get(recipient, NOTHING)
    what, signed = AGREEMENTS_KINDS[agreement.kind], f"{agreement.reference}, {agreement.signed_on:%d.%m.%Y}"
    if agreement.ends_on is None:
        return Text(f"{what.bg} {signed}", f"{what.en} {signed}")
    over = agreement.ends_on < legal_date(reading.at)
    ends = f"{agreement.ends_on:%d.%m.%Y}"
    bg, en = ("прекратено на", "ended on") if over else ("до", "until")
    return Text(f"{what.bg} {signed}, {bg} {ends}", f"{what.en} {signed}, {en} {ends}")


RECIPIENTS_REGISTER = Whole(
    RegisterName.RECIPIENTS,
    Text("Получатели и обработващи лични данни", "Recipients and processors"),
    (
        Column("recipient", Text("Ключ", "Key")),
        Column("title", Text("Получател", "Recipient"), 5),
        Column("legal_name", Text("Наименование", "Legal name"), 5),
        Column("contact", Text("Връзка", "Contact"), 5),
        Column("kind", Text("Качество", "Role")),
        Column("purpose", Text("Цел", "Purpose"), 7),
        Column("categories", Text("Категории данни", "Categories of data"), 5),
        Column("guarantees", Text("Гаранции", "Guarantees"), 9),
        Column("agreement", Text("Споразумение", "Agreement"), 7),
    ),
    _recipients,
)


async def _agreements(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    return [
        {
            "recipient": RECIPIENTS[each.recipient],
            "kind": AGREEMENTS_KINDS[each.kind],
            "reference": each.reference,
            "signed_on": each.signed_on,
            "ends_on": each.ends_on,
            "recorded_at": each.recorded_at,
            "recorded_by": each.recorded_by,
        }
        for each in await _newest_first(reading)
    ]


AGREEMENTS = Whole(
    RegisterName.AGREEMENTS,
    Text("Споразумения с получателите", "Agreements with recipients"),
    (
        Column("recipient", Text("Получател", "Recipient")),
        Column("kind", Text("Вид", "Kind")),
        Column("reference", Text("Документ", "Paper"), 6),
        Column("signed_on", Text("Подписано", "Signed")),
        Column("ends_on", Text("Прекратено", "Ends")),
        Column("recorded_at", Text("Вписано", "Recorded")),
        Column("recorded_by", Text("Вписал", "Recorded by")),
    ),
    _agreements,
)
