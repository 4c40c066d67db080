"""The one money type: exact amounts in euro cents."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, core_schema
from sqlalchemy import BigInteger, ColumnElement, Dialect, cast, func, literal_column
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator

from app.core.explaining import shape
from app.core.language import Text

CURRENCY: Literal["EUR"] = "EUR"
PATTERN = shape(
    r"^-?[0-9]{1,13}\.[0-9]{2}$",
    Text("Напишете сумата с две цифри след точката, например 129.90", "Write two decimals, as in 129.90"),
)
CENTS = re.compile(r"-?[0-9]+\.[0-9]{2}")
"""How amounts are written: read without a decimal on the way, as many are."""


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An exact amount in euro cents; `"129.90"` in JSON."""

    ZERO: ClassVar["Money"]

    cents: int

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise TypeError("an amount is a whole number of cents")

    @classmethod
    def of(cls, text: str | Decimal) -> "Money":
        """Read `"129.90"`; refuses with ValueError what is not a whole number of cents."""
        if isinstance(text, str) and CENTS.fullmatch(text):
            return cls(int(text[:-3] + text[-2:]))
        amount = Decimal(text) * 100
        if amount != amount.to_integral_value():
            raise ValueError(f"not a whole number of cents: {text}")
        return cls(int(amount))

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.cents).scaleb(-2)

    def __str__(self) -> str:
        sign, cents = ("-" if self.cents < 0 else ""), abs(self.cents)
        return f"{sign}{cents // 100}.{cents % 100:02d}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + other.cents)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - other.cents)

    def __mul__(self, times: int) -> "Money":
        return Money(self.cents * times)

    def __neg__(self) -> "Money":
        return Money(-self.cents)

    def __bool__(self) -> bool:
        return self.cents != 0

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(
            _from_json,
            core_schema.str_schema(pattern=PATTERN),
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": PATTERN, "examples": ["129.90"], "description": "Amount in euro"}


Money.ZERO = Money(0)


def _from_json(value: Any, read_text: ValidatorFunctionWrapHandler) -> Money:
    return value if isinstance(value, Money) else Money.of(read_text(value))


def total(amounts: Iterable[Money]) -> Money:
    return sum(amounts, start=Money.ZERO)


def share(amount: Money, weights: Sequence[Money]) -> list[Money]:
    """Divide an amount in proportion to the weights so that the parts sum to it exactly.

    Every part is the floor of its exact share; the cents left over go one each to the largest remainders, the first of
    equals winning. All weights zero: the amount must be zero.
    """
    whole = total(weights).cents
    if whole == 0:
        if amount:
            raise ValueError("nothing to share the amount over")
        return [Money.ZERO for _ in weights]
    if len(weights) == 1:
        return [amount]
    parts = [divmod(amount.cents * weight.cents, whole) for weight in weights]
    left = amount.cents - sum(floor for floor, _ in parts)
    lucky = set(sorted(range(len(parts)), key=lambda i: -parts[i][1])[:left])
    return [Money(floor + (1 if i in lucky else 0)) for i, (floor, _) in enumerate(parts)]


def units(amount: Money, quantity: int) -> list[tuple[Money, int]]:
    """Write a total as whole-cent unit prices: at most two (price, quantity) pairs that multiply back to it exactly."""
    low, dearer = divmod(amount.cents, quantity)
    pairs = [(Money(low), quantity - dearer), (Money(low + 1), dearer)]
    return [(price, times) for price, times in pairs if times]


class MoneyType(TypeDecorator[Money]):
    """A BIGINT of cents."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else value.cents

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:  # noqa: ARG002 - as above
        return None if value is None else Money(value)


def summed(amounts: ColumnElement[Money] | InstrumentedAttribute[Money]) -> ColumnElement[Money]:
    """Sum amounts in a select; nothing to sum is zero. PostgreSQL's own sum of whole numbers is a decimal."""
    return cast(func.coalesce(func.sum(amounts), literal_column("0")), MoneyType())
