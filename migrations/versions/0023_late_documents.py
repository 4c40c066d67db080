"""A second invoice in I-Cash for one sale is a finding of its own.

Works beside the previous release, which finds none of these.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

FINDINGS = (
    "missing_there missing_here doubled different_total document_missing document_differs not_cancelled"
).split()


def upgrade() -> None:
    _allow([*FINDINGS, "document_doubled"])


def downgrade() -> None:
    # A finding is never deleted: with one of a new kind there is no way back.
    _allow(FINDINGS)


def _allow(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_reconciliation_findings_kind"), "reconciliation_findings")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_reconciliation_findings_kind"), "reconciliation_findings", f"kind IN ({listed})")
