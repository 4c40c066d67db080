"""Failures that a test orders for the next calls."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.integrations.speedy.simulator.refusals import Refusal

EVERY_CALL = "*"


class FaultKind(StrEnum):
    LOSE_ANSWER = "lose_answer"
    CUT_BEFORE_COMMIT = "cut_before_commit"
    SLOW = "slow"
    STATUS = "status"
    HTML = "html"
    EMPTY_BODY = "empty_body"
    TRUNCATED_JSON = "truncated_json"
    NEITHER_ID_NOR_ERROR = "neither_id_nor_error"
    REFUSE = "refuse"
    HOLD = "hold"
    """The request lies in the network, and takes effect when it arrives, whoever still waits for it."""
    DOUBLE = "double"
    """The request arrives twice, and neither answer comes back."""


UNANSWERED = frozenset({FaultKind.LOSE_ANSWER, FaultKind.CUT_BEFORE_COMMIT, FaultKind.DOUBLE})
_COMMITTED = frozenset(
    {
        FaultKind.LOSE_ANSWER,
        FaultKind.SLOW,
        FaultKind.EMPTY_BODY,
        FaultKind.TRUNCATED_JSON,
        FaultKind.NEITHER_ID_NOR_ERROR,
        FaultKind.DOUBLE,
    }
)


class Fault(BaseModel):
    """One order; `on` is the path it waits for, or `*`."""

    model_config = ConfigDict(extra="forbid")

    fault: FaultKind
    on: str = "/shipment"
    about: str = ""
    """Only calls that name this: a waybill, say."""
    times: int = Field(default=1, ge=1)
    committed: bool | None = None
    """Whether the call takes effect although it fails; by default as the kind suggests."""
    seconds: float = 0.0
    status: int = 502
    code: int = 1
    context: str = "sim.ordered"

    @model_validator(mode="after")
    def _default_effect(self) -> Self:
        if self.committed is None:
            self.committed = self.fault in _COMMITTED
        return self

    @property
    def refusal(self) -> Refusal:
        return Refusal(self.code, self.context, "Отказ по поръчка на теста", "Refused as the test ordered")


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def order(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, path: str, content: bytes) -> Fault | None:
        for fault in self._waiting:
            if fault.on in {path, EVERY_CALL} and fault.about.encode() in content:
                fault.times -= 1
                if fault.times == 0:
                    self._waiting.remove(fault)
                return fault
        return None
