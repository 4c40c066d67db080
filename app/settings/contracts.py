"""Settings of what the shop's contracts say."""

from datetime import date

from pydantic import Field
from pydantic_settings import BaseSettings

from app.returns.texts.terms import ReturnCost


class Contracts(BaseSettings):
    """A part of `Settings`."""

    return_cost: ReturnCost = Field(
        ReturnCost.CUSTOMER, description="Who pays for sending goods back after a withdrawal; or `shop`"
    )
    repair_extends_from: date = Field(
        date(2026, 7, 31),
        description="From this day on a repair adds 12 months to the guarantee; a far day: never; uncertain in law",
    )
