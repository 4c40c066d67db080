"""I-Cash's own shapes."""

from datetime import date
from decimal import Decimal

import pytest

from app.accounting.ports import BooksRefused, BooksUnavailable, BooksUnsure, Family
from app.integrations.icash import wire


def test_the_published_vector_is_signed_alike() -> None:
    signed = wire.signature(1700000001, 12345, "testapikey0000000000000000000001", "testsecret0000000000000000000001")
    assert signed == "635DDFFC6D87EAC8AD07A16EB342649FCD437BDF5A3B69BED74F9A7A5B2C781D"


def test_nulls_are_left_out_and_all_is_text() -> None:
    assert wire.form({"a": 1, "b": None, "c": "x"}) == {"a": "1", "c": "x"}


@pytest.mark.parametrize("nonce", ['"7"', "7", "null"])
def test_the_echoed_nonce_may_be_text_or_number_or_absent(nonce: str) -> None:
    body = f'{{"nonce": {nonce}, "status": 1, "data": {{"price": 12.1}}}}'
    assert wire.read("login", body.encode(), 7) == {"price": Decimal("12.1")}


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b"{}", b'{"status": "no"}', b'{"status": null}', b'{"status": Infinity}', b"\xff"],
)
def test_what_is_no_envelope_leaves_the_outcome_unknown(body: bytes) -> None:
    with pytest.raises(BooksUnavailable) as caught:
        wire.read("login", body, 7)
    assert (caught.value.endpoint, caught.value.reason) == ("login", "no-envelope")


def test_an_answer_to_another_request_is_no_answer() -> None:
    with pytest.raises(BooksUnavailable, match="answer-to-another-request"):
        wire.read("login", b'{"nonce": "6", "status": 1, "data": {}}', 7)


@pytest.mark.parametrize(
    ("text", "family", "parameter"),
    [
        ("Missing value for ses", Family.MISSING_VALUE, "ses"),
        ("Wrong value for OperationID", Family.WRONG_VALUE, "OperationID"),
        ("SaleItemInventoryID is mandatory", Family.MANDATORY, "SaleItemInventoryID"),
        ("Wrong value for ContragentName: Ива Петрова", Family.OTHER, None),
        ("Нещо ново", Family.OTHER, None),
    ],
)
def test_a_refusal_is_sorted_and_its_text_left_behind(text: str, family: Family, parameter: str | None) -> None:
    refusal = wire.refusal("new-operation", text)
    assert isinstance(refusal, BooksRefused)
    assert (refusal.family, refusal.endpoint, refusal.parameter) == (family, "new-operation", parameter)
    assert "Ива" not in str(refusal)


def test_an_account_out_of_step_is_no_fault_of_the_sale() -> None:
    assert isinstance(wire.refusal("login", "Authentication Error"), BooksUnavailable)
    assert isinstance(wire.refusal("new-operation", "Session expired"), wire.SessionExpired)


def test_numbers_may_come_as_text_and_amounts_as_numbers() -> None:
    told = {"OperationID": "60001", "OperationStatus": "TEMP", "OperationPrice": Decimal("30.99"), "Unseen": 1}
    operation = wire.parse(wire.Operation, told)
    assert (operation.id, operation.price, operation.paid) == (60001, Decimal("30.99"), Decimal(0))


def test_another_shape_is_for_a_person() -> None:
    with pytest.raises(BooksUnsure, match="unexpected-answer"):
        wire.parse(wire.NewOperation, {"OperationNumber": 5})


@pytest.mark.parametrize("absent", ["OperationPrice", "OperationDate", "OperationType"])
def test_an_operation_to_be_compared_tells_all(absent: str) -> None:
    told = {"OperationID": 60001, "OperationStatus": "TEMP", "OperationType": "Sell"}
    told |= {"OperationDate": "2026-11-22 00:00:00", "OperationPrice": Decimal("30.99")}
    assert wire.parse(wire.BookedOperation, told).on == date(2026, 11, 22)
    with pytest.raises(BooksUnsure, match="unexpected-answer"):
        wire.parse(wire.BookedOperation, {name: value for name, value in told.items() if name != absent})
