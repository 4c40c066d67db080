"""What the report of a closed month told of can be taken off in a later one.

Works beside the previous release: it notes nothing of the new kind.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

REPORTS = ["audit_file", "sales_report"]


def upgrade() -> None:
    _allow([*REPORTS, "sales_taken_back"])


def downgrade() -> None:
    # An entry is never deleted: with one of the new kind there is no way back.
    _allow(REPORTS)


def _allow(reports: list[str]) -> None:
    op.drop_constraint(op.f("ck_month_entries_report"), "month_entries")
    listed = ", ".join(f"'{report}'" for report in reports)
    op.create_check_constraint(op.f("ck_month_entries_report"), "month_entries", f"report IN ({listed})")
