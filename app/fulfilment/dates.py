"""On which days what is noted about an order may have happened: not before it was placed, not in the future."""

from datetime import date, datetime
from typing import Any

from app.core.clock import legal_date
from app.core.errors import ShopError
from app.core.language import Language, Text
from app.orders.models import Order


class DayRefused(ShopError):
    """A day that cannot be; it names the field, where there is one."""

    status = 422

    def __init__(self, pointer: str | None = None, **members: Any) -> None:
        super().__init__(**members)
        self.pointer = pointer

    def document(self, language: Language) -> dict[str, Any]:
        document = super().document(language)
        if self.pointer is None:
            return document
        return {**document, "errors": [{"pointer": self.pointer, "detail": document["detail"]}]}


class DateInFuture(DayRefused):
    title = Text("Датата е в бъдещето", "The date is in the future")
    advice = Text("Посочете дата до днес, {today}.", "Give a date up to today, {today}.")
    example = {"today": "2026-11-23"}  # noqa: RUF012 - read only


class DateBeforeOrder(DayRefused):
    title = Text("Датата е преди поръчката", "The date is before the order")
    advice = Text("Посочете дата от {ordered_on} нататък.", "Give a date from {ordered_on} on.")
    example = {"ordered_on": "2026-11-20"}  # noqa: RUF012 - read only


class DateBeforeReceipt(DayRefused):
    title = Text("Датата е преди постъплението", "The date is before the receipt")
    advice = Text("Посочете дата от {received_on} нататък.", "Give a date from {received_on} on.")
    example = {"received_on": "2026-11-20"}  # noqa: RUF012 - read only


def happened_on(order: Order, day: date | None, at: datetime, *, pointer: str | None = None) -> date:
    """Return the day, today where none is given; refuses one that cannot be."""
    ordered_on = legal_date(order.placed_at)
    if day is not None and day < ordered_on:
        raise DateBeforeOrder(pointer, ordered_on=ordered_on.isoformat())
    return until_today(day, at, pointer=pointer)


def until_today(day: date | None, at: datetime, *, pointer: str | None = None) -> date:
    today = legal_date(at)
    if day is not None and day > today:
        raise DateInFuture(pointer, today=today.isoformat())
    return day or today
