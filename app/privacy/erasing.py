"""Erases a person everywhere, keeps the record that the certificate is drawn from, and finishes when the days come."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, note
from app.core.clock import Clock, legal_date
from app.core.db import Sessions
from app.core.holders import Erasure, Holder, Kept, Person
from app.core.ids import uuid7
from app.core.language import Language, Text
from app.core.personal import Recipient
from app.core.sealing import Sealer
from app.mail.writing import Trader, day
from app.privacy import consenting, papers
from app.privacy.erasures import queries
from app.privacy.erasures.models import ErasureRecord, Told
from app.privacy.models import Means
from app.privacy.recipient_tasks import tell_recipients
from app.privacy.service import Evidence

TITLE = Text("Удостоверение за изтриване", "Certificate of erasure")
LIST = Text(
    "Шифрованият запис на изтриването: по него изтриването се повтаря, ако се възстанови резервно копие",
    "The encrypted record of the erasure: by it the erasure is repeated should a backup be restored",
)
BACKUPS = Text(
    "чл. 5, пар. 1, б. „д“ и чл. 32 от Регламент (ЕС) 2016/679: до изтичането на резервните копия",
    "Regulation (EU) 2016/679, Art. 5(1)(e) and 32: until the backups have expired",
)
SEALED_DAYS = 90
"""As long as the oldest backup is kept (fact sheet §5), at most."""
BATCH = 100


@dataclass(frozen=True, slots=True)
class Certificate:
    """What went, what is held until when under which law, and who was told."""

    id: UUID
    erased_at: datetime
    erasure: Erasure
    recipients: Sequence[Recipient]


async def erase_person(
    session: AsyncSession,
    holders: Sequence[Holder],
    person: Person,
    evidence: Evidence,
    *,
    sealer: Sealer,
    request_id: UUID | None = None,
    also: Sequence[Kept] = (),
) -> Certificate:
    """Take back all consents, let every holder let go, keep the record, tell the recipients: all of it or none.

    `also` names what is kept beside what the holders say, such as the letter that tells of it.
    Whoever calls has locked the account, if there is one: nothing of it changes, and nothing is added to it, meanwhile.
    """
    await consenting.withdraw(session, person.email, None, evidence)
    answers = [(_name(holder), await holder.erase(session, person, at=evidence.at)) for holder in holders]
    until = legal_date(evidence.at + timedelta(days=SEALED_DAYS))
    answers.append(("erasures", Erasure(kept=[Kept(LIST, BACKUPS, until, 1), *also])))
    orders = [order for _, answer in answers for order in answer.orders]
    kept = [_written(name, each) for name, answer in answers for each in answer.kept]
    record = ErasureRecord(
        id=uuid7(),
        request_id=request_id,
        erased_at=evidence.at,
        account_id=person.account_id,
        order_ids=orders,
        sealed=sealer.seal(person.email.encode()),
        erased=[asdict(what) for _, answer in answers for what in answer.erased],
        kept=kept,
        next_on=_next_on(kept, today=legal_date(evidence.at)),
    )
    session.add(record)
    await session.flush()  # the tasks are told in statements of their own
    told = await tell_recipients(session, orders, Told.ERASURE, cause_id=request_id or record.id, at=evidence.at)
    return Certificate(record.id, evidence.at, joined(answer for _, answer in answers), told)


def joined(answers: Any) -> Erasure:
    """Make one answer of every holder's."""
    answers = [*answers]
    return Erasure(
        erased=[what for answer in answers for what in answer.erased],
        kept=[what for answer in answers for what in answer.kept],
        orders=[order for answer in answers for order in answer.orders],
    )


def _name(holder: Holder) -> str:
    return min(holder.tables)


def _written(holder: str, kept: Kept) -> dict[str, Any]:
    until = kept.until.isoformat() if kept.until else None
    words = {"what": asdict(kept.what), "law": asdict(kept.law)}
    return {"holder": holder, **words, "until": until, "count": kept.count, "has_end": kept.has_end}


def _next_on(kept: Sequence[dict[str, Any]], *, today: date) -> date | None:
    """Give the day on which to look again: the day after a term ends; tomorrow, for a contract under way."""
    days = [date.fromisoformat(each["until"]) if each["until"] else today for each in kept if each["has_end"]]
    return min(days) + timedelta(days=1) if days else None


async def finish_erasures(sessions: Sessions, holders: Sequence[Holder], clock: Clock) -> int:
    """Let go of what was held and is due by now; returns how many erasures were looked at. One transaction for each."""
    at = clock.now()
    async with sessions() as session:
        due = await queries.list_due(session, today=legal_date(at), limit=BATCH)
    for erasure_id in due:
        async with sessions.begin() as session:
            record = await queries.lock_erasure(session, erasure_id)
            if record is not None:
                await _go_on(session, holders, record, at=at)
    return len(due)


async def _go_on(session: AsyncSession, holders: Sequence[Holder], record: ErasureRecord, *, at: datetime) -> None:
    """Ask the holders again, by the orders alone: whoever has the address by now is none of this."""
    today = legal_date(at)
    person = Person("", orders=frozenset(record.order_ids))
    answers = {_name(holder): await holder.erase(session, person, at=at) for holder in holders}
    asked = {name for name, answer in answers.items() if answer.kept or answer.orders}
    if record.order_ids:
        asked |= {each["holder"] for each in record.kept if not each["until"] and each["has_end"]}
    still = [_written(name, each) for name in answers for each in answers[name].kept]
    still += [each for each in record.kept if each["holder"] not in asked and not _is_past(each, today)]
    went = [each for each in record.kept if each["until"] and _is_past(each, today)]
    record.erased = [*record.erased, *({**each["what"], "on": today.isoformat()} for each in went)]
    record.kept, record.next_on = still, _next_on(still, today=today)
    if record.sealed is not None and today > legal_date(record.erased_at + timedelta(days=SEALED_DAYS)):
        record.sealed = None
    if record.next_on is None:
        record.finished_at = at


def _is_past(kept: dict[str, Any], today: date) -> bool:
    return kept["until"] is not None and date.fromisoformat(kept["until"]) < today


@dataclass(frozen=True, slots=True, repr=False)
class ListedErasure:
    """What has to be known to erase again what a backup brings back."""

    id: UUID
    erased_at: datetime
    account_id: UUID | None
    order_ids: Sequence[UUID]
    sealed: bytes


async def list_erasures_since(session: AsyncSession, moment: datetime) -> list[ListedErasure]:
    """List what was erased since then: the addresses stay sealed."""
    found = await queries.list_erasures_since(session, moment)
    return [
        ListedErasure(each.id, each.erased_at, each.account_id, each.order_ids, each.sealed)
        for each in found
        if each.sealed is not None
    ]


async def reapply(
    session: AsyncSession, holders: Sequence[Holder], erasures: Sequence[ListedErasure], sealer: Sealer, *, at: datetime
) -> int:
    """Erase again, in a database that was restored, whom a later erasure had erased; returns how many were there.

    Those that the restored database knows itself are left out: they were applied before the backup was made.
    """
    applied = 0
    for each in erasures:
        if await session.get(ErasureRecord, each.id) is not None:
            continue
        person = Person(sealer.open(each.sealed).decode(), each.account_id, frozenset(each.order_ids))
        evidence = Evidence(at, Language.BG, Means.STAFF, None, None)
        certificate = await erase_person(session, holders, person, evidence, sealer=sealer)
        # Under its own number, with its own day: the certificate that somebody has stays true.
        await session.execute(
            update(ErasureRecord)
            .where(ErasureRecord.id == certificate.id)
            .values(id=each.id, erased_at=each.erased_at, order_ids=[*each.order_ids])
        )
        await note(session, Action.PERSON_ERASED, actor="operator", subject=f"erasure:{each.id}", at=at)
        applied += 1
    return applied


WHILE_UNDER_WAY = Text("докато договорът се изпълнява", "while the contract is performed")
WITHOUT_LIMIT = Text("без срок", "without limit")


def last_day(kept: Mapping[str, Any], language: Language) -> str:
    """Say until when something is kept, in words where there is no day."""
    if kept["until"]:
        return day(date.fromisoformat(kept["until"]), language)
    return (WHILE_UNDER_WAY if kept["has_end"] else WITHOUT_LIMIT).in_(language)


def held_words(record: ErasureRecord, language: Language) -> list[str]:
    """Say what is held as it stands now, by which law and until when: an entry each, for a letter."""
    return [f"{each['what'][language]} – {each['law'][language]} – {_until(each, language)}" for each in record.kept]


def _until(kept: Mapping[str, Any], language: Language) -> str:
    to = Text("до", "until").in_(language)
    return f"{to} {last_day(kept, language)}" if kept["until"] else last_day(kept, language)


async def draw_certificate(record: ErasureRecord, trader: Trader, language: Language) -> bytes:
    """Draw what went and what is held, as it stands now."""
    held = [
        {
            "what": each["what"][language],
            "law": each["law"][language],
            "until": day(date.fromisoformat(each["until"]), language) if each["until"] else None,
            "count": each["count"],
            "has_end": each["has_end"],
        }
        for each in record.kept
    ]
    went = [
        {"what": each[language], "on": day(date.fromisoformat(each["on"]), language) if "on" in each else None}
        for each in record.erased
    ]
    return await papers.draw_paper(
        "certificate.html",
        title=TITLE.in_(language),
        trader=trader,
        language=language,
        number=str(record.id),
        erased_at=record.erased_at,
        went=went,
        held=held,
        finished_at=record.finished_at,
    )
