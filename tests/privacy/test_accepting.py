"""The box: refused unless ticked under the version in force; what was ticked can be shown again (complaint 21)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Sessions, together
from app.core.ids import uuid7
from app.core.language import Language
from app.privacy import queries
from app.privacy.errors import AcceptedTextAltered, DeclarationNotAccepted, DeclarationOutdated
from app.privacy.models import Acceptance, Consent, DeclarationPurpose, Means
from app.privacy.schemas import DeclarationWish
from app.privacy.service import (
    NEWSLETTER_BY_EMAIL,
    acceptance_insert,
    check_declaration,
    consent_insert,
    show_accepted_text,
)
from tests.factories.privacy import AT, IP, ORIGIN, make_acceptance, make_declaration, make_evidence
from tests.problems import of_kind

ORDER = UUID("019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11")


def columns(entity: Any) -> dict[str, Any]:
    return {column.key: getattr(entity, column.key) for column in entity.__table__.columns}


async def test_a_box_left_empty_is_refused_with_its_pointer(session: AsyncSession) -> None:
    current = await queries.get_current(session, DeclarationPurpose.ORDER, at=AT)

    with pytest.raises(DeclarationNotAccepted) as refused:
        check_declaration(DeclarationWish(version="2026-11-22", accepted=False), current)

    detail = "Прочетете декларацията за поверителност и отбележете, че я приемате."
    assert refused.value.document(Language.BG) == {
        **of_kind("declaration-not-accepted", ""),
        "title": "Декларацията за поверителност не е приета",
        "status": 422,
        "detail": detail,
        "errors": [{"pointer": "/privacy_declaration/accepted", "detail": detail}],
    }


async def test_an_old_version_is_refused_with_the_current_one(session: AsyncSession) -> None:
    current = await queries.get_current(session, DeclarationPurpose.ORDER, at=AT)

    with pytest.raises(DeclarationOutdated) as refused:
        check_declaration(DeclarationWish(version="2023-08-22", accepted=True), current)

    assert refused.value.document(Language.EN) == {
        **of_kind("declaration-outdated", ""),
        "title": "Privacy declaration outdated",
        "status": 409,
        "detail": "Read the version in force, 2026-11-22, and accept it.",
        "current_version": "2026-11-22",
        "current": "/v1/declarations/order/versions/2026-11-22",
    }


@pytest.mark.parametrize("accepted", ["true", 1, None, [True]])
def test_only_true_or_false_answers_the_box(accepted: object) -> None:
    with pytest.raises(ValidationError, match="accepted"):
        DeclarationWish.model_validate({"version": "2026-11-22", "accepted": accepted})


@pytest.mark.parametrize("version", ["", "x" * 33, "2026\x0011", 20261122, None])
def test_a_version_is_a_short_line(version: object) -> None:
    with pytest.raises(ValidationError, match="version"):
        DeclarationWish.model_validate({"version": version, "accepted": True})


async def test_an_acceptance_keeps_version_text_moment_and_means(session: AsyncSession) -> None:
    current = await queries.get_current(session, DeclarationPurpose.ORDER, at=AT)
    check_declaration(DeclarationWish(version="2026-11-22", accepted=True), current)

    acceptance_id = await make_acceptance(session, language=Language.EN)

    kept = (await session.scalars(select(Acceptance))).one()
    assert columns(kept) == {
        "id": acceptance_id,
        "declaration_id": current.id,
        "language": Language.EN,
        "text_sha256": current.sha256_en,
        "accepted_at": AT,
        "means": Means.API,
        "origin": ORIGIN,
        "ip": IP,
        "user_agent": None,
    }


@pytest.mark.parametrize(
    ("language", "title", "box"),
    [
        (Language.BG, "Декларация за поверителност при поръчка", "Прочетох декларацията за поверителност и я приемам."),
        (Language.EN, "Privacy declaration for orders", "I have read the privacy declaration and I accept it."),
    ],
)
async def test_the_very_text_is_shown_again_after_it_was_replaced(
    session: AsyncSession, language: Language, title: str, box: str
) -> None:
    acceptance_id = await make_acceptance(session, language=language)
    await make_declaration(session)

    shown = await show_accepted_text(session, acceptance_id)

    replaced = await queries.get_current(session, DeclarationPurpose.ORDER, at=AT + timedelta(days=365))
    assert replaced.version == "2027-03-01"
    assert (shown.purpose, shown.version, shown.language) == (DeclarationPurpose.ORDER, "2026-11-22", language)
    assert (shown.title, shown.text.splitlines()[-1]) == (title, box)
    assert (shown.accepted_at, shown.means, shown.origin) == (AT, Means.API, ORIGIN)


async def test_a_text_changed_behind_the_guards_is_found_out(session: AsyncSession) -> None:
    acceptance_id = await make_acceptance(session)
    await session.execute(text("ALTER TABLE declarations DISABLE TRIGGER USER"))  # as the owner, whom nothing stops
    await session.execute(
        text(
            "UPDATE declarations SET text_bg = 'Друго',"
            " sha256_bg = encode(sha256(convert_to('Друго', 'UTF8')), 'hex') WHERE purpose = 'order'"
        )
    )

    with pytest.raises(AcceptedTextAltered):
        await show_accepted_text(session, acceptance_id)


async def test_acceptance_and_consent_are_written_in_one_round_trip(sessions: Sessions) -> None:
    acceptance_id = uuid7()
    async with sessions.begin() as session:
        order = await queries.get_current(session, DeclarationPurpose.ORDER, at=AT)
        wording = await queries.get_current(session, DeclarationPurpose.NEWSLETTER, at=AT)
        evidence = make_evidence()
        await session.execute(
            together(
                acceptance_insert(acceptance_id, order, evidence),
                consent_insert(NEWSLETTER_BY_EMAIL, wording, evidence, email="iva@example.bg", order_id=ORDER),
            )
        )

    async with sessions() as session:
        assert (await session.scalars(select(Acceptance.id))).all() == [acceptance_id]
        consent = columns((await session.scalars(select(Consent))).one())
        assert isinstance(consent.pop("id"), UUID)
        assert consent == {
            "purpose": "newsletter",
            "channel": "email",
            "act": "given",
            "email": "iva@example.bg",
            "order_id": ORDER,
            "declaration_id": wording.id,
            "language": "bg",
            "text_sha256": wording.sha256_bg,
            "recorded_at": AT,
            "means": "api",
            "origin": ORIGIN,
            "ip": IP,
            "user_agent": None,
            "words": None,
            **dict.fromkeys(("follows_id", "proof_sent_at", "proved_at", "received_by", "said_by")),
        }


def test_evidence_does_not_print_itself() -> None:
    assert IP not in repr(make_evidence())
