"""Builders of accounts and of staff; they all have one password."""

from datetime import date, datetime
from functools import cache

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Profile
from app.auth.models import Account, Staff, StaffRole, Training
from app.auth.passwords import HASHER
from app.auth.totp import Totp
from app.core.ids import uuid7
from app.core.language import Language
from tests.factories.privacy import make_acceptance

PASSWORD = "седем стълби към морето"
TOTP_SECRET = "another secret of the tests"


def password_hash() -> str:
    made: str = HASHER.hash(PASSWORD)
    return made


@cache
def totp_key() -> str:
    """Make the one key that all builders' staff have: a hash of its secret takes time, too."""
    return Totp(TOTP_SECRET).new("staff@shop.example").encrypted


async def make_account(session: AsyncSession, email: str = "iva@example.bg", *, at: datetime) -> Account:
    """Make an account of Ива Петрова whose address is proved."""
    account = Account(id=uuid7(), email=email, password_hash=password_hash(), language=Language.BG, created_at=at)
    session.add(account)
    await session.flush()  # the profile refers to it
    session.add(
        Profile(
            account_id=account.id,
            first_name="Ива",
            last_name="Петрова",
            phone="+359888123456",
            acceptance_id=await make_acceptance(session, at=at),
            changed_at=at,
        )
    )
    await session.flush()  # a request of the test reads it
    return account


async def make_staff(
    session: AsyncSession, role: StaffRole, email: str, *, trained: bool = True, at: datetime
) -> Staff:
    """Make a member of staff who answered the invitation."""
    member = Staff(
        id=uuid7(),
        email=email,
        name="Мария Иванова",
        password_hash=password_hash(),
        totp=totp_key(),
        role=role,
        language=Language.BG,
        created_at=at,
        activated_at=at,
    )
    session.add(member)
    await session.flush()  # the training refers to it
    if trained:
        session.add(
            Training(
                staff_id=member.id,
                subject="Регламент (ЕС) 2016/679 и вътрешни правила",
                trained_on=date(2026, 1, 15),
                recorded_at=at,
                recorded_by="operator",
            )
        )
        await session.flush()  # as above
    return member
