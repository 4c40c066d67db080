"""Settings of Speedy, the courier."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

BOOKING_SECONDS = 25.0
"""Longest that a booking is waited for, its connection included (`SpeedyAccount`)."""


class Speedy(BaseSettings):
    """A part of `Settings`."""

    speedy_url: str | None = Field(None, description="https://api.speedy.bg/v1")
    speedy_user: str = Field("demo", description="User name at Speedy")
    speedy_password: SecretStr = Field(SecretStr("demo"), description="Password at Speedy")
    speedy_service_id: int = Field(505, description="Service of the contract: „Стандарт 24 часа“")
    speedy_client_id: int | None = Field(None, description="Sending object of the contract; unset: who is logged in")
    speedy_dropoff_office_id: int | None = Field(None, description="Where we hand parcels in; needs the client id")
    speedy_cash_processing: str = Field(
        "POSTAL_MONEY_TRANSFER",
        pattern="^(POSTAL_MONEY_TRANSFER|CASH)$",
        description="Or `CASH`: then a receipt is due",
    )
    speedy_pause_seconds: float = Field(1, ge=0, description="Between two attempts of a question to Speedy")
    speedy_track_seconds: float = Field(
        0.25,
        ge=0,
        description="Between two questions where parcels are, over all processes: Speedy allows five a second",
    )
    speedy_send_seconds: float = Field(
        10, gt=0, description="A parcel that has not left so long after it was noted as sent is not sent any more"
    )
    speedy_quiet_seconds: float = Field(120, ge=0, description="After a lost answer, before a parcel is sent again")
