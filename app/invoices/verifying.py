"""Checks the series: dense, unique, in order, sealed one after the other, and each file the one of its document.

The hashes are computed here anew, apart from the database that sealed the documents.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, cast, exists, false, func, literal, select, type_coerce, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.clock import legal_date
from app.invoices.models import Annulment, Document, DocumentFile, RetiredDocument, Series
from app.invoices.queries import ICASH
from app.invoices.view import DocumentKind

BATCH = 1_000
FILES_AT_ONCE = 50
MOST_TOLD = 100
LONGEST_UNDRAWN = timedelta(days=1)
"""A page is drawn within seconds; after so long something keeps it from being drawn."""
Equal = Callable[[DocumentKind, dict[str, Any], bytes], bool]
"""Says whether a PDF is the one of a snapshot."""


@dataclass
class SeriesProof:
    """What a check of one series saw; the faults are sentences, the first hundred of them."""

    key: str
    first: int
    last: int
    head: str
    """The hash of the last document: it stands for all before it."""
    issued: int = 0
    retired: int = 0
    """Removed when their storage term was over; their places stay."""
    annulled: int = 0
    first_on: date | None = None
    last_on: date | None = None
    files: int = 0
    """How many files were read and compared."""
    files_sha256: str = ""
    """Of the hashes of the files, in the order of the numbers."""
    faults: list[str] = field(default_factory=list)
    untold: int = 0

    def tell(self, fault: str) -> None:
        if len(self.faults) < MOST_TOLD:
            self.faults.append(fault)
        else:
            self.untold += 1

    @property
    def is_sound(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True)
class Place:
    """A document's place in its series, as it stands in the table."""

    number: str
    kind: str
    issued_on: date
    order_id: UUID | None
    base: int
    vat: int
    total: int
    computed_sha256: str
    snapshot_sha256: str
    previous_hash: str
    hash: str
    is_annulled: bool
    is_alone: bool
    """A protocol that annuls nothing."""
    is_undrawn: bool
    file_sha256: str | None

    @property
    def is_retired(self) -> bool:
        return self.order_id is None

    def digest(self, series: str) -> str:
        """Compute the hash that the document ought to have."""
        stated = (self.base, self.vat, self.total)
        parts = (series, self.number, self.kind, self.issued_on, self.order_id, *stated, self.snapshot_sha256)
        written = "".join(f"{len(str(part).encode())}:{part}," for part in parts)
        return hashlib.sha256((self.previous_hash + written).encode()).hexdigest()


async def list_series(session: AsyncSession) -> Sequence[str]:
    return (await session.scalars(select(Series.key).order_by(Series.key))).all()


async def check_series(session: AsyncSession, key: str, *, at: datetime) -> SeriesProof | None:
    """Follow a series from its first number to its last, without reading the files; None: there is no such series.

    What I-Cash numbers is its own to keep dense, and comes in any order: of that only the seals are checked.
    """
    series = await session.get(Series, key, populate_existing=True)
    if series is None:
        return None
    proof = SeriesProof(key, series.first, series.last, series.head)
    files, chain = hashlib.sha256(), _Links(proof) if key == ICASH else _Numbers(proof)
    async for place in _places(session, key, until=series.last, at=at):
        chain.follow(place)
        if not place.is_retired:
            _check(proof, place)
            files.update((place.file_sha256 or "-").encode())
        if place.issued_on > legal_date(at):
            proof.tell(f"{place.number} is dated {place.issued_on}, a day to come: a clock ran ahead")
        proof.retired += place.is_retired
        proof.issued += 1
        proof.annulled += place.is_annulled
        proof.first_on = min(proof.first_on or place.issued_on, place.issued_on)
        proof.last_on = max(proof.last_on or place.issued_on, place.issued_on)
    chain.end()
    proof.files_sha256 = files.hexdigest()
    return proof


class _Numbers:
    """The shop's own series: number by number, day by day, each document sealed with the one before it."""

    def __init__(self, proof: SeriesProof) -> None:
        self.proof = proof
        self.expected, self.last = proof.first, ""

    def follow(self, place: Place) -> None:
        number = int(place.number)
        _follow(self.proof, place, number, self.expected)
        if place.previous_hash != self.last and (self.last or not place.is_retired):
            self.proof.tell(f"{place.number} does not continue the document before it: one of them was replaced")
        self.expected, self.last = number + 1, place.hash

    def end(self) -> None:
        last = self.proof.last
        if self.expected != last + 1:
            self.proof.tell(
                f"{self.expected:010d} to {last:010d} are missing: the series was cut off, or its counter altered"
            )
        if self.last != self.proof.head:
            self.proof.tell("the head of the series is not its last document: one of them was altered")


class _Links:
    """A series whose documents are sealed as they come: each continues another one, and none is continued twice."""

    def __init__(self, proof: SeriesProof) -> None:
        self.proof = proof
        self.hashes, self.continued = set[str](), set[str]()

    def follow(self, place: Place) -> None:
        if place.previous_hash in self.continued:
            self.proof.tell(f"{place.number} continues what another one continues: one of them was added")
        self.hashes.add(place.hash)
        self.continued.add(place.previous_hash)

    def end(self) -> None:
        if self.continued - self.hashes - {""}:
            self.proof.tell("a document is missing: another one continues it")
        if self.hashes - self.continued != {self.proof.head}:
            self.proof.tell("the head of the series is not its last document: one of them was altered")


def _follow(proof: SeriesProof, place: Place, number: int, expected: int) -> None:
    if number > expected:
        proof.tell(f"{expected:010d} to {number - 1:010d} are missing")
    elif number < expected:
        proof.tell(f"{place.number} has no place in the series")
    if proof.last_on and place.issued_on < proof.last_on:
        proof.tell(f"{place.number} is dated before the one before it")


def _check(proof: SeriesProof, place: Place) -> None:
    if place.computed_sha256 != place.snapshot_sha256:
        proof.tell(f"{place.number} states something else than when it was issued")
    if place.digest(proof.key) != place.hash:
        proof.tell(f"{place.number} was altered: its hash differs")
    if place.base + place.vat != place.total:
        proof.tell(f"{place.number} does not add up")
    if place.is_alone:
        proof.tell(f"{place.number} annuls no document: the record of it was removed")
    if place.is_undrawn:
        proof.tell(f"{place.number} has no PDF: it was not drawn yet, or removed")


async def _places(session: AsyncSession, key: str, *, until: int, at: datetime) -> AsyncIterator[Place]:
    drawn_up = aliased(Annulment)
    annuls = exists().where(drawn_up.protocol_id == Document.id)
    is_undrawn = and_(DocumentFile.document_id.is_(None), Document.issued_at < at - LONGEST_UNDRAWN)
    kept = (
        select(
            Document.number.label("number"),
            type_coerce(Document.kind, Text).label("kind"),
            Document.issued_on.label("issued_on"),
            Document.order_id.label("order_id"),
            Document.base,
            Document.vat,
            Document.total,
            _sha256_of_snapshot().label("computed"),
            Document.snapshot_sha256,
            Document.previous_hash,
            Document.hash,
            Annulment.document_id.is_not(None).label("is_annulled"),
            and_(Document.kind == DocumentKind.PROTOCOL, ~annuls).label("is_alone"),
            (is_undrawn if key != ICASH else false()).label("is_undrawn"),
            DocumentFile.sha256,
        )
        .outerjoin(Annulment, Annulment.document_id == Document.id)
        .outerjoin(DocumentFile, DocumentFile.document_id == Document.id)
        .where(Document.series == key, Document.number <= f"{until:010d}")
    )
    stated: tuple[Any, ...] = (
        RetiredDocument.number,
        type_coerce(RetiredDocument.kind, Text),
        RetiredDocument.issued_on,
        literal(None, Uuid),
        literal(0),
        literal(0),
        literal(0),
        literal(""),
        literal(""),
        RetiredDocument.previous_hash,
        RetiredDocument.hash,
        false(),
        false(),
        false(),
        literal(None, Text),
    )
    named: list[Any] = [column.label(like.name) for column, like in zip(stated, kept.selected_columns, strict=True)]
    gone = select(*named).where(RetiredDocument.series == key)
    after = ""
    while found := await _page(
        session, kept.where(Document.number > after), gone.where(RetiredDocument.number > after)
    ):
        for row in found:
            number, kind, issued_on, order_id, base, vat, total, *rest = tuple(row)
            yield Place(number, kind, issued_on, order_id, _cents(base), _cents(vat), _cents(total), *rest)
        after = found[-1].number


async def _page(session: AsyncSession, *parts: Any) -> Sequence[Any]:
    """Read the next of both tables: each gives a page, so that neither is read to its end for one."""
    pages = [select(part.order_by("number").limit(BATCH).subquery()) for part in parts]
    return (await session.execute(union_all(*pages).order_by("number").limit(BATCH))).all()


def _cents(amount: Any) -> int:
    return amount if isinstance(amount, int) else int(amount.cents)


def _sha256_of_snapshot() -> Any:
    return func.encode(func.sha256(func.convert_to(cast(Document.snapshot, Text), "UTF8")), "hex")


async def check_files(
    session: AsyncSession, proof: SeriesProof, equal: Equal, *, progress: Callable[[int], None] = lambda _files: None
) -> None:
    """Read every file of a series: its bytes are those that were kept, and the PDF is the one of the snapshot."""
    wanted = (
        select(Document.number, Document.kind, Document.snapshot, DocumentFile)
        .join(DocumentFile, DocumentFile.document_id == Document.id)
        .where(Document.series == proof.key)
        .order_by(Document.number)
        .limit(FILES_AT_ONCE)
    )
    found = (await session.execute(wanted)).all()
    while found:
        session.expunge_all()  # read once, and not to gather
        # In a thread: reading a PDF computes, and the loop has other work.
        for fault in await asyncio.to_thread(_compare, found, equal):
            proof.tell(fault)
        proof.files += len(found)
        progress(proof.files)
        found = (await session.execute(wanted.where(Document.number > found[-1].number))).all()


def _compare(found: Sequence[Any], equal: Equal) -> list[str]:
    faults = []
    for number, kind, snapshot, file in found:
        if hashlib.sha256(file.pdf).hexdigest() != file.sha256:
            faults.append(f"{number}: the PDF is not the one that was kept")
        elif not equal(kind, snapshot, file.pdf):
            faults.append(f"{number}: the PDF does not show what the document states")
        if file.xml is not None and hashlib.sha256(file.xml).hexdigest() != file.xml_sha256:
            faults.append(f"{number}: the e-invoice is not the one that was kept")
    return faults
