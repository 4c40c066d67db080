"""The simulator: what staff do to documents and operations, and what is told of it (fact sheet §3.21, §3.22)."""

from pathlib import Path
from typing import Any

import pytest

from app.integrations.icash.simulator import ICashSimulator
from app.integrations.icash.simulator.checks import Refusal
from tests.integrations.icash.desk import connect
from tests.integrations.icash.spoken import COMPANY, ITEM, Line, add_row, sell


async def sell_to_company(line: Line, **changes: Any) -> int:
    await line.ask("add-sale-item", **ITEM)
    contragent = (await line.ask("add-contragent", **COMPANY, ContragentMOL="Ива Петрова"))["ContragentID"]
    operation = await sell(line, ContragentID=contragent, ImportRefID=100000123, **changes)
    await add_row(line, operation)
    await line.ask("print-operation", OperationID=operation, PayTypeID=2)
    return operation


async def listed(line: Line, **filters: Any) -> list[int]:
    return [told["DocumentNum"] for told in (await line.ask("documents-list", **filters))["Data"]]


async def test_a_document_tells_what_its_page_lists(line: Line, simulator: ICashSimulator) -> None:
    operation = await sell_to_company(line)
    simulator.happen("invoice-issued", operation_id=operation, number=17, on="2026-11-22")
    simulator.happen("credit-note-issued", operation_id=operation, number=18, on="2026-11-23", total="12.00")
    invoice = await line.ask("get-document", DocumentID=1)
    customer = {
        "DocumentContragentID": invoice["DocumentContragentID"],
        "DocumentContragentName": "Зъбна ООД",
        "DocumentContragentAddress": "",
        "DocumentContragentMOL": "Ива Петрова",
        "DocumentContragentTaxNum": "175074752",
        "DocumentContragentTaxNumVatReg": "",
    }
    assert invoice == {
        "DocumentID": 1,
        "DocumentStatus": "NORMAL",
        "DocumentNum": 17,
        "DocumentType": "INVOICE",
        "DocumentStoreID": 1,
        "DocumentOperationID": operation,
        "DocumentOperationType": "NORMAL",
        "DocumentSubType": "NORMAL",
        "DocumentDate": "2026-11-22",
        "DocumentFirmName": "Йоник ООД",
        "DocumentFirmAddress": "гр. София, бул. Витоша 1",
        "DocumentFirmMOL": "Иван Петров",
        "DocumentFirmEIK": "000000001",
        **customer,
        "DocumentToDocumentID": None,
        "DocumentToDocumentDate": None,
        "DocumentPriceBase": "20.83",
        "DocumentDiscount": "0.00000",
        "DocumentTotalPrice": "25.00",
        "DocumentTotalPriceTxt": "25.00 EUR",
        "DocumentCurrencyCode": "EUR",
    }
    assert await line.ask("get-document", DocumentID=2) == invoice | {
        "DocumentID": 2,
        "DocumentNum": 18,
        "DocumentSubType": "CREDIT",
        "DocumentDate": "2026-11-23",
        "DocumentToDocumentID": 1,
        "DocumentToDocumentDate": "2026-11-22",
        "DocumentPriceBase": "10.00",
        "DocumentTotalPrice": "12.00",
        "DocumentTotalPriceTxt": "12.00 EUR",
    }


async def test_documents_are_filtered_by_sets_and_dates(line: Line, simulator: ICashSimulator) -> None:
    operation = await sell_to_company(line)
    for number, (event, details) in enumerate(
        [
            ("invoice-issued", {"on": "2026-11-21"}),
            ("invoice-issued", {"on": "2026-11-22"}),
            ("invoice-issued", {"sub_type": "ADVANCE"}),
            ("invoice-issued", {"document_type": "PROFORMA"}),
            ("invoice-issued", {"operation_type": "FINANCIAL"}),
            ("credit-note-issued", {}),
            ("debit-note-issued", {}),
            ("invoice-issued", {"on": "2026-11-22"}),
        ],
        start=1,
    ):
        simulator.happen(event, operation_id=operation, number=number, **details)
    simulator.happen("document-deleted", document_id=8)
    for filters, found in (
        ({}, [1, 2]),
        ({"DocumentSubType": "CREDIT,DEBIT"}, [6, 7]),
        ({"DocumentSubType": "NORMAL,CREDIT,DEBIT,ADVANCE"}, [1, 2, 3, 6, 7]),
        ({"DocumentType": "PROFORMA"}, [4]),
        ({"DocumentOperationType": "FINANCIAL"}, [5]),
        ({"DocumentStatus": "DELETED"}, [8]),
        ({"DocumentStatus": "NORMAL,DELETED"}, [1, 2, 8]),
        ({"DocumentDateFrom": "2026-11-22", "DocumentDateTo": "2026-11-22"}, [2]),
        ({"DocumentDateTo": "2026-11-21"}, [1]),
        ({"ImportSource": "TEST", "ImportRefID": 100000123}, [1, 2]),
        ({"ImportRefID": 100000124}, []),
        ({"DocumentNum": 2}, [2]),
    ):
        assert await listed(line, **filters) == found, filters


async def test_what_staff_cannot_do(line: Line, simulator: ICashSimulator) -> None:
    await line.ask("add-sale-item", **ITEM)
    operation = await sell(line)
    with pytest.raises(ValueError, match="a finished sale to a known customer"):
        simulator.happen("invoice-issued", operation_id=operation)
    with pytest.raises(ValueError, match="a note corrects an invoice"):
        simulator.happen("credit-note-issued", operation_id=operation)
    with pytest.raises(Refusal, match="DocumentID"):
        simulator.happen("document-deleted", document_id=1)
    assert simulator.machine.ledger.documents == {}


async def test_an_operation_is_doubled_changed_and_removed(line: Line, simulator: ICashSimulator) -> None:
    first = await sell_to_company(line)
    simulator.happen("operation-duplicated", operation_id=first)
    [once, again] = (await line.ask("operations-list", ImportRefID=100000123))["Data"]
    own = {"OperationID", "OperationNum", "OperationFiskBonUUID"}
    assert {name for name in once if once[name] != again[name]} == own
    simulator.happen("total-set", operation_id=first, total="30.00")
    told = await line.ask("get-operation", OperationID=first)
    assert (told["OperationPrice"], told["OperationPriceWithoutVat"], told["OperationTotalVat"]) == (
        "30.00000",
        "25.00000",
        "5.00000",
    )
    assert (await line.ask("get-operation", OperationID=again["OperationID"]))["OperationPrice"] == "25.00000"
    simulator.happen("operation-removed", operation_id=first)
    assert await line.refused("get-operation", OperationID=first) == "Wrong value for OperationID"
    assert [each["OperationID"] for each in (await line.ask("operations-list", ImportRefID=100000123))["Data"]] == [
        again["OperationID"]
    ]


async def test_what_staff_did_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "icash.journal"
    async with ICashSimulator.serve(state=file) as simulator, connect(simulator.url) as http:
        line = Line(http)
        await line.login()
        operation = await sell_to_company(line)
        for event in ("invoice-issued", "debit-note-issued", "operation-duplicated"):
            simulator.happen(event, operation_id=operation)
        simulator.happen("document-deleted", document_id=2)
        before = simulator.machine.ledger
    async with ICashSimulator.serve(state=file) as simulator:
        after = simulator.machine.ledger
        assert (after.documents, list(after.operations)) == (before.documents, list(before.operations))
        assert [document["DocumentStatus"] for document in after.documents.values()] == ["NORMAL", "DELETED"]
