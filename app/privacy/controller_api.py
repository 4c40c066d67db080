"""Who the shop is: the controller of personal data, and where a complaint goes (S1)."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import ConfigDict, Field

from app.core.fields import View
from app.core.routing import Router
from app.mail.writing import Trader

router = Router(tags=["privacy"])

SHOP: dict[str, Any] = {
    "name": "„Комплийт Дентал Солюшънс“ ЕООД",
    "eik": "204235072",
    "vat_number": "BG204235072",
    "address": "гр. София, п.к. 1618, р-н Витоша, ул. „Българска легия“ № 2",
    "email": "office@completedental.solutions",
    "phone": None,
    "responsible_person": "Манол Ивчев",
}


class ShopView(View):
    """The trader, who is the controller of personal data."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [SHOP]})

    name: str
    eik: str
    vat_number: str | None
    address: str = Field(description="For letters too")
    email: str
    phone: str | None
    responsible_person: str = Field(description="Keeps the registers and answers data subjects (S2)")


async def get_trader(request: Request) -> Trader:
    trader: Trader = request.app.state.trader
    return trader


TraderDep = Annotated[Trader, Depends(get_trader)]


@router.get("/shop")
async def show_shop(trader: TraderDep, response: Response) -> ShopView:
    """Say who sells and answers for personal data: as registered, with address, e-mail and responsible person."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return ShopView.model_validate(trader)
