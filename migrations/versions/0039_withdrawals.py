"""Statements of withdrawal from a contract, with the receipts as they were written, and what is done about them.

Works beside the previous release, which takes no statements; it only widens what the check of mails allows.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.core.db import closed_to_changes

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = (
    "order_confirmation invoice_issued registration account_closed email_change email_changed password_reset"
    " password_changed token_reused invitation request_proof request_received request_incomplete request_extended"
    " request_late request_answered restriction_ends recipient_late recipient_told rights_alarm withdrawal_proof"
    " marketing_proof policy_changed breach_alarm breach_notice upkeep_alarm second_factor_locked offers_stopped"
    " standstill order_access order_cancelled order_refunded"
).split()
NEW = ("withdrawal_receipt", "withdrawal_alarm")


def allow(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_mails_kind"), "mails")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_mails_kind"), "mails", f"kind IN ({listed})")


def upgrade() -> None:
    allow([*KINDS, *NEW])
    op.create_index(
        "ix_mails_refused_receipts",
        "mails",
        ["about_id"],
        postgresql_where=sa.text("kind = 'withdrawal_receipt' AND refusal IS NOT NULL"),
    )
    op.execute("CREATE SEQUENCE withdrawal_numbers START 10001")
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column(
            "number", sa.BigInteger(), server_default=sa.text("nextval('withdrawal_numbers')"), nullable=False
        ),
        sa.Column("stated_at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.Column("via", sa.String(32), nullable=False),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("lines", JSONB(), nullable=True),
        sa.Column("goods", sa.Text(), nullable=True),
        sa.Column("opened_order_id", sa.Uuid(), nullable=True),
        sa.Column("receipt_subject", sa.Text(), nullable=False),
        sa.Column("receipt_text", sa.Text(), nullable=False),
        sa.Column("receipt_html", sa.Text(), nullable=False),
        sa.Column("receipt_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint("key", name=op.f("uq_withdrawals_key")),
        sa.UniqueConstraint("number", name=op.f("uq_withdrawals_number")),
        sa.CheckConstraint("via IN ('online', 'post', 'phone', 'email')", name=op.f("ck_withdrawals_via")),
        sa.CheckConstraint("language IN ('bg', 'en')", name=op.f("ck_withdrawals_language")),
        sa.CheckConstraint("email IS NOT NULL OR via <> 'online'", name=op.f("ck_withdrawals_is_receipted")),
    )
    op.create_index("ix_withdrawals_email", "withdrawals", [sa.text("lower(email)")])
    for guard in closed_to_changes("withdrawals"):
        op.execute(guard)
    op.create_table(
        "withdrawal_cases",
        sa.Column("withdrawal_id", sa.Uuid(), nullable=False),
        sa.Column("refund_due_on", sa.Date(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("matched_at", MOMENT, nullable=True),
        sa.Column("matched_by", sa.Text(), nullable=True),
        sa.Column("identity", sa.String(32), nullable=False),
        sa.Column("identity_at", MOMENT, nullable=True),
        sa.Column("identity_by", sa.Text(), nullable=True),
        sa.Column("identity_how", sa.Text(), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("settled_why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("withdrawal_id", name=op.f("pk_withdrawal_cases")),
        sa.ForeignKeyConstraint(
            ["withdrawal_id"],
            ["withdrawals.id"],
            name=op.f("fk_withdrawal_cases_withdrawal_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_withdrawal_cases_order_id"), ondelete="SET NULL"
        ),
        sa.CheckConstraint(
            "identity IN ('unproved', 'same_address', 'proved', 'checked')", name=op.f("ck_withdrawal_cases_identity")
        ),
        sa.CheckConstraint(
            "outcome IN ('refunded', 'nothing_owed', 'not_a_withdrawal')", name=op.f("ck_withdrawal_cases_outcome")
        ),
        sa.CheckConstraint(
            "num_nulls(settled_at, settled_by, outcome) IN (0, 3)", name=op.f("ck_withdrawal_cases_is_settled")
        ),
    )
    op.create_index(op.f("ix_withdrawal_cases_order_id"), "withdrawal_cases", ["order_id"])
    op.create_index(
        "ix_withdrawal_cases_open",
        "withdrawal_cases",
        ["refund_due_on", "withdrawal_id"],
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(
        "ix_withdrawal_cases_settled",
        "withdrawal_cases",
        ["settled_at", "withdrawal_id"],
        postgresql_where=sa.text("settled_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("withdrawal_cases")
    op.drop_table("withdrawals")
    op.execute("DROP SEQUENCE withdrawal_numbers")
    op.drop_index("ix_mails_refused_receipts", "mails")
    op.execute(f"DELETE FROM mails WHERE kind IN ({', '.join(repr(kind) for kind in NEW)})")
    allow(KINDS)
