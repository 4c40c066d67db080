"""Looks every night whether all series are whole, and whether an invoice or a note is about to be late."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.accounting.queries import list_late_invoices, list_late_notes
from app.core.clock import Clock, legal_date
from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.language import Language
from app.core.legal_terms import INVOICE_DAYS
from app.invoices.models import DocumentReport, Verdict
from app.invoices.verifying import Equal, SeriesProof, check_files, check_series, list_series
from app.mail import service as mail
from app.mail.models import MailKind


@dataclass(frozen=True)
class DocumentWatch:
    """The nightly check; what it finds is kept as a report, and written about."""

    sessions: Sessions
    clock: Clock
    equal: Equal
    address: str
    alarm_days: int
    every_order: bool

    async def run(self) -> None:
        await self.check()

    async def check(self, *, progress: Callable[[str], None] = lambda _told: None) -> UUID:
        """Check every series whole, files included, and keep the report; returns its id."""
        at = self.clock.now()
        proofs = [await self._of(key, progress) for key in await self._keys()]
        faults = [f"{proof.key}: {fault}" for proof in proofs for fault in proof.faults]
        faults += await self._late(at)
        report = DocumentReport(
            id=uuid7(),
            made_at=at,
            outcome=Verdict.UNSOUND if faults else Verdict.SOUND,
            series=[_kept(proof) for proof in proofs],
            faults=faults,
        )
        async with self.sessions.begin() as session:
            session.add(report)
            if faults:
                await mail.promise(
                    session,
                    kind=MailKind.UPKEEP_ALARM,
                    address=self.address,
                    language=Language.BG,
                    about_id=report.id,
                    at=at,
                )
        return report.id

    async def _keys(self) -> Sequence[str]:
        async with self.sessions() as session:
            return await list_series(session)

    async def _of(self, key: str, progress: Callable[[str], None]) -> SeriesProof:
        async with self.sessions() as session:
            proof = await check_series(session, key, at=self.clock.now())
            assert proof is not None  # its key was just read, and no series is ever removed
            await check_files(session, proof, self.equal, progress=lambda files: progress(f"{key}: {files} files"))
        progress(f"{key}: {proof.issued} documents, {len(proof.faults) + proof.untold} faults")
        return proof

    async def _late(self, at: datetime) -> list[str]:
        """Name the sales without invoice, and the refunds without credit note, while there is time left by law."""
        before = legal_date(at) - timedelta(days=self.alarm_days)
        async with self.sessions() as session:
            invoices = await list_late_invoices(session, before, every_order=self.every_order)
            notes = await list_late_notes(session, before)
        term = timedelta(days=INVOICE_DAYS)
        return [f"order {number}: no invoice, due by {sold_on + term}" for number, sold_on in invoices] + [
            f"order {number}: money went back without a credit note, due by {on + term}" for number, on in notes
        ]


def _kept(proof: SeriesProof) -> dict[str, object]:
    days = {"first_on": proof.first_on, "last_on": proof.last_on}
    return {**asdict(proof), **{name: day.isoformat() if day else None for name, day in days.items()}}
