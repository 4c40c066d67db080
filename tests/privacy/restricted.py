"""A person under restriction, with an order that is over and one under way."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.core.holders import Person
from app.core.personal import Recipient
from app.integrations.speedy.simulator.shipments import State
from app.privacy.restricting import RestrictionGround, restrict
from tests.accounts.closing import EMAIL, HOME, WHO, member
from tests.fulfilment.story import scan
from tests.shop import Shop, a_wish

WORDS = (EMAIL, "Снежина", "Кокичева", "888765432", "Кокиче")


@dataclass
class Restricted:
    me: dict[str, str]
    over: str
    under_way: str
    restriction: str


async def buy(shop: Shop, me: dict[str, str]) -> str:
    wish = a_wish(await shop.cart(), customer=WHO, delivery=HOME)
    answer = await shop.place(wish, **me)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


async def a_person(shop: Shop, *, restricted: bool = True) -> Restricted:
    """Let Снежина receive one parcel, order another, and have her data restricted."""
    await shop.agree(Recipient.SPEEDY, Recipient.ICASH, Recipient.ACCOUNTANT, Recipient.COURIER)
    me = await member(shop)
    over = await buy(shop, me)
    await shop.run_jobs()
    await scan(shop, {"number": over}, State.DELIVERED)
    await shop.run_jobs()
    under_way = await buy(shop, me)
    restriction = str(await restrict_her(shop)) if restricted else ""
    return Restricted(me, over, under_way, restriction)


async def restrict_her(shop: Shop) -> Any:
    [(account_id,)] = await shop.rows("SELECT id FROM accounts WHERE email = :email", email=EMAIL)
    async with shop.sessions.begin() as session:
        return await restrict(
            session,
            Person(EMAIL, account_id),
            ground=RestrictionGround.ACCURACY_CONTESTED,
            request_id=None,
            at=shop.clock.now(),
        )


async def make_late(shop: Shop, job: str) -> None:
    """Let the jobs of a name come due again, as if they had not been done yet."""
    async with shop.sessions.begin() as session:
        await session.execute(
            text("UPDATE procrastinate_jobs SET status = 'todo', scheduled_at = now() WHERE task_name = :job"),
            {"job": job},
        )
