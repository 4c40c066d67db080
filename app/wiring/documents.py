"""Assembles the nightly check of documents, and tells of what it found."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.watching import DocumentWatch
from app.core.clock import Clock
from app.core.db import Sessions
from app.core.language import Text
from app.invoices.models import DocumentReport, Verdict
from app.invoices.verifying import Equal
from app.settings import Settings
from app.upkeep.letters import Alarm
from app.wiring.values import invoices_every_order

MOST_TOLD = 20
UNSOUND = Text("проверката на документите намери нередности", "the check of the documents found faults")
ADVICE = Text(
    "Липсваща фактура: вижте защо стои задачата ѝ с shop jobs list и я пуснете отново; законът дава пет дни. Друго:"
    " не издавайте нови документи в тази поредица, запазете последното архивно копие и пуснете shop documents verify.",
    "A missing invoice: see with shop jobs list why its job is waiting, and release it; the law allows five days."
    " Anything else: issue no more documents in that series, keep the last backup and run shop documents verify.",
)


def document_watch(settings: Settings, sessions: Sessions, clock: Clock, equal: Equal) -> DocumentWatch:
    return DocumentWatch(
        sessions,
        clock,
        equal,
        settings.seller_email,
        settings.invoice_alarm_days,
        every_order=invoices_every_order(settings),
    )


async def tell_of_documents(session: AsyncSession, record_id: UUID) -> Alarm | None:
    """Tell what an alarm is about, when it is about a report of documents."""
    report = await session.get(DocumentReport, record_id)
    if report is None or report.outcome is Verdict.SOUND:
        return None
    more = len(report.faults) - MOST_TOLD
    told = (*report.faults[:MOST_TOLD], *([f"… +{more}"] if more > 0 else []))
    return Alarm(UNSOUND, report.made_at, told, ADVICE)
