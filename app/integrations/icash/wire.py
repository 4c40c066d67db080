"""I-Cash's own shapes: signature, form, envelope, records."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, RootModel, ValidationError

from app.accounting.ports import BooksRefused, BooksUnavailable, BooksUnsure, Family

Value = str | int | None

FAMILIES = (
    (re.compile(r"Missing value for ([A-Za-z_]{1,50})"), Family.MISSING_VALUE),
    (re.compile(r"Wrong value for ([A-Za-z_]{1,50})"), Family.WRONG_VALUE),
    (re.compile(r"([A-Za-z_]{1,50}) is mandatory"), Family.MANDATORY),
)


class SessionExpired(Exception):
    """The call was not carried out: log in and repeat it."""


def signature(nonce: int, warehouse_id: int, api_key: str, secret_key: str) -> str:
    message = f"{nonce}{warehouse_id}{api_key}"
    return hmac.new(secret_key.encode(), message.encode(), hashlib.sha256).hexdigest().upper()


def form(parameters: Mapping[str, Value]) -> dict[str, str]:
    """Write parameters as I-Cash reads them: a null is left out."""
    return {name: str(value) for name, value in parameters.items() if value is not None}


def read(endpoint: str, content: bytes, nonce: int) -> Any:
    """Return the answer's data. The HTTP status says nothing; what is no envelope leaves the outcome unknown."""
    try:
        envelope = json.loads(content, parse_float=Decimal)
        status, echo = int(envelope["status"]), envelope.get("nonce")
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise BooksUnavailable(endpoint, "no-envelope", was_asked=True) from None
    if echo is not None and str(echo) != str(nonce):  # documented as a number, sent as a string
        raise BooksUnavailable(endpoint, "answer-to-another-request", was_asked=True)
    if status == 1:
        return envelope.get("data")
    raise refusal(endpoint, str(envelope.get("error_message")))


def refusal(endpoint: str, text: str) -> Exception:
    """Sort a refusal; its text is not passed on, for it may repeat what was sent."""
    if text == "Session expired":
        return SessionExpired()
    if text == "Authentication Error":
        # About the account or the nonce, not about this sale: it goes through once that is mended.
        return BooksUnavailable(endpoint, "authentication")
    for pattern, family in FAMILIES:
        if match := pattern.fullmatch(text):
            return BooksRefused(family, endpoint, match[1])
    return BooksRefused(Family.OTHER, endpoint)


class Record(BaseModel):
    """A part of an answer; ids come as numbers or as text."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, coerce_numbers_to_str=True)


class Session(Record):
    id: str = Field(alias="session_id", min_length=1, max_length=200)


class Choice(Record):
    id: int
    store_id: int | None = Field(default=None, alias="storeID")


class Choices(RootModel[list[Choice]]):
    """A list of registers, pay types or units."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Page(Record):
    total: int = Field(alias="TotalRecords")
    records: list[Any] = Field(alias="Data")


class Contragent(Record):
    id: int = Field(alias="ContragentID")
    tax_number: str | None = Field(default=None, alias="ContragentTaxNum")


class SaleItem(Record):
    id: int = Field(alias="SaleItemID")
    sku: str | None = Field(default=None, alias="SaleItemInventoryID")
    tax_group_id: int | None = Field(default=None, alias="SaleItemTaxGroupID")
    status: str = Field(default="Normal", alias="SaleItemStatus")


class NewOperation(Record):
    id: int = Field(alias="OperationID")
    unique_number: str | None = Field(default=None, alias="OperationFiskBonUUID")


class NewRow(Record):
    id: int = Field(alias="OperationSaleItemID")


class Numbered(Record):
    """What a list tells apart by its id."""

    id: int


class Operation(Numbered):
    id: int = Field(alias="OperationID")
    status: str = Field(alias="OperationStatus")
    unique_number: str | None = Field(default=None, alias="OperationFiskBonUUID")
    comment: str | None = Field(default=None, alias="OperationComment")
    price: Decimal = Field(default=Decimal(0), alias="OperationPrice")
    currency: str | None = Field(default=None, alias="OperationCurrencyCode")
    paid: Decimal = Field(default=Decimal(0), alias="OperationPayedSum")
    completed: str | None = Field(default=None, alias="OperationCompleteDate")
    completed_at_register: str | None = Field(default=None, alias="OperationPosCompleteDate")
    import_reference: str | None = Field(
        default=None, validation_alias=AliasChoices("ImportRefID", "OperationImportRefID")
    )


def _day(told: Any) -> date:
    """Read a date, or the date of a moment; a number of seconds is neither."""
    return date.fromisoformat(str(told)[:10])


def _link(told: Any) -> Any:
    """Read the id of another record; how the absence of one is written is not documented."""
    return None if told in (None, "", 0, "0") else told


Day = Annotated[date, BeforeValidator(_day)]
Link = Annotated[int | None, BeforeValidator(_link)]
Amount = Annotated[Decimal, Field(max_digits=20)]


class BookedOperation(Operation):
    """An operation to be compared: here a price that is missing is not zero."""

    kind: Literal["Sell", "ReturnClient"] = Field(alias="OperationType")
    on: Day = Field(alias="OperationDate")
    price: Amount = Field(alias="OperationPrice")


class ListedDocument(Numbered):
    """What more a list tells of a document is not documented."""

    id: int = Field(alias="DocumentID")


class Document(Record):
    id: int = Field(alias="DocumentID")
    number: int = Field(alias="DocumentNum")
    status: Literal["NORMAL", "DELETED"] = Field(alias="DocumentStatus")
    type: Literal["INVOICE", "PROFORMA"] = Field(alias="DocumentType")
    sub_type: Literal["NORMAL", "CREDIT", "DEBIT", "ADVANCE"] = Field(alias="DocumentSubType")
    operation_id: Link = Field(default=None, alias="DocumentOperationID")
    on: Day = Field(alias="DocumentDate")
    total: Amount = Field(alias="DocumentTotalPrice")
    currency: str | None = Field(default=None, alias="DocumentCurrencyCode")
    corrected_id: Link = Field(default=None, alias="DocumentToDocumentID")


R = TypeVar("R", bound=BaseModel)
N = TypeVar("N", bound=Numbered)


def parse(kind: type[R], data: Any) -> R:
    """Read a record; what was accepted but answers in another shape is for a person to look at."""
    try:
        return kind.model_validate(data)
    except ValidationError:
        raise BooksUnsure("unexpected-answer") from None
