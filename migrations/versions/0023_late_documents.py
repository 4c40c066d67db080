"""Documents that came to be known when the month of their date was closed; a second invoice in I-Cash is a finding.

Works beside the previous release, which finds none of these, and lists such a document in the month of its date.
"""

import sqlalchemy as sa
from alembic import op

from app.core.db import closed_to_changes

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

FINDINGS = (
    "missing_there missing_here doubled different_total document_missing document_differs not_cancelled"
).split()


def upgrade() -> None:
    _allow([*FINDINGS, "document_doubled"])
    op.create_table(
        "late_documents",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_late_documents")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_late_documents_document_id")),
        sa.CheckConstraint("month ~ '^20[0-9]{2}-(0[1-9]|1[0-2])$'", name=op.f("ck_late_documents_month")),
    )
    for guard in closed_to_changes("late_documents"):
        op.execute(guard)


def downgrade() -> None:
    op.drop_table("late_documents")
    # A finding is never deleted: with one of a new kind there is no way back.
    _allow(FINDINGS)


def _allow(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_reconciliation_findings_kind"), "reconciliation_findings")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_reconciliation_findings_kind"), "reconciliation_findings", f"kind IN ({listed})")
