"""What the simulator keeps: the records of one I-Cash account."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any

from app.core.clock import SOFIA
from app.integrations.icash.simulator.checks import Refusal, wrong
from app.integrations.icash.simulator.rules import Register, Rules

FIVE_PLACES = Decimal("0.00001")
OPEN = "TEMP"


def stamp(at: datetime) -> str:
    return at.astimezone(SOFIA).strftime("%Y-%m-%d %H:%M:%S")


def five_places(amount: Decimal) -> str:
    return str(amount.quantize(FIVE_PLACES, ROUND_HALF_UP))


@dataclass
class Item:
    id: int
    sku: str
    fields: dict[str, Any]
    store_prices: dict[int, str] = field(default_factory=dict)

    @property
    def tax_group(self) -> int:
        return int(self.fields["SaleItemTaxGroupID"])


@dataclass
class Row:
    id: int
    item: Item
    quantity: Decimal
    price: Decimal
    discount: Decimal

    @property
    def total(self) -> Decimal:
        return self.quantity * self.price * (100 - self.discount) / 100


@dataclass
class Operation:
    id: int
    kind: str
    source: str
    import_reference: str | None
    register: Register
    contragent_id: int | None
    comment: str
    electronic: bool
    unique_number: str | None
    user_id: int
    created: str
    status: str = OPEN
    rows: dict[int, Row] = field(default_factory=dict)
    discount: Decimal = Decimal(0)
    payments: list[tuple[int, Decimal]] = field(default_factory=list)
    prints: int = 0
    print_attempts: int = 0
    pay_type: int | None = None
    completed: str | None = None
    completed_at_register: str | None = None
    total_by_staff: Decimal | None = None
    """What staff made of the total on the screen, whatever the rows say."""

    @property
    def entered(self) -> Decimal:
        return sum((row.total for row in self.rows.values()), Decimal(0))

    @property
    def total(self) -> Decimal:
        if self.total_by_staff is not None:
            return self.total_by_staff
        return self.entered * (100 - self.discount) / 100

    @property
    def paid(self) -> Decimal:
        return self.total if self.prints else sum((amount for _, amount in self.payments), Decimal(0))


@dataclass
class Ledger:
    rules: Rules
    last_nonce: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, datetime] = field(default_factory=dict)
    """Each session with the moment it ends."""
    items: dict[int, Item] = field(default_factory=dict)
    contragents: dict[int, dict[str, Any]] = field(default_factory=dict)
    operations: dict[int, Operation] = field(default_factory=dict)
    documents: dict[int, dict[str, Any]] = field(default_factory=dict)
    stock: defaultdict[tuple[int, int], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """By item and store."""
    by_reference: defaultdict[int, list[Operation]] = field(default_factory=lambda: defaultdict(list))
    numbers: Iterator[int] = field(default_factory=lambda: count(60_001))

    def item(self, parameters: dict[str, str]) -> Item:
        """Find the item that a row, a price or a stock question names."""
        for item in self.items.values():
            if "SaleItemID" in parameters:
                if str(item.id) == parameters["SaleItemID"]:
                    return item
            elif item.sku == parameters.get("SaleItemInventoryID"):
                return item
        raise wrong("SaleItemID" if "SaleItemID" in parameters else "SaleItemInventoryID")

    def operation(self, number: str | int) -> Operation:
        operation = self.operations.get(int(number))
        if operation is None:
            raise wrong("OperationID")
        return operation

    def document(self, number: str | int) -> dict[str, Any]:
        document = self.documents.get(int(number))
        if document is None:
            raise wrong("DocumentID")
        return document

    def net(self, operation: Operation) -> Decimal:
        """Return the operation's total without VAT."""
        rates = self.rules.tax_rates
        net = sum((row.total * 100 / (100 + rates[row.item.tax_group]) for row in operation.rows.values()), Decimal(0))
        return net * operation.total / operation.entered if operation.entered else net

    def open_operation(self, number: str) -> Operation:
        operation = self.operation(number)
        if operation.status != OPEN:
            raise wrong("OperationID")
        return operation

    def store(self, number: str) -> int:
        if not any(register.store_id == int(number) for register in self.rules.registers):
            raise wrong("StoreID")
        return int(number)

    def move_stock(self, operation: Operation) -> None:
        direction = 1 if operation.kind == "ReturnClient" else -1
        for row in operation.rows.values():
            if row.item.fields["SaleItemType"] == "PRODUCT":
                self.stock[row.item.id, operation.register.store_id] += direction * row.quantity


def mandatory(parameters: dict[str, str], parameter: str) -> str:
    if parameter not in parameters:
        raise Refusal(f"{parameter} is mandatory")
    return parameters[parameter]
