"""Invoices: issued by staff on I-Cash's screens, read here."""

from typing import Any

from app.integrations.icash.simulator.checks import PAGING, Checks, day, integer, set_of, text, wrong
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
        and given.get("DocumentDateFrom", "") <= document["DocumentDate"] <= given.get("DocumentDateTo", "9")
    ]
    return listed(call, chosen, DOCUMENT_FILTERS.keys() - SETS.keys())


def get_document(call: Call) -> dict[str, Any]:
    document = call.ledger.documents.get(int(call.parameters["DocumentID"]))
    if document is None:
        raise wrong("DocumentID")
    return document


ENDPOINTS = {
    "documents-list": Endpoint(documents_list, {}, {**DOCUMENT_FILTERS, **RANGE, **UNSEEN, **PAGING}),
    "get-document": Endpoint(get_document, {"DocumentID": integer}),
}
