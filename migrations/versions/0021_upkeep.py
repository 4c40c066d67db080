"""The records of backups, of checks of integrity and of versions.

Works beside the previous release, which knows nothing of these tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.core.db import closed_to_changes

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLES = ("backup_runs", "backup_events", "integrity_reports", "dependency_reports")


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    op.create_table(
        "backup_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("revision", sa.Text(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_runs")),
        check("backup_runs", "outcome", "outcome IN ('kept', 'failed', 'interrupted')"),
        check(
            "backup_runs",
            "is_described",
            "(outcome = 'kept') = (num_nonnulls(file, bytes, sha256, revision, rows) = 5)",
        ),
        check("backup_runs", "failure", "(outcome = 'kept') = (failure IS NULL)"),
    )
    op.create_index(op.f("ix_backup_runs_started_at_id"), "backup_runs", ["started_at", "id"])
    op.create_table(
        "backup_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_events")),
        sa.ForeignKeyConstraint(["run_id"], ["backup_runs.id"], name=op.f("fk_backup_events_run_id")),
        check("backup_events", "act", "act IN ('verified', 'rehearsed', 'removed')"),
    )
    op.create_index(op.f("ix_backup_events_run_id_at"), "backup_events", ["run_id", "at"])
    op.create_table(
        "integrity_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("checks", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_reports")),
        check("integrity_reports", "outcome", "outcome IN ('sound', 'unsound', 'unavailable')"),
    )
    op.create_index(op.f("ix_integrity_reports_started_at_id"), "integrity_reports", ["started_at", "id"])
    op.create_table(
        "dependency_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("python", sa.Text(), nullable=False),
        sa.Column("postgresql", sa.Text(), nullable=False),
        sa.Column("packages", JSONB(), nullable=False),
        sa.Column("drift", JSONB(), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("lock_sha256", sa.Text(), nullable=True),
        sa.Column("lock_changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dependency_reports")),
    )
    op.create_index(op.f("ix_dependency_reports_made_at_id"), "dependency_reports", ["made_at", "id"])
    for table in TABLES:
        for guard in closed_to_changes(table):
            op.execute(guard)


def downgrade() -> None:
    for table in ("dependency_reports", "integrity_reports", "backup_events", "backup_runs"):
        op.drop_table(table)
