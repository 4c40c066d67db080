"""Carries decisions out, each in the transaction that decides it; says what the answer has to tell."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.holders import Holder, Kept, Person
from app.core.language import Text
from app.core.sealing import Sealer
from app.privacy import copies, restricting
from app.privacy.erasing import erase_person
from app.privacy.erasures.models import Told
from app.privacy.models import ConsentPurpose
from app.privacy.owned import owned
from app.privacy.recipient_tasks import tell_recipients
from app.privacy.rectifying import Changed, Correction, GoOn, rectify
from app.privacy.restricting import RestrictionGround
from app.privacy.rights import queries
from app.privacy.rights.atonce import stop
from app.privacy.rights.clock import Terms
from app.privacy.rights.errors import DecisionUnfit
from app.privacy.rights.models import Against, Outcome, RequestKind, RightsRequest
from app.privacy.rights.reasons import why_in_part
from app.privacy.rights.staff_schemas import Decide
from app.privacy.service import Evidence

COPIED = frozenset({RequestKind.ACCESS, RequestKind.PORTABILITY})
APART = frozenset({"rights_requests", "rights_events", "rights_letters", "rights_attachments", "mails"})
"""Tables that a request itself fills: they are not what somebody asks about (C16)."""
NAME_FIELDS = Text("Посочете полетата и верните стойности", "Name the fields and the right values")
NOTHING_PUT_RIGHT = Text(
    "Тази корекция не променя нищо: посочената грешна стойност не се държи, верната вече е записана, или поръчката е"
    " изпратена или фактурирана и не се променя. Поправете полето или стойността, или откажете с основание.",
    "This correction changes nothing: the wrong value is not held, the right one is there already, or the order was"
    " sent or invoiced and does not change. Correct the field or the value, or refuse with a reason.",
)
NOTHING_HELD = Text(
    "За това лице не се държат данни, така че няма какво да се изпълни. Откажете с основание.",
    "No data are held of this person, so there is nothing to carry out. Refuse with a reason.",
)
GROUND_MISSING = Text("Посочете основанието", "Name the ground")


async def person_of(session: AsyncSession, request: RightsRequest) -> Person | None:
    whose = await queries.find_whose(session, request)
    return Person(whose.email, whose.account_id) if whose else None


@dataclass(frozen=True, slots=True)
class Case:
    """A request that is being carried out: about whom, as decided, with what proves it."""

    request: RightsRequest
    person: Person
    wish: Decide
    evidence: Evidence
    by: str


@dataclass(frozen=True, slots=True)
class Executors:
    """What carrying out takes: everybody's data, and the key under which what is unfinished is kept."""

    holders: Sequence[Holder]
    sealer: Sealer
    terms: Terms
    go_on: GoOn

    async def carry_out(
        self, session: AsyncSession, request: RightsRequest, wish: Decide, evidence: Evidence, *, by: str
    ) -> dict[str, Any]:
        """Do what was granted; returns what the answer tells of it. Who is not identified is told nothing (C16)."""
        if request.identified_at is None or request.kind is RequestKind.COMPLAINT:
            return {}
        person = await person_of(session, request)
        if person is None:
            if wish.outcome is not Outcome.REFUSED and _changes_what_is_held(request):
                raise DecisionUnfit("/outcome", NOTHING_HELD)
            return {"held": False}
        case = Case(request, person, wish, evidence, by)
        if request.kind in COPIED:
            return await self._copy(session, case)
        if wish.outcome is Outcome.REFUSED:
            return {}
        return await self._change(session, case)

    async def _copy(self, session: AsyncSession, case: Case) -> dict[str, Any]:
        """Confirm whether data are held, also when nothing is given (C16), and until when a copy may be downloaded."""
        told: dict[str, Any] = {"held": await self._holds(session, case)}
        if case.wish.outcome is not Outcome.REFUSED and told["held"]:
            told["copy_until"] = (legal_date(case.evidence.at) + timedelta(days=self.terms.copy_days)).isoformat()
        return told

    async def _holds(self, session: AsyncSession, case: Case) -> bool:
        copy = await copies.gather(session, self.holders, case.person, at=case.evidence.at)
        return any(count for table, count in copy.counts.items() if table not in APART)

    async def _change(self, session: AsyncSession, case: Case) -> dict[str, Any]:
        """Change what is held, as the kind of request asks."""
        request = case.request
        if request.kind is RequestKind.RECTIFICATION:
            return await self._rectify(session, case)
        if request.kind is RequestKind.RESTRICTION:
            return await self._restrict(session, case)
        if request.kind is RequestKind.ERASURE or request.consent is ConsentPurpose.REGISTRATION:
            return await self._erase(session, case)
        if request.against is Against.PROCESSING:
            return {"stopped": True, "told": await self._only_store(session, case, RestrictionGround.OBJECTION)}
        return {"withdrawn": await stop(session, request, case.evidence)}

    async def _rectify(self, session: AsyncSession, case: Case) -> dict[str, Any]:
        """Put right what is wrong (S62): the person says what, the desk which fields these are."""
        if not case.wish.corrections:
            raise DecisionUnfit("/corrections", NAME_FIELDS)
        corrections = [Correction(each.field, each.right, each.wrong) for each in case.wish.corrections]
        request_id = case.request.id
        made = await rectify(
            session,
            self.holders,
            case.person,
            corrections,
            request_id=request_id,
            at=case.evidence.at,
            go_on=self.go_on,
        )
        _require_done(made, wholly=case.wish.outcome is Outcome.GRANTED)
        told = await queries.list_told(session, request_id, Told.RECTIFICATION)
        return {"corrected": [asdict(each) for changed in made for each in changed], "told": [*told]}

    async def _restrict(self, session: AsyncSession, case: Case) -> dict[str, Any]:
        """Restrict on one of the four grounds (S63)."""
        ground = case.wish.restriction_ground or case.request.restriction_ground
        if ground is None:
            raise DecisionUnfit("/restriction_ground", GROUND_MISSING)
        told = await self._only_store(session, case, RestrictionGround(ground))
        return {"restriction_ground": ground, "told": told}

    async def _only_store(self, session: AsyncSession, case: Case, ground: RestrictionGround) -> list[str]:
        """Restrict the person, and tell whoever received their data of it (GDPR Art. 19); the audit is noted last."""
        [(orders, own)] = [each for each in owned(self.holders, case.person).items() if each[0].name == "orders"]
        order_ids = (await session.scalars(select(orders.c.id).where(own).order_by(orders.c.id))).all()
        request_id, at = case.request.id, case.evidence.at
        told = await tell_recipients(session, order_ids, Told.RESTRICTION, cause_id=request_id, at=at)
        await restricting.restrict(session, case.person, ground=ground, request_id=request_id, at=at, actor=case.by)
        return [*told]

    async def _erase(self, session: AsyncSession, case: Case) -> dict[str, Any]:
        """Erase on one of the five grounds (S68), with a certificate of what went and what a law holds.

        Granted, it is granted in part where a law holds what was asked about; where nothing was held it says so.
        """
        request = case.request
        ground = case.wish.erasure_ground or request.erasure_ground
        if request.kind is RequestKind.ERASURE and ground is None:
            raise DecisionUnfit("/erasure_ground", GROUND_MISSING)
        is_held = await self._holds(session, case)
        certificate = await erase_person(
            session, self.holders, case.person, case.evidence, sealer=self.sealer, request_id=request.id
        )
        in_part = why_in_part([each.law for each in certificate.erasure.kept])
        asks_for_all = request.kind is RequestKind.ERASURE and case.wish.outcome is Outcome.GRANTED
        return {
            **({"outcome": Outcome.PARTLY_GRANTED, "reason": in_part} if asks_for_all and in_part else {}),
            **({} if is_held else {"held": False}),
            "erasure_ground": ground,
            "certificate": str(certificate.id),
            "erased": [asdict(each) for each in certificate.erasure.erased],
            "kept": [_written(each) for each in certificate.erasure.kept],
            "told": [*certificate.recipients],
        }


def _changes_what_is_held(request: RightsRequest) -> bool:
    """Say whether granting does something to data: where none are held it would do nothing, and say that it did."""
    return request.kind in {RequestKind.RECTIFICATION, RequestKind.RESTRICTION} or request.against is Against.PROCESSING


def _require_done(made: Sequence[Sequence[Changed]], *, wholly: bool) -> None:
    """Refuse to say that a rectification was granted which put nothing right, or wholly, not all."""
    idle = [number for number, changed in enumerate(made) if not changed]
    if idle and (wholly or len(idle) == len(made)):
        raise DecisionUnfit(f"/corrections/{idle[0]}", NOTHING_PUT_RIGHT)


def _written(kept: Kept) -> dict[str, Any]:
    until = kept.until.isoformat() if kept.until else None
    words = {"what": asdict(kept.what), "law": asdict(kept.law)}
    return {**words, "until": until, "count": kept.count, "has_end": kept.has_end}
