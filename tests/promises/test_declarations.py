"""Promises of the policy that privacy keeps, by their numbers in promises.md."""

from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Sessions, together
from app.core.language import Language
from app.core.personal import Category, Ground, Purpose, Recipient
from app.privacy import queries
from app.privacy.disclosing import HandingOver, Sent, disclose
from app.privacy.errors import AgreementMissing
from app.privacy.models import Channel, Consent, ConsentPurpose, DeclarationPurpose, Disclosure, Handing, RecipientKind
from app.privacy.service import ConsentWish, consent_insert
from tests.factories.privacy import AT, WHOSE, make_agreements, make_evidence

RIGHTS = {
    "bg": [
        "да бъдете информирани",
        "достъп до данните си и копие от тях",
        "коригиране",
        "изтриване",
        "ограничаване на обработването",
        "в преносим вид",
        "да възразите",
        "жалба до Комисията за защита на личните данни (КЗЛД)",
    ],
    "en": [
        "to be informed",
        "access to your data and a copy of them",
        "rectification",
        "erasure",
        "restriction of processing",
        "in a portable form",
        "to object",
        "complaint with the Commission for Personal Data Protection (КЗЛД)",
    ],
}


@pytest.mark.parametrize("language", ["bg", "en"])
@pytest.mark.parametrize("purpose", ["order", "registration"])
async def test_s11_s27_each_declaration_informs_of_every_right(
    client: AsyncClient, purpose: str, language: str
) -> None:
    answer = await client.get(f"/v1/declarations/{purpose}", headers={"Accept-Language": language})

    shown = answer.json()["text"]
    assert [right for right in RIGHTS[language] if right not in shown] == []


async def test_s8_the_declaration_names_controller_ground_and_the_data_of_s5_s6(client: AsyncClient) -> None:
    shown = (await client.get("/v1/declarations/order")).json()["text"]

    for stated in (
        "„Комплийт Дентал Солюшънс“ ЕООД, ЕИК 204235072",
        "Манол Ивчев, office@completedental.solutions",
        "чл. 6, пар. 1, б. „б“ от Регламент (ЕС) 2016/679",
        "име и фамилия, адрес на електронна поща, адрес за доставка и телефон",
        "данни за фактура, ако пожелаете да ги посочите",
    ):
        assert stated in shown


async def test_s13_s18_a_profile_rests_on_a_consent_that_can_be_taken_back(client: AsyncClient) -> None:
    shown = (await client.get("/v1/declarations/registration")).json()["text"]

    for stated in (
        "„Комплийт Дентал Солюшънс“ ЕООД, ЕИК 204235072",
        "Манол Ивчев, office@completedental.solutions",
        "име и фамилия, адрес на електронна поща и парола – без тях не можем да създадем профил",
        "Ако пожелаете, пазим и телефон, адреси за доставка и данни за фактура",
        "изричното Ви съгласие за целите на регистрацията (чл. 6, пар. 1, б. „а“ от Регламент (ЕС) 2016/679)",
        "оттеглите по всяко време, без да посочвате причина: от профила си или със свободен текст",
        "докато не закриете профила си или не оттеглите съгласието си",
        "За бюлетина питаме отделно и регистрацията не зависи от него.",
    ):
        assert stated in shown


async def test_s12_every_purpose_is_a_consent_of_its_own(session: AsyncSession) -> None:
    wording = await queries.get_current(session, DeclarationPurpose.NEWSLETTER, at=AT)
    for wish in (
        ConsentWish(ConsentPurpose.NEWSLETTER, Channel.EMAIL),
        ConsentWish(ConsentPurpose.THIRD_PARTY_MARKETING, Channel.EMAIL),
    ):
        await session.execute(together(consent_insert(wish, wording, make_evidence(), email="iva@example.bg")))

    kept = (await session.scalars(select(Consent.purpose).order_by(Consent.purpose))).all()
    assert kept == ["newsletter", "third_party_marketing"]


def test_s22_there_are_five_purposes() -> None:
    assert [*Purpose] == ["sale", "enquiry", "newsletter", "accounting", "legal"]


async def test_s31_a_disclosure_rests_on_one_of_six_grounds(sessions: Sessions) -> None:
    assert len(Ground) == 6
    async with sessions() as session:
        with pytest.raises(IntegrityError, match="ck_disclosures_ground"):
            await session.execute(
                text(
                    "INSERT INTO disclosures VALUES (:id, :at, 'speedy', :id, '{name}', 'sale', 'curiosity', 'push',"
                    " 'shipment', NULL, 'system')"
                ),
                {"id": uuid4(), "at": AT},
            )


async def test_s34_s35_s36_each_recipient_stands_in_the_register_as_the_policy_says(session: AsyncSession) -> None:
    register = {recipient.key: recipient.kind for recipient in await queries.list_recipients(session)}

    assert register == {
        Recipient.ACCOUNTANT: RecipientKind.PROCESSOR,
        Recipient.COURIER: RecipientKind.CONTROLLER,
        Recipient.ICASH: RecipientKind.PROCESSOR,
        Recipient.MAIL: RecipientKind.PROCESSOR,
        Recipient.SPEEDY: RecipientKind.CONTROLLER,
    }


async def test_s37_every_recipient_states_its_guarantees(session: AsyncSession) -> None:
    for recipient in await queries.list_recipients(session):
        expected = "чл. 28" if recipient.kind is RecipientKind.PROCESSOR else "уредени с договор"
        assert expected in recipient.guarantees_bg


@pytest.mark.parametrize("recipient", list(Recipient))
async def test_s38_without_an_agreement_nothing_is_handed_over(sessions: Sessions, recipient: Recipient) -> None:
    handing_over = HandingOver(recipient, "sale", Purpose.ACCOUNTING, Ground.CONTRACT, Handing.PUSH)
    others = [other for other in Recipient if other is not recipient]
    async with sessions.begin() as session:
        await make_agreements(session, *others)

    with pytest.raises(AgreementMissing) as refused:
        async with sessions.begin() as session:
            await disclose(session, handing_over, [Sent(uuid4(), WHOSE)], at=AT, categories=[Category.NAME])

    assert refused.value.members == {"recipient": recipient}
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Disclosure)) == 0


@pytest.mark.parametrize(
    ("language", "named"),
    [
        (Language.BG, ["куриерската фирма Спиди", "„Онлайн Сървисиз“ ЕООД", "I-Cash", "външна счетоводна къща"]),
        (Language.EN, ["courier company Speedy", "Online Services EOOD", "I-Cash", "external accounting house"]),
    ],
)
@pytest.mark.parametrize("purpose", [DeclarationPurpose.ORDER, DeclarationPurpose.REGISTRATION])
async def test_s39_whoever_orders_or_registers_is_told_of_every_recipient(
    session: AsyncSession, language: Language, named: list[str], purpose: DeclarationPurpose
) -> None:
    declaration = await queries.get_current_declaration(session, purpose, at=AT)

    shown = declaration.text(language)
    assert [name for name in named if name not in shown] == []
