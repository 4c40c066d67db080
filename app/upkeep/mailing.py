"""Composes the alarm: finds what it is about among the records of upkeep, and of whoever else is given."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.language import Text
from app.mail.models import Mail
from app.mail.writing import Letterhead
from app.upkeep.integrity.findings import Finding
from app.upkeep.letters import Alarm, AlarmLetter, upkeep_alarm
from app.upkeep.models import BackupAct, BackupEvent, BackupRun, IntegrityReport

Teller = Callable[[AsyncSession, UUID], Awaitable[Alarm | None]]
"""Tells what an alarm is about, when it is about a record of its own."""

MOST_TOLD = 10
FAILED = Text("не беше направено архивно копие на данните", "no backup of the data was made")
FAILED_ADVICE = Text(
    "Опитва се отново около веднъж на час. Проверете дали има място в папката за архиви и дали тя е достъпна, после"
    " пуснете shop backup.",
    "It is tried again about once an hour. Check that the backup folder has room and can be reached, then run"
    " shop backup.",
)
CHECKS = {
    BackupAct.VERIFIED: Text(
        "архивното копие не се чете, както е записано", "a backup cannot be read back as it was written"
    ),
    BackupAct.REHEARSED: Text(
        "пробното възстановяване на архивното копие не успя", "a trial restore of a backup failed"
    ),
}
CHECK_ADVICE = Text(
    "Направете ново копие с shop backup и проверете носителя. Старите копия остават, докато новото не се окаже добро.",
    "Make a new backup with shop backup and check the storage medium. The old backups stay until a new one has proved"
    " good.",
)
UNSOUND = Text("проверката на базата данни намери грешки", "the check of the database found errors")
UNSOUND_ADVICE = Text(
    "Прочетете целия доклад с shop integrity --last. При повредена страница не оставяйте магазина да пише върху нея:"
    " спрете го, копирайте папката на базата и възстановете последното добро копие (README, „Restoring“).",
    "Read the whole report with shop integrity --last. If a page is damaged, do not let the shop write over it: stop"
    " the shop, copy the database folder and restore the last good backup (README, “Restoring”).",
)


@dataclass(frozen=True)
class UpkeepMails:
    """The composer of alarms."""

    letterhead: Letterhead
    others: Sequence[Teller] = ()

    async def alarm(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        assert mail.about_id is not None  # a CHECK of the table: such a mail is about no order
        for tell in (_of_run, _of_event, _of_report, *self.others):
            if alarm := await tell(session, mail.about_id):
                letter = AlarmLetter(
                    language=mail.language,
                    trader=self.letterhead.trader,
                    what=alarm.what.in_(mail.language),
                    at=alarm.at,
                    faults=alarm.faults,
                    advice=alarm.advice.in_(mail.language),
                )
                return self.letterhead.message(mail, upkeep_alarm(letter))
        return None


async def _of_run(session: AsyncSession, about_id: UUID) -> Alarm | None:
    run = await session.get(BackupRun, about_id)
    return Alarm(FAILED, run.ended_at, (run.failure,), FAILED_ADVICE) if run and run.failure else None


async def _of_event(session: AsyncSession, about_id: UUID) -> Alarm | None:
    event = await session.get(BackupEvent, about_id)
    return Alarm(CHECKS[event.act], event.at, (event.fault,), CHECK_ADVICE) if event and event.fault else None


async def _of_report(session: AsyncSession, about_id: UUID) -> Alarm | None:
    report = await session.get(IntegrityReport, about_id)
    if report is None:
        return None
    faults = [str(Finding(**finding)) for check in report.checks for finding in check["findings"]]
    more = len(faults) - MOST_TOLD + sum(check["untold"] for check in report.checks)
    told = (*faults[:MOST_TOLD], *([f"… +{more}"] if more > 0 else []))
    return Alarm(UNSOUND, report.ended_at, told, UNSOUND_ADVICE)
