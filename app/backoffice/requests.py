"""The register of requests: who exercised which right, when an answer is due, what was answered and is kept (S56)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from app.backoffice.register import Cell, Column, Entry, Paged, Reading, RegisterName
from app.core.fields import as_kept
from app.core.language import Text
from app.core.searching import has_words
from app.privacy.rights.models import (
    EventKind,
    LetterKind,
    Outcome,
    RequestKind,
    RequestState,
    RightsEvent,
    RightsLetter,
    RightsRequest,
    Via,
)
from app.privacy.rights.words import STATES

KINDS: dict[RequestKind, Text] = {
    RequestKind.ACCESS: Text("достъп", "access"),
    RequestKind.PORTABILITY: Text("преносимост", "portability"),
    RequestKind.RECTIFICATION: Text("коригиране", "rectification"),
    RequestKind.RESTRICTION: Text("ограничаване", "restriction"),
    RequestKind.ERASURE: Text("изтриване", "erasure"),
    RequestKind.OBJECTION: Text("възражение", "objection"),
    RequestKind.WITHDRAWAL: Text("оттегляне на съгласие", "withdrawal of consent"),
    RequestKind.COMPLAINT: Text("жалба", "complaint"),
}
OUTCOMES: dict[Outcome, Text] = {
    Outcome.GRANTED: Text("уважено", "granted"),
    Outcome.PARTLY_GRANTED: Text("уважено частично", "granted in part"),
    Outcome.REFUSED: Text("отказано с мотиви", "refused with reasons"),
    Outcome.WITHDRAWN: Text("оттеглено", "withdrawn"),
}
UNDER_WAY = Text("в срок за отговор", "being answered")
WAYS: dict[Via, Text] = {
    Via.ACCOUNT: Text("през профила", "by the account"),
    Via.EMAIL_PROOF: Text("с потвърден имейл", "by a proved e-mail"),
    Via.EMAIL: Text("имейл", "e-mail"),
    Via.POST: Text("поща", "post"),
    Via.PHONE: Text("телефон", "phone"),
}
LETTERS: dict[LetterKind, Text] = {
    LetterKind.PARTS: Text("искане за допълване", "missing parts asked for"),
    LetterKind.IDENTITY: Text("искане за самоличност", "identity asked for"),
    LetterKind.EXTENSION: Text("удължаване", "extension"),
    LetterKind.DELAY: Text("забавяне", "delay"),
    LetterKind.ANSWER: Text("отговор", "answer"),
}


async def _page(reading: Reading, words: str | None, after: tuple[Any, ...] | None, limit: int) -> Sequence[Entry]:
    # What no address is proved for is no request yet.
    wanted = select(RightsRequest).where(RightsRequest.state != RequestState.RECEIVED)
    if words:
        email = func.lower(as_kept(words))
        wanted = wanted.where(
            or_(
                func.lower(RightsRequest.email) == email,
                func.lower(RightsRequest.person_email) == email,
                has_words(words, RightsRequest.name),
                has_words(words, RightsRequest.proxy_name),
            )
        )
    if after:
        wanted = wanted.where(RightsRequest.id < after[0])
    found = (await reading.session.scalars(wanted.order_by(RightsRequest.id.desc()).limit(limit))).all()
    letters, notified = await _letters(reading, found), await _notified(reading, found)
    return [_entry(request, letters[request.id], notified[request.id]) for request in found]


async def _letters(reading: Reading, found: Sequence[RightsRequest]) -> defaultdict[UUID, list[Text]]:
    wanted = select(RightsLetter.request_id, RightsLetter.kind, RightsLetter.drawn_at)
    wanted = wanted.where(RightsLetter.request_id.in_([request.id for request in found]))
    letters = defaultdict[UUID, list[Text]](list)
    for request_id, kind, at in await reading.session.execute(wanted.order_by(RightsLetter.drawn_at)):
        title = LETTERS[kind]
        letters[request_id].append(Text(f"{title.bg}, {at:%d.%m.%Y}", f"{title.en}, {at:%d.%m.%Y}"))
    return letters


async def _notified(reading: Reading, found: Sequence[RightsRequest]) -> defaultdict[UUID, list[Any]]:
    wanted = select(RightsEvent.request_id, RightsEvent.at).where(
        RightsEvent.request_id.in_([request.id for request in found]), RightsEvent.kind == EventKind.AUTHORITY_NOTIFIED
    )
    notified = defaultdict[UUID, list[Any]](list)
    for request_id, at in await reading.session.execute(wanted.order_by(RightsEvent.number)):
        notified[request_id].append(at)
    return notified


def _entry(request: RightsRequest, letters: Sequence[Text], notified: Sequence[Any]) -> Entry:
    cells: Mapping[str, Cell] = {
        "received_at": request.received_at,
        "kind": KINDS[request.kind],
        "who": [request.name, request.person_email or request.email],
        "by_proxy": request.proxy_name,
        "via": WAYS[request.via],
        "due_on": request.last_day,
        "extended": request.extended_to is not None,
        "state": STATES[request.state],
        "outcome": OUTCOMES[request.outcome] if request.outcome else None,
        "decided_at": request.decided_at,
        "letters": letters,
        "authority": notified,
    }
    return Entry((request.id,), cells, f"request:{request.id}")


REQUESTS = Paged(
    RegisterName.REQUESTS,
    Text("Искания на субекти на данни", "Requests of data subjects"),
    (
        Column("received_at", Text("Получено", "Received")),
        Column("kind", Text("Право", "Right")),
        Column("who", Text("Лице", "Person"), 6),
        Column("by_proxy", Text("Чрез", "By proxy")),
        Column("via", Text("Начин", "By")),
        Column("due_on", Text("Срок", "Due")),
        Column("extended", Text("Удължен", "Extended"), 3),
        Column("state", Text("Състояние", "State")),
        Column("outcome", Text("Решение", "Decision")),
        Column("decided_at", Text("Решено", "Decided")),
        Column("letters", Text("Кореспонденция", "Correspondence"), 7),
        Column("authority", Text("КЗЛД", "КЗЛД")),
    ),
    (UUID,),
    _page,
)
