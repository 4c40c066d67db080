"""Registers of retention: what each run let go of, and what a dispute holds (S30, S48)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.backoffice.register import Cell, Column, Reading, RegisterName, Whole
from app.core.language import Text
from app.orders.models import Order
from app.privacy.retention.models import RetentionHold, RetentionRun


async def _runs(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    newest_first = select(RetentionRun).order_by(RetentionRun.started_at.desc(), RetentionRun.id.desc())
    return [
        {
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "by": run.by,
            "is_dry": run.is_dry,
            "counts": [f"{rule}: {_said(count)}" for rule, count in sorted(run.counts.items())],
            "failed": run.failed,
        }
        for run in await reading.session.scalars(newest_first)
    ]


def _said(count: object) -> str:
    if isinstance(count, Mapping):
        return ", ".join(f"{name} {number}" for name, number in sorted(count.items()))
    return str(count)


RETENTION_RUNS = Whole(
    RegisterName.RETENTION_RUNS,
    Text("Изтривания по срок", "Retention runs"),
    (
        Column("started_at", Text("Начало", "Began")),
        Column("finished_at", Text("Край", "Ended")),
        Column("by", Text("Кой", "By whom"), 5),
        Column("is_dry", Text("Само проверка", "Trial only"), 3),
        Column("counts", Text("По правила", "By rule"), 18),
        Column("failed", Text("Грешка", "Failure"), 5),
    ),
    _runs,
)


async def _holds(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    wanted = select(RetentionHold, Order.number).outerjoin(Order, Order.id == RetentionHold.order_id)
    found = await reading.session.execute(wanted.order_by(RetentionHold.set_at.desc(), RetentionHold.id.desc()))
    return [
        {
            "whose": [f"№ {number}" if number else None, hold.email],
            "ground": hold.ground,
            "until": hold.until,
            "set_at": hold.set_at,
            "set_by": hold.set_by,
            "lifted_at": hold.lifted_at,
            "lifted_by": hold.lifted_by,
        }
        for hold, number in found
    ]


HOLDS = Whole(
    RegisterName.HOLDS,
    Text("Задържане при спор", "Holds for disputes"),
    (
        Column("whose", Text("Чии данни", "Whose"), 6),
        Column("ground", Text("Спор", "Dispute"), 8),
        Column("until", Text("До", "Until")),
        Column("set_at", Text("Поставено", "Set")),
        Column("set_by", Text("От", "By"), 5),
        Column("lifted_at", Text("Вдигнато", "Lifted")),
        Column("lifted_by", Text("От", "By"), 5),
    ),
    _holds,
)
