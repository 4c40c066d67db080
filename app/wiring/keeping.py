"""Puts the rules of every domain together, and says who runs them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import retention as accounts
from app.cart import retention as carts
from app.cart.retention import CartTerms
from app.core.clock import Clock
from app.core.db import Sessions
from app.core.language import Language, Text
from app.fulfilment import retention as orders
from app.fulfilment.forgetting import OF_RECORD
from app.fulfilment.retention import note_ends
from app.mail import service as mail
from app.mail.models import MailKind
from app.privacy.retention import own_rules
from app.privacy.retention.jobs import RunRetention
from app.privacy.retention.models import RetentionRun
from app.privacy.retention.rules import Rule
from app.privacy.retention.running import Keeper, RunFailed
from app.privacy.rights import retention as rights
from app.returns import retention as returns
from app.settings import Settings
from app.upkeep.letters import Alarm
from app.wiring.values import storage_terms


def retention_rules(settings: Settings) -> tuple[Rule, ...]:
    terms = storage_terms(settings)
    return (
        *carts.rules(CartTerms(settings.cart_days, settings.account_cart_days)),
        *accounts.rules(),
        *returns.rules(terms),
        *orders.rules(terms),
        *own_rules.rules(terms, cookie_months=settings.cookie_consent_months),
        *rights.rules(terms),
    )


def let_go(settings: Settings) -> frozenset[str]:
    """Name the tables of which retention and erasure let go: the others of record are never changed."""
    return OF_RECORD.union(*(rule.tables for rule in retention_rules(settings)))


def keeper(settings: Settings, sessions: Sessions, clock: Clock) -> Keeper:
    return Keeper(sessions, retention_rules(settings), clock)


async def run_rules(kept: Keeper, *, by: str) -> UUID:
    """Run every rule once, whole; refuses with RunFailed when one of them did."""
    async with kept.sessions.begin() as session:
        await note_ends(session)
    return await kept.run(by=by)


class Keeping:
    """The handler of `RunRetention`, and of the daily run: whoever fails is written to."""

    def __init__(self, settings: Settings, sessions: Sessions, clock: Clock) -> None:
        self.keeper = keeper(settings, sessions, clock)
        self._address = settings.seller_email

    async def run(self, job: RunRetention) -> None:
        await self._run(job.by)

    async def daily(self) -> None:
        await self._run("system")

    async def _run(self, by: str) -> None:
        try:
            await run_rules(self.keeper, by=by)
        except RunFailed as failure:
            await self._alarm(failure.run_id, self.keeper.clock.now())
            raise

    async def _alarm(self, run_id: UUID, at: datetime) -> None:
        async with self.keeper.sessions.begin() as session:
            await mail.promise(
                session,
                kind=MailKind.UPKEEP_ALARM,
                address=self._address,
                language=Language.BG,
                about_id=run_id,
                at=at,
            )


FAILED = Text("някои правила за съхранение не бяха изпълнени", "some retention rules were not carried out")
FAILED_ADVICE = Text(
    "Останалите правила са изпълнени; нищо не е изтрито наполовина. Отстранете причината и пуснете shop retention run.",
    "The other rules were carried out; nothing is half erased. Remove the cause, then run shop retention run.",
)


async def tell_of_retention(session: AsyncSession, record_id: UUID) -> Alarm | None:
    """Tell what an alarm is about, when it is about a run."""
    run = await session.get(RetentionRun, record_id)
    if run is None or run.failed is None:
        return None
    return Alarm(FAILED, run.started_at, tuple(run.failed.split("; ")), FAILED_ADVICE)
