"""What each role of the staff may do, in this one place; README prints it."""

from enum import StrEnum

from app.auth.models import StaffRole

R = StaffRole


class Right(StrEnum):
    READ_ORDERS = "read_orders"
    CANCEL_ORDERS = "cancel_orders"
    READ_CUSTOMERS = "read_customers"
    READ_DOCUMENTS = "read_documents"
    MANAGE_STAFF = "manage_staff"
    RECORD_TRAINING = "record_training"
    REVIEW_ACCESS = "review_access"
    READ_AUDIT = "read_audit"
    MANAGE_CLIENTS = "manage_clients"


HOLDERS: dict[Right, frozenset[StaffRole]] = {
    Right.READ_ORDERS: frozenset({R.SUPPORT, R.WAREHOUSE, R.PRIVACY_OFFICER, R.OWNER}),
    Right.CANCEL_ORDERS: frozenset({R.SUPPORT, R.OWNER}),
    Right.READ_CUSTOMERS: frozenset({R.SUPPORT, R.PRIVACY_OFFICER, R.OWNER}),
    Right.READ_DOCUMENTS: frozenset({R.ACCOUNTANT, R.OWNER}),
    Right.MANAGE_STAFF: frozenset({R.OWNER}),
    Right.RECORD_TRAINING: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.REVIEW_ACCESS: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.READ_AUDIT: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.MANAGE_CLIENTS: frozenset({R.OWNER}),
}

PERMITS: dict[Right, str] = {
    Right.READ_ORDERS: "List, find and read orders",
    Right.CANCEL_ORDERS: "Cancel what was not handed to the courier yet",
    Right.READ_CUSTOMERS: "Find the account of an e-mail address",
    Right.READ_DOCUMENTS: "List and download invoices and credit notes",
    Right.MANAGE_STAFF: "Invite, change roles, disable, reset second factors",
    Right.RECORD_TRAINING: "Record who was trained, and list the trainings",
    Right.REVIEW_ACCESS: "See who can see what: members and machine clients",
    Right.READ_AUDIT: "Read the audit log",
    Right.MANAGE_CLIENTS: "Make, renew, limit and revoke machine clients",
}

PERSONAL = frozenset({Right.READ_ORDERS, Right.CANCEL_ORDERS, Right.READ_CUSTOMERS, Right.READ_DOCUMENTS})
"""Rights that open customers' data: they need a training on record (S44, C15), and each use of them is audited."""

CHANGING = frozenset({Right.CANCEL_ORDERS})
"""Those of them that change the data; the others only read."""


def rights_of(role: StaffRole) -> frozenset[Right]:
    return frozenset(right for right, roles in HOLDERS.items() if role in roles)
