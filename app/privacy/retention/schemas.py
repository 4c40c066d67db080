"""Requests and responses of rules, runs and holds."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.fields import ANY_LINE, Email, View, Wish, upto
from app.core.personal import Retention
from app.privacy.retention.rules import Does
from app.privacy.storage_terms import Factor

COUNT: dict[str, Any] = {"due": 12, "held": 1, "gone": 12}
HOLD: dict[str, Any] = {
    "id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11",
    "order_id": None,
    "email": "iva@example.bg",
    "ground": "гр. д. № 1234/2026 на СРС",
    "until": "2027-12-31",
    "set_at": "2026-11-22T10:30:00Z",
    "lifted_at": None,
}


class RuleView(View):
    """What is kept from when, how long, by which law, and what happens then."""

    key: str = Field(examples=["order_contact"])
    retention: Retention
    tables: list[str]
    does: Does
    what: str
    since: str
    term: str
    law: str
    factors: list[Factor] = Field(description="What sets the term (C10)")


class RulesView(View):
    items: list[RuleView]


class RetentionCountView(View):
    """What of one rule is due, held for a dispute, and gone."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [COUNT]})

    due: int
    held: int
    gone: int


class DryRunView(View):
    """What a run would let go of now, by rule."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"counts": {"order_contact": {**COUNT, "gone": 0}}}]})

    counts: dict[str, RetentionCountView]


class RunView(View):
    """One run; without an end it was cut off, and the next went on."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": HOLD["id"],
                    "started_at": "2026-11-22T01:17:00Z",
                    "finished_at": "2026-11-22T01:17:04Z",
                    "by": "system",
                    "is_dry": False,
                    "counts": {"order_contact": COUNT},
                    "failed": None,
                }
            ]
        },
    )

    id: UUID
    started_at: datetime
    finished_at: datetime | None
    by: str
    is_dry: bool
    counts: dict[str, RetentionCountView]
    failed: str | None = Field(description="The rules that failed, and the kinds of their faults")


class SetHold(Wish):
    """What a dispute needs: one order, or all that is somebody's."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": HOLD["email"], "ground": HOLD["ground"], "until": HOLD["until"]}]}
    )

    order_id: UUID | None = None
    email: Email | None = None
    ground: Annotated[str, upto(500), ANY_LINE] = Field(description="Which dispute: the number of the case")
    until: date = Field(description="The last day; hold again should the dispute go on")


class HoldView(View):
    """Who is held, why, until when."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [HOLD]})

    id: UUID
    order_id: UUID | None
    email: str | None
    ground: str
    until: date
    set_at: datetime
    lifted_at: datetime | None
