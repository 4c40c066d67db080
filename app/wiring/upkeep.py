"""Assembles upkeep: backups, the check of integrity, the report of versions, and coming back from a backup."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import app
from app.core.clock import Clock
from app.core.db import Sessions, url_of
from app.core.jobs import Handler, Job, Periodic
from app.privacy.retention.running import RunFailed
from app.settings import Settings
from app.upkeep.alarms import Alarms
from app.upkeep.backing_up import Backups
from app.upkeep.dependencies import Lock
from app.upkeep.duties import Duties, Schedule
from app.upkeep.erasures import keep_list
from app.upkeep.jobs import CheckIntegrity, RehearseRestore, ReportDependencies, TakeBackup
from app.upkeep.keeping import Vault
from app.upkeep.recovering import Recoveries
from app.wiring.keeping import keeper, run_rules
from app.wiring.values import holders, sealer

LOCK_FILE = "requirements.lock"


def vault(settings: Settings) -> Vault:
    folder = settings.backup_folder or settings.folder / "backups"
    return Vault(folder.absolute(), settings.backup_days, settings.backup_secret.get_secret_value())


def alarms(settings: Settings) -> Alarms:
    return Alarms(settings.seller_email)


def backups(settings: Settings, sessions: Sessions, clock: Clock) -> Backups:
    return Backups(sessions, url_of(sessions), vault(settings), clock, alarms(settings))


def recoveries(settings: Settings, clock: Clock) -> Recoveries:
    async def retain(sessions: Sessions) -> str:
        """Let go of what came due since the backup was made; a rule that fails leaves the shop restored."""
        try:
            return f"run {await run_rules(keeper(settings, sessions, clock), by='operator')} is on record"
        except RunFailed as failure:
            return f"some rules failed, run shop retention run: {failure}"

    secret = settings.backup_secret.get_secret_value()
    return Recoveries(secret, clock, alarms(settings), holders(settings), sealer(settings), retain)


@cache
def lock() -> Lock:
    """Read the locked versions, once: within the package in an image, beside it in a checkout."""
    package = Path(app.__file__).parent
    places = [package / LOCK_FILE, package.parent / LOCK_FILE]
    return Lock.read(next((file for file in places if file.exists()), places[0]))


def duties(settings: Settings, sessions: Sessions, clock: Clock) -> Duties:
    return Duties(
        sessions,
        url_of(sessions),
        clock,
        backups(settings, sessions, clock),
        alarms(settings),
        Schedule(settings.backup_cron, settings.rehearsal_cron, settings.integrity_cron, settings.dependencies_cron),
        lock(),
    )


def handlers(settings: Settings, sessions: Sessions, clock: Clock) -> Mapping[type[Job], Handler]:
    of = duties(settings, sessions, clock)
    return {
        TakeBackup: of.take_backup,
        RehearseRestore: of.rehearse_restore,
        CheckIntegrity: of.check_integrity,
        ReportDependencies: of.report_dependencies,
    }


def periodic(settings: Settings, sessions: Sessions, clock: Clock) -> list[Periodic]:
    async def keep_erasures() -> None:
        await keep_list(sessions, vault(settings), at=clock.now())

    return [
        Periodic("promise_upkeep", settings.upkeep_cron, duties(settings, sessions, clock).promise_due),
        Periodic("keep_erasure_list", "*/5 * * * *", keep_erasures),
    ]
