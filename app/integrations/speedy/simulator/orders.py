"""What a test, or another process, may order of the simulator; over HTTP under `/sim`."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator

from app.integrations.speedy.simulator.conduct import Conduct
from app.integrations.speedy.simulator.shipments import Shipment, State
from app.integrations.speedy.simulator.tracking import MOVES


class Settings(BaseModel):
    """Changes of conduct by name, such as `{"set": {"drop_cash_on_delivery": true}}`."""

    model_config = ConfigDict(extra="forbid")

    set: dict[str, Any]

    def apply(self, conduct: Conduct) -> None:
        """Change all or, where one value does not fit, nothing."""
        current = {name: getattr(conduct, name) for name in Conduct.__dataclass_fields__}
        if unknown := self.set.keys() - current.keys():
            raise ValueError(f"unknown: {sorted(unknown)}")
        changed = TypeAdapter(Conduct).validate_python(current | self.set)
        for name in self.set:
            setattr(conduct, name, getattr(changed, name))


class Advance(BaseModel):
    """Scan a shipment, named by its number or by its reference, up to a state."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = None
    reference: str | None = None
    to: State

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.to not in MOVES:
            raise ValueError(f"no scan leads to {self.to}")
        if (self.id is None) is (self.reference is None):
            raise ValueError("either id or reference")
        return self


def shown(shipment: Shipment) -> dict[str, Any]:
    return {
        "id": shipment.id,
        "reference": shipment.reference,
        "state": shipment.state,
        "cash_on_delivery": None if shipment.collected is None else f"{shipment.collected:.2f}",
        "parcel_ids": list(shipment.parcel_ids),
    }
