"""The activities of processing (GDPR Art. 30): a closed table that the annotation of every personal column fits into.

A column that fits none is a further purpose, which is not allowed (S22, S28); each activity has one of the six grounds
(S31), and one that rests on a legitimate interest says which, and why the persons' own do not outweigh it (S26).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, MetaData

from app.core.db import Base
from app.core.language import Text
from app.core.personal import Category, Ground, Personal, Purpose, Recipient, Retention
from app.privacy.personal_columns import annotated

BUYERS = Text("купувачи (с профил и без профил)", "buyers (with and without an account)")
ACCOUNT_OWNERS = Text("регистрирани потребители", "registered users")
SUBSCRIBERS = Text("абонати и други лица, дали съгласие", "subscribers and others who consented")
STAFF = Text("служители", "staff")
SUBJECTS = Text("субекти на данни, упражнили права", "data subjects who exercised rights")


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of the record: what is done, for which purpose, on which ground, with whose data."""

    key: str
    title: Text
    purpose: Purpose
    ground: Ground
    persons: Text
    needed: Text
    """Whether somebody has to give the data, and what follows if not (GDPR Art. 13(2)(e))."""
    retentions: frozenset[Retention] = frozenset(Retention) - {Retention.STAFF}
    interest: Text | None = None
    """With a legitimate interest: which, and the balance (GDPR Art. 6(1)(f))."""

    def takes(self, annotation: Personal) -> bool:
        return (
            annotation.purpose is self.purpose
            and annotation.ground is self.ground
            and annotation.retention in self.retentions
        )


ACTIVITIES: tuple[Activity, ...] = (
    Activity(
        "orders",
        Text("Приемане, изпълнение и доставка на поръчки", "Taking, performing and delivering orders"),
        Purpose.SALE,
        Ground.CONTRACT,
        BUYERS,
        Text(
            "Име, имейл, телефон и адрес са нужни за договора: без тях поръчката не може да бъде изпълнена. Коментарът"
            " е по желание.",
            "Name, e-mail, phone and address are needed for the contract: without them the order cannot be performed."
            " The comment is optional.",
        ),
    ),
    Activity(
        "accounts",
        Text("Поддържане на профил", "Keeping an account"),
        Purpose.SALE,
        Ground.CONSENT,
        ACCOUNT_OWNERS,
        Text(
            "По желание: поръчва се и без профил. Без име и имейл профил не може да бъде открит.",
            "Optional: one can order without an account. Without name and e-mail none can be opened.",
        ),
    ),
    Activity(
        "newsletter",
        Text("Изпращане на бюлетин", "Sending the newsletter"),
        Purpose.NEWSLETTER,
        Ground.CONSENT,
        SUBSCRIBERS,
        Text(
            "По желание; без имейл бюлетинът не може да бъде изпратен.", "Optional; it cannot be sent without e-mail."
        ),
    ),
    Activity(
        "enquiries",
        Text("Отговор на запитвания, коментари и отзиви", "Answering enquiries, comments and reviews"),
        Purpose.ENQUIRY,
        Ground.CONSENT,
        Text("лица, отправили запитване", "persons who enquired"),
        Text(
            "По желание; без данни за връзка няма как да отговорим.", "Optional; without contact data no answer comes."
        ),
    ),
    Activity(
        "accounting",
        Text("Издаване и съхранение на счетоводни документи", "Issuing and keeping accounting documents"),
        Purpose.ACCOUNTING,
        Ground.LEGAL_OBLIGATION,
        BUYERS,
        Text(
            "Изисква се от закона за всеки издаден документ; данните на дружество са по избор на купувача.",
            "Required by law for every document issued; a company's data are the buyer's choice.",
        ),
    ),
    Activity(
        "proof_of_rights",
        Text(
            "Съгласия, искания за права, нарушения и отчетност",
            "Consents, requests for rights, breaches, accountability",
        ),
        Purpose.LEGAL,
        Ground.LEGAL_OBLIGATION,
        SUBJECTS,
        Text(
            "Изисква се от Регламента: администраторът доказва, че го спазва.",
            "Required by the Regulation: the controller demonstrates that it is observed.",
        ),
    ),
    Activity(
        "proof_of_acceptance",
        Text("Доказателство за приетите декларации и защита при спор", "Proof of declarations accepted, and disputes"),
        Purpose.LEGAL,
        Ground.LEGITIMATE_INTEREST,
        BUYERS,
        Text(
            "Записва се при отбелязване на декларацията; без нея поръчка не се приема.",
            "Recorded when the declaration is ticked; without it no order is taken.",
        ),
        retentions=frozenset(Retention) - {Retention.STAFF, Retention.ACCESS},
        interest=Text(
            "Да докажем, че лицето е уведомено преди събирането на данните. Пазят се само моментът, версията на"
            " текста и IP адресът, а при спор – за какво е той и до кога; не се използват за нищо друго, затова"
            " интересите на лицето не надделяват.",
            "To prove that the person was informed before the data were collected. Only the moment, the version of"
            " the text and the IP address are kept, of a dispute what it is about and until when; they are used for"
            " nothing else, so that the person's interests do not prevail.",
        ),
    ),
    Activity(
        "security",
        Text("Сигурност на сайта и на профилите", "Security of the site and of accounts"),
        Purpose.LEGAL,
        Ground.LEGITIMATE_INTEREST,
        Text("посетители и регистрирани потребители", "visitors and registered users"),
        Text(
            "Събират се при самата връзка; без тях входът не може да бъде защитен.",
            "Collected with the connection itself; a login cannot be protected without them.",
        ),
        retentions=frozenset({Retention.ACCESS}),
        interest=Text(
            "Да пазим профилите от чужд достъп и сайта от злоупотреби: това е и в интерес на самото лице, данните се"
            " пазят кратко и не служат за профилиране.",
            "To protect accounts from strangers and the site from abuse: this is in the person's own interest too, the"
            " data are kept for a short time and serve no profiling.",
        ),
    ),
    Activity(
        "staff",
        Text("Достъп и обучение на служителите", "Access and training of staff"),
        Purpose.LEGAL,
        Ground.LEGITIMATE_INTEREST,
        STAFF,
        Text("Нужно е, за да работи лицето с данните на клиентите.", "Needed for working with customers' data."),
        retentions=frozenset({Retention.STAFF}),
        interest=Text(
            "Само обучени и поименно известни лица да работят с данни: пазят се служебни данни за връзка и вход,"
            " каквито служителят очаква.",
            "That only trained persons known by name work with data: work contacts and login data are kept, as staff"
            " expect.",
        ),
    ),
)


class ActivityMissing(Exception):
    """A column's annotation fits no activity, or more than one: the closed table has to be decided first."""


def activity_of(annotation: Personal) -> Activity:
    fitting = [activity for activity in ACTIVITIES if activity.takes(annotation)]
    if len(fitting) != 1:
        raise ActivityMissing(f"{annotation.purpose} {annotation.ground} {annotation.retention}")
    return fitting[0]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An activity with what the tables themselves say of it."""

    activity: Activity
    columns: Sequence[tuple[Column[object], Personal]]

    @property
    def categories(self) -> list[Category]:
        return sorted({annotation.category for _, annotation in self.columns})

    @property
    def recipients(self) -> list[Recipient]:
        return sorted({recipient for _, annotation in self.columns for recipient in annotation.recipients})

    @property
    def retentions(self) -> list[Retention]:
        return [each for each in Retention if any(said.retention is each for _, said in self.columns)]


def recorded(tables: MetaData = Base.metadata) -> Iterator[Recorded]:
    """Give every activity that the tables hold data for, in the order of the table above."""
    columns = [*annotated(tables)]
    for activity in ACTIVITIES:
        if found := [each for each in columns if activity_of(each[1]) is activity]:
            yield Recorded(activity, found)
