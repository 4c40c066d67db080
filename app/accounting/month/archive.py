"""The month's archive: every document, every file, and a cover page with totals, checks and hashes.

It is written as it is read, document by document, all of one moment; the cover is drawn when nothing is held any more.
What is handed over is recorded when all of it is written, before it is sent (S35); documents of whoever restricted the
processing of their data are held back, and named on the cover.
"""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID
from zipfile import ZipFile

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.disclosing import TO_ACCOUNTANT
from app.accounting.month.booking import is_counted_in
from app.accounting.month.cover import Contents, draw_cover
from app.accounting.month.files import (
    NOT_DUE,
    WRITERS,
    FileName,
    Reading,
    be_patient,
    handed_over,
    summary,
)
from app.accounting.month.period import Month
from app.accounting.month.schemas import SummaryView
from app.core.zips import named
from app.invoices.models import Document, DocumentFile
from app.invoices.papers import TITLES as KINDS
from app.invoices.papers import filename
from app.mail.writing import Trader
from app.orders.models import Order
from app.orders.whose import whose_of
from app.privacy.disclosing import HandingOver, Sent, disclose, disclose_read
from app.privacy.restricting import is_unrestricted

COVER, SUMS = "00-cover.pdf", "SHA256SUMS"
AT_ONCE, RECORDED_AT_ONCE = 25, 500


@dataclass(frozen=True, slots=True)
class Named:
    """Whose data are in one of the files: `read` when it was written, as `chosen` gave them."""

    handing_over: HandingOver
    chosen: Select[UUID, UUID | None]
    read: Sequence[tuple[UUID, UUID | None]]


@dataclass
class Archive:
    """Puts files into a ZIP and remembers what it put there."""

    into: ZipFile
    reading: Reading
    contents: Contents = field(default_factory=Contents)
    sent: list[Sent] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)

    def put(self, name: str, content: bytes) -> None:
        """Store a document as it is: a PDF is packed already."""
        self.into.writestr(named(name, self.reading.at, packed=name.endswith(".xml")), content)
        self.contents.sums.append((sha256(content).hexdigest(), name))

    async def write(self, name: FileName) -> None:
        """Write one of the month's files part by part; one that is not due is left out, with the reason."""
        digest, parts = sha256(), WRITERS[name](self.reading)
        async with aclosing(parts):
            try:
                first = await anext(parts, b"")
            except NOT_DUE as reason:
                self.contents.left_out[name] = type(reason).title.bg
                return
            with self.into.open(named(name, self.reading.at), "w", force_zip64=True) as entry:
                entry.write(first)
                digest.update(first)
                async for part in parts:
                    digest.update(part)
                    entry.write(part)
        self.contents.sums.append((digest.hexdigest(), name))

    async def finish(self, said: SummaryView, trader: Trader) -> None:
        """Add the cover and the list of sums; no session is needed any more."""
        cover = await draw_cover(said, self.contents, trader)
        self.into.writestr(named(COVER, self.reading.at), cover)
        listed = "".join(
            f"{digest}  {name}\n" for digest, name in [*self.contents.sums, (sha256(cover).hexdigest(), COVER)]
        )
        self.into.writestr(named(SUMS, self.reading.at), listed.encode())

    async def record(self, *, actor: str) -> None:
        """Record what is handed over, in a transaction of its own; refuses what may not go any more."""
        session, at = self.reading.session, self.reading.at
        for start in range(0, len(self.sent), RECORDED_AT_ONCE):
            sent = self.sent[start : start + RECORDED_AT_ONCE]
            await disclose(session, TO_ACCOUNTANT, sent, at=at, actor=actor)
        for each in self.named:
            await disclose_read(session, each.handing_over, each.read, each.chosen, at=at, actor=actor)


def archive_name(month: Month) -> str:
    return f"month-{month}.zip"


async def write_archive(archive: Archive) -> SummaryView:
    """Write all but the cover; the caller ends the transaction, finishes the archive and records it."""
    reading = archive.reading
    await be_patient(reading.session)
    after: tuple[object, ...] | None = None
    while page := await _page(reading.session, reading.month, after):
        for row in page:
            _put(archive, row)
        last = page[-1]
        after = (last.issued_on, last.number, last.id)
    for name in FileName:
        await archive.write(name)
    said = await summary(reading)
    for name in _naming(archive.contents):
        handing_over, chosen = await handed_over(reading, name)
        read = [(row[0], row[1]) for row in await reading.session.execute(chosen)]
        archive.named.append(Named(handing_over, chosen, read))
    return said


def _naming(contents: Contents) -> Sequence[FileName]:
    """Say by which files people are named; the ledger's are those of Delta's lines and of the lists, too."""
    ledger = FileName.DELTA if FileName.LEDGER in contents.left_out else FileName.LEDGER
    return [ledger, *({FileName.AUDIT} - contents.left_out.keys())]


def _put(archive: Archive, row: Any) -> None:
    if not row.is_free:
        archive.contents.held_back.append(f"{KINDS[row.kind].bg} № {row.number}")
        return
    archive.put(f"documents/{filename(row.kind, row.number)}", row.pdf)
    if row.xml is not None:
        archive.put(f"documents/{filename(row.kind, row.number, 'xml')}", row.xml)
    archive.contents.documents += 1
    archive.sent.append(Sent(row.Order.id, whose_of(row.Order), row.id))


async def _page(session: AsyncSession, month: Month, after: tuple[object, ...] | None) -> Sequence[Any]:
    key = (Document.issued_on, Document.number, Document.id)
    wanted = (
        select(
            *key,
            Document.kind,
            DocumentFile.pdf,
            DocumentFile.xml,
            Order,
            is_unrestricted(Order.email, Order.account_id).label("is_free"),
        )
        .join(DocumentFile, DocumentFile.document_id == Document.id)
        .join(Order, Order.id == Document.order_id)
        .where(is_counted_in(month))
        .order_by(*key)
        .limit(AT_ONCE)
    )
    if after is not None:
        wanted = wanted.where(tuple_(*key) > tuple_(*after))
    found = (await session.execute(wanted)).all()
    session.expunge_all()  # the orders of a long month must not gather in it
    return found
