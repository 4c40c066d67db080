"""The consents ledger as a register: who agreed to what, when, under which text, and took it back (S17, S58)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.backoffice.register import Cell, Column, Entry, Paged, Reading, RegisterName
from app.core.fields import as_kept
from app.core.language import Text
from app.orders.models import Order
from app.orders.naming import order_number_in
from app.privacy.models import Consent, ConsentAct, ConsentPurpose, Declaration

ACTS: dict[ConsentAct, Text] = {
    ConsentAct.ASKED: Text("заявено, непотвърдено", "asked, not confirmed"),
    ConsentAct.GIVEN: Text("дадено", "given"),
    ConsentAct.WITHDRAWN: Text("оттеглено", "withdrawn"),
}


PURPOSES: dict[ConsentPurpose, Text] = {
    ConsentPurpose.REGISTRATION: Text("профил", "account"),
    ConsentPurpose.NEWSLETTER: Text("бюлетин", "newsletter"),
    ConsentPurpose.BLOG_COMMENT: Text("коментар в блога", "comment on the blog"),
    ConsentPurpose.CONTACT: Text("запитване", "enquiry"),
    ConsentPurpose.REVIEW: Text("отзив", "review"),
    ConsentPurpose.SURVEY: Text("анкета", "survey"),
    ConsentPurpose.THIRD_PARTY_MARKETING: Text("маркетинг на трети лица", "marketing of third parties"),
}


async def _page(reading: Reading, words: str | None, after: tuple[Any, ...] | None, limit: int) -> Sequence[Entry]:
    wanted = select(Consent, Declaration.version, Order.number).join(
        Declaration, Declaration.id == Consent.declaration_id
    )
    wanted = wanted.outerjoin(Order, Order.id == Consent.order_id).order_by(Consent.id.desc()).limit(limit)
    if words and "@" not in words and (number := order_number_in(words)):
        wanted = wanted.where(Order.number == int(number))
    elif words:
        wanted = wanted.where(func.lower(Consent.email) == func.lower(as_kept(words)))
    if after:
        wanted = wanted.where(Consent.id < after[0])
    return [_entry(*row) for row in await reading.session.execute(wanted)]


def _entry(consent: Consent, version: str, number: int | None) -> Entry:
    cells: Mapping[str, Cell] = {
        "at": consent.recorded_at,
        "email": consent.email,
        "purpose": PURPOSES[consent.purpose],
        "channel": consent.channel.value if consent.channel else None,
        "act": ACTS[consent.act],
        "version": version,
        "language": consent.language.value,
        "text_sha256": consent.text_sha256,
        "means": consent.means.value,
        "origin": consent.origin,
        "ip": consent.ip,
        "browser": consent.user_agent,
        "confirmed": [consent.proof_sent_at, consent.proved_at],
        "recorded_from": [
            consent.received_by.value if consent.received_by else None,
            consent.said_by.value if consent.said_by else None,
        ],
        "order": str(number) if number else None,
        "words": consent.words,
    }
    return Entry((consent.id,), cells, f"consent:{consent.id}")


CONSENTS = Paged(
    RegisterName.CONSENTS,
    Text("Съгласия", "Consents"),
    (
        Column("at", Text("Кога", "When")),
        Column("email", Text("Имейл", "E-mail"), 6),
        Column("purpose", Text("За какво", "For what")),
        Column("channel", Text("Канал", "Channel"), 2),
        Column("act", Text("Действие", "Act"), 3),
        Column("version", Text("Версия на текста", "Version of the text")),
        Column("language", Text("Език", "Language"), 2),
        Column("text_sha256", Text("SHA-256 на текста", "SHA-256 of the text"), 6),
        Column("means", Text("Как", "How"), 2),
        Column("origin", Text("Откъде", "From where")),
        Column("ip", Text("IP адрес", "IP address")),
        Column("browser", Text("Браузър", "Browser"), 5),
        Column("confirmed", Text("Писмо / потвърдено", "Mail sent / confirmed")),
        Column("recorded_from", Text("Получено / от кого", "Received / said by"), 3),
        Column("order", Text("Поръчка", "Order")),
        Column("words", Text("Думи на лицето", "The person's words"), 8),
    ),
    (UUID,),
    _page,
)
