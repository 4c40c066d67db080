"""Statistics as they are answered."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import ConfigDict, Field

from app.core.explaining import MONTH
from app.core.fields import View

Month = Annotated[str, Query(pattern=MONTH, description="As Bulgaria counts it", examples=["2026-11"])]
ORDERS: dict[str, Any] = {
    "of": "orders_by_delivery_method",
    "total": 120,
    "counts": [{"kind": "address", "count": 97}, {"kind": "office", "count": 23}],
}


class CountView(View):
    kind: str
    count: int | None = Field(description="Null: too few to be told")


class BreakdownView(View):
    of: str
    total: int | None = Field(description="Null: too few to be told")
    counts: list[CountView]


class StatisticsView(View):
    """Counts alone: whoever gets them learns of no person."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"examples": [{"month": "2026-11", "fewest": 5, "breakdowns": [ORDERS]}]},
    )

    month: str
    fewest: int = Field(description="A smaller count is withheld")
    breakdowns: list[BreakdownView]
