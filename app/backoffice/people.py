"""Registers of those who work here (S49): who they are and what opens data to them, and their trainings (S44, C15)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from app.auth.models import Staff, StaffRole, Training
from app.auth.reviewing import access_of
from app.auth.staff_queries import list_members
from app.auth.staff_schemas import MemberState
from app.backoffice.register import Cell, Column, Reading, RegisterName, Whole
from app.core.language import Text
from app.core.personal import Category, Ground, Retention
from app.privacy.storage_terms import stated
from app.privacy.words import CATEGORIES, GROUNDS_SHORT

ROLES: dict[StaffRole, Text] = {
    StaffRole.SUPPORT: Text("обслужване", "support"),
    StaffRole.WAREHOUSE: Text("склад", "warehouse"),
    StaffRole.ACCOUNTANT: Text("счетоводство", "accountant"),
    StaffRole.EDITOR: Text("редактор", "editor"),
    StaffRole.PRIVACY_OFFICER: Text("отговорно лице по защита на данните", "privacy officer"),
    StaffRole.OWNER: Text("собственик", "owner"),
}
STATES: dict[MemberState, Text] = {
    MemberState.INVITED: Text("поканен", "invited"),
    MemberState.ACTIVE: Text("активен", "active"),
    MemberState.DISABLED: Text("без достъп", "disabled"),
}
KINDS = (Category.NAME, Category.EMAIL, Category.CREDENTIAL, Category.CONNECTION)


async def _employees(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    trainings = defaultdict[UUID, list[Text]](list)
    for each in await reading.session.scalars(select(Training).order_by(Training.trained_on, Training.id)):
        until = each.valid_until
        held = Text(f" – до {until:%d.%m.%Y}", f" – until {until:%d.%m.%Y}") if until else Text("", "")
        on = f"{each.trained_on:%d.%m.%Y}: {each.subject}"
        trainings[each.staff_id].append(Text(on + held.bg, on + held.en))
    term = stated(reading.stated.terms)[Retention.STAFF]
    members = [access_of(member) for member in await list_members(reading.session, at=reading.at)]
    return [
        {
            "name": member.name,
            "email": member.email,
            "role": ROLES[member.role],
            "state": STATES[member.state],
            "categories": [CATEGORIES[category] for category in KINDS],
            "term": term.how_long,
            "ground": GROUNDS_SHORT[Ground.LEGITIMATE_INTEREST],
            "trainings": trainings[member.id],
            "trained": member.is_trained,
            "opens_data": member.opens_personal_data,
            "created_at": member.created_at,
            "last_login_at": member.last_login_at,
        }
        for member in members
    ]


EMPLOYEES = Whole(
    RegisterName.EMPLOYEES,
    Text("Регистър „Служители“", "Register “Employees”"),
    (
        Column("name", Text("Име", "Name")),
        Column("email", Text("Имейл", "E-mail"), 5),
        Column("role", Text("Роля", "Role"), 3),
        Column("state", Text("Състояние", "State"), 3),
        Column("categories", Text("Категории данни", "Categories of data"), 5),
        Column("term", Text("Срок", "Term"), 5),
        Column("ground", Text("Основание", "Ground")),
        Column("trainings", Text("Обучения", "Trainings"), 7),
        Column("trained", Text("Обучен", "Trained"), 2),
        Column("opens_data", Text("Достъп до данни", "Opens data"), 3),
        Column("created_at", Text("Вписан", "Entered")),
        Column("last_login_at", Text("Последен вход", "Last login")),
    ),
    _employees,
)


async def _trainings(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    wanted = select(Training, Staff.name).join(Staff, Staff.id == Training.staff_id)
    found = await reading.session.execute(wanted.order_by(Training.trained_on.desc(), Training.id.desc()))
    return [
        {
            "name": name,
            "subject": each.subject,
            "trained_on": each.trained_on,
            "valid_until": each.valid_until,
            "recorded_at": each.recorded_at,
            "recorded_by": each.recorded_by,
        }
        for each, name in found
    ]


TRAININGS = Whole(
    RegisterName.TRAININGS,
    Text("Обучения на служителите", "Trainings of staff"),
    (
        Column("name", Text("Служител", "Member of staff")),
        Column("subject", Text("Предмет", "Subject"), 10),
        Column("trained_on", Text("Дата", "Day")),
        Column("valid_until", Text("Валидно до", "Valid until")),
        Column("recorded_at", Text("Вписано", "Recorded")),
        Column("recorded_by", Text("Вписал", "Recorded by"), 6),
    ),
    _trainings,
)
