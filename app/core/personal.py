"""What a column says of the personal data in it (design §6); everything about privacy is generated from this."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Category(StrEnum):
    """Kinds of data, in the words of the policy's section 2."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    INVOICE = "invoice"
    ORDER = "order"
    FREE_TEXT = "free_text"
    CONNECTION = "connection"  # IP address, device
    CREDENTIAL = "credential"


class Purpose(StrEnum):
    """The five purposes of the policy's section 3; there is no sixth (S22)."""

    SALE = "sale"
    ENQUIRY = "enquiry"
    NEWSLETTER = "newsletter"
    ACCOUNTING = "accounting"
    LEGAL = "legal"


class Ground(StrEnum):
    """GDPR Art. 6(1), letters (a) to (f) (S31)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTEREST = "legitimate_interest"


class Retention(StrEnum):
    """Classes of storage term; the term of each is a setting of the retention engine (fact sheet §5)."""

    ACCOUNT = "account"  # until the account is closed
    ORDER = "order"  # until the contract is performed; of a sale, as long as the books
    CONTACT = "contact"  # how the buyer is reached: as long as the contract obliges to anything
    BOOKS = "books"  # tax and accounting documents and what they rest on
    EVIDENCE = "evidence"  # acceptances, consents, disclosures
    ACCESS = "access"  # logins, connection data
    MAIL = "mail"  # messages sent
    STAFF = "staff"


class Recipient(StrEnum):
    SPEEDY = "speedy"
    ICASH = "icash"
    ACCOUNTANT = "accountant"
    COURIER = "courier"
    MAIL = "mail"
    """Whose mail server carries the letters, where that is not the shop's own."""


@dataclass(frozen=True, slots=True)
class Personal:
    """The annotation of one column."""

    category: Category
    purpose: Purpose
    ground: Ground
    retention: Retention
    given: bool
    """Provided by the person (portable under GDPR Art. 20), not derived by the shop."""
    recipients: frozenset[Recipient]


def personal(
    category: Category,
    purpose: Purpose = Purpose.SALE,
    ground: Ground = Ground.CONTRACT,
    retention: Retention = Retention.ORDER,
    *,
    given: bool = True,
    to: frozenset[Recipient] = frozenset(),
) -> dict[str, Any]:
    """Make the `info` of a column with personal data; what is bought and delivered is the default."""
    return {"personal": Personal(category, purpose, ground, retention, given, to)}


IMPERSONAL: dict[str, Any] = {"personal": None}
"""The `info` of a text column that tells nothing about anybody."""
