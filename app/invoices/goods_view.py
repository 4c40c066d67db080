"""What a goods note states: which goods went to whom, without prices."""

from dataclasses import dataclass
from datetime import date

from app.invoices.snapshots import Snapshot, require
from app.invoices.view import NUMBER, Buyer, DocumentKind, Seller


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    sku: str
    description: str
    quantity: int
    unit: str = "бр."

    def __post_init__(self) -> None:
        require(self.description.strip() != "", "a line says what is sent")
        require(self.quantity > 0, "a quantity is positive")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsView(Snapshot):
    number: str
    issued_on: date
    place: str
    seller: Seller
    buyer: Buyer
    delivered_to: str
    order_number: str
    ordered_on: date
    waybill: str | None
    pieces: tuple[Piece, ...]

    @property
    def kind(self) -> DocumentKind:
        return DocumentKind.GOODS_NOTE

    def __post_init__(self) -> None:
        require(NUMBER.fullmatch(self.number) is not None, "a number has ten digits")
        require(len(self.pieces) > 0, "a goods note has a line")
