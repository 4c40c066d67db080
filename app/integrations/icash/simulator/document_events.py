"""Documents that staff issue and delete on I-Cash's screens; ordered by tests.

An issued document bears the next number and today's date, unless the event gives its `number` and `on`. Its `total`,
`document_type`, `sub_type` and `operation_type` may be given too.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from app.integrations.icash.simulator.ledger import Ledger, Operation, stamp

FIRM = {
    "DocumentFirmName": "Йоник ООД",
    "DocumentFirmAddress": "гр. София, бул. Витоша 1",
    "DocumentFirmMOL": "Иван Петров",
    "DocumentFirmEIK": "000000001",
}
CUSTOMER = {
    "DocumentContragentName": "ContragentName",
    "DocumentContragentAddress": "ContragentAddress",
    "DocumentContragentMOL": "ContragentMOL",
    "DocumentContragentTaxNum": "ContragentTaxNum",
    "DocumentContragentTaxNumVatReg": "ContragentVatNum",
}


def invoice_issued(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:
    """Let staff press "Генерирай фактура" for a finished sale that names its customer."""
    operation = ledger.operation(event["operation_id"])
    if operation.contragent_id is None or not operation.prints:
        raise ValueError("an invoice needs a finished sale to a known customer")
    contragent = ledger.contragents[operation.contragent_id]
    customer = {name: contragent.get(kept, "") for name, kept in CUSTOMER.items()}
    _issue(ledger, event, at, {"DocumentContragentID": operation.contragent_id, **customer})


def credit_note_issued(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:
    """Let staff correct an invoice downwards: `corrects` by its id, or the operation's last one."""
    _correct(ledger, event, at, "CREDIT")


def debit_note_issued(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:
    """Let staff correct an invoice upwards: `corrects` by its id, or the operation's last one."""
    _correct(ledger, event, at, "DEBIT")


def document_deleted(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    ledger.document(event["document_id"])["DocumentStatus"] = "DELETED"


def _correct(ledger: Ledger, event: dict[str, Any], at: datetime, sub_type: str) -> None:
    corrected = ledger.document(event["corrects"] if "corrects" in event else _last_invoice(ledger, event))
    customer = {name: corrected[name] for name in ("DocumentContragentID", *CUSTOMER)}
    _issue(
        ledger,
        {**event, "sub_type": sub_type},
        at,
        {
            **customer,
            "DocumentToDocumentID": corrected["DocumentID"],
            "DocumentToDocumentDate": corrected["DocumentDate"],
        },
    )


def _last_invoice(ledger: Ledger, event: dict[str, Any]) -> int:
    ids = [
        document["DocumentID"]
        for document in ledger.documents.values()
        if document["DocumentOperationID"] == event["operation_id"] and document["DocumentToDocumentID"] is None
    ]
    if not ids:
        raise ValueError("a note corrects an invoice")
    return int(ids[-1])


def _issue(ledger: Ledger, event: dict[str, Any], at: datetime, stated: dict[str, Any]) -> None:
    operation = ledger.operation(event["operation_id"])
    document_id = len(ledger.documents) + 1
    following = max((document["DocumentNum"] for document in ledger.documents.values()), default=0) + 1
    ledger.documents[document_id] = {
        "DocumentID": document_id,
        "DocumentStatus": "NORMAL",
        "DocumentNum": event.get("number", following),
        "DocumentType": event.get("document_type", "INVOICE"),
        "DocumentStoreID": operation.register.store_id,
        "DocumentOperationID": operation.id,
        "DocumentOperationType": event.get("operation_type", "NORMAL"),
        "DocumentSubType": event.get("sub_type", "NORMAL"),
        "DocumentDate": event.get("on", stamp(at)[:10]),
        "DocumentToDocumentID": None,
        "DocumentToDocumentDate": None,
        "DocumentCurrencyCode": ledger.rules.currency,
        "ImportSource": operation.source,
        "ImportRefID": operation.import_reference,
        **FIRM,
        **stated,
        **_amounts(ledger, operation, event.get("total")),
    }


def _amounts(ledger: Ledger, operation: Operation, given: str | None) -> dict[str, str]:
    total = given or f"{operation.total:.2f}"
    part = Decimal(total) / operation.total if operation.total else Decimal(0)
    return {
        "DocumentPriceBase": f"{ledger.net(operation) * part:.2f}",
        "DocumentDiscount": f"{operation.discount:.5f}",
        "DocumentTotalPrice": total,
        "DocumentTotalPriceTxt": f"{total} {ledger.rules.currency}",
    }
