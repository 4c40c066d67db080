"""Publishing a version of a text: added to those before it, in force from its day on, promptly public (S85)."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.errors import ShopError
from app.core.jobs import Promise, defer
from app.core.language import Text
from app.privacy.models import Declaration, DeclarationPurpose
from app.privacy.policies.jobs import AnnounceChange
from app.privacy.policies.schemas import PublishText

POLICIES = frozenset({DeclarationPurpose.POLICY, DeclarationPurpose.COOKIES})
"""Texts that hold for everybody: a material change of one is announced. The others are shown before each act."""


class VersionPublished(ShopError):
    title = Text("Тази версия вече е публикувана", "This version is published already")
    advice = Text(
        "Публикуваният текст не се променя: дайте на новия друга версия.",
        "A published text does not change: give the new one another version.",
    )


class EffectiveTooEarly(ShopError):
    status = 422
    title = Text("Текстът не може да е в сила със задна дата", "A text cannot be in force before it was published")
    advice = Text("Посочете днешния или по-късен ден.", "Name today or a later day.")


async def publish(session: AsyncSession, wish: PublishText, *, at: datetime) -> Declaration:
    """Publish a text in both languages; refuses a version that there is, and a day that is past.

    A material change of a policy is announced from now on, before it is in force where its day is later (C21).
    """
    if wish.effective_on < legal_date(at):
        raise EffectiveTooEarly
    same = select(Declaration.id).filter_by(purpose=wish.purpose, version=wish.version)
    if await session.scalar(same):
        raise VersionPublished
    declaration = Declaration(
        purpose=wish.purpose,
        version=wish.version,
        effective_on=wish.effective_on,
        title_bg=wish.bg.title,
        title_en=wish.en.title,
        text_bg=wish.bg.whole(),
        text_en=wish.en.whole(),
        sha256_bg=sha256(wish.bg.whole().encode()).hexdigest(),
        sha256_en=sha256(wish.en.whole().encode()).hexdigest(),
        material=wish.material,
        published_at=at,
    )
    session.add(declaration)
    try:
        await session.flush()  # to meet the unique version: somebody may be publishing the same
    except IntegrityError:
        raise VersionPublished from None
    if wish.material and wish.purpose in POLICIES:
        await defer(session, Promise(AnnounceChange(declaration.id), lock=f"announce:{declaration.id}"))
    return declaration
