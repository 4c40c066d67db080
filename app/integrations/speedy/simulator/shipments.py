"""The simulator's shipments, kept in a file so that they outlive its process."""

import os
import secrets
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from app.integrations.speedy.simulator.forms import Create


class State(StrEnum):
    CREATED = "created"
    ORDERED = "ordered"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    OUT = "out"
    READY = "ready"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Operation(BaseModel):
    model_config = ConfigDict(frozen=True)

    at: datetime
    code: int
    visible_from: datetime


class Shipment(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    parcel_ids: tuple[str, ...]
    wish: Create
    state: State
    created_at: datetime
    pickup_on: date
    collected: Decimal | None = None
    """What the courier collects; `None` where nothing was asked for, or it was dropped."""
    operations: tuple[Operation, ...]

    @property
    def reference(self) -> str | None:
        return self.wish.ref1


class Register:
    """All shipments; each change is on disk before anybody is told of it."""

    def __init__(self, file: Path | None = None) -> None:
        self._shipments: dict[str, Shipment] = {}
        self._parcels: dict[str, str] = {}
        self._references: dict[str, dict[str, None]] = {}
        self._next = secrets.randbelow(400_000_000)
        self._journal = None if file is None else self._open(file)

    def _open(self, file: Path) -> int:
        journal = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        kept = file.read_bytes()
        # A line without an end was being written when the process died: nobody was told of it.
        whole = kept[: kept.rfind(b"\n") + 1]
        os.truncate(journal, len(whole))
        os.lseek(journal, 0, os.SEEK_END)
        for line in whole.splitlines():
            self._remember(Shipment.model_validate_json(line))
        if self._shipments:
            self._next = max(int(number[2:]) for number in self._shipments) + 1
        return journal

    def _remember(self, shipment: Shipment) -> None:
        self._shipments[shipment.id] = shipment
        self._parcels |= dict.fromkeys(shipment.parcel_ids, shipment.id)
        for reference in filter(None, (shipment.wish.ref1, shipment.wish.ref2)):
            self._references.setdefault(reference, {})[shipment.id] = None

    def keep(self, shipment: Shipment) -> None:
        if self._journal is not None:
            os.write(self._journal, shipment.model_dump_json(by_alias=True, exclude_none=True).encode() + b"\n")
            os.fsync(self._journal)
        self._remember(shipment)

    def close(self) -> None:
        if self._journal is not None:
            os.close(self._journal)

    def next_number(self) -> str:
        """Return eleven digits that begin with 63, as Speedy's do."""
        self._next += 1
        return f"63{self._next:09d}"

    def __iter__(self) -> Iterator[Shipment]:
        return iter(self._shipments.values())

    def find(self, number: str | None) -> Shipment | None:
        return self._shipments.get(number or "")

    def find_by_parcel(self, parcel_id: str | None) -> Shipment | None:
        return self.find(self._parcels.get(parcel_id or ""))

    def find_by_reference(self, reference: str | None) -> list[Shipment]:
        """Return the shipments that bear a reference in either place, oldest first."""
        return [self._shipments[number] for number in self._references.get(reference or "", ())]
