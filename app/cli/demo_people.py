"""The people of the demo shop, a shopper and one of each role: they come to be as everybody does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import registering
from app.accounts.models import Registration
from app.auth import inviting, password_changing, staff_queries, staffing
from app.auth.errors import StaffAlreadyExists
from app.auth.login_queries import find_person
from app.auth.models import MailLink, Realm, StaffRole
from app.auth.passwords import hashed
from app.auth.staff_schemas import Invite, RecordTraining
from app.auth.totp import Totp
from app.cli.demo_logins import SHOPPER, Login, code_of, of_staff
from app.core.clock import legal_date
from app.core.language import Language
from app.privacy import queries as privacy_queries
from app.privacy.models import DeclarationPurpose

OPERATOR = "operator"
IVA = "iva.demo@example.bg"
STAFF = {
    StaffRole.OWNER: ("Мария Иванова", "may do everything"),
    StaffRole.SUPPORT: ("Елена Колева", "reads and cancels orders, finds customers"),
    StaffRole.ACCOUNTANT: ("Петър Стоянов", "downloads documents"),
    StaffRole.WAREHOUSE: ("Иво Димитров", "reads orders"),
    StaffRole.PRIVACY_OFFICER: (
        "Рада Маринова",
        "answers requests about rights, keeps registers and breaches",
    ),
    StaffRole.EDITOR: ("Яна Тодорова", "sees nobody's data"),
}
TRAINING = "Регламент (ЕС) 2016/679 и вътрешни правила"
A_CODE_LASTS = timedelta(seconds=30)


def _new_password() -> str:
    return token_hex(8)


@dataclass(frozen=True)
class People:
    """Goes on with the people of an earlier start while they can log in; whose login was lost gets another."""

    session: AsyncSession
    totp: Totp = field(repr=False)
    known: Mapping[str, Login] = field(repr=False)
    at: datetime

    async def shopper(self) -> Login:
        account = await find_person(self.session, Realm.ACCOUNT, IVA)
        if account and (login := self.known.get(SHOPPER)):
            return login
        password = _new_password()
        password_hash = hashed(password)
        if account:
            await password_changing.change(
                self.session,
                Realm.ACCOUNT,
                account.id,
                checked_hash=account.password_hash,
                new_hash=password_hash,
                except_id=uuid4(),
                at=self.at,
            )
        else:
            await self._register(password_hash)
        return Login(SHOPPER, IVA, password, "has an account")

    async def _register(self, password_hash: str) -> None:
        """Open an account as its owner's proof does; no link is mailed, for nobody reads this mailbox."""
        declaration = await privacy_queries.get_current(self.session, DeclarationPurpose.REGISTRATION, at=self.at)
        registration = Registration(
            id=uuid4(),
            email=IVA,
            password_hash=password_hash,
            first_name="Ива",
            last_name="Петрова",
            phone="+359888123456",
            address={
                "method": "address",
                "city": "София",
                "postcode": "1618",
                "street": "ул. Българска легия",
                "street_no": "2",
            },
            language=Language.BG,
            declaration_id=declaration.id,
            created_at=self.at,
            expires_at=self.at + registering.PROVED_WITHIN,
        )
        self.session.add(registration)
        await self.session.flush()  # `open_account` reads it
        await registering.open_account(self.session, registration.id, at=self.at)

    async def staff(self) -> list[Login]:
        found = [await self._member(role) for role in STAFF]
        return [login for login in found if login]

    async def _member(self, role: StaffRole) -> Login | None:
        """Give the login of who has this role; None for whom an owner has disabled."""
        email, (name, purpose) = f"{role}.demo@example.bg", STAFF[role]
        active = await find_person(self.session, Realm.STAFF, email)
        if active and (login := self.known.get(of_staff(role))):
            return login
        if active:
            link = await staffing.reset_second_factor(
                self.session, active.id, actor=OPERATOR, at=self.at, last_owner_too=True
            )
        else:
            try:
                wish = Invite(email=email, name=name, role=role)
                link = await inviting.invite(self.session, wish, actor=OPERATOR, at=self.at)
            except StaffAlreadyExists:
                return None
        password = _new_password()
        key = await self._answer(link, password)
        return Login(of_staff(role), email, password, purpose, key)

    async def _answer(self, link: MailLink, password: str) -> str:
        """Do what the link asks of who was invited, and record the training; returns the key of the second factor."""
        made = await inviting.accept(self.session, link.id, hashed(password), self.totp, at=self.at)
        await self.session.flush()  # `confirm` reads it anew
        # The code before the present one is used up, so that this one is good for a login.
        code = code_of(made.key, self.at - A_CODE_LASTS)
        await inviting.confirm(self.session, link.id, code, self.totp, at=self.at)
        assert link.staff_id is not None  # of an invitation
        member = await staff_queries.get_member(self.session, link.staff_id, at=self.at)
        if not member.is_trained:
            said = {"subject": TRAINING, "trained_on": legal_date(self.at).isoformat()}
            training = RecordTraining.model_validate(said)
            await staffing.record_training(self.session, member.id, training, actor=OPERATOR, at=self.at)
        return made.key.replace("-", "")
