"""Settings of how much one order may hold, and of what strangers may take before it is known that they mean it."""

from pydantic import Field
from pydantic_settings import BaseSettings

from app.core.money import Money
from app.settings.kinds import Price


class Strangers(BaseSettings):
    """A part of `Settings`."""

    cash_on_delivery_pieces: int = Field(
        40, ge=1, description="Most of one order that the courier collects the money of"
    )
    cash_on_delivery_total: Price = Field(
        Money(250_000), description="The same, with VAT; no higher than the courier's own ceiling: ask Speedy"
    )
    cash_on_delivery_kilograms: int = Field(32, ge=1, description="The same; Speedy takes 32 to an office")
    bank_transfer_pieces: int = Field(200, ge=1, description="Most of one order that is paid in advance")
    bank_transfer_total: Price = Field(Money(1_000_000), description="The same, with VAT")
    bank_transfer_kilograms: int = Field(32, ge=1, description="The same")
    unproved_pieces: int = Field(
        12,
        ge=0,
        description="Above so many an order waits for the link in its mail, unless its account has the address",
    )
    unproved_total: Price = Field(Money(40_000), description="The same, with VAT")
    confirmation_hours: int = Field(24, ge=1, description="How long goods are kept for an order that waits so")
    open_orders_by_email: int = Field(5, ge=1, description="With so many unproved ones open the next one waits so, too")
    open_orders_by_phone: int = Field(5, ge=1, description="The same of one number")
    open_orders_by_origin: int = Field(20, ge=1, description="With so many open from one address the next is refused")
    unpaid_stock_percent: int = Field(
        50, ge=1, le=100, description="Of each article, held at most by orders neither paid nor confirmed; rounded up"
    )
