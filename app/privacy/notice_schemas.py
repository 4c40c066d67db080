"""The privacy notice as it is answered."""

from typing import Any

from pydantic import ConfigDict, Field

from app.core.fields import View
from app.core.language import Language
from app.core.personal import Category, Ground, Purpose
from app.privacy.controller_api import SHOP, ShopView
from app.privacy.models import RecipientKind
from app.privacy.notice import KINDS, NO_DECISIONS, RIGHTS, NoticeLine, Stated

LINE: dict[str, Any] = {
    "activity": "Приемане, изпълнение и доставка на поръчки",
    "purpose": "sale",
    "purpose_title": "продажба и доставка на артикули от сайта",
    "ground": "contract",
    "ground_title": "договор (чл. 6, пар. 1, б. „б“ от Регламент (ЕС) 2016/679)",
    "legitimate_interest": None,
    "persons": "купувачи (с профил и без профил)",
    "categories": ["name"],
    "category_titles": ["име и фамилия"],
    "recipients": [
        {
            "title": "Куриерска фирма Спиди",
            "legal_name": None,
            "kind": "controller",
            "kind_title": "отделен администратор",
        }
    ],
    "storage": ["до изпълнение на договора"],
    "storage_laws": ["чл. 17, пар. 3, б. „д“ от Регламент (ЕС) 2016/679"],
    "storage_factors": ["продължителност на услугата"],
    "needed": "Име, имейл, телефон и адрес са нужни за договора.",
    "can_be_withdrawn": False,
}
NOTICE: dict[str, Any] = {
    "controller": SHOP,
    "activities": [LINE],
    "transfers": "Данните не се предават на трети държави или международни организации.",
    "automated_decisions": "Не се вземат решения само чрез автоматизирано обработване и не се извършва профилиране.",
    "rights": ["право на достъп и копие (чл. 15)"],
    "complaint": "Имате право на жалба до Комисията за защита на личните данни (КЗЛД)",
}


class NoticeRecipientView(View):
    title: str
    legal_name: str | None
    kind: RecipientKind
    kind_title: str


class NoticeLineView(View):
    """One activity of processing, in the words of the policy."""

    model_config = ConfigDict(json_schema_extra={"examples": [LINE]})

    activity: str
    purpose: Purpose
    purpose_title: str
    ground: Ground
    ground_title: str
    legitimate_interest: str | None = Field(description="Which, and why it is not outweighed (Art. 13(1)(d))")
    persons: str
    categories: list[Category]
    category_titles: list[str]
    recipients: list[NoticeRecipientView]
    storage: list[str] = Field(description="How long, class by class")
    storage_laws: list[str]
    storage_factors: list[str] = Field(description="What sets the term: service, claims, legal duty (C10)")
    needed: str = Field(description="Whether the data must be given, and what follows if not (Art. 13(2)(e))")
    can_be_withdrawn: bool = Field(description="Whether it rests on a consent that can be taken back (C17)")

    @staticmethod
    def of(line: NoticeLine, language: Language) -> "NoticeLineView":
        activity = line.activity
        return NoticeLineView(
            activity=activity.title.in_(language),
            purpose=activity.purpose,
            purpose_title=line.purpose.in_(language),
            ground=activity.ground,
            ground_title=line.ground.in_(language),
            legitimate_interest=activity.interest.in_(language) if activity.interest else None,
            persons=activity.persons.in_(language),
            categories=[*line.categories],
            category_titles=[name.in_(language) for name in line.category_names],
            recipients=[
                NoticeRecipientView(
                    title=each.title_en if language is Language.EN else each.title_bg,
                    legal_name=each.legal_name,
                    kind=each.kind,
                    kind_title=KINDS[each.kind].in_(language),
                )
                for each in line.recipients
            ],
            storage=[term.in_(language) for term in line.terms],
            storage_laws=[law.in_(language) for law in line.laws],
            storage_factors=[factor.in_(language) for factor in line.factors],
            needed=activity.needed.in_(language),
            can_be_withdrawn=line.can_be_withdrawn,
        )


OWN: dict[str, Any] = {
    **NOTICE,
    "held": [{"what": "Поръчки", "count": 2, "fields": ["Име", "Фамилия", "Имейл"], "categories": ["name", "email"]}],
}


class NoticeView(View):
    """What GDPR Art. 13 says that people are told."""

    model_config = ConfigDict(json_schema_extra={"examples": [NOTICE]})

    controller: ShopView
    activities: list[NoticeLineView]
    transfers: str
    automated_decisions: str
    rights: list[str]
    complaint: str = Field(description="The supervisory authority, another one, and the court (S74, C18)")

    @staticmethod
    def of(facts: Stated, found: list[NoticeLine], language: Language) -> "NoticeView":
        return NoticeView(
            controller=ShopView.model_validate(facts.trader),
            activities=[NoticeLineView.of(line, language) for line in found],
            transfers=facts.transfers_in(language),
            automated_decisions=NO_DECISIONS.in_(language),
            rights=[right.in_(language) for right in RIGHTS],
            complaint=facts.authority.paragraph().in_(language),
        )


class HeldView(View):
    """What is held in one place: how many entries, and which fields of them say something."""

    what: str = Field(examples=["Поръчки"])
    count: int
    fields: list[str] = Field(examples=[["Име", "Фамилия", "Имейл"]])
    categories: list[Category]


class OwnNoticeView(NoticeView):
    """The notice about oneself: only the activities in which one's own data are, and what these are (S59)."""

    model_config = ConfigDict(json_schema_extra={"examples": [OWN]})

    held: list[HeldView]
