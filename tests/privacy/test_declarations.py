"""The texts: published letter for letter, served in both languages, each version for ever."""

from datetime import UTC, date, datetime, time
from hashlib import sha256
from importlib.resources import files
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.db import Sessions
from app.core.language import Language
from app.privacy import queries
from app.privacy.errors import DeclarationNotFound
from app.privacy.models import Declaration, DeclarationPurpose
from tests.factories.privacy import AT, make_declaration
from tests.problems import of_kind

TEXTS = files("app.privacy") / "texts"
# Of the policy as the shop published it on 22.08.2023.
POLICY_SHA256 = "86de22ec640c7a961f838bb2761fb26c571c9e56606cd99a9c2b0adcfa5cd4b7"


async def test_every_published_text_is_the_packaged_file_and_its_hash(session: AsyncSession) -> None:
    published = (await session.scalars(select(Declaration).order_by(Declaration.purpose, Declaration.version))).all()

    assert [(declaration.purpose, declaration.version) for declaration in published] == [
        ("blog", "2026-11-22"),
        ("contact", "2026-11-22"),
        ("cookies", "2026-11-22"),
        ("cookies", "2026-11-30"),
        ("cookies", "2026-12-01"),
        ("cookies", "2026-12-01.2"),
        ("newsletter", "2026-11-22"),
        ("newsletter", "2026-11-26"),
        ("order", "2026-11-22"),
        ("order", "2026-11-26"),
        ("order", "2026-11-30"),
        ("policy", "2023-08-22"),
        ("registration", "2026-11-22"),
        ("registration", "2026-11-26"),
        ("review", "2026-11-22"),
        ("sms", "2026-11-22"),
        ("survey", "2026-11-22"),
        ("viber", "2026-11-22"),
    ]
    for declaration in published:
        for language in Language:
            raw = (TEXTS / declaration.purpose / f"{declaration.version}.{language}.md").read_bytes()
            assert declaration.text(language).encode() == raw
            assert declaration.sha256(language) == sha256(raw).hexdigest()
            assert declaration.title(language) == raw.decode().splitlines()[0]


async def test_the_policy_is_the_shops_own_word_for_word(client: AsyncClient) -> None:
    answer = await client.get("/v1/policies/privacy")

    policy = answer.json()
    assert sha256(policy["text"].encode()).hexdigest() == policy["sha256"] == POLICY_SHA256
    assert policy["title"] == "ПОЛИТИКА ЗА ЗАЩИТА НА ЛИЧНИТЕ ДАННИ"
    assert (policy["version"], policy["effective_on"], policy["language"]) == ("2023-08-22", "2023-08-22", "bg")


def test_the_translation_of_the_policy_follows_it_line_by_line() -> None:
    bulgarian = (TEXTS / "policy" / "2023-08-22.bg.md").read_bytes().decode().splitlines()
    title, _, notice, _, *english = (TEXTS / "policy" / "2023-08-22.en.md").read_bytes().decode().splitlines()

    assert title == "PERSONAL DATA PROTECTION POLICY (translation)"
    assert notice == "This is a translation from Bulgarian, for information. The Bulgarian text prevails."
    assert [bool(line) for line in english] == [bool(line) for line in bulgarian[2:]]


@pytest.mark.parametrize(
    ("asked", "language", "title"),
    [
        (None, "bg", "Декларация за поверителност при поръчка"),
        ("bg-BG", "bg", "Декларация за поверителност при поръчка"),
        ("de, en;q=0.8, bg;q=0.5", "en", "Privacy declaration for orders"),
    ],
)
async def test_the_declaration_for_orders_speaks_the_language_asked_for(
    client: AsyncClient, asked: str | None, language: str, title: str
) -> None:
    answer = await client.get("/v1/declarations/order", headers={"Accept-Language": asked} if asked else {})

    declaration = answer.json()
    assert (declaration["language"], declaration["title"]) == (language, title)
    assert declaration["text"].startswith(title)
    assert sha256(declaration["text"].encode()).hexdigest() == declaration["sha256"]
    assert declaration["address"] == "/v1/declarations/order/versions/2026-11-22"
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Vary"] == "Accept-Language"
    assert answer.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("asked", "title", "boxes"),
    [
        (
            "bg",
            "Декларация за поверителност и съгласие при регистрация",
            [
                "Прочетох декларацията за поверителност и я приемам.",
                "Съгласявам се „Комплийт Дентал Солюшънс“ ЕООД да обработва данните ми за целите на регистрацията.",
            ],
        ),
        (
            "en",
            "Privacy declaration and consent for registration",
            [
                "I have read the privacy declaration and I accept it.",
                "I agree that Complete Dental Solutions EOOD processes my data for the purposes of registration.",
            ],
        ),
    ],
)
async def test_the_text_for_registration_ends_with_the_words_of_its_two_boxes(
    client: AsyncClient, asked: str, title: str, boxes: list[str]
) -> None:
    declaration = (await client.get("/v1/declarations/registration", headers={"Accept-Language": asked})).json()

    assert declaration["title"] == title
    assert declaration["text"].rstrip("\n").split("\n\n")[-2:] == boxes


async def test_a_purpose_without_a_text_is_not_found(client: AsyncClient) -> None:
    answer = await client.get("/v1/declarations/third_party_marketing")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        **of_kind("declaration-not-found"),
        "title": "Няма такава декларация",
        "status": 404,
        "detail": "За тази цел още няма публикуван текст или няма такава версия.",
    }


async def test_e2_a_version_stays_at_its_address_and_may_be_kept_for_ever(
    client: AsyncClient, sessions: Sessions
) -> None:
    before = await client.get("/v1/declarations/order/versions/2026-11-22")
    async with sessions.begin() as session:
        await make_declaration(session, version="2026-11-01", effective_on=date(2026, 11, 22))

    after = await client.get("/v1/declarations/order/versions/2026-11-22")

    assert before.status_code == 200
    assert after.json() == before.json()
    assert after.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    current = await client.get("/v1/declarations/order")
    assert current.headers["Cache-Control"] == "public, max-age=60", "it is another one tomorrow"


@pytest.mark.parametrize(("version", "status"), [("2022-01-01", 404), ("%00", 422), ("x" * 33, 422), ("в", 422)])
async def test_a_version_that_never_was_is_refused(client: AsyncClient, version: str, status: int) -> None:
    answer = await client.get(f"/v1/declarations/order/versions/{version}")

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_the_history_of_the_policy_is_public(client: AsyncClient, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await make_declaration(session, DeclarationPurpose.POLICY)

    answer = await client.get("/v1/policies/privacy/versions")

    def brief(version: dict[str, Any]) -> tuple[str, str, str]:
        return version["version"], version["effective_on"], version["address"]

    assert [brief(version) for version in answer.json()["items"]] == [
        ("2027-03-01", "2027-03-01", "/v1/declarations/policy/versions/2027-03-01"),
        ("2023-08-22", "2023-08-22", "/v1/declarations/policy/versions/2023-08-22"),
    ]


@pytest.mark.parametrize(
    ("at", "version"),
    [
        # A shop opened before its first text is in force shows that text all the same.
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-11-22"),
        (AT, "2026-11-22"),
        # The day is the day in Sofia: two hours before midnight in London it has begun.
        (datetime(2026, 11, 25, 21, 59, tzinfo=UTC), "2026-11-22"),
        (datetime(2026, 11, 25, 22, 0, tzinfo=UTC), "2026-11-26"),
        (datetime(2027, 2, 28, 21, 59, tzinfo=UTC), "2026-11-30"),
        (datetime(2027, 2, 28, 22, 0, tzinfo=UTC), "2027-03-01"),
        (datetime(2027, 12, 1, tzinfo=UTC), "2027-03-01"),
    ],
)
async def test_a_version_is_in_force_from_its_day_in_bulgaria(
    session: AsyncSession, at: datetime, version: str
) -> None:
    await make_declaration(session)

    assert (await queries.get_current(session, DeclarationPurpose.ORDER, at=at)).version == version
    assert (await queries.get_current_declaration(session, DeclarationPurpose.ORDER, at=at)).version == version


async def test_d9_the_corrected_text_of_cookies_takes_the_place_of_the_one_before_it(session: AsyncSession) -> None:
    """Never in force before it was published; where it came in time, the one before it never is."""
    corrected = await queries.get_declaration(session, DeclarationPurpose.COOKIES, "2026-12-01.2")
    begins = max(date(2026, 12, 1), legal_date(corrected.published_at))
    assert corrected.effective_on == begins
    noon = datetime.combine(begins, time(10), UTC)
    current = await queries.get_current_declaration(session, DeclarationPurpose.COOKIES, at=noon)
    assert current.version == "2026-12-01.2"
    assert "Основанието е легитимният ни интерес от сигурността на сайта" in current.text_bg


async def test_what_is_not_published_cannot_be_accepted(session: AsyncSession) -> None:
    with pytest.raises(DeclarationNotFound):
        await queries.get_current(session, DeclarationPurpose.THIRD_PARTY_MARKETING, at=AT)


async def test_a_purpose_has_a_version_once(sessions: Sessions) -> None:
    async with sessions() as session:
        with pytest.raises(IntegrityError, match="uq_declarations_purpose_version"):
            await make_declaration(session, version="2026-11-22")


async def test_the_database_itself_refuses_a_hash_of_another_text(sessions: Sessions) -> None:
    async with sessions() as session:
        declaration = await make_declaration(session)
        session.expunge(declaration)
        other = {column.key: getattr(declaration, column.key) for column in Declaration.__table__.columns}
        session.add(Declaration(**{**other, "id": None, "version": "2027-04-01", "text_en": "Something else."}))
        with pytest.raises(IntegrityError, match="ck_declarations_sha256_en"):
            await session.flush()
