"""Invoices and notes: issued by staff on I-Cash's screens, read here."""

from typing import Any

from app.integrations.icash.simulator.checks import PAGING, Checks, day, integer, set_of, text
from app.integrations.icash.simulator.endpoint import Call, Endpoint, listed

DOCUMENT_FILTERS: Checks = {
    "DocumentID": integer,
    "DocumentStoreID": integer,
    "DocumentType": set_of("INVOICE", "PROFORMA"),
    "DocumentNum": integer,
    "DocumentStatus": set_of("NORMAL", "DELETED"),
    "DocumentOperationType": set_of("NORMAL", "FINANCIAL"),
    "DocumentOperationID": integer,
    "DocumentSubType": set_of("NORMAL", "CREDIT", "DEBIT", "ADVANCE"),
    "DocumentContragentID": integer,
    "ImportSource": text(30),
    "ImportRefID": integer,
}
SETS = {
    "DocumentType": "INVOICE",
    "DocumentStatus": "NORMAL",
    "DocumentOperationType": "NORMAL",
    "DocumentSubType": "NORMAL",
}
RANGE: Checks = {"DocumentDateFrom": day, "DocumentDateTo": day}
UNSEEN: Checks = {"DocumentPayTypeID": integer, "DocumentBankAccountID": integer}


def documents_list(call: Call) -> dict[str, Any]:
    given = call.parameters
    chosen = [
        document
        for document in call.ledger.documents.values()
        if all(document[name] in given.get(name, default).split(",") for name, default in SETS.items())
        and (not call.ledger.rules.date_filters or _in_range(document["DocumentDate"], given))
    ]
    page = listed(call, chosen, DOCUMENT_FILTERS.keys() - SETS.keys())
    return {**page, "Data": [_listed(call, document) for document in page["Data"]]}


def _in_range(on: str, given: dict[str, str]) -> bool:
    return given.get("DocumentDateFrom", "") <= on <= given.get("DocumentDateTo", "9")


def _listed(call: Call, document: dict[str, Any]) -> dict[str, Any]:
    if call.ledger.rules.tells_listed_documents_whole:
        return _told(document)
    return {"DocumentID": document["DocumentID"]}


def _told(document: dict[str, Any]) -> dict[str, Any]:
    """Show a document; it can be searched by where it came from, which is not told."""
    return {name: value for name, value in document.items() if name not in {"ImportSource", "ImportRefID"}}


def get_document(call: Call) -> dict[str, Any]:
    return _told(call.ledger.document(call.parameters["DocumentID"]))


ENDPOINTS = {
    "documents-list": Endpoint(documents_list, {}, {**DOCUMENT_FILTERS, **RANGE, **UNSEEN, **PAGING}),
    "get-document": Endpoint(get_document, {"DocumentID": integer}),
}
