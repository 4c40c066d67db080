"""The register of restrictions: whose data are stored and not used, since when, on which ground, until when (S63)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.backoffice.register import Cell, Column, Entry, Paged, Reading, RegisterName
from app.core.fields import as_kept
from app.core.language import Text
from app.privacy.restrictions.models import Restriction, RestrictionGround

REASONS: dict[RestrictionGround, Text] = {
    RestrictionGround.ACCURACY_CONTESTED: Text("оспорена точност", "accuracy contested"),
    RestrictionGround.UNLAWFUL: Text("неправомерно обработване", "unlawful processing"),
    RestrictionGround.CLAIMS: Text("правни претенции на лицето", "legal claims of the person"),
    RestrictionGround.OBJECTION: Text("подадено възражение", "objection made"),
}


async def _page(reading: Reading, words: str | None, after: tuple[Any, ...] | None, limit: int) -> Sequence[Entry]:
    wanted = select(Restriction).order_by(Restriction.id.desc()).limit(limit)
    if words:
        wanted = wanted.where(func.lower(Restriction.email) == func.lower(as_kept(words)))
    if after:
        wanted = wanted.where(Restriction.id < after[0])
    return [_entry(each) for each in await reading.session.scalars(wanted)]


def _entry(restriction: Restriction) -> Entry:
    cells: Mapping[str, Cell] = {
        "email": restriction.email,
        "ground": REASONS[restriction.ground],
        "since": restriction.since,
        "lifting_at": restriction.lifting_at,
        "lifted_at": restriction.lifted_at,
        "request": str(restriction.request_id) if restriction.request_id else None,
    }
    return Entry((restriction.id,), cells, f"restriction:{restriction.id}")


RESTRICTIONS = Paged(
    RegisterName.RESTRICTIONS,
    Text("Ограничавания на обработването", "Restrictions of processing"),
    (
        Column("email", Text("Лице", "Person"), 6),
        Column("ground", Text("Основание", "Ground"), 5),
        Column("since", Text("От", "Since")),
        Column("lifting_at", Text("Решено да се вдигне", "Lifting decided")),
        Column("lifted_at", Text("Вдигнато", "Lifted")),
        Column("request", Text("Искане", "Request"), 6),
    ),
    (UUID,),
    _page,
)
