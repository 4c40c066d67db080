"""What the routes of the breach desk are given: who finds people, who notifies, and whom."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.errors import Invalid, NotFound
from app.mail.authority import Authority
from app.mail.writing import Trader
from app.privacy.breaches.ports import FindPeople


@dataclass(frozen=True)
class BreachDesk:
    find_people: FindPeople
    trader: Trader
    authority: Authority


async def get_desk(request: Request) -> BreachDesk:
    desk: BreachDesk = request.app.state.breach_desk
    return desk


Desk = Annotated[BreachDesk, Depends(get_desk)]
Reader = Annotated[Person, staff_with(Right.READ_BREACHES)]
Manager = Annotated[Person, staff_with(Right.MANAGE_BREACHES)]
BreachId = Annotated[
    UUID, Path(description="As the register names it", examples=["019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"])
]
REFUSALS = (*STAFF_REFUSALS, NotFound, Invalid)
