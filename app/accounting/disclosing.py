"""The standing way in which documents go to the accountant (S35)."""

from dataclasses import replace

from app.core.personal import Ground, Purpose, Recipient
from app.privacy.disclosing import HandingOver
from app.privacy.models import Handing

TO_ACCOUNTANT = HandingOver(
    Recipient.ACCOUNTANT, "invoice", Purpose.ACCOUNTING, Ground.LEGAL_OBLIGATION, Handing.DOWNLOAD
)
TO_LEDGER = replace(TO_ACCOUNTANT, what="sales_ledger")
TO_AUDIT = replace(TO_ACCOUNTANT, what="audit_file")
TO_DELTA = replace(TO_ACCOUNTANT, what="delta_import")
