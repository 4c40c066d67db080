"""Finds what was changed, removed or reordered in the audit log; computes every hash anew, apart from the database."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from typing import Any

from sqlalchemy import Text, cast, extract, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.models import AuditEntry, AuditHead
from app.auth.auditing.queries import Head, find_head

NOTHING = Head(0, bytes(32))
"""What the first entry continues."""
BATCH = 1_000
MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as it stands in the table, its moment in microseconds: whatever was written into it can be read."""

    sequence: int
    at: str
    actor: str
    action: str
    subject: str | None
    detail: str | None
    previous: bytes
    hash: bytes


COLUMNS: tuple[Any, ...] = (
    AuditEntry.sequence,
    cast(func.trunc(extract("epoch", AuditEntry.at) * 1_000_000), Text),
    AuditEntry.actor,
    type_coerce(AuditEntry.action, Text),
    AuditEntry.subject,
    AuditEntry.detail,
    AuditEntry.previous,
    AuditEntry.hash,
)


@dataclass(frozen=True)
class Findings:
    """What the verification saw; the faults are sentences, the first hundred of them, by their place in the log."""

    checked: int
    head: Head | None
    faults: list[str]
    untold: int


def digest(entry: Entry, sequence: int) -> bytes:
    """Compute the hash that the entry ought to have at that place."""
    parts = (str(sequence), entry.at, entry.actor, entry.action, entry.subject, entry.detail)
    return sha256(entry.previous + b"".join(map(_written, parts))).digest()


def _written(part: str | None) -> bytes:
    if part is None:
        return b"-,"
    raw = part.encode()
    return b"%d:%b," % (len(raw), raw)


async def verify(
    session: AsyncSession, against: Head | None = None, *, progress: Callable[[int], None] = lambda _checked: None
) -> Findings:
    """Check every entry up to the head; with `against`, a head noted down before, also that the log still contains it.

    What was written as a whole anew, hashes and head included, contradicts nothing but such a note.
    """
    head = await find_head(session)
    log = _Log(against)
    async for entries in _batches(session, until=head.sequence if head else None):
        for entry in entries:
            log.follow(entry)
        progress(log.checked)
    log.end(head)
    # In one statement, so that entries which came meanwhile have moved the head before them.
    farthest = select(func.max(AuditHead.sequence)).scalar_subquery()
    beyond = select(func.min(AuditEntry.sequence), func.max(AuditEntry.sequence)).where(AuditEntry.sequence > farthest)
    first, last = (await session.execute(beyond)).one()
    if first is not None:
        log.tell(first, f"{_named(first, last)} beyond the head")
    return Findings(log.checked, head, log.sentences(), log.untold)


async def _batches(session: AsyncSession, *, until: int | None) -> AsyncIterator[list[Entry]]:
    wanted = select(*COLUMNS).order_by(AuditEntry.sequence).limit(BATCH)
    if until is not None:
        wanted = wanted.where(AuditEntry.sequence <= until)
    found = (await session.execute(wanted)).all()
    while found:
        yield [Entry(*row) for row in found]
        found = (await session.execute(wanted.where(AuditEntry.sequence > found[-1][0]))).all()


@dataclass
class _Log:
    """Follows the log from entry to entry and keeps what does not fit."""

    against: Head | None
    checked: int = 0
    untold: int = 0
    last: Head = NOTHING
    last_is_sound: bool = True
    noted: bytes | None = None
    faults: list[tuple[int, str]] = field(default_factory=list)
    altered: list[Entry] = field(default_factory=list)
    gaps: list[range] = field(default_factory=list)

    def follow(self, entry: Entry) -> None:
        self.checked += 1
        if entry.sequence <= self.last.sequence:
            self.tell(entry.sequence, f"entry {entry.sequence} has no place in the log")
            return
        adjoins = entry.sequence == self.last.sequence + 1
        if not adjoins:
            self.miss(self.last.sequence + 1, entry.sequence - 1)
        sound = digest(entry, entry.sequence) == entry.hash
        if not sound and len(self.altered) < MOST_TOLD:
            self.altered.append(entry)
        elif not sound:
            self.untold += 1
        elif adjoins and self.last_is_sound and entry.previous != self.last.hash:
            fault = f"entry {entry.sequence} does not continue entry {self.last.sequence}: one of them was replaced"
            self.tell(entry.sequence, fault)
        if self.against and entry.sequence == self.against.sequence:
            self.noted = entry.hash
        self.last, self.last_is_sound = Head(entry.sequence, entry.hash), sound

    def end(self, head: Head | None) -> None:
        if head is None:
            self.tell(self.last.sequence + 1, "the head of the log is gone")
        elif self.last.sequence < head.sequence:
            self.miss(self.last.sequence + 1, head.sequence, ": the log was cut off, or its head altered")
        elif self.last_is_sound and self.last != head:
            self.tell(head.sequence, f"the head is not entry {self.last.sequence}: one of them was altered")
        if self.against and self.against.sequence == NOTHING.sequence:
            self.noted = NOTHING.hash
        if self.against and self.noted is None:
            self.tell(self.against.sequence, f"entry {self.against.sequence}, which was noted down, is not there")
        elif self.against and self.noted != self.against.hash:
            fault = f"entry {self.against.sequence} is not the one that was noted down: the log was written anew"
            self.tell(self.against.sequence, fault)

    def miss(self, first: int, last: int, why: str = "") -> None:
        self.gaps.append(range(first, min(last, first + MOST_TOLD) + 1))
        del self.gaps[MOST_TOLD:]
        self.tell(first, f"{_named(first, last)} missing{why}")

    def tell(self, place: int, fault: str) -> None:
        if len(self.faults) < MOST_TOLD:
            self.faults.append((place, fault))
        else:
            self.untold += 1

    def sentences(self) -> list[str]:
        # Where an altered entry may have stood: its neighbours' places too, for one that was put in moves the others.
        places = {*chain(*self.gaps), *(entry.sequence + step for entry in self.altered for step in (-1, 0, 1))}
        for entry in self.altered:
            written_as = next((place for place in places if digest(entry, place) == entry.hash), None)
            moved = f"is out of its order: it was written as entry {written_as}"
            self.tell(entry.sequence, f"entry {entry.sequence} {moved if written_as else 'was altered'}")
        return [fault for _, fault in sorted(self.faults)]


def _named(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first}–{last} are"
