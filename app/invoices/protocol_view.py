"""What a protocol of annulment states (ЗДДС чл. 116 ал. 4): the ground, what was annulled, what stands instead."""

from dataclasses import dataclass
from datetime import date

from app.invoices.snapshots import Snapshot, require
from app.invoices.view import NUMBER, Buyer, DocumentKind, Seller


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A document by its kind, number and date."""

    kind: DocumentKind
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolView(Snapshot):
    number: str
    issued_on: date
    place: str
    seller: Seller
    buyer: Buyer
    ground: str
    annulled: Named
    replacement: Named | None

    @property
    def kind(self) -> DocumentKind:
        return DocumentKind.PROTOCOL

    def __post_init__(self) -> None:
        require(NUMBER.fullmatch(self.number) is not None, "a number has ten digits")
        require(self.ground.strip() != "", "an annulment has a ground")
